"""Items in order for one perspective, and how their answers become scores."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from item_bank.contents import ItemParameters, Provenance, Sample, Source
from item_bank.models.asked import Item, Question
from item_bank.models.gate import Gate
from item_bank.models.notices import Document
from item_bank.models.other_words import Picture
from item_bank.models.vocabulary import PREREQUISITES, SOURCE_LANGUAGE, Versioned


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
