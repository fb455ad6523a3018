"""The shapes of what the files of the bank say, for those who read them typed.

A file is plain YAML or JSON until its closed schema has accepted it; these are the
parts that go into a record as they stand.
"""

from pathlib import Path
from typing import Any, NotRequired, TypeAlias, TypedDict

# A bank, and after it perhaps a folder with an installation's own files.
BankFolder: TypeAlias = str | Path | tuple[str | Path, ...]
# What one file says; its schema, not its type, holds what is in it.
Content: TypeAlias = dict[str, Any]
# The translated or reworded fields of one record, nested as its file has them.
Worded: TypeAlias = dict[str, Any]
# (kind, reference) -> the fields that are worded anew.
WordedTexts: TypeAlias = dict[tuple[str, str], Worded]
# Key of a text -> the words that a person is shown.
Words: TypeAlias = dict[str, str]


class Source(TypedDict):
    """Where a text comes from, and the right to show it."""

    citation: str
    licence: str
    permission: NotRequired[str]


class ItemParameters(TypedDict):
    """Slope and increasing cut points of one item, on the theta metric."""

    discrimination: float
    thresholds: list[float]


class Sample(TypedDict):
    """Whose answers a calibration was estimated from."""

    n: int
    description: str
    collected: str


class DataProvenance(TypedDict):
    """What data a form or a calibration comes from, and how."""

    method: str
    sample: str
    fingerprint: str  # SHA-256 of the data
    software: str
    synthetic: bool
    date: NotRequired[str]


class Provenance(DataProvenance):
    """The same of a form, with the reference of the form that was analysed."""

    made_from: str


class Support(TypedDict):
    """Who said a finding of one perspective, and why nothing asks it."""

    strength: str
    sources: list[str]
    left_out: NotRequired[str]


class SmallestChange(TypedDict):
    """How many points of a score count as a change, how that was found, and where."""

    points: float
    method: str
    source: str


class Note(TypedDict):
    """What one interview showed of one item."""

    item: str
    probe: str
    finding: str
    problem: str
    change: str
    becomes: NotRequired[str]


class Limits(TypedDict):
    """The hardest reading grade and the longest sentence of an edition."""

    grade: float
    words: int
