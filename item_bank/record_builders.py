"""Turn the checked content of one file into the record it stands for."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypedDict, TypeVar, cast

from item_bank.contents import Content
from item_bank.models import (
    REASONS,
    Action,
    Adaptive,
    Block,
    Calibration,
    CompanionMeasure,
    Document,
    Edition,
    Finding,
    Gate,
    GateFollowUp,
    Instrument,
    Interpretation,
    Interview,
    Item,
    Part,
    Picture,
    Question,
    ResponseSet,
    Scoring,
    Versioned,
)


class Missing(LookupError):
    """A reference in a file names nothing that could be read."""

    def __init__(self, path: tuple[str | int, ...], ref: str) -> None:
        super().__init__(ref)
        self.path, self.ref = path, ref


class Tables(TypedDict):
    """Records that are read already, by kind and reference."""

    response_set: dict[str, ResponseSet]
    item: dict[str, Item]
    question: dict[str, Question]
    document: dict[str, Document]
    instrument: dict[str, Instrument]
    calibration: dict[str, Calibration]
    companion: dict[str, CompanionMeasure]
    interview: dict[str, Interview]
    finding: dict[str, Finding]


def no_records() -> Tables:
    """Tables with nothing read yet."""
    return {
        "response_set": {},
        "item": {},
        "question": {},
        "document": {},
        "instrument": {},
        "calibration": {},
        "companion": {},
        "interview": {},
        "finding": {},
    }


def table(tables: Tables, kind: str) -> dict[str, Versioned]:
    """The records of one kind, where the kind is known only when it runs."""
    return cast("dict[str, dict[str, Versioned]]", tables)[kind]


Entry = TypeVar("Entry")


def _find(table: Mapping[str, Entry], ref: str, *path: str | int) -> Entry:
    if ref not in table:
        raise Missing(path, ref)
    return table[ref]


def _plain(content: Content, *, without: Collection[str] = ()) -> Content:
    """The fields that go into a record as they are, lists made tuples."""
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in content.items()
        if key not in without
    }


def _by_value(labels: Mapping[str, str]) -> dict[int, str]:
    return {int(value): label for value, label in labels.items()}


def response_set(content: Content, found: Tables) -> ResponseSet:
    return ResponseSet(
        id=content["id"],
        version=content["version"],
        labels=_by_value(content["labels"]),
        reason_labels={
            r: content["reason_labels"][r]
            for r in REASONS
            if r in content["reason_labels"]
        },
        source=content["source"],
        variant=content.get("variant", {}),
    )


def item(content: Content, found: Tables) -> Item:
    responses = _find(found["response_set"], content["responses"], "responses")
    reasons = {r: content["reasons"][r] for r in REASONS if r in content["reasons"]}
    plain = _plain(content, without={"responses", "reasons"})
    findings = found["finding"]
    known = [findings[name] for name in content["evidence"] if name in findings]
    return Item(
        **plain, responses=responses, reasons=reasons, flags=flags(plain, known)
    )


_SAID_BY_OTHERS = ("others_only", "staff_only", "therapist_only")


def flags(content: Content, findings: Collection[Finding]) -> tuple[str, ...]:
    """What a reader must know of the evidence: who said it, who did not.

    `carer_extrapolated` where no finding behind the item was said by carers;
    `service_user_staff_only` where staff alone said it of service users.
    """
    raised = []
    for perspective in ("service_user", "carer"):
        if perspective not in content["stem"]:
            continue
        strengths = {finding.strength(perspective) for finding in findings}
        if strengths and "direct" not in strengths:
            firmest = next(
                (strength for strength in _SAID_BY_OTHERS if strength in strengths),
                "extrapolated",
            )
            raised.append(f"{perspective}_{firmest}")
    return tuple(raised)


def question(content: Content, found: Tables) -> Question:
    return Question(**{"options": {}, **_plain(content)})


def document(content: Content, found: Tables) -> Document:
    parts = tuple(Part(**_plain(part)) for part in content.get("parts", ()))
    return Document(**_plain(content, without={"parts"}), parts=parts)


def instrument(content: Content, found: Tables) -> Instrument:
    blocks = tuple(
        Block(
            **_plain(block, without={"items"}),
            items=tuple(
                _find(found["item"], ref, "blocks", at, "items", place)
                for place, ref in enumerate(block["items"])
            ),
        )
        for at, block in enumerate(content["blocks"])
    )
    preferred = content.get("preferred_involvement")
    ready = {"blocks", "gate", "preferred_involvement", "scoring", "adaptive", "type"}
    adaptive = content.get("adaptive")
    clusters = tuple(tuple(ids) for ids in content.get("booklets", ()))
    listed = {"eligibility", "context", "background", "follow_up", "documents"}
    return Instrument(
        **_plain(content, without=ready | listed | {"booklets"}),
        blocks=blocks,
        booklets=clusters,
        gate=_gate(content.get("gate"), blocks),
        scoring=Scoring(**content["scoring"]),
        adaptive=Adaptive(**adaptive) if adaptive else None,
        preferred_involvement=preferred
        and _find(found["question"], preferred, "preferred_involvement"),
        documents=_listed(content, found["document"], "documents"),
        eligibility=_listed(content, found["question"], "eligibility"),
        context=_listed(content, found["question"], "context"),
        background=_listed(content, found["question"], "background"),
        follow_up=_listed(content, found["question"], "follow_up"),
    )


def _listed(
    content: Content, table: Mapping[str, Entry], field: str
) -> tuple[Entry, ...]:
    refs = content.get(field, ())
    return tuple(_find(table, ref, field, at) for at, ref in enumerate(refs))


def _gate(content: Content | None, blocks: Iterable[Block]) -> Gate | None:
    if content is None:
        return None
    settled = tuple(
        item.id
        for block in blocks
        for item in block.items
        if item.prerequisite == content["when_no"]
    )
    follow_up = content.get("follow_up")
    return Gate(
        id=content["id"],
        text=content["text"],
        options=dict(content["options"]),
        prerequisite=content["when_no"],
        when_no=settled,
        follow_up=GateFollowUp(**_plain(follow_up)) if follow_up else None,
        when_not_sure=content.get("when_not_sure", "asked"),
    )


def calibration(content: Content, found: Tables) -> Calibration:
    _find(found["instrument"], content["instrument"], "instrument")
    return Calibration(**_plain(content))


def companion(content: Content, found: Tables) -> CompanionMeasure:
    plain = _plain(content, without={"labels"})
    return CompanionMeasure(**plain, labels=_by_value(content["labels"]))


def interview(content: Content, found: Tables) -> Interview:
    for at, note in enumerate(content["notes"]):
        _find(found["item"], note["item"], "notes", at, "item")
        if "becomes" in note:
            _find(found["item"], note["becomes"], "notes", at, "becomes")
    return Interview(**_plain(content))


def edition(content: Content, drawings: Mapping[str, str]) -> Edition:
    """An edition; `drawings` maps the names of the SVG files to what is in them."""
    texts = {
        (kind, ref): worded
        for kind, by_ref in content["texts"].items()
        for ref, worded in by_ref.items()
    }
    pictures = {
        name: Picture(name, alternative, drawings.get(name, ""))
        for name, alternative in content["pictures"].items()
    }
    plain = _plain(content, without={"texts", "pictures"})
    return Edition(**plain, texts=texts, pictures=pictures)


def findings(content: Content, found: Tables) -> dict[str, Finding]:
    """The findings of one evidence file, by id."""
    return {
        entry["id"]: Finding(prerequisite=content["prerequisite"], **entry)
        for entry in content["findings"]
    }


def actions(content: Content) -> list[Action]:
    """The actions of one file."""
    shared = {name: content[name] for name in ("prerequisite", "status", "source")}
    return [Action(**shared, **_plain(entry)) for entry in content["actions"]]


def interpretation(content: Content) -> Interpretation:
    return Interpretation(**content)


BUILDERS: Mapping[str, Callable[[Content, Tables], Versioned]] = {
    "response_set": response_set,
    "item": item,
    "question": question,
    "document": document,
    "instrument": instrument,
    "calibration": calibration,
    "companion": companion,
    "interview": interview,
}
