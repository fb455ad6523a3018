"""The nouns of the bank as frozen records: items, response sets, instruments."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from item_bank.contents import (
    Content,
    ItemParameters,
    Limits,
    Note,
    Provenance,
    Sample,
    SmallestChange,
    Source,
    Support,
    WordedTexts,
)

PREREQUISITES = (
    "parity",
    "coordination",
    "personalisation",
    "trust",
    "collaboration",
    "living_document",
)
PERSPECTIVES = ("service_user", "carer", "professional")
REASONS = (
    "did_not_happen",
    "not_wanted",
    "not_applicable",
    "do_not_know",
    "cannot_remember",
    "prefer_not_to_say",
)
CODINGS = ("lowest", "structural", "missing")
SOURCE_LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Versioned:
    """Something in the bank that has an id and a version."""

    id: str
    version: int

    @property
    def ref(self) -> str:
        return f"{self.id}.v{self.version}"


@dataclass(frozen=True)
class ResponseSet(Versioned):
    """Ordered categories, lowest first, and how each reason is put to a person."""

    labels: dict[int, str]  # category value -> label
    reason_labels: dict[str, str]  # reason -> label
    source: Source | dict[str, str] = field(default_factory=dict)
    variant: dict[str, str] = field(default_factory=dict)  # of which set, and a letter
    steps: tuple[int, ...] = ()  # the categories that an edition offers; all of them

    @property
    def offered(self) -> dict[int, str]:
        """Value -> label of the categories to choose from."""
        steps = self.steps or self.values
        return {value: self.labels[value] for value in steps}

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(self.labels)

    @property
    def lowest(self) -> int:
        return min(self.labels)

    @property
    def highest(self) -> int:
        return max(self.labels)


@dataclass(frozen=True)
class Item(Versioned):
    """One experience, worded for each perspective that it is asked of.

    `reasons` maps each reason that is offered to its coding: "lowest" counts as
    the lowest category, "structural" takes the item out of the half rule, and
    "missing" is an item that applied and was left open.
    """

    prerequisite: str
    facet: str  # current, or process or outcome of the discussion
    level: str  # how much involvement it takes to agree: low, middle, high
    stem: dict[str, str]  # perspective -> wording
    responses: ResponseSet
    reasons: dict[str, str]
    keyed: str
    evidence: tuple[str, ...]
    source: Source
    flags: tuple[str, ...] = ()  # derived from the evidence, never written in a file
    exceptions: dict[str, str] = field(
        default_factory=dict
    )  # rule -> why it may be broken
    changes: str = ""
    reserve: str = ""  # why no form asks it, where none does

    @property
    def perspectives(self) -> tuple[str, ...]:
        return tuple(name for name in PERSPECTIVES if name in self.stem)


@dataclass(frozen=True)
class Question(Versioned):
    """A question beside the items: background, context, preference. Never scored."""

    kind: str
    text: dict[str, str]  # perspective -> wording
    type: str  # one, many, number or text
    options: dict[str, str]  # code -> label; empty for number and text
    ends: tuple[str, ...] = ()  # codes after which the survey is not for the person
    evidence: tuple[str, ...] = ()
    hint: str = ""
    source: Source | dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A passage of a notice, for some of its readers; empty conditions hold for all.

    The text has places such as ``{{controller}}`` for what each campaign says itself.
    """

    id: str
    text: str
    easy: str = ""  # the same in easier words
    perspective: tuple[str, ...] = ()
    mode: tuple[
        str, ...
    ] = ()  # how the person answers: web, paper, telephone, face_to_face
    purpose: str = ""  # service_evaluation or research
    needs: str = ""  # a place without which the passage is left out
    letter: bool = False  # whether it stands in a letter of invitation too
    promise: str = ""  # what it says will happen, or will not


