"""A LimeSurvey survey structure, as the text of its tab-separated file."""

import base64
import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from item_bank.csv_cells import formulas
from item_bank.errors import BankError
from item_bank.interchange.record import bones, not_ours, pack, read_by
from item_bank.models import Gate, Instrument, Question
from item_bank.texts import texts

COLUMNS = (
    "id",
    "related_id",
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "other",
    "default",
    "same_default",
    "hidden",
)
TYPES = {"one": "L", "many": "M", "number": "N", "text": "T"}
RECORD_CODE = "bankrecord"
LARGEST = 2**24  # bytes of a record
SETTINGS = {"sid": "1", "format": "G", "anonymized": "Y", "savetimings": "N"}

Row: TypeAlias = dict[str, str]  # column -> cell


def _code(prefix: str, number: int) -> str:
    """A question code: LimeSurvey takes letters and digits only."""
    return f"{prefix}{number:03d}"


def _answer_code(number: int) -> str:
    """An answer code: at most five letters and digits."""
    return f"A{number:03d}"


def _gate_code(gate: Gate, option: str) -> str:
    """The code of one answer at the gate."""
    return _answer_code(list(gate.options).index(option))


class Rows:
    """The rows of a form in one language, in the order that LimeSurvey reads."""

    def __init__(self, form: Instrument) -> None:
        self.form = form
        self.words = texts(form)

    def row(self, kind: str, name: str, key: str = "", **cells: str) -> Row:
        text = self.words.get(key, "")
        language = {"language": self.form.language}
        return {"class": kind, "name": name, "text": text, **language, **cells}

    def group(self, number: int, title: str, intro: str, relevance: str = "1") -> Row:
        """A group; its title stands in the column that is its name."""
        cells = {"type/scale": f"G{number}", "relevance": relevance}
        return self.row("G", self.words.get(title, title), intro, **cells)

    def asked(
        self,
        kind: str,
        code: str,
        key: str,
        *,
        hint: str = "",
        answers: Sequence[str] = (),
        required: bool = False,
        relevance: str = "1",
    ) -> Iterator[Row]:
        """A question with its answers, or its parts if several can be chosen."""
        yield self.row(
            "Q",
            code,
            key,
            **{"type/scale": kind, "relevance": relevance},
            help=self.words.get(hint, ""),
            mandatory="Y" if required else "N",
        )
        for number, answer in enumerate(answers):
            inner = "SQ" if kind == "M" else "A"
            yield self.row(inner, _answer_code(number), answer, **{"type/scale": "0"})

    def shown(self, code: str, key: str) -> Iterator[Row]:
        yield from self.asked("X", code, key)

    def head(self) -> Iterator[Row]:
        """Documents, introduction, definitions, for whom it is, and the gate."""
        form = self.form
        for at, document in enumerate(form.documents):
            ref, is_consent = document.ref, document.kind == "consent"
            yield self.row(
                "Q",
                _code("doc", at),
                f"document.{ref}.body",
                **{"type/scale": "Y" if is_consent else "X", "relevance": "1"},
                help=self.words[f"document.{ref}.title"],
                mandatory="Y" if document.required else "N",
            )
        yield from self.shown("aboutintro", "intro")
        yield from self.shown("aboutrecall", "recall")
        for at, term in enumerate(form.definitions):
            yield from self.shown(_code("term", at), f"definition.{term}")
        yield from self.beside("whom", form.eligibility)
        if form.gate:
            answers = [f"gate.option.{code}" for code in form.gate.options]
            yield from self.asked("L", "gate", "gate.text", answers=answers)
        if form.gate and form.gate.follow_up:
            key, asked = "gate.follow_up", form.gate.follow_up
            answers = [f"{key}.option.{code}" for code in asked.options]
            no = f'gate.NAOK == "{_gate_code(form.gate, "no")}"'
            yield from self.asked(
                "L", "wanted", f"{key}.text", answers=answers, relevance=no
            )

    def relevance(self, prerequisite: str) -> str:
        """The condition under which a block is shown: the gate is not a no."""
        gate = self.form.gate
        if not gate or gate.prerequisite != prerequisite:
            return "1"
        settled = [code for code in gate.options if gate.outcome(code) != "asked"]
        return " and ".join(
            f'gate.NAOK != "{_gate_code(gate, code)}"' for code in settled
        )

    def blocks(self) -> Iterator[Row]:
        number = 0
        for at, block in enumerate(self.form.blocks, 2):
            names = f"block.{block.id}.title", f"block.{block.id}.intro"
            yield self.group(at, *names, self.relevance(block.prerequisite))
            for item in block.items:
                number += 1
                held = item.responses
                answers = [f"label.{held.ref}.{value}" for value in held.labels]
                answers += [f"reason.{held.ref}.{reason}" for reason in item.reasons]
                code = _code("item", number)
                yield from self.asked("L", code, f"item.{item.ref}", answers=answers)

    def questions(self) -> Iterator[Row]:
        yield self.group(len(self.form.blocks) + 2, "About you", "")
        yield from self.beside("about", self.form.questions)

    def beside(self, prefix: str, entries: Sequence[Question]) -> Iterator[Row]:
        """Questions that are no items, numbered after a prefix."""
        for at, entry in enumerate(entries):
            answers = [f"option.{entry.ref}.{code}" for code in entry.options]
            yield from self.asked(
                TYPES[entry.type],
                _code(prefix, at),
                f"question.{entry.ref}",
                hint=f"hint.{entry.ref}",
                answers=answers,
            )

    def all(self, record: str) -> Iterator[Row]:
        """Every row of this language, the hidden record in the first group."""
        yield self.row("SL", "surveyls_title", "title")
        yield self.group(1, "Before you start", "")
        hidden = {"type/scale": "X", "relevance": "1", "hidden": "1"}
        yield self.row("Q", RECORD_CODE, **hidden) | {"text": record}
        yield from self.head()
        yield from self.blocks()
        yield from self.questions()


