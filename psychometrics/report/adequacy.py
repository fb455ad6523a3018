"""Whether a sample is large enough for each property, on COSMIN's four steps.

Factor analysis, item response models and groups: the risk of bias checklist (Mokkink
et al., 2018, boxes 3 and 5). Alpha, retest and hypotheses: the four steps 100, 50 and
30 of the checklist of 2012 (Terwee et al., 2012), since that of 2018 gives none. The
steps for factor analysis, response models and groups are recalled, not looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..sample_size_plan import A_GROUP, AN_ITEM, FEWEST, GRADED

RATINGS = ("very good", "adequate", "doubtful", "inadequate")
PERSONS = (100, 50, 30)
GRADED_STEPS = (GRADED, 500, 250)
GROUP = (A_GROUP, 150, 100)


@dataclass(frozen=True, kw_only=True)
class Adequacy:
    """How large a sample is for one property: a rating, the number, and the rule."""

    rating: str
    n: int
    found: str
    rule: str


def factor_analysis(n_persons: int, n_items: int, what: str = "people") -> Adequacy:
    """Rate persons an item: 7 and at least 100 in all is very good."""
    each = n_persons / n_items
    steps = (
        each >= AN_ITEM and n_persons >= FEWEST,
        each >= 6 or (each >= 5 and n_persons >= 100),
        each >= 5,
    )
    return Adequacy(
        rating=_first(steps),
        n=n_persons,
        found=f"{n_persons} {what}, {each:.1f} an item",
        rule="very good from 7 people an item and 100 in all",
    )


def persons(n_persons: int, what: str = "people") -> Adequacy:
    """Rate a sample for alpha, a retest or a correlation: 100, 50, 30."""
    return _stepped(n_persons, PERSONS, what)


def graded_model(n_persons: int) -> Adequacy:
    """Rate a sample for a model with a slope an item: 1000, 500, 250."""
    return _stepped(n_persons, GRADED_STEPS, "people")


def smallest_group(n_persons: int) -> Adequacy:
    """Rate the smallest group of a comparison: 200, 150, 100."""
    return _stepped(n_persons, GROUP, "people in the smallest group")


def _stepped(n: int, steps: tuple[int, int, int], what: str) -> Adequacy:
    rating = _first([n >= step for step in steps])
    return Adequacy(
        rating=rating, n=n, found=f"{n} {what}", rule=f"very good from {steps[0]}"
    )


def _first(steps: Sequence[bool]) -> str:
    return next((r for r, holds in zip(RATINGS, steps) if holds), RATINGS[-1])