@dataclass(frozen=True)
class Document(Versioned):
    """A text that a person reads or agrees to: information, privacy, consent.

    It has a `body`, or the `parts` of a notice that a campaign completes.
    """

    kind: str
    title: str
    body: str = ""  # paragraphs, "## headings" and "- lists"
    easy: str = ""  # the body in easier words
    parts: tuple[Part, ...] = ()
    promise: str = ""  # what agreeing to a statement brings about
    required: bool = False  # for a consent statement: nobody takes part without it
    source: Source | dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GateFollowUp:
    """What is asked of who has none: whether they would want one."""

    id: str
    text: str
    options: dict[str, str]  # yes, no, not_sure -> label
    structural: tuple[str, ...]  # the answers after which the items do not apply


@dataclass(frozen=True)
class Gate:
    """The question that may settle the answers to one prerequisite."""

    id: str
    text: str
    options: dict[str, str]  # yes, no, not_sure -> label
    prerequisite: str  # whose items it settles
    when_no: tuple[str, ...]  # ids of the items that it settles
    follow_up: GateFollowUp | None = None
    when_not_sure: str = "asked"  # or lowest

    @property
    def is_strict(self) -> bool:
        """Whether answers given in spite of the gate are kept and never scored.

        The first edition let them stand.
        """
        return self.follow_up is not None

    def outcome(self, answer: str | None, wanted: str | None = None) -> str:
        """What becomes of the items that the gate settles, for one person.

        Parameters
        ----------
        answer, wanted : str, optional
            Codes of the options chosen at the gate and at its follow-up; None for
            one that was left out or never asked.

        Returns
        -------
        str
            `asked`: the items are asked, and count as they are answered. `lowest`:
            they are not asked, and count as the lowest category. `structural`: they
            are not asked and do not apply.
        """
        if answer == "no":
            is_apart = self.follow_up and wanted in self.follow_up.structural
            return "structural" if is_apart else "lowest"
        return self.when_not_sure if answer == "not_sure" else "asked"

    def is_uncertain(self, answer: str | None) -> bool:
        """Whether the outcome rests on a "not sure", which is reported both ways."""
        return answer == "not_sure" and self.when_not_sure != "asked"


@dataclass(frozen=True)
class Block:
    """The items of one prerequisite as they stand in an instrument.

    One that is mixed has items of several, under the form's own title and intro, and
    names the prerequisite that comes first.
    """

    id: str
    prerequisite: str
    title: str
    intro: str
    items: tuple[Item, ...]
    is_mixed: bool = False


@dataclass(frozen=True)
class Scoring:
    """How a scale becomes a number: the mean of its items on 0 to 100."""

    method: str = "mean_0_100"
    min_share: float = 0.5


@dataclass(frozen=True)
class Adaptive:
    """How items of an adaptive form are chosen, and when it ends (theta metric).

    `fixed_form` is the form for paper, and for whoever wants to see all questions.
    """

    calibration: str
    fixed_form: str
    min_items: int = 6
    max_items: int = 12
    se: float = 0.3
    min_gain: float = 0.0
    choose_among: int = 3


