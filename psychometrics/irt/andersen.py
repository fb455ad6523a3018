"""Andersen's test: do groups of persons see the same items?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..annotations import Axes, PerPerson
from ..errors import InvalidResponses
from ..figures import BLUE, finish
from ..responses import check_groups_vary, check_responses
from ..results import Result, axes
from .calibration import known_categories
from .conditional import ConditionalResult, maximise_conditional
from .patterns import Patterns, find_patterns


@dataclass(frozen=True, eq=False, kw_only=True)
class AndersenTest(Result):
    """Likelihood-ratio test of the same items in every group (Andersen, 1973).

    Attributes
    ----------
    chi2, df, p : float
    thresholds : DataFrame
        Items and steps x groups, each group's own, summing to zero.
    """

    _headline = ("chi2", "df", "p")

    chi2: float
    df: int
    p: float
    thresholds: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.thresholds

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the thresholds of the last group against those of the first."""
        ax = axes(ax)
        first, last = self.thresholds.iloc[:, 0], self.thresholds.iloc[:, -1]
        ax.plot(first, last, "o", color=BLUE, markersize=5)
        ax.axline((0, 0), slope=1, color="0.25", linestyle="--", label="no difference")
        ax.set_aspect("equal", adjustable="datalim")
        title = "Thresholds estimated in two groups of persons"
        return finish(
            ax,
            title,
            x=f"threshold, {first.name}",
            y=f"threshold, {last.name}",
            key=True,
        )

    def _about(self) -> Sequence[str]:
        return (
            f"Andersen's test: chi2({self.df}) = {self.chi2:.2f}, p = {self.p:.4f}",
        )


def andersen_test(
    result: ConditionalResult, *, groups: PerPerson | None = None
) -> AndersenTest:
    """Test whether items are the same in groups of persons (Andersen, 1973).

    Parameters
    ----------
    result : ConditionalResult
    groups : Series, shape (n_persons,), optional
        A label for each person.
        By default persons at or below the median sum score, and above it; those who
        left something out are then left out.

    Returns
    -------
    AndersenTest
        The likelihood ratio chi-square with its degrees of freedom.

    Raises
    ------
    InvalidResponses
        If a group did not use some category that others used.

    Examples
    --------
    >>> from psychometrics import conditional_partial_credit, simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.5)
    >>> made = simulate.responses(400, rng=1, loadings=loadings, thresholds=(0,))
    >>> found = andersen_test(conditional_partial_credit(made.responses))
    >>> found.df
    3
    """
    labels = _median_split(result.patterns) if groups is None else groups
    labels = pd.Series(labels).reindex(result.patterns.persons)
    answers, model = result.patterns.answers(), result.parameters.model
    kept = labels.notna()
    whole = maximise_conditional(model, _patterns_of(answers[kept], model))
    parts = {}
    for name, rows in answers[kept].groupby(labels[kept]):
        given = _as_given(result.patterns, rows)
        check_groups_vary(given, np.zeros(len(rows), int), [name], rows.columns)
        part = _patterns_of(rows, model)
        if (part.n_categories != whole.patterns.n_categories).any():
            lost = part.n_categories != whole.patterns.n_categories
            raise InvalidResponses(
                f"group {name} does not use every category of item "
                f"{part.items[lost][0]}; merge categories or groups"
            )
        parts[name] = maximise_conditional(model, part)
    total = sum(part.log_likelihood for part in parts.values())
    chi2 = 2 * (total - whole.log_likelihood)
    df = (len(parts) - 1) * result.n_parameters
    table = pd.DataFrame(
        {name: part.thresholds.stack() for name, part in parts.items()}
    )
    return AndersenTest(
        chi2=float(chi2), df=df, p=float(chdtrc(df, chi2)), thresholds=table
    )


def _as_given(patterns: Patterns, answers: pd.DataFrame) -> np.ndarray:
    """The answers under the codes they came with."""
    codes = answers.to_numpy(float)
    given = np.full(codes.shape, np.nan)
    for j, used in enumerate(patterns.categories):
        seen = ~np.isnan(codes[:, j])
        given[seen, j] = np.asarray(used)[codes[seen, j].astype(int)]
    return given


def _patterns_of(answers: pd.DataFrame, model: str) -> Patterns:
    checked = check_responses(answers)
    return find_patterns(checked, categories=known_categories(model, checked))


def _median_split(patterns: Patterns) -> pd.Series:
    scores = pd.Series(patterns.sum_scores[patterns.rows], patterns.persons)
    scores = scores[patterns.is_complete[patterns.rows]]
    if not scores.nunique() > 1:
        raise InvalidResponses(
            f"{len(scores)} persons answered every item, with no two sum scores: they "
            "cannot be divided by their score; give groups of another kind"
        )
    return (scores > scores.median()).map({False: "low", True: "high"})
