"""The compact edition: statements in a grid, one cross a row, its reasons lettered.

What is asked, the names of the fields and the values of their boxes are those of
every other edition; only how they lie on the page differs.
"""

from itertools import groupby

from .content import (
    BESIDE,
    NEW_PAGE,
    NEW_SHEET,
    ON_A_SCALE,
    Booklet,
    heading,
    paragraph,
    plain_question,
)

# The letter of a reason is the same on every page, whatever else is offered there.
LETTERS = {
    "did_not_happen": "A",
    "not_wanted": "B",
    "not_applicable": "C",
    "do_not_know": "D",
    "cannot_remember": "E",
    "prefer_not_to_say": "F",
    "rather_not_say": "F",  # the same words, beside a question that is no item
    "not_sure": "G",
}
# Where the longest of some answers has so many signs, so many columns fit.
COLUMNS_BY_SIGNS = ((14, 5), (20, 4), (33, 3), (60, 2))


class CompactBooklet(Booklet):
    """The elements of a form that is to take few pages."""

    how_to_mark = tuple(name for name in Booklet.how_to_mark if name != "sides")

    def elements(self):
        return [element for element in super().elements() if element != NEW_PAGE]

    def to_keep(self):
        """How to answer stands on the pages to keep, where one can look at it."""
        yield from (element for element in super().to_keep() if element != NEW_SHEET)
        yield from self.for_whom()
        yield from self.how_to_fill_in()
        yield paragraph(self.instrument.intro)
        yield paragraph(self.words["send_to"], is_kept=True)
        yield self._return_address()
        yield NEW_SHEET

    def to_send(self):
        yield heading(1, self.words["answers"])

    def opening(self):
        yield paragraph(self.instrument.recall, is_strong=True)

    def block_items(self, items):
        """A grid for each run of statements that are answered in the same words."""
        for responses, same in groupby(items, key=lambda item: item.responses):
            labels = {str(value): text for value, text in responses.offered.items()}
            rows = [self._item_row(item, labels) for item in same]
            yield self._grid(labels, responses.reason_labels, rows)

    def _item_row(self, item, labels):
        told = (item.id, "item", item.ref)
        return self._row(told, self.instrument.stem(item), labels, item.reasons)

    def side_questions(self, asked):
        """Scales that are answered in the same words stand in a grid as well."""
        for options, same in groupby(asked, key=_scale):
            if options is None:
                yield from map(self._side_question, same)
                continue
            labels = {v: text for v, text in options if v not in BESIDE}
            reasons = {v: text for v, text in options if v in BESIDE}
            rows = [self._question_row(q, labels, reasons) for q in same]
            yield self._grid(labels, reasons, rows)

    def _question_row(self, asked, labels, reasons):
        told = (asked.id, "question", asked.ref)
        return self._row(told, self._asked(asked), labels, reasons)

    def _row(self, told, text, labels, reasons):
        """One statement; `boxes` are in the order in which they stand on the page."""
        row = plain_question(told, text, number=next(self.numbers))
        return {
            **row,
            "type": "one",
            "boxes": [*labels],
            "reasons": [[LETTERS[r], r] for r in reasons],
        }

    def _grid(self, labels, reason_labels, rows):
        offered = {reason for row in rows for _, reason in row["reasons"]}
        legend = [
            [LETTERS[r], r, reason_labels[r]] for r in reason_labels if r in offered
        ]
        return {
            "is": "grid",
            "statement": self.words["statement"],
            "none_fits": self.words["none_fits"],
            "or": self.words["or_letter"],
            "labels": [*labels.items()],
            "legend": legend,
            "rows": rows,
        }

    def _in_columns(self, each):
        """As many columns as the longest answer leaves room for; a scale in one row."""
        if each.kind in ON_A_SCALE:
            return super()._in_columns(each)
        return self.spread(each.options)

    def spread(self, options):
        n, pairs = columns_of(options.values()), [*options.items()]
        length = -(-len(pairs) // n)
        return [dict(pairs[at : at + length]) for at in range(0, len(pairs), length)]


def _scale(question):
    """What a scale offers, to be compared with the next; None for what is none."""
    is_scale = question.kind == "context" and question.type == "one"
    return tuple(question.options.items()) if is_scale else None


def columns_of(texts):
    """How many columns of answers fit side by side."""
    longest = max(map(len, texts))
    return next((n for signs, n in COLUMNS_BY_SIGNS if longest <= signs), 1)


def in_grids(instrument):
    """Ids of what the compact edition asks in its grids."""
    scales = (question for question in instrument.context if _scale(question))
    return {each.id for each in (*instrument.items, *scales)}


def lettered(value, label):
    """The words of a box of a grid, after the letter that stands beside it."""
    return f"{LETTERS[value]}: {label}" if value in LETTERS else label
