"""A REDCap data dictionary, as the text of its CSV file."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from item_bank.csv_cells import formulas
from item_bank.errors import BankError, Problem
from item_bank.interchange.record import bones, not_ours, pack, read_by
from item_bank.models import Document, Instrument, Item, Question
from item_bank.texts import texts

COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
NAME, FORM, SECTION, TYPE, LABEL, CHOICES, NOTE, VALIDATION = COLUMNS[:8]
BRANCHING, REQUIRED, NUMBER, ANNOTATION = (COLUMNS[at] for at in (11, 12, 14, 17))
TYPES = {"one": "radio", "many": "checkbox", "number": "text", "text": "notes"}
RECORD_FIELD = "bank_record"
HIDDEN = "@HIDDEN "

Row: TypeAlias = dict[str, str]  # column -> cell


class Rows:
    """The fields of a form, each a mapping of column to cell, in the order shown."""

    def __init__(self, form: Instrument) -> None:
        self.form = form
        self.words = texts(form)

    def choices(self, prefix: str, codes: Iterable[str | int]) -> str:
        return " | ".join(f"{c}, {self.words[f'{prefix}.{c}']}" for c in codes)

    def shown(self, name: str, key: str) -> Row:
        return {NAME: name, TYPE: "descriptive", LABEL: self.words[key]}

    def document(self, entry: Document) -> Row:
        row = self.shown(entry.id, f"document.{entry.ref}.body")
        if entry.kind == "consent":
            row |= {TYPE: "yesno", REQUIRED: "y" if entry.required else ""}
        title = self.words[f"document.{entry.ref}.title"]
        return row | {SECTION: title, ANNOTATION: entry.ref}

    def about(self) -> Iterator[Row]:
        """What is read before the first question."""
        yield self.shown("about_intro", "intro")
        yield self.shown("about_recall", "recall")
        for term in self.form.definitions:
            name = f"about_{term.replace(' ', '_')}"
            yield self.shown(name, f"definition.{term}")

    def gate(self) -> Iterator[Row]:
        gate = self.form.gate
        if gate:
            row = {NAME: gate.id, TYPE: "radio", LABEL: self.words["gate.text"]}
            yield row | {CHOICES: self.choices("gate.option", gate.options)}
        if gate and gate.follow_up:
            asked, key = gate.follow_up, "gate.follow_up"
            row = {NAME: asked.id, TYPE: "radio", LABEL: self.words[f"{key}.text"]}
            choices = self.choices(f"{key}.option", asked.options)
            yield row | {CHOICES: choices, BRANCHING: f"[{gate.id}] = 'no'"}

    def branch(self, prerequisite: str) -> str:
        """The condition under which the items of a prerequisite are shown."""
        gate = self.form.gate
        if not gate or gate.prerequisite != prerequisite:
            return ""
        settled = [code for code in gate.options if gate.outcome(code) != "asked"]
        return " and ".join(f"[{gate.id}] <> '{code}'" for code in settled)

    def blocks(self) -> Iterator[Row]:
        number = 0
        for block in self.form.blocks:
            branch = {BRANCHING: self.branch(block.prerequisite)}
            head = {SECTION: self.words[f"block.{block.id}.title"]}
            intro = self.shown(f"block_{block.id}", f"block.{block.id}.intro")
            yield intro | head | branch
            for item in block.items:
                number += 1
                yield self.item(item) | branch | {NUMBER: str(number)}

    def item(self, entry: Item) -> Row:
        held = entry.responses
        labels = self.choices(f"label.{held.ref}", held.labels)
        reasons = self.choices(f"reason.{held.ref}", entry.reasons)
        return {
            NAME: entry.id,
            TYPE: "radio",
            LABEL: self.words[f"item.{entry.ref}"],
            CHOICES: " | ".join(part for part in (labels, reasons) if part),
            ANNOTATION: entry.ref,
        }

    def question(self, entry: Question) -> Row:
        return {
            NAME: entry.id,
            TYPE: TYPES[entry.type],
            LABEL: self.words[f"question.{entry.ref}"],
            CHOICES: self.choices(f"option.{entry.ref}", entry.options),
            NOTE: self.words.get(f"hint.{entry.ref}", ""),
            VALIDATION: "integer" if entry.type == "number" else "",
            ANNOTATION: entry.ref,
        }

    def all(self, record: str) -> Iterator[Row]:
        """Every field; the first is the one that REDCap asks for."""
        yield {NAME: "record_id", TYPE: "text", LABEL: "Record ID"}
        title = self.shown(RECORD_FIELD, "title")
        yield title | {ANNOTATION: f"{HIDDEN}{record}"}
        yield from map(self.document, self.form.documents)
        yield from self.about()
        yield from map(self.question, self.form.eligibility)
        yield from self.gate()
        yield from self.blocks()
        yield from map(self.question, self.form.questions)


def write(form: Instrument) -> str:
    """The form as a data dictionary, in its one language.

    Categories keep their values as codes and reasons their names, so that an
    export can be told apart; version and coding travel in the annotations.

    Raises
    ------
    BankError
        If two fields would have one name, a label holds the bar that separates
        choices, or a text begins as a formula does.
    """
    rows = list(Rows(form).all(pack(form)))
    names = [row[NAME] for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    barred = [key for key, text in texts(form).items() if _barred(key, text)]
    formula = [*formulas(form)]
    if twice or barred or formula:
        said = "two fields have this name", "holds a bar, which separates choices"
        problems = [Problem(form.ref, name, said[0], "interchange") for name in twice]
        problems += [Problem(form.ref, key, said[1], "interchange") for key in barred]
        raise BankError([*problems, *formula])
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({FORM: form.id, **row} for row in rows)
    return out.getvalue()


def _barred(key: str, text: str) -> bool:
    """Whether a label of a choice would be cut in two."""
    is_choice = key.startswith(
        ("label.", "reason.", "option.", "gate.option.", "gate.follow_up.option.")
    )
    return is_choice and "|" in text


@read_by
def read(text: str) -> Instrument:
    """The form of a data dictionary that `write` made.

    Words are taken from labels, choices, notes and section headers, so that
    what was reworded in REDCap is read back.

    Raises
    ------
    BankError
        If this bank did not write the dictionary, or a part of it is missing.
    """
    fields = {row[NAME]: row for row in csv.DictReader(io.StringIO(text))}
    record = fields.get(RECORD_FIELD, {}).get(ANNOTATION, "")
    if not record.startswith(HIDDEN):
        raise not_ours("data dictionary", f"field {RECORD_FIELD}")
    bare = bones(record.removeprefix(HIDDEN))
    words: dict[str, str] = {}
    for row in Rows(bare.form).all(""):
        if row[NAME] in fields:
            words |= _words(row, fields[row[NAME]], bare.keys)
    return bare.dressed({bare.form.language: words}, "data dictionary")[
        bare.form.language
    ]


def _words(template: Row, row: Row, keys: Collection[str]) -> dict[str, str]:
    """The texts of one field, where its template has their keys."""
    words = {
        template[column]: row[column]
        for column in (LABEL, SECTION, NOTE)
        if template.get(column) in keys
    }
    given = _parted(row[CHOICES])
    choices = _parted(template.get(CHOICES, ""))
    return words | {key: given[code] for code, key in choices.items() if code in given}


def _parted(choices: str) -> dict[str, str]:
    """Code -> label of a cell such as "0, No | 1, Yes"."""
    pairs = (part.removeprefix(" ").partition(", ") for part in choices.split(" |"))
    return {code: label for code, _, label in pairs if code}
