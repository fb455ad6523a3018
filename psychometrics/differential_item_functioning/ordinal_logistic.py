"""Ordinal logistic regression of an item on matching score, group, and both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from .proportional_odds import ProportionalOdds, proportional_odds

if TYPE_CHECKING:
    from .cells import Cells


@dataclass(frozen=True, eq=False)
class ItemModels:
    """The nested models of one item (Zumbo, 1999; Crane et al., 2006).

    0 thresholds only; 1 matching score; 2 and groups; 3 and their interaction.
    """

    fits: tuple[ProportionalOdds, ...]
    n: float

    @property
    def log_likelihoods(self) -> np.ndarray:
        return np.array([fit.log_likelihood for fit in self.fits])

    def r_squared(self, kind: str) -> np.ndarray:
        """Return pseudo R2 of models 1 to 3: McFadden, Cox-Snell or Nagelkerke."""
        null, *rest = self.log_likelihoods
        if kind == "mcfadden":
            return 1 - np.array(rest) / null
        cox_snell = 1 - np.exp(2 * (null - np.array(rest)) / self.n)
        if kind == "coxsnell":
            return cox_snell
        return cox_snell / (1 - np.exp(2 * null / self.n))

    def test(self, small: int, large: int) -> tuple[float, int, float]:
        """Return chi-square, degrees of freedom and p of two nested models."""
        chi2 = 2 * (self.log_likelihoods[large] - self.log_likelihoods[small])
        df = len(self.fits[large].slopes) - len(self.fits[small].slopes)
        return chi2, df, float(chdtrc(df, max(chi2, 0.0)))

    def beta_change(self) -> float:
        """Relative change of the matching slope when groups enter the model."""
        before, after = self.fits[1].slopes[0], self.fits[2].slopes[0]
        return abs((after - before) / before)


def designs(
    matching: np.ndarray, dummies: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the predictors of models 0 to 3."""
    column = matching[:, None]
    return (
        np.empty((len(matching), 0)),
        column,
        np.hstack([column, dummies]),
        np.hstack([column, dummies, column * dummies]),
    )


def fit_item(cells: Cells, n_groups: int) -> ItemModels:
    """Fit the four nested models to one item's cells."""
    dummies = (cells.group[:, None] == np.arange(1, n_groups)).astype(float)
    fits = tuple(
        proportional_odds(cells.counts, design)
        for design in designs(cells.matching, dummies)
    )
    return ItemModels(fits, cells.n)


def comparison_columns(models: ItemModels) -> dict[str, float]:
    """Return the tests and effect sizes of one item as a row."""
    row = {}
    for name, pair in (("uniform", (1, 2)), ("nonuniform", (2, 3)), ("total", (1, 3))):
        row[f"chi2_{name}"], row[f"df_{name}"], row[f"p_{name}"] = models.test(*pair)
        for kind in ("mcfadden", "coxsnell", "nagelkerke"):
            share = np.array([0.0, *models.r_squared(kind)])
            row[f"{kind}_{name}"] = share[pair[1]] - share[pair[0]]
    row["beta_change"] = models.beta_change()
    return row


def score_differences(
    models: ItemModels, cells: Cells, n_groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return signed and unsigned expected differences of one item's answer.

    Focal minus reference at the same matching score, averaged over the focal persons
    (Meade, 2010, SIDS and UIDS, with the regression's curves for theta's). The
    largest over focal groups is reported; all groups' shares are kept apart.
    """
    dummies = np.eye(n_groups)[:, 1:]
    n_cells = len(cells.matching)
    expected = []
    for level in range(n_groups):
        design = designs(cells.matching, np.tile(dummies[level], (n_cells, 1)))[3]
        expected.append(models.fits[3].expected(design, cells.scores))
    weights = cells.counts.sum(axis=1)
    signed, unsigned = [], []
    for level in range(1, n_groups):
        share = np.where(cells.group == level, weights, 0.0)
        gap = expected[level] - expected[0]
        signed.append((share * gap).sum() / share.sum())
        unsigned.append((share * np.abs(gap)).sum() / share.sum())
    return np.array(signed), np.array(unsigned)
