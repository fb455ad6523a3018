"""FHIR R4 Questionnaire (HL7, version 4.0.1), as plain JSON data."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from item_bank.interchange.record import Bones, bones, not_ours, pack, read_by
from item_bank.models import Block, Document, Gate, Instrument, Item, Question
from item_bank.texts import texts

HL7 = "http://hl7.org/fhir/StructureDefinition"
OWN = "urn:care-planning-survey"
RECORD = f"{OWN}:record"
TRANSLATION = f"{HL7}/translation"
WORDED = ("title", "text", "display")  # the elements that hold words
CONTROL = {
    "one": ("choice", "radio-button"),
    "many": ("choice", "check-box"),
    "number": ("integer", None),
    "text": ("string", None),
}

# A resource of FHIR, or an element of one, as plain JSON data.
Element: TypeAlias = dict[str, Any]


class Writer:
    """Puts texts, with their translations, where FHIR wants them."""

    def __init__(self, form: Instrument, others: Sequence[Instrument]) -> None:
        self.form = form
        self.words = texts(form)
        self.others = {other.language: texts(other) for other in others}

    def text(self, key: str, name: str = "text") -> Element:
        """A primitive element and, where there are any, its translations."""
        given = [
            _extension(
                TRANSLATION,
                extension=[
                    _extension("lang", valueCode=language),
                    _extension("content", valueString=words[key]),
                ],
            )
            for language, words in self.others.items()
        ]
        element = {name: self.words[key]}
        return element | ({f"_{name}": {"extension": given}} if given else {})

    def display(self, link_id: str, key: str) -> Element:
        return {"linkId": link_id, "type": "display", **self.text(key)}

    def option(
        self, system: str, code: str | int, key: str, ordinal: int | None = None
    ) -> Element:
        """One answer; `ordinal` is its value if it is a category."""
        coding: Element = {"system": f"{OWN}:{system}", "code": str(code)}
        if ordinal is not None:
            value = _extension(f"{HL7}/ordinalValue", valueDecimal=ordinal)
            coding["extension"] = [value]
        return {"valueCoding": coding | self.text(key, "display")}

    def options(self, system: str, prefix: str, codes: Iterable[str]) -> list[Element]:
        return [self.option(system, code, f"{prefix}.{code}") for code in codes]

    def choice(self, link_id: str, key: str, options: list[Element]) -> Element:
        """A question of which one option can be chosen."""
        return {
            "linkId": link_id,
            **self.text(key),
            "type": "choice",
            "required": False,
            "answerOption": options,
            "extension": [_control("radio-button")],
        }

    def item(self, entry: Item, number: int) -> Element:
        """An item: its categories with their values, then the reasons."""
        held = entry.responses
        categories = [
            self.option(held.ref, value, f"label.{held.ref}.{value}", value)
            for value in held.labels
        ]
        reasons = self.options("reason", f"reason.{held.ref}", entry.reasons)
        asked = self.choice(entry.ref, f"item.{entry.ref}", categories + reasons)
        code = {"system": f"{OWN}:item", "code": entry.ref}
        return {**asked, "code": [code], "prefix": f"{number}."}

    def question(self, entry: Question) -> Element:
        kind, control = CONTROL[entry.type]
        shown = {
            "linkId": entry.ref,
            **self.text(f"question.{entry.ref}"),
            "type": kind,
            "required": False,
        }
        if entry.options:
            prefix = f"option.{entry.ref}"
            shown["repeats"] = entry.type == "many"
            shown["answerOption"] = self.options(entry.ref, prefix, entry.options)
            shown["extension"] = [_control(control)]
        if entry.hint:
            hint = self.display(f"{entry.ref}.hint", f"hint.{entry.ref}")
            shown["item"] = [hint | {"extension": [_control("help")]}]
        return shown

    def questions(self, name: str, entries: Iterable[Question]) -> list[Element]:
        """A group of questions, or nothing if there are none."""
        asked = [self.question(entry) for entry in entries]
        return [{"linkId": name, "type": "group", "item": asked}] if asked else []

    def document(self, entry: Document) -> Element:
        """A text to be read, or a consent statement to be agreed to."""
        ref = entry.ref
        title, body = f"document.{ref}.title", f"document.{ref}.body"
        if entry.kind == "consent":
            return {
                "linkId": ref,
                **self.text(body),
                "type": "boolean",
                "required": entry.required,
                "item": [self.display(f"{ref}.title", title)],
            }
        below = [self.display(f"{ref}.body", body)]
        return {"linkId": ref, **self.text(title), "type": "group", "item": below}

    def block(self, block: Block, first_number: int) -> Element:
        intro = self.display(f"{block.id}.intro", f"block.{block.id}.intro")
        items = [self.item(e, n) for n, e in enumerate(block.items, first_number)]
        group = {
            "linkId": f"block.{block.id}",
            **self.text(f"block.{block.id}.title"),
            "type": "group",
            "item": [intro, *items],
        }
        gate = self.form.gate
        if gate and block.prerequisite == gate.prerequisite:
            settled = [c for c in gate.options if gate.outcome(c) != "asked"]
            group["enableWhen"] = [_answered(gate, "!=", code) for code in settled]
            if len(settled) > 1:
                group["enableBehavior"] = "all"
        return group

    def gate(self, gate: Gate) -> Iterator[Element]:
        """The question about the plan, and what is asked of who has none."""
        options = self.options("gate", "gate.option", gate.options)
        yield self.choice(gate.id, "gate.text", options)
        if gate.follow_up:
            key = "gate.follow_up"
            options = self.options(key, f"{key}.option", gate.follow_up.options)
            asked = self.choice(gate.follow_up.id, f"{key}.text", options)
            yield asked | {"enableWhen": [_answered(gate, "=", "no")]}

    def blocks(self) -> Iterator[Element]:
        number = 1
        for block in self.form.blocks:
            yield self.block(block, number)
            number += len(block.items)

    def body(self) -> Iterator[Element]:
        """Everything in the order in which a person meets it."""
        form, gate = self.form, self.form.gate
        yield from map(self.document, form.documents)
        for name in ("intro", "recall"):
            yield self.display(name, name)
        for term in form.definitions:
            yield self.display(f"definition.{term}", f"definition.{term}")
        yield from self.questions("eligibility", form.eligibility)
        if gate:
            yield from self.gate(gate)
        yield from self.blocks()
        preferred = form.preferred_involvement
        yield from self.questions("preferred", (preferred,) if preferred else ())
        for name in ("context", "background", "follow_up"):
            yield from self.questions(name, getattr(form, name))


def _answered(gate: Gate, operator: str, code: str) -> Element:
    """A condition on the answer at the gate."""
    coding = {"system": f"{OWN}:gate", "code": code}
    return {"question": gate.id, "operator": operator, "answerCoding": coding}


def _extension(url: str, **value: Any) -> Element:
    return {"url": url, **value}


def _control(code: str | None) -> Element:
    system = "http://hl7.org/fhir/questionnaire-item-control"
    concept = {"coding": [{"system": system, "code": code}]}
    return _extension(f"{HL7}/questionnaire-itemControl", valueCodeableConcept=concept)


def write(form: Instrument, others: Sequence[Instrument] = ()) -> Element:
    """The form, with the same form in other languages, as a Questionnaire.

    An item has its reference as linkId, its categories as answerOption with
    their value as ordinalValue, and the reasons as options without one.
    """
    writer = Writer(form, others)
    return {
        "resourceType": "Questionnaire",
        "id": form.ref.replace("_", "-").replace(".", "-"),
        "language": form.language,
        "extension": [_extension(RECORD, valueString=pack(form, others))],
        "url": f"{OWN}:instrument:{form.id}",
        "version": str(form.version),
        "name": "".join(part.capitalize() for part in form.id.split("_")),
        **writer.text("title", "title"),
        "status": "draft",
        "subjectType": ["Patient"],
        "copyright": form.licence,
        "item": list(writer.body()),
    }


@read_by
def read(questionnaire: Element) -> dict[str, Instrument]:
    """The forms of a Questionnaire that `write` made, by language.

    Words are taken from where FHIR holds them, so that what was reworded in
    another system is read back.

    Raises
    ------
    BankError
        If the resource is no Questionnaire of this bank, or lacks a part.
    """
    held = {e["url"]: e for e in questionnaire.get("extension", ())}
    if RECORD not in held:
        raise not_ours("Questionnaire", f"extension {RECORD}")
    bare = bones(held[RECORD]["valueString"])
    words: dict[str, dict[str, str]] = {language: {} for language in bare.languages}
    _collect(write(bare.form), questionnaire, bare, words)
    return bare.dressed(words, "Questionnaire")


@read_by
def from_json(text: str) -> dict[str, Instrument]:
    """The same of a Questionnaire in a file, as JSON."""
    return read(json.loads(text))


def _collect(
    template: Element, element: Element, bare: Bones, words: dict[str, dict[str, str]]
) -> None:
    """Note each text that stands where the template has its key."""
    base = bare.form.language
    for name, part in template.items():
        if name in WORDED and part in bare.keys and name in element:
            words[base][part] = element[name]
            for language, text in _translations(element.get(f"_{name}", {})):
                words[language][part] = text
        elif isinstance(part, dict):
            _collect(part, element.get(name, {}), bare, words)
        elif isinstance(part, list) and name in ("item", "answerOption"):
            given = {_name(each): each for each in element.get(name, ())}
            for each in part:
                _collect(each, given.get(_name(each), {}), bare, words)


def _name(part: Element) -> str:
    """What an item or an option is known by, wherever it stands."""
    option = part.get("valueCoding")
    name: str = option["code"] if option else part["linkId"]
    return name


def _translations(element: Element) -> Iterator[tuple[str, str]]:
    for extension in element.get("extension", ()):
        if extension["url"] == TRANSLATION:
            parts = {part["url"]: part for part in extension["extension"]}
            yield parts["lang"]["valueCode"], parts["content"]["valueString"]
