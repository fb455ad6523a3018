"""What a printed form says, in order: elements for the typesetter, made from the bank.

An element is a dict whose `is` names how it is set. Questions carry the names and
values that they have in the web form, and the wordings are the same.
"""

from dataclasses import dataclass
from itertools import count, groupby

from ..assessments import documents, labels
from ..assessments.consent import COMMENT as CONSENT_COMMENT


@dataclass(frozen=True)
class Sender:
    """Who asks, where the form goes back to, and how to reach them."""

    organisation: str
    title: str
    return_address: tuple = ()
    contact: tuple = ()
    front_url: str = ""
    withdraw_url: str = ""
    opt_out_url: str = ""
    link_start: str = ""  # of an address that a token ends


NEW_PAGE, NEW_SHEET = {"is": "new_page"}, {"is": "new_sheet"}
# Answers that stand beside a scale, and never in the middle of it.
ON_A_SCALE = ("preference", "context")
BESIDE = ("not_sure", "do_not_know", "rather_not_say")


class Booklet:
    """The elements of one form; `words` are the form's own, in its language."""

    how_to_mark: tuple[str, ...] = (
        "sides",
        "pen",
        "leave_out",
        "rest",
        "no_name",
        "no_copy",
    )

    def __init__(self, instrument, words, sender, *, columns=2):
        self.instrument, self.words, self.sender = instrument, words, sender
        self.columns = columns
        self.numbers = count(1)

    def elements(self):
        """Pages to keep first, then those that come back."""
        parts = (
            self.to_keep,
            self.to_send,
            self.consent,
            self.beginning,
            self.items,
            self.more,
            self.closing,
        )
        return [element for part in parts for element in part()]

    def to_keep(self):
        documents, words = self.instrument.documents, self.words
        yield heading(1, self.sender.title)
        yield paragraph(self.sender.organisation, is_strong=True)
        yield {"is": "keep", "text": words["keep"], "pages": words["keep_pages"]}
        yield from self._documents(documents, "information")
        yield NEW_PAGE
        yield heading(2, words["ways"])
        yield points(words["on_paper"], words["with_someone"], words["online"])
        yield {
            "is": "way_in",
            "address": [words["address"], self.sender.front_url],
            "code": words["code"],
            "alt": words["square"],
        }
        yield from self._documents(documents, "help")
        yield NEW_PAGE
        yield from self._documents(documents, "privacy")
        yield NEW_PAGE
        yield heading(2, words["change_mind"])
        yield paragraph(words["withdraw"])
        yield {
            "is": "receipt",
            "address": [words["address"], self.sender.withdraw_url],
            "code": words["receipt"],
        }
        yield heading(2, words["questions"])
        yield lines(self.sender.contact or (words["no_contact"],))
        yield NEW_SHEET

    def _documents(self, documents, kind):
        for document in documents:
            if document.kind == kind:
                picture = self._picture(f"document.{document.ref}")
                yield heading(2, document.title, picture)
                yield from prose(document.body, level=3)

    def to_send(self):
        yield heading(1, self.words["answers"])
        yield paragraph(self.words["send_back"])
        yield self._return_address()
        yield from self.how_to_fill_in()
        yield from self.for_whom()

    def _return_address(self):
        return lines(
            self.sender.return_address or (self.words["no_address"],), framed=True
        )

    def how_to_fill_in(self):
        words = self.words
        yield heading(2, words["how"])
        yield {
            "is": "marking",
            "mark": [words["mark"], words["crossed"]],
            "mend": [words["mend"], words["mended"]],
        }
        yield points(*(words[name] for name in self.how_to_mark))

    def for_whom(self):
        if self.instrument.eligibility:
            yield paragraph(self.words["for_whom"], is_strong=True)
            yield points(*(self._asked(q) for q in self.instrument.eligibility))
            yield paragraph(self.words["not_for_you"])

    def consent(self):
        words = self.words
        yield heading(2, words["agree"])
        yield paragraph(words["each"])
        for statement in self.instrument.statements:
            if statement.id == CONSENT_COMMENT:
                continue
            yield self._statement(statement)
            if statement.required:
                yield paragraph(words["stop"], is_strong=True)

    def _statement(self, statement):
        told = (statement.id, "consent", statement.ref)
        answers = {"yes": self.words["yes"], "no": self.words["no"]}
        picture = self._picture(f"document.{statement.ref}")
        return question(told, statement.body, [answers], is_row=True, picture=picture)

    def _asked(self, question):
        return question.text[self.instrument.perspective]

    def beginning(self):
        instrument, words = self.instrument, self.words
        yield NEW_PAGE
        yield heading(2, words["before"])
        yield from self.opening()
        yield heading(3, words["meanings"])
        yield {"is": "meanings", "pairs": [*map(list, instrument.definitions.items())]}
        if instrument.gate:
            gate = instrument.gate
            yield question(
                ("care_plan", "gate", ""), gate.text, self.spread(gate.options)
            )
        if instrument.gate and instrument.gate.follow_up:
            asked = instrument.gate.follow_up
            told = ("wants_plan", "gate", "")
            hint = words["no_plan"]
            yield question(told, asked.text, self.spread(asked.options), hint=hint)

    def opening(self):
        yield paragraph(self.instrument.intro)
        yield paragraph(self.instrument.recall, is_strong=True)

    def items(self):
        gate, following = self.instrument.gate, 1
        for block in self.instrument.blocks:
            yield heading(2, block.title, self._picture(f"block.{block.id}"))
            following += len(block.items)
            if gate and block.prerequisite == gate.prerequisite:
                told = self._go_to(gate, following)
                yield paragraph(told, is_strong=True, is_kept=True)
            yield paragraph(f"{self.instrument.recall} {block.intro}", is_kept=True)
            yield from self.block_items(block.items)

    def block_items(self, items):
        """The items of one block, a question each."""
        return map(self._item, items)

    def _go_to(self, gate, number):
        """Which questions to leave out after which answers, and where to go on."""
        settled = [c for c in gate.options if gate.outcome(c) != "asked"]
        said = self.words["or"].join(gate.options[code] for code in settled)
        return self.words["go_to"] % {"answer": said, "number": number}

    def _item(self, item):
        given = item.responses
        reasons = {reason: given.reason_labels[reason] for reason in item.reasons}
        answers = [{str(v): text for v, text in given.offered.items()}, reasons]
        signs = {
            value: self._picture(f"{kind}.{given.ref}.{value}")
            for kind, values in zip(("label", "reason"), answers)
            for value in values
        }
        return question(
            (item.id, "item", item.ref),
            self.instrument.stem(item),
            answers,
            number=next(self.numbers),
            picture=self._picture(f"item.{item.ref}"),
            signs=signs,
        )

    def _picture(self, key):
        """The drawing of an edition beside a text and its words, or None."""
        held = self.instrument.pictures.get(key)
        return held and {"svg": held.svg, "alt": held.alternative}

    def more(self):
        instrument, words = self.instrument, self.words
        preferred = instrument.preferred_involvement
        extra = (*instrument.context, *instrument.background)
        asked = (*([preferred] if preferred else []), *extra)
        for kind, same in groupby(asked, key=lambda question: question.kind):
            questions = list(same)
            if extra and questions[0] is extra[0]:
                yield heading(1, words["extra"])
                yield paragraph(words["extra_why"], is_kept=True)
            yield heading(2, self.title_of(kind))
            yield from self.side_questions(questions)

    def side_questions(self, questions):
        """The questions of one kind beside the items."""
        return map(self._side_question, questions)

    def title_of(self, kind):
        return self.words.get(f"title_{kind}") or self.words["title_background"]

    def _side_question(self, each):
        told = (each.id, "question", each.ref)
        given = {"number": next(self.numbers), "hint": each.hint}
        given["picture"] = self._picture(f"question.{each.ref}")
        text = self._asked(each)
        if each.type in ("one", "many"):
            options = self._in_columns(each)
            return question(told, text, options, type_=each.type, **given)
        return writing(told, text, is_short=True, **given)

    def _in_columns(self, each):
        """A scale stays whole in one column; other options fill two evenly."""
        pairs = [*each.options.items()]
        if each.kind in ON_A_SCALE:
            beside = {code: text for code, text in pairs if code in BESIDE}
            return [{c: t for c, t in pairs if c not in BESIDE}, beside]
        if self.columns == 1 or len(pairs) < 5:
            return [each.options]
        half = -(-len(pairs) // 2)
        return [dict(pairs[:half]), dict(pairs[half:])]

    def spread(self, options):
        """The columns of what is answered in a word or two."""
        return [options]

    def closing(self):
        words = self.words
        helpers = {name: words[f"helper_{name}"] for name in labels.HELPERS}
        yield heading(2, words["last"])
        yield question(
            ("helped", "helped", ""),
            words["helped"],
            self.spread(helpers),
            number=next(self.numbers),
            hint=words["helped_hint"],
        )
        told = ("comment", "comment", "")
        hint = words["comment_hint"]
        number = next(self.numbers)
        yield writing(
            told, words["comment"], number=number, hint=hint, warning=words["not_read"]
        )
        for statement in self.instrument.statements:
            if statement.id == CONSENT_COMMENT:
                yield self._statement(statement)
        told = ("completed_on", "completed_on", "")
        yield {
            **plain_question(told, words["date"], number=next(self.numbers)),
            "is": "date",
            "parts": [
                [words["day"], ["day_1", "day_2"]],
                [words["month"], ["month_1", "month_2"]],
                [words["year"], [f"year_{n}" for n in range(1, 5)]],
            ],
        }
        yield paragraph(words["end"], is_kept=True)
        yield self._return_address()


def heading(level, text, picture=None):
    return {"is": "heading", "level": level, "text": text, "picture": picture}


def paragraph(text, *, is_strong=False, is_kept=False):
    """`is_kept` holds it on the page of what follows."""
    return {"is": "paragraph", "text": text, "strong": is_strong, "kept": is_kept}


def points(*texts):
    return {"is": "points", "texts": list(texts)}


def lines(texts, *, framed=False):
    return {"is": "lines", "texts": list(texts), "framed": framed}


def prose(body, *, level):
    """A document's text: headings of a level, points and paragraphs."""
    for kind, content in documents.paragraphs(body):
        if kind == "heading":
            yield heading(level, content)
        elif kind == "list":
            yield points(*content)
        else:
            yield paragraph(content)


def question(told, text, columns, *, type_="one", is_row=False, signs=None, **given):
    """`columns` are dicts of value -> label; `told` is the field's id, kind, ref."""
    signs = signs or {}
    return {
        **plain_question(told, text, **given),
        "is": "question",
        "type": type_,
        "row": is_row,
        "columns": [
            [[value, label, signs.get(value)] for value, label in options.items()]
            for options in columns
            if options
        ],
    }


def plain_question(told, text, *, number=None, hint="", picture=None):
    return {
        "field": list(told),
        "number": number,
        "text": text,
        "hint": hint,
        "picture": picture,
    }


def writing(told, text, *, warning="", is_short=False, **given):
    plain = plain_question(told, text, **given)
    return {**plain, "is": "writing", "warning": warning, "short": is_short}
