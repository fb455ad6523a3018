"""What items rest on and what their scores say: findings, interviews, actions."""

from dataclasses import dataclass, field

from item_bank.contents import Note, SmallestChange, Source, Support
from item_bank.models.vocabulary import Versioned


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
