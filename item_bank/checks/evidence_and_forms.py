"""Rules about evidence, rights and the forms that are made of items."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from item_bank.checks.registry import found, rule
from item_bank.coverage import asked, findings_for
from item_bank.errors import Problem
from item_bank.models import (
    Adaptive,
    Bank,
    CompanionMeasure,
    Document,
    Instrument,
    Item,
    Question,
)

# What carries a source, and the right to show it.
Sourced: TypeAlias = Item | Question | Document | Instrument | CompanionMeasure

OWN = "Written for this bank."


@rule
def check_evidence(bank: Bank) -> Iterator[Problem]:
    """What an item or question rests on is in the evidence."""
    for kind, table in (("item", bank.items), ("question", bank.questions)):
        for record in table.values():
            for name in record.evidence:
                if name not in bank.findings:
                    said = f"there is no finding {name}"
                    yield found(bank, kind, record, "evidence", said)


@rule
def check_source(bank: Bank) -> Iterator[Problem]:
    """What a finding is taken from is in the list of sources."""
    for finding in bank.findings.values():
        for perspective, said_by in finding.perspectives.items():
            for source in said_by["sources"]:
                name = source.partition(":")[0]
                if name not in bank.sources:
                    place = f"{finding.id}.{perspective}.sources"
                    said = f"there is no source {name} in evidence/sources.yaml"
                    yield found(bank, "finding", finding, place, said)


@rule
def check_coverage(bank: Bank) -> Iterator[Problem]:
    """Every finding is asked about, or left out with a reason, never both."""
    asking = asked(bank)
    for finding in bank.findings.values():
        for perspective, said_by in finding.perspectives.items():
            is_asked = bool(asking.get((finding.id, perspective)))
            if is_asked == ("left_out" in said_by):
                said = "is asked about and left out" if is_asked else "is not asked"
                place = f"{finding.id}.{perspective}"
                yield found(bank, "finding", finding, place, f"{said}: add one of both")


@rule
def check_blueprint(bank: Bank) -> Iterator[Problem]:
    """A finding leaves a form only with a reason, which goes when it comes back.

    Held for the newest version of each form whose items are fixed; an adaptive form
    draws on the items of one. A form chosen from another answers for what that asked.
    """
    newest = {
        form.id: max(f.version for f in bank.instruments.values() if f.id == form.id)
        for form in bank.instruments.values()
    }
    for form in bank.instruments.values():
        if form.adaptive or form.version < newest[form.id]:
            continue
        missing = {n for n in findings_for(bank, form) if n not in form.evidence}
        source = bank.instruments.get(form.provenance.get("made_from", ""))
        if source is not None:
            missing &= source.evidence | set(source.findings_left_out)
        for name in sorted(missing - set(form.findings_left_out)):
            said = f"{name} is not asked about: add an item, or say why not"
            yield found(bank, "instrument", form, "findings_left_out", said)
        for name in sorted(set(form.findings_left_out) - missing):
            said = "is no finding that this form leaves out"
            yield found(bank, "instrument", form, f"findings_left_out.{name}", said)


@rule
def check_finding_home(bank: Bank) -> Iterator[Problem]:
    """An item rests on at least one finding of its own prerequisite."""
    for item in bank.items.values():
        homes = {
            bank.findings[n].prerequisite for n in item.evidence if n in bank.findings
        }
        if homes and item.prerequisite not in homes:
            said = f"its findings are of {', '.join(sorted(homes))}"
            yield found(bank, "item", item, "prerequisite", said)


@rule
def check_action(bank: Bank) -> Iterator[Problem]:
    """An action follows from findings, one of them of its own prerequisite."""
    for action in bank.actions.values():
        known = [bank.findings[n] for n in action.evidence if n in bank.findings]
        for name in action.evidence:
            if name not in bank.findings:
                said = f"there is no finding {name}"
                yield found(bank, "action", action, action.id, said)
        if known and action.prerequisite not in {each.prerequisite for each in known}:
            said = f"none of its findings is of {action.prerequisite}"
            yield found(bank, "action", action, action.id, said)


@rule
def check_permission(bank: Bank) -> Iterator[Problem]:
    """A text from elsewhere carries the words that allow it to be shown."""
    tables: Mapping[str, Mapping[str, Sourced]] = {
        "item": bank.items,
        "question": bank.questions,
        "document": bank.documents,
        "instrument": bank.instruments,
        "companion": bank.companions,
    }
    for kind, table in tables.items():
        for record in table.values():
            own = record.source["citation"] == OWN
            if not own and "permission" not in record.source:
                said = "comes from elsewhere; quote what permits its use"
                yield found(bank, kind, record, "source", said)


@rule
def check_perspective(bank: Bank) -> Iterator[Problem]:
    """A form holds what is worded for the people it asks."""
    for form in bank.instruments.values():
        for item in form.items:
            if form.perspective not in item.stem:
                said = f"{item.ref} has no wording for a {form.perspective}"
                yield found(bank, "instrument", form, "blocks", said)
        for question in form.eligibility + form.questions:
            if form.perspective not in question.text:
                said = f"{question.ref} has no wording for a {form.perspective}"
                yield found(bank, "instrument", form, "questions", said)


@rule
def check_block(bank: Bank) -> Iterator[Problem]:
    """A block holds items of its prerequisite, each item once in a form."""
    for form in bank.instruments.values():
        for at, block in enumerate(form.blocks):
            strange = [
                i.ref for i in block.items if i.prerequisite != block.prerequisite
            ]
            if strange:
                said = f"{', '.join(strange)} is not about {block.prerequisite}"
                yield found(bank, "instrument", form, f"blocks.{at}.items", said)
        ids = [item.id for item in form.items]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            said = f"{', '.join(twice)} stands in it twice"
            yield found(bank, "instrument", form, "blocks", said)


@rule
def check_low_end(bank: Bank) -> Iterator[Problem]:
    """Each block can tell people apart who were hardly involved."""
    for form in bank.instruments.values():
        for at, block in enumerate(form.blocks):
            if not any(item.level == "low" for item in block.items):
                said = f"has no item of level low for {block.prerequisite}"
                yield found(bank, "instrument", form, f"blocks.{at}.items", said)


@rule
def check_gate(bank: Bank) -> Iterator[Problem]:
    """Whoever is asked about a plan is first asked whether there is one."""
    for form in bank.instruments.values():
        asks_plan = "living_document" in form.scales
        if asks_plan and not form.gate and form.perspective != "professional":
            yield found(bank, "instrument", form, "gate", "ask if there is a care plan")
        if form.gate and not form.gate.when_no:
            said = "settles no item of this form"
            yield found(bank, "instrument", form, "gate.when_no", said)


@rule
def check_anchors(bank: Bank) -> Iterator[Problem]:
    """Anchors are items of the form, worded for service users and carers alike."""
    for form in bank.instruments.values():
        by_id = {item.id: item for item in form.items}
        for name in form.anchors:
            if name not in by_id:
                said = f"{name} is not in the form"
                yield found(bank, "instrument", form, "anchors", said)
            elif not {"service_user", "carer"} <= set(by_id[name].stem):
                said = f"{name} is not worded for both service users and carers"
                yield found(bank, "instrument", form, "anchors", said)


@rule
def check_consent(bank: Bank) -> Iterator[Problem]:
    """Information comes before consent, and one statement must be agreed to."""
    for form in bank.instruments.values():
        kinds = [document.kind for document in form.documents]
        if "information" not in kinds:
            said = "add a document of kind information"
            yield found(bank, "instrument", form, "documents", said)
        elif "consent" in kinds and kinds.index("consent") < kinds.index("information"):
            said = "information comes before consent"
            yield found(bank, "instrument", form, "documents", said)
        if not any(d.kind == "consent" and d.required for d in form.documents):
            said = "add a consent statement that is required"
            yield found(bank, "instrument", form, "documents", said)


@rule
def check_calibration(bank: Bank) -> Iterator[Problem]:
    """Parameters belong to items of the form, one cut fewer than categories."""
    for calibration in bank.calibrations.values():
        form = bank.instruments[calibration.instrument]
        items = {item.ref: item for item in form.items}
        for ref, values in calibration.parameters.items():
            said = wrong_parameters(
                items.get(ref), calibration.model, values["thresholds"]
            )
            if said:
                place = f"parameters.{ref}"
                yield found(bank, "calibration", calibration, place, said)


def wrong_parameters(item: Item | None, model: str, cuts: Sequence[float]) -> str:
    """What is wrong with one item's parameters, or nothing."""
    if item is None:
        return "is not an item of the instrument"
    if len(cuts) != len(item.responses.values) - 1:
        return f"has {len(cuts)} thresholds for {len(item.responses.values)} categories"
    if model == "graded_response" and cuts != sorted(set(cuts)):
        return "has thresholds that do not rise"
    return ""


