"""What a validation report is made of, before any of it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

import pandas as pd

from .adequacy import Adequacy


class Outcome(StrEnum):
    """COSMIN's three ratings of a measurement property."""

    SUFFICIENT = "sufficient"
    INSUFFICIENT = "insufficient"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One criterion, what was found, and how that rates.

    `judge` says whose reading it is: "COSMIN", or "ours" where this library asks
    for more than the published rule does. `measures` names the property where it is
    not that of the section.
    """

    judge: str
    criterion: str
    found: str
    outcome: Outcome
    why: str = ""
    measures: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """A labelled frame with the caption that says what to read in it."""

    name: str
    caption: str
    frame: pd.DataFrame
    digits: int = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """A picture: `draw(ax)` paints it, `alt` states the finding in words.

    `data` holds the numbers that it shows, for the machine-readable files. A figure
    that was read back has no `draw` but what was drawn, as SVG text.
    """

    name: str
    caption: str
    alt: str
    draw: Callable | None
    height: float = 4.0
    data: pd.DataFrame | None = None
    drawn: str | None = None

    def svg(self) -> str:
        """The figure as SVG text, drawn once however often it is asked for."""
        return self.drawn or self._drawn

    def savable(self) -> Figure:
        """The same, with the picture in place of the function that draws it."""
        return replace(self, draw=None, drawn=self.svg())

    @cached_property
    def _drawn(self) -> str:
        from .svg import to_svg

        return to_svg(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Section:
    """One measurement property: its reading in plain words, verdicts and evidence.

    `measures` names the property as COSMIN does, empty where the section is about
    none; `adequacy` says whether the sample is large enough for it.
    """

    key: str
    title: str
    plain: str
    verdicts: tuple[Verdict, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    measures: str = ""
    adequacy: Adequacy | None = None


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What was read, when, and with what."""

    title: str
    date: str
    source: str
    fingerprint: str
    n_persons: int
    n_items: int
    seed: int
    versions: dict = field(default_factory=dict)
    plan_fingerprint: str = ""
