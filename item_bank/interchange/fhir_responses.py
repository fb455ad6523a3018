"""FHIR R4 QuestionnaireResponse (HL7, version 4.0.1), as plain JSON data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from item_bank.interchange.fhir import HL7, OWN, Element
from item_bank.models import Gate, Instrument, Item, Question


@dataclass(frozen=True)
class Answered:
    """What one person said at one time.

    `items` holds, for each item, the value of its category or the name of a reason;
    `questions` the codes of what is asked beside them, the gate among it. `authored`
    is as much of a date as may be known, such as 2026.
    """

    person: str
    wave: int
    authored: str
    items: Mapping[str, int | str]
    questions: Mapping[str, Sequence[str]]


def bundle(form: Instrument, answered: Iterable[Answered]) -> Element:
    """All of them as one Bundle, each an answer to the form's Questionnaire."""
    entries = [
        {"fullUrl": f"{OWN}:response:{_id(each)}", "resource": response(form, each)}
        for each in answered
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def response(form: Instrument, said: Answered) -> Element:
    """One QuestionnaireResponse, with the linkIds of the form's Questionnaire.

    An item that was left out, or was not asked, does not stand in it.
    """
    return {
        "resourceType": "QuestionnaireResponse",
        "id": _id(said),
        "questionnaire": f"{OWN}:instrument:{form.id}|{form.version}",
        "status": "completed",
        "subject": {
            "type": "Patient",
            "identifier": {"system": f"{OWN}:person", "value": said.person},
        },
        "authored": said.authored,
        "item": list(_body(form, said)),
    }


def _id(said: Answered) -> str:
    return f"{said.person}-{said.wave}"


def _body(form: Instrument, said: Answered) -> Iterator[Element]:
    if form.gate:
        yield from _gate(form.gate, said)
    for block in form.blocks:
        asked = [_item(each, said.items[each.id]) for each in _of(block.items, said)]
        yield from _group(f"block.{block.id}", asked)
    preferred = form.preferred_involvement
    yield from _group("preferred", _questions((preferred,) if preferred else (), said))
    for name in ("context", "background", "follow_up"):
        yield from _group(name, _questions(getattr(form, name), said))


def _of(items: Iterable[Item], said: Answered) -> list[Item]:
    return [item for item in items if item.id in said.items]


def _group(name: str, asked: list[Element]) -> list[Element]:
    return [{"linkId": name, "item": asked}] if asked else []


def _gate(gate: Gate, said: Answered) -> Iterator[Element]:
    yield from _chosen(gate.id, "gate", gate.options, said.questions.get(gate.id, ()))
    if (more := gate.follow_up) is not None:
        codes = said.questions.get(more.id, ())
        yield from _chosen(more.id, "gate.follow_up", more.options, codes)


def _questions(entries: Iterable[Question], said: Answered) -> list[Element]:
    return [
        made
        for entry in entries
        for made in _chosen(
            entry.ref, entry.ref, entry.options, said.questions.get(entry.id, ())
        )
    ]


def _chosen(
    link_id: str, system: str, options: Mapping[str, str] | None, codes: Sequence[str]
) -> Iterator[Element]:
    known = [code for code in codes if code in (options or {})]
    if options and known:
        answers = [
            {"valueCoding": _coding(system, code, options[code])} for code in known
        ]
        yield {"linkId": link_id, "answer": answers}


def _item(entry: Item, said: int | str) -> Element:
    held = entry.responses
    if isinstance(said, str):
        coding = _coding("reason", said, held.reason_labels[said])
    else:
        coding = _coding(held.ref, str(said), held.labels[said])
        value = {"url": f"{HL7}/ordinalValue", "valueDecimal": said}
        coding["extension"] = [value]
    return {"linkId": entry.ref, "answer": [{"valueCoding": coding}]}


def _coding(system: str, code: str, display: str) -> Element:
    return {"system": f"{OWN}:{system}", "code": code, "display": display}