@rule
def check_adaptive(bank: Bank) -> Iterator[Problem]:
    """An adaptive form names parameters of all its items, and a form of some."""
    for form in bank.instruments.values():
        if form.adaptive:
            for place, said in _wrong_adaptive(bank, form, form.adaptive):
                yield found(bank, "instrument", form, f"adaptive.{place}", said)


def _wrong_adaptive(
    bank: Bank, form: Instrument, rule: Adaptive
) -> Iterator[tuple[str, str]]:
    refs = {item.ref for item in form.items}
    calibration = bank.calibrations.get(rule.calibration)
    fixed = bank.instruments.get(rule.fixed_form)
    if calibration is None:
        yield "calibration", f"{rule.calibration} is not in the bank"
    elif refs - set(calibration.parameters):
        missing = ", ".join(sorted(refs - set(calibration.parameters))[:3])
        yield "calibration", f"{calibration.ref} has no parameters of {missing}"
    if fixed is None or fixed.adaptive or fixed.perspective != form.perspective:
        said = f"{rule.fixed_form} is no fixed form for a {form.perspective}"
        yield "fixed_form", said
    elif {item.ref for item in fixed.items} - refs:
        yield "fixed_form", f"{fixed.ref} has items that are not in this form"
    if rule.min_items < len(form.blocks):
        yield "min_items", f"{rule.min_items} cannot see all {len(form.blocks)} blocks"
    if not rule.min_items <= rule.max_items <= len(refs):
        said = f"{rule.max_items} does not lie between min_items and {len(refs)} items"
        yield "max_items", said