def write(form: Instrument, others: Sequence[Instrument] = ()) -> str:
    """The form, with the same form in other languages, as a survey structure.

    LimeSurvey takes short codes only, so questions and answers are numbered in
    the order of the form; the bank's references travel in a hidden question.

    Raises
    ------
    BankError
        If a text begins as a formula does in a spreadsheet.
    """
    if problems := [found for each in (form, *others) for found in formulas(each)]:
        raise BankError(problems)
    packed = zlib.compress(pack(form, others).encode())
    record = base64.b64encode(packed).decode()
    extra = " ".join(other.language for other in others)
    settings = SETTINGS | {"language": form.language, "additional_languages": extra}
    out = io.StringIO()
    writer = csv.DictWriter(
        out, COLUMNS, restval="", delimiter="\t", lineterminator="\n"
    )
    writer.writeheader()
    for name, value in settings.items():
        writer.writerow({"class": "S", "name": name, "text": value})
    for each in (form, *others):
        rows = Rows(each).all(record if each is form else "")
        writer.writerows(_numbered(rows))
    return out.getvalue()


def _numbered(rows: Iterable[Row]) -> Iterator[dict[str, str | int]]:
    """The rows with their ids: an answer has that of the question it belongs to."""
    question = 0
    for at, row in enumerate(rows, 1):
        if row["class"] == "Q":
            question = at
        yield {"id": question if row["class"] == "A" else at, **row}


@read_by
def read(text: str) -> dict[str, Instrument]:
    """The forms of a survey structure that `write` made, by language.

    Raises
    ------
    BankError
        If this bank did not write the file, or a part of it is missing.
    """
    csv.field_size_limit(2**24)
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    records = [r["text"] for r in rows if r["name"] == RECORD_CODE and r["text"]]
    if not records:
        raise not_ours("survey structure", f"question {RECORD_CODE}")
    bare = bones(_unpacked(base64.b64decode(records[0])))
    given = {(row["language"], *place): row for place, row in _placed(rows)}
    words: dict[str, Row] = {language: {} for language in bare.languages}
    for place, template in _placed(Rows(bare.form).all("")):
        for language, found in words.items():
            row = given.get((language, *place), {})
            found |= {
                template[column]: row[column]
                for column in ("text", "help", "name")
                if template.get(column) in bare.keys and column in row
            }
    return bare.dressed(words, "survey structure")


def _unpacked(packed: bytes) -> str:
    """The record, unless it would be larger than any that was packed here."""
    stream = zlib.decompressobj()
    text = stream.decompress(packed, LARGEST)
    if stream.unconsumed_tail:
        raise ValueError("larger than any form")
    return text.decode()


def _placed(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, str, str], Row]]:
    """Each row with what it is known by: its group or question, and its code."""
    inside, language = "", None
    for row in rows:
        if row["language"] != language:
            inside, language = "", row["language"]
        if row["class"] == "G":
            yield ("G", row["type/scale"], ""), row
        else:
            inside = row["name"] if row["class"] == "Q" else inside
            yield (row["class"], inside, row["name"]), row
