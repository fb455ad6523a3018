"""The nouns of the bank as frozen records: items, response sets, instruments."""

from item_bank.models.asked import CompanionMeasure, Item, Question, ResponseSet
from item_bank.models.findings import (
    Action,
    Finding,
    Interpretation,
    Interview,
    StatusChange,
)
from item_bank.models.gate import Gate, GateFollowUp
from item_bank.models.instrument import (
    Adaptive,
    Block,
    Calibration,
    Instrument,
    Scoring,
)
from item_bank.models.notices import Document, Part
from item_bank.models.other_words import Edition, Picture, Translation
from item_bank.models.vocabulary import (
    CODINGS,
    PERSPECTIVES,
    PREREQUISITES,
    REASONS,
    SOURCE_LANGUAGE,
    Versioned,
)
from item_bank.models.whole_bank import Bank

__all__ = [
    "Action",
    "Adaptive",
    "Bank",
    "Block",
    "CODINGS",
    "Calibration",
    "CompanionMeasure",
    "Document",
    "Edition",
    "Finding",
    "Gate",
    "GateFollowUp",
    "Instrument",
    "Interpretation",
    "Interview",
    "Item",
    "PERSPECTIVES",
    "PREREQUISITES",
    "Part",
    "Picture",
    "Question",
    "REASONS",
    "ResponseSet",
    "SOURCE_LANGUAGE",
    "Scoring",
    "StatusChange",
    "Translation",
    "Versioned",
]