@dataclass(frozen=True)
class Instrument(Versioned):
    """Items in order for one perspective, with all that a person is shown."""

    title: str
    perspective: str
    recall: str
    intro: str
    definitions: dict[str, str]  # term -> what we mean by it
    blocks: tuple[Block, ...]
    gate: Gate | None
    anchors: tuple[str, ...]  # ids of items held the same across forms
    preferred_involvement: Question | None
    context: tuple[Question, ...]
    background: tuple[Question, ...]
    follow_up: tuple[Question, ...]  # stability and transition questions
    documents: tuple[
        Document, ...
    ]  # information, privacy and consent, in the order shown
    scoring: Scoring
    licence: str
    source: Source
    exceptions: dict[str, str] = field(default_factory=dict)
    provenance: Provenance | dict[str, str] = field(
        default_factory=dict
    )  # of a form chosen from data
    adaptive: Adaptive | None = None
    eligibility: tuple[Question, ...] = ()  # asked before consent, and never stored
    # finding -> why this form does not ask about it, though the bank does
    findings_left_out: dict[str, str] = field(default_factory=dict)
    # clusters of item ids that booklets are made of, where the form says which
    booklets: tuple[tuple[str, ...], ...] = ()
    language: str = SOURCE_LANGUAGE
    direction: str = "ltr"
    edition: str = ""  # such as easy_read.v1; empty for the form as published
    pictures: "dict[str, Picture]" = field(
        default_factory=dict
    )  # key of a text -> Picture

    @property
    def type(self) -> str:
        """`adaptive` where each person is given some of the items, else `fixed`."""
        return "adaptive" if self.adaptive else "fixed"

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for block in self.blocks for item in block.items)

    @property
    def scales(self) -> dict[str, tuple[str, ...]]:
        """Item ids of each prerequisite, then of `involvement`, over all of them."""
        by_prerequisite = {
            name: tuple(i.id for i in self.items if i.prerequisite == name)
            for name in PREREQUISITES
        }
        held = {name: ids for name, ids in by_prerequisite.items() if ids}
        return {**held, "involvement": tuple(item.id for item in self.items)}

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions beside the items that are stored, in the order shown."""
        preferred = self.preferred_involvement
        first = (preferred,) if preferred else ()
        return first + self.context + self.background + self.follow_up

    @property
    def statements(self) -> tuple[Document, ...]:
        """The documents that a person agrees to or not, in the order shown."""
        return tuple(d for d in self.documents if d.kind == "consent")

    def pages(self, per_page: int = 1) -> list[tuple[Item, ...]]:
        """Tuples of items, at most `per_page` each; no page crosses a block."""
        return [
            block.items[start : start + per_page]
            for block in self.blocks
            for start in range(0, len(block.items), per_page)
        ]

    @property
    def evidence(self) -> frozenset[str]:
        """Ids of the findings that its items and questions rest on."""
        asking: tuple[Item | Question, ...] = (*self.items, *self.questions)
        return frozenset(name for record in asking for name in record.evidence)

    def stem(self, item: Item) -> str:
        """The wording of `item` for the people whom this instrument asks."""
        return item.stem[self.perspective]

    def subset(
        self,
        item_ids: Collection[str],
        *,
        order: Collection[str] | None = None,
        **changes: Any,
    ) -> "Instrument":
        """The same instrument with fewer items, or with its blocks in `order`.

        A gate that would settle none of the items is left out.

        `order` names prerequisites; those left out follow in their old order.
        """
        wanted = set(item_ids)
        unknown = wanted - {item.id for item in self.items}
        if unknown:
            raise ValueError(f"{self.ref} has no item {', '.join(sorted(unknown))}")
        kept = [
            replace(block, items=tuple(i for i in block.items if i.id in wanted))
            for block in self.blocks
        ]
        first = {name: place for place, name in enumerate(order or ())}
        kept.sort(key=lambda block: first.get(block.prerequisite, len(first)))
        settled = (
            tuple(i for i in self.gate.when_no if i in wanted) if self.gate else ()
        )
        gate = replace(self.gate, when_no=settled) if self.gate and settled else None
        return replace(
            self,
            blocks=tuple(block for block in kept if block.items),
            gate=gate,
            booklets=self.booklets if len(wanted) == len(self.items) else (),
            anchors=tuple(i for i in self.anchors if i in wanted),
            **changes,
        )


@dataclass(frozen=True)
class Calibration(Versioned):
    """Item parameters estimated in a named sample by a named method."""

    instrument: str
    model: str
    parameters: dict[
        str, ItemParameters
    ]  # item ref -> {"discrimination": a, "thresholds": [...]}
    sample: Sample
    fingerprint: str  # SHA-256 of the answers it was estimated from
    software: str
    method: str
    synthetic: bool
    source: Source
    date: str = ""  # when it was written into the bank


@dataclass(frozen=True)
class CompanionMeasure(Versioned):
    """Another measure given beside ours; its scores are kept apart."""

    title: str
    role: str  # convergent or discriminant
    recall: str
    items: dict[str, str]  # item id -> wording
    labels: dict[int, str]  # category value -> label
    scales: dict[str, list[str]]  # scale -> item ids
    scoring: str
    range: tuple[float, float]
    source: Source


@dataclass(frozen=True)
class Finding:
    """What sources found, in our words, for each perspective that said so."""

    id: str
    prerequisite: str
    says: str
    perspectives: dict[
        str, Support
    ]  # perspective -> {"strength", "sources", "left_out"?}

    def strength(self, perspective: str) -> str | None:
        """How firmly people of a perspective said it; None if nothing was said."""
        support = self.perspectives.get(perspective)
        return support["strength"] if support else None


@dataclass(frozen=True)
class Action:
    """What could be done where a prerequisite falls short; it follows from findings."""

    id: str
    prerequisite: str
    status: str  # draft, or agreed by a panel
    what: str
    by: tuple[str, ...]  # who can do it: team, trust, commissioner
    perspectives: tuple[str, ...]  # for whom
    evidence: tuple[str, ...]  # findings
    source: Source
    effect: str = ""  # what a trial of it showed; empty while that is not yet known


@dataclass(frozen=True)
class Interpretation:
    """What a high and a low score say, and the smallest changes that count.

    `smallest_change` is person or group -> points, method and source; what is not
    there is not yet known.
    """

    scale: str
    status: str
    basis: str  # wording, or item_map once calibrated
    high: str
    low: str
    source: Source
    smallest_change: dict[str, SmallestChange] = field(default_factory=dict)


@dataclass(frozen=True)
class StatusChange:
    """One line of the life of an item; lines are added and never edited."""

    item: str
    status: str
    date: str
    reason: str
    replaced_by: str = ""


@dataclass(frozen=True)
class Interview(Versioned):
    """The log of one cognitive interview, linked to the item versions it is about."""

    date: str
    perspective: str
    mode: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Translation:
    """The wordings of one language, keyed by reference, perspective and value."""

    language: str
    name: str
    direction: str
    texts: WordedTexts  # (kind, reference) -> the translated fields and their status


@dataclass(frozen=True)
class Picture:
    """A drawing of our own that stands beside a text, and what it shows in words."""

    id: str
    alternative: str
    svg: str


@dataclass(frozen=True)
class Edition(Versioned):
    """Other words for the same questions, such as easy read, with pictures.

    `texts` holds, by kind and reference, the fields that are worded anew; what is
    not there keeps the words of the form. Answers mean the same in every edition.
    """

    name: str
    language: str
    status: str  # draft, tested or validated
    tested: str  # who has tried it, in words
    forms: tuple[str, ...]  # the instruments that it is complete for
    limits: Limits  # grade: hardest reading grade; words: longest sentence
    plain_words: dict[str, list[str]]  # term of the forms -> what may stand for it
    pictures: dict[str, Picture]  # id -> Picture
    texts: WordedTexts  # (kind, reference) -> the fields worded anew, and pictures
    source: Source
    steps: dict[str, list[int]] = field(default_factory=dict)  # set -> what it offers


@dataclass(frozen=True)
class Bank:
    """The whole bank in memory; every mapping is keyed by reference."""

    items: dict[str, Item]
    response_sets: dict[str, ResponseSet]
    questions: dict[str, Question]
    documents: dict[str, Document]
    instruments: dict[str, Instrument]
    calibrations: dict[str, Calibration]
    companions: dict[str, CompanionMeasure]
    findings: dict[str, Finding]
    sources: dict[str, Content]
    life: tuple[StatusChange, ...]
    translations: dict[str, Translation]
    interviews: dict[str, Interview]
    files: dict[tuple[str, str], str]  # (kind, reference) -> path within the bank
    lock: dict[str, str]  # "kind/reference" -> SHA-256
    editions: dict[str, Edition] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    interpretations: dict[str, Interpretation] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()  # references whose file could not be read

    def status(self, item_ref: str) -> str:
        """Where an item stands now: candidate, piloted, retained or retired."""
        changes = [change for change in self.life if change.item == item_ref]
        return changes[-1].status if changes else "candidate"
