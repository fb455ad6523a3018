"""Do pairs of items share more than theta? Q3, residual correlations, X2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..errors import NotIdentified
from ..figures import finish, heatmap
from ..results import Result, axes
from .item_fit import residuals

if TYPE_CHECKING:
    from .result import IrtResult

EXCESS = 0.2
FEWEST = 3  # persons with both items, for a correlation


@dataclass(frozen=True, eq=False, kw_only=True)
class LocalDependence(Result):
    """Dependence of each pair of items beyond the model.

    Attributes
    ----------
    q3 : DataFrame, items x items
        Correlations of residuals (Yen, 1984).
        NaN for pairs that hardly anybody answered together.
    x2, cramer_v : DataFrame, items x items
        Pearson's X2 of observed against expected pair tables (Chen and Thissen, 1997),
        and V with the sign of observed minus expected gamma.
    residual_r : DataFrame, items x items
        Observed minus expected correlations of the answers.
    """

    _headline = ("q3", "items=q3.index")

    q3: pd.DataFrame
    x2: pd.DataFrame
    cramer_v: pd.DataFrame
    residual_r: pd.DataFrame

    @property
    def mean_q3(self) -> float:
        """Mean over pairs: what Q3 is without dependence, about -1 / (items - 1)."""
        return float(np.nanmean(self._of_pairs))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair, the most dependent first.

        `excess` is Q3 minus the mean Q3; above 0.2 it is flagged (Christensen,
        Makransky and Horton, 2017).
        """
        rows, columns = np.tril_indices(len(self.q3), -1)
        items = self.q3.index
        pairs = pd.MultiIndex.from_arrays([items[columns], items[rows]])
        parts = {
            "q3": self.q3,
            "x2": self.x2,
            "cramer_v": self.cramer_v,
            "residual_r": self.residual_r,
        }
        table = pd.DataFrame(
            {name: part.to_numpy()[rows, columns] for name, part in parts.items()},
            pairs,
        )
        table.insert(1, "excess", table["q3"] - self.mean_q3)
        table["flagged"] = table["excess"] > EXCESS
        return table.sort_values("q3", ascending=False)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw Q3 as a heat map, white at nought."""
        n = len(self.q3)
        ax = axes(ax, rows=n, columns=n)
        others = self.q3.where(~np.eye(n, dtype=bool))
        limit = max(0.2, np.ceil(10 * np.nanmax(others.abs())) / 10)
        heatmap(ax, others, limit=limit, label="residual correlation Q3")
        return finish(ax, f"Local dependence of {n} items", x="item", y="item")

    def _about(self) -> Sequence[str]:
        return (f"Mean Q3 {self.mean_q3:.3f}; flagged above it by {EXCESS}.",)

    def _caveats(self) -> Sequence[str]:
        n_lost = int(np.isnan(self._of_pairs).sum())
        if not n_lost:
            return ()
        return (
            f"{n_lost} of {len(self._of_pairs)} pairs of items were answered together "
            f"by fewer than {FEWEST} persons, or without differences: nothing is said "
            "of them.",
        )

    @property
    def _of_pairs(self) -> np.ndarray:
        return self.q3.to_numpy()[np.tril_indices(len(self.q3), -1)]


def local_dependence(result: IrtResult, method: str = "eap") -> LocalDependence:
    """Return `LocalDependence`; each pair uses the persons who answered both items."""
    result.parameters._one_dimension("local dependence statistics")
    theta = result.persons(method).theta
    codes = result.patterns.codes[result.patterns.rows]
    known = np.isfinite(theta.to_numpy())
    left, _, _ = residuals(result.parameters, theta.to_numpy()[known], codes[known])
    left = np.where(codes[known].T >= 0, left, np.nan)
    items = result.items
    q3 = pd.DataFrame(left.T, columns=items).corr(min_periods=FEWEST)
    if not np.isfinite(q3.to_numpy()[np.tril_indices(len(items), -1)]).any():
        raise NotIdentified(
            f"no two items were answered together by {FEWEST} persons: nothing can be "
            "said of local dependence"
        )
    p = result.parameters.probabilities(result.latent.nodes)
    x2, v, r = (np.full(q3.shape, np.nan) for _ in range(3))
    for i in range(len(items)):
        for j in range(i):
            if not np.isfinite(q3.iloc[i, j]):
                continue
            pair = _pair(result, p, i, j)
            for table, value in zip((x2, v, r), pair):
                table[i, j] = table[j, i] = value
    tables = {"x2": x2, "cramer_v": v, "residual_r": r}
    frames = {name: pd.DataFrame(t, items, items) for name, t in tables.items()}
    return LocalDependence(q3=q3, **frames)


def _pair(
    result: IrtResult, p: np.ndarray, i: int, j: int
) -> tuple[float, float, float]:
    k = p.shape[1]
    cells = result.patterns.indicators.reshape(-1, *result.patterns.shape)
    observed = (cells[:, i] * result.patterns.counts[:, None]).T @ cells[:, j]
    n = observed.sum()
    expected = (p[i] * result.latent.mass) @ p[j].T
    expected[0, 0] += result.latent.floor
    expected *= n
    inside = expected > 0
    x2 = ((observed - expected)[inside] ** 2 / expected[inside]).sum()
    sign = np.sign(_gamma(observed) - _gamma(expected))
    categories = result.patterns.n_categories
    v = np.sqrt(x2 / n / (min(categories[i], categories[j], k) - 1))
    return x2, sign * v, correlation(observed / n) - correlation(expected / n)


def _gamma(table: np.ndarray) -> float:
    """Goodman and Kruskal's gamma, 0 without concordant or discordant pairs."""
    below = table[::-1, ::-1].cumsum(0).cumsum(1)[::-1, ::-1]
    across = table[::-1].cumsum(0).cumsum(1)[::-1]
    concordant = (table[:-1, :-1] * below[1:, 1:]).sum()
    discordant = (table[:-1, 1:] * across[1:, :-1]).sum()
    total = concordant + discordant
    return (concordant - discordant) / total if total > 0 else 0.0


def correlation(joint: np.ndarray) -> float:
    """Product-moment correlation of two items from their joint probabilities.

    NaN where one of them has no spread.
    """
    levels = np.arange(len(joint))
    first, second = joint.sum(axis=1), joint.sum(axis=0)
    means = first @ levels, second @ levels
    spreads = [s @ levels**2 - m**2 for s, m in zip((first, second), means)]
    if min(spreads) <= 0:
        return np.nan  # one answer alone
    product = levels @ joint @ levels - means[0] * means[1]
    return product / np.sqrt(spreads[0] * spreads[1])
