"""What was decided before the data were read: models, criteria, hypotheses."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import InvalidResponses
from .criteria import Criteria

EXPECTED = ("positive", "negative", "either")


@dataclass(frozen=True)
class Hypothesis:
    """One expectation about a scale: its direction and its size.

    Attributes
    ----------
    name : str
    scale : str
        The scale it is about.
    other : str
        A column, or another scale, that the score is correlated with; for a
        hypothesis about change both are changes.
    groups : str
        A column of groups that should differ, instead of `other`.
    order : tuple of str
        Groups from the highest expected mean to the lowest; Hedges' g compares the
        first with the last.
    expect : {"positive", "negative", "either"}
        Direction of the correlation; "either" bounds its size alone.
    at_least, at_most : float
        Bounds of the size, without a sign. An open upper end is 1 for a correlation
        and none for g.
    because : str
        Why it is expected, for the reader.
    """

    name: str
    scale: str
    other: str = ""
    groups: str = ""
    order: tuple = ()
    expect: str = "positive"
    at_least: float = 0.0
    at_most: float | None = None
    because: str = ""

    def __post_init__(self) -> None:
        if bool(self.other) == bool(self.groups):
            raise InvalidResponses(
                f"hypothesis {self.name}: give one of a column to correlate with and "
                "a column of groups"
            )
        if self.groups and len(self.order) < 2:
            raise InvalidResponses(
                f"hypothesis {self.name}: give the order of two groups or more, the "
                "highest first"
            )
        if self.expect not in EXPECTED:
            raise InvalidResponses(
                f"hypothesis {self.name}: expect is {self.expect!r}; give one of "
                f"{', '.join(EXPECTED)}"
            )
        if self.expect == "either" and (self.at_most is None or self.at_least):
            raise InvalidResponses(
                f"hypothesis {self.name}: either direction takes an upper bound alone"
            )
        if self.at_most is not None and self.at_most <= self.at_least:
            raise InvalidResponses(
                f"hypothesis {self.name}: at most {self.at_most:g} is not above at "
                f"least {self.at_least:g}"
            )

    @property
    def bounds(self) -> tuple[float, float | None]:
        """The lowest and highest figure that would confirm it, None if open."""
        high = self.at_most if self.groups or self.at_most is not None else 1.0
        if self.expect == "either":
            return -high, high
        if self.expect == "negative" and not self.groups:
            return -high, -self.at_least
        return self.at_least, high

    @property
    def statement(self) -> str:
        """The hypothesis as a sentence."""
        size = f"at least {self.at_least:g}"
        if self.at_most is not None:
            size = f"{self.at_least:g} to {self.at_most:g}"
        if self.groups:
            order = " above ".join(self.order)
            return f"{self.scale}: {order} ({self.groups}), Hedges' g {size}"
        if self.expect == "either":
            return f"{self.scale} with {self.other}: size at most {self.at_most:g}"
        return f"{self.scale} with {self.other}: {self.expect}, size {size}"


@dataclass(frozen=True)
class Occasions:
    """Which columns name the person and the occasion, and the occasions' labels."""

    person: str
    column: str
    baseline: str = "1"
    retest: str | None = "2"
    follow_up: str | None = None


@dataclass(frozen=True)
class StableAnswer:
    """The question that says who had not changed at the retest."""

    column: str
    values: tuple


@dataclass(frozen=True)
class Anchor:
    """The question that says how much a person changed; higher is better."""

    column: str
    improved_from: int = 1


@dataclass(frozen=True, eq=False)
class Plan:
    """What the report is to do, stated before the data are read.

    Attributes
    ----------
    scales : dict of str to list of str
        The items of each scale; None leaves it to the caller, as do the others.
    reverse, categories, missing, groups, seed, estimator
        As the arguments of `validation_report`.
    models : dict of str to str
        Rival models by name: "usual" for those this library knows, or their text.
    intended : str
        The one that verdicts are about.
    criteria : Criteria
    hypotheses, change_hypotheses : tuple of Hypothesis
        Of one occasion, and of change.
    occasions, stable, anchor
        What a second occasion needs.
    population : str
        The name of the table that the sample is compared with.
    sections : tuple of str
        Keys of the sections that are planned; all if empty.
    registered : str
        Where and when it was made public.
    attached : str
        When it was handed to whoever keeps the answers, in their words.
    fingerprint : str
        SHA-256 of the file, taken before the data were read.
    text : str
        The file itself, to be kept beside the report.
    """

    scales: dict | None = None
    reverse: tuple | None = None
    categories: tuple | None = None
    missing: tuple = ()
    groups: str | None = None
    seed: int | None = None
    estimator: str | None = None
    models: dict = field(default_factory=dict)
    intended: str | None = None
    criteria: Criteria = Criteria()
    hypotheses: tuple = ()
    change_hypotheses: tuple = ()
    occasions: Occasions | None = None
    stable: StableAnswer | None = None
    anchor: Anchor | None = None
    population: str | None = None
    sections: tuple = ()
    registered: str = ""
    attached: str = ""
    fingerprint: str = ""
    text: str = field(default="", repr=False)
