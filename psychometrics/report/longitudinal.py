"""Later occasions of the same persons: retest, change, and what change matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import PsychometricsError
from ..reliability.retest import RetestResult, test_retest
from ..scores.change import ChangeResult, group_change
from ..scores.minimal_important_change import MICResult, minimal_important_change
from .group_labels import as_labels

if TYPE_CHECKING:
    from .plan import Plan
    from .study import Study


@dataclass(frozen=True, eq=False)
class Occasion:
    """One later occasion, its rows labelled by the same persons.

    Attributes
    ----------
    responses : DataFrame, shape (n_later, n_items)
    background : DataFrame, optional
        Further columns of that occasion.
    applies : boolean DataFrame, optional
        False where an item does not apply to a person; without it all apply.
    stable : Series of bool, optional
        Who said that nothing had changed; retests rest on these persons alone.
    anchor : Series, optional
        How much each person changed by their own account, whole numbers, higher is
        better.
    improved_from : int
        The lowest anchor that counts as improved by an important amount.
    """

    responses: pd.DataFrame
    background: pd.DataFrame | None = None
    applies: pd.DataFrame | None = None
    stable: pd.Series | None = None
    anchor: pd.Series | None = None
    improved_from: int = 1

    def keyed(self, responses: pd.DataFrame) -> Occasion:
        """The same occasion with answers keyed as the first."""
        return replace(self, responses=responses)


def read_questions(occasion: Occasion | None, plan: Plan | None) -> Occasion | None:
    """Take the stability and transition questions that a plan names."""
    if occasion is None or plan is None or occasion.background is None:
        return occasion
    known = occasion.background
    if plan.stable and occasion.stable is None and plan.stable.column in known:
        said = as_labels(known[plan.stable.column])
        occasion = replace(occasion, stable=said.isin(plan.stable.values))
    if plan.anchor and occasion.anchor is None and plan.anchor.column in known:
        rated = pd.to_numeric(known[plan.anchor.column], errors="coerce")
        occasion = replace(
            occasion,
            anchor=rated.astype(float),
            improved_from=plan.anchor.improved_from,
        )
    return occasion


def retests_of(study: Study) -> tuple[dict[str, RetestResult], dict[str, str]]:
    """{scale: RetestResult}, and {scale: why there is none}."""
    if study.retest is None:
        return {}, {}
    second = study.scored(study.retest.responses, study.retest.applies)
    return _each(
        study,
        lambda scale: test_retest(
            study.totals[scale], second[scale], stable=study.retest.stable
        ),
    )


def changes_of(study: Study) -> tuple[dict[str, ChangeResult], dict[str, str]]:
    """{scale: ChangeResult}, and {scale: why there is none}."""
    if study.follow_up is None:
        return {}, {}
    after = _after(study)
    return _each(study, lambda scale: group_change(study.totals[scale], after[scale]))


def important_changes(study: Study) -> tuple[dict[str, MICResult], dict[str, str]]:
    """{scale: MICResult} with bootstrap intervals, and {scale: why there is none}."""
    later = study.follow_up
    if later is None or later.anchor is None:
        return {}, {}
    change = score_change(study)
    return _each(
        study,
        lambda scale: minimal_important_change(
            change[scale],
            later.anchor,
            improved_from=later.improved_from,
            n_replications=200,
            rng=np.random.default_rng(study.seed),
        ),
    )


def score_change(study: Study) -> pd.DataFrame:
    """Follow-up minus first occasion, a column a scale."""
    return _after(study) - study.totals


def _after(study: Study) -> pd.DataFrame:
    return study.scored(study.follow_up.responses, study.follow_up.applies)


def _each(
    study: Study, estimate: Callable
) -> tuple[dict[str, RetestResult | ChangeResult | MICResult], dict[str, str]]:
    found, problems = {}, {}
    for scale in study.scales:
        try:
            found[scale] = estimate(scale)
        except PsychometricsError as problem:
            problems[scale] = str(problem)
    return found, problems
