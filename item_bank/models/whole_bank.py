"""All records of the bank in memory."""

from dataclasses import dataclass, field

from item_bank.contents import Content
from item_bank.models.asked import CompanionMeasure, Item, Question, ResponseSet
from item_bank.models.findings import (
    Action,
    Finding,
    Interpretation,
    Interview,
    StatusChange,
)
from item_bank.models.instrument import Calibration, Instrument
from item_bank.models.notices import Document
from item_bank.models.other_words import Edition, Translation


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
