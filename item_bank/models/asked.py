"""What a person is asked: items with their answers, and questions beside them."""

from dataclasses import dataclass, field

from item_bank.contents import Source
from item_bank.models.vocabulary import PERSPECTIVES, Versioned


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
