"""How far two raters or occasions agree beyond chance: kappas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..annotations import Axes, PerPerson
from ..counted import counted
from ..errors import InvalidResponses
from ..figures import finish, heatmap
from ..options import check_level, check_option
from ..results import Result, axes
from ..score_column import score_column

WEIGHTS = ("none", "linear", "quadratic")


@dataclass(frozen=True, eq=False, kw_only=True)
class KappaResult(Result):
    """Chance-corrected agreement of two ratings.

    Attributes
    ----------
    kappa, se : float
    ci : tuple of float
    observed, expected : float
        Weighted shares of agreement, found and by chance.
    table : DataFrame
        Counts, the first rating down the rows.
    weights : str
    n, n_left_out : int
    level : float
    """

    _headline = ("kappa", "ci", "n")

    kappa: float
    se: float
    ci: tuple
    observed: float
    expected: float
    table: pd.DataFrame
    weights: str
    n: int
    n_left_out: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        low, high = self.ci
        return (
            f"kappa ({self.weights} weights) = {self.kappa:.3f}, {self.level:.0%} "
            f"interval {low:.3f} to {high:.3f}; n = {self.n}",
        )

    def _caveats(self) -> Sequence[str]:
        left = self.n_left_out
        return (f"{left} pairs with a missing rating left out",) if left else ()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the table of counts, shaded."""
        n = len(self.table)
        ax, most = axes(ax, rows=n, columns=n), self.table.to_numpy().max()
        heatmap(ax, self.table, low=0, limit=most, label="persons", form=".0f")
        ax.tick_params(axis="x", rotation=0)
        low, high = self.ci
        title = (
            f"kappa = {self.kappa:.2f} ({low:.2f} to {high:.2f}), {self.weights} "
            f"weights, n = {self.n}"
        )
        return finish(ax, title, x="second rating", y="first rating")


def weighted_kappa(
    a: PerPerson, b: PerPerson, *, weights: str = "quadratic", level: float = 0.95
) -> KappaResult:
    """Estimate Cohen's kappa (1960, 1968) of two ratings of the same persons.

    Parameters
    ----------
    a, b : array, shape (n,)
        Categories as numbers, whole or not (1, 1.5, 2), NaN where missing; pairs with
        one missing are left out. Weights go by the distances of the numbers.
    weights : {"quadratic", "linear", "none"}
        Agreement given to categories i and j of K: 1 - (i - j)^2 / (K - 1)^2,
        1 - |i - j| / (K - 1), or 1 if equal.
    level : float
        Of the interval, by the large-sample standard error of Fleiss, Cohen and
        Everitt (1969).

    Returns
    -------
    KappaResult
        `kappa` with its standard error and interval.

    Raises
    ------
    InvalidResponses
        Different lengths, fewer than two pairs, or both ratings always alike.

    Examples
    --------
    >>> round(weighted_kappa([1, 1, 2, 2, 3, 3], [1, 2, 2, 2, 3, 1]).kappa, 3)
    0.286
    """
    check_level(level)
    check_option("weights", weights, WEIGHTS)
    first, second, n_left_out = _paired(a, b)
    codes = np.unique(np.concatenate([first, second]))
    if len(codes) < 2:
        raise InvalidResponses(
            f"both ratings are always {codes[0]:g}; kappa needs two categories in use"
        )
    counts = np.zeros((len(codes), len(codes)), dtype=int)
    np.add.at(counts, (codes.searchsorted(first), codes.searchsorted(second)), 1)
    agreement = agreement_weights(codes, weights)
    kappa, se, observed, expected = kappa_of_counts(counts, agreement)
    reach = ndtri((1 + level) / 2) * se
    labels = codes.astype(int) if (codes % 1 == 0).all() else codes
    return KappaResult(
        kappa=kappa,
        se=se,
        ci=(kappa - reach, min(kappa + reach, 1.0)),
        observed=observed,
        expected=expected,
        table=pd.DataFrame(counts, index=labels, columns=labels),
        weights=weights,
        n=len(first),
        n_left_out=n_left_out,
        level=level,
    )


def _paired(
    a: Sequence[int] | np.ndarray | pd.Series, b: Sequence[int] | np.ndarray | pd.Series
) -> tuple[np.ndarray, np.ndarray, int]:
    a, b = (score_column(each, "ratings", one_each=False) for each in (a, b))
    if a.shape != b.shape or a.ndim != 1:
        raise InvalidResponses(
            f"ratings have shapes {a.shape} and {b.shape}; give two columns of one "
            "length, the same person in the same place"
        )
    both = ~(np.isnan(a) | np.isnan(b))
    if both.sum() < 2:
        raise InvalidResponses(
            f"{counted(both.sum(), 'complete pair')}; at least 2 needed"
        )
    return a[both], b[both], int((~both).sum())


def agreement_weights(codes: np.ndarray, weights: str) -> np.ndarray:
    """Return the credit for each pair of codes: 1 on the diagonal."""
    # Unused codes between used ones still count as steps.
    distance = np.abs(codes[:, None] - codes) / (codes[-1] - codes[0])
    if weights == "none":
        return (distance == 0).astype(float)
    return 1 - (distance if weights == "linear" else distance**2)


def kappa_of_counts(
    counts: np.ndarray, agreement: np.ndarray
) -> tuple[float, float, float, float]:
    """Return kappa, its standard error, and the agreement observed and by chance."""
    n = counts.sum()
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = (agreement * shares).sum()
    expected = rows @ agreement @ columns
    typical = (agreement @ columns)[:, None] + (agreement.T @ rows)[None]
    spread = shares * (agreement * (1 - expected) - typical * (1 - observed)) ** 2
    variance = spread.sum() - (observed * expected - 2 * expected + observed) ** 2
    variance /= n * (1 - expected) ** 4
    kappa = (observed - expected) / (1 - expected)
    return (
        float(kappa),
        float(np.sqrt(max(variance, 0.0))),
        float(observed),
        float(expected),
    )
