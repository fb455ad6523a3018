"""Overall fit from one- and two-item moments: M2, M2* and C2.

Full tables of answers are too sparse for a chi-square; sums over them are not
(Maydeu-Olivares and Joe, 2006). M2 uses every one- and two-item margin (see `margins`),
M2* means and mean products (Cai and Hansen, 2013), C2 category proportions and mean
products (Cai and Monroe, 2014).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import brentq
from scipy.special import chdtrc, chndtr

from ..annotations import Axes
from ..errors import NotIdentified
from ..figures import bound, dots, finish, name_rows, spread
from ..options import check_option
from ..results import Result, axes
from .em_quadrature import predictor_slopes
from .local_dependence import correlation
from .margins import all_margins, independent_margins, model_margins
from .models import Curves, curves

if TYPE_CHECKING:
    from .limited_information import _State
    from .patterns import Patterns
    from .result import IrtResult

STATISTICS = ("M2", "M2*", "C2")
COLUMNS = ["statistic", "df", "p", "rmsea", "rmsea_5", "rmsea_95"]
COLUMNS += ["srmsr", "tli", "cfi"]


@dataclass(frozen=True, eq=False)
class ModelFit(Result):
    """Overall fit of a calibration.

    Attributes
    ----------
    table : DataFrame
        One row for each statistic (M2, M2*, C2): statistic, df, p, rmsea with its
        90 % interval, srmsr, tli, cfi.
    n_complete : int
        Persons who answered every item; the moments are from these alone.
    """

    table: pd.DataFrame
    n_complete: int

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw RMSEA with its 90 % interval, between the lines at .05 and .08."""
        ax = axes(ax)
        at = name_rows(ax, self.table.index, what="statistic")
        low, shown, high = self.table[["rmsea_5", "rmsea", "rmsea_95"]].to_numpy().T
        dots(ax, at, shown, spread(shown, low, high), capsize=3)
        bound(ax, 0.05, "close fit up to .05")
        bound(ax, 0.08, "acceptable up to .08", k=1)
        ax.set_xlim(0, max(0.1, 1.1 * np.nanmax(high)))
        return finish(
            ax, "Fit of the model to pairs of items", x="RMSEA, 90 % interval", key=True
        )

    def _about(self) -> Sequence[str]:
        return (f"From {self.n_complete} persons who answered every item.",)


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments of single items (functions of their answer) and products of pairs.

    Attributes
    ----------
    functions : array, shape (n_single, K)
        Value of each single-item function at each category.
    owners : int array, shape (n_single,)
        Item of each function.
    first, second : int arrays, shape (n_pairs,)
    """

    functions: np.ndarray
    owners: np.ndarray
    first: np.ndarray
    second: np.ndarray


def model_fit(result: IrtResult, statistics: Sequence[str] | None = None) -> ModelFit:
    """Return `ModelFit` of a calibration; see the module's sources.

    Parameters
    ----------
    result : IrtResult
    statistics : sequence of {"M2", "M2*", "C2"}, optional
        By default M2* and C2, each where it has degrees of freedom.

    Raises
    ------
    NotIdentified
        If a statistic that was asked for, or by default both, lack degrees of freedom.
    InvalidResponses
        If M2 would have more margins than memory should hold.
    """
    patterns = result.patterns.select(result.patterns.is_complete)
    n = patterns.counts.sum()
    rows = {}
    for name in statistics or ("M2*", "C2"):
        check_option("statistic", name, STATISTICS)
        compared = _full if name == "M2" else _reduced
        observed, state, null = compared(result, patterns, name)
        if state.df > 0:
            rows[name] = _fit_row(observed / n, state, null(), n)
            rows[name]["srmsr"] = root_mean_square_residual(result, patterns, n)
        elif statistics:
            raise NotIdentified(
                f"{name} has more parameters than moments: it has no test"
            )
    if not rows:
        raise NotIdentified("more parameters than moments: overall fit has no test")
    return ModelFit(pd.DataFrame.from_dict(rows, orient="index")[COLUMNS], int(n))


def _full(
    result: IrtResult, patterns: Patterns, _: str
) -> tuple[np.ndarray, _State, Callable]:
    margins = all_margins(patterns.n_categories)
    state = ExpectedMoments(*model_margins(result, margins))
    return (
        margins.observed(patterns),
        state,
        lambda: ExpectedMoments(*independent_margins(patterns, margins)),
    )


def _reduced(
    result: IrtResult, patterns: Patterns, name: str
) -> tuple[np.ndarray, _State, Callable]:
    if name == "C2":
        moments = category_moments(patterns.n_categories)
    else:
        moments = mean_moments(*patterns.shape)
    observed = observed_moments(moments, patterns)
    n = patterns.counts.sum()
    return (
        observed,
        ExpectedMoments.of(result, moments),
        lambda: independent_moments(moments, patterns, n),
    )


def mean_moments(n_items: int, n_categories: int) -> Moments:
    """One function for each item: the category itself."""
    functions = np.tile(np.arange(n_categories, dtype=float), (n_items, 1))
    second, first = np.tril_indices(n_items, -1)
    return Moments(functions, np.arange(n_items), first, second)


def category_moments(n_categories: np.ndarray) -> Moments:
    """One function for each category but the lowest: whether it was chosen."""
    width = int(n_categories.max())
    owners = np.repeat(np.arange(len(n_categories)), n_categories - 1)
    chosen = np.concatenate([np.arange(1, n) for n in n_categories])
    second, first = np.tril_indices(len(n_categories), -1)
    return Moments(np.eye(width)[chosen], owners, first, second)


@dataclass(frozen=True, eq=False)
class ExpectedMoments:
    """Moments under the model, their derivatives, and covariances per person."""

    expected: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray

    @property
    def df(self) -> int:
        return len(self.expected) - self.slopes.shape[1]

    def statistic(self, observed: np.ndarray, n: int) -> float:
        """Return the chi-square of observed moments, of n persons."""
        return n * _distance(observed - self.expected, self.slopes, self.covariance)

    @classmethod
    def of(cls, result: IrtResult, moments: Moments) -> ExpectedMoments:
        latent = result.latent
        found = curves(result.model, latent.nodes, *result.parameters.arrays)
        at = moments_at(found.probabilities, moments)
        # every moment is zero at the floor, whose share the mass leaves out
        expected = np.concatenate([at.single, at.pair]) @ latent.mass
        spread = _second_moments(at, moments, latent.mass)
        slopes = _slopes(result, found, at, moments)
        return cls(expected, slopes, spread - np.outer(expected, expected))


@dataclass(frozen=True, eq=False)
class _Conditional:
    """Moments given theta, each with the nodes last."""

    p: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    single: np.ndarray
    weighted: np.ndarray
    pair: np.ndarray


def moments_at(p: np.ndarray, moments: Moments) -> _Conditional:
    """Return moments at every node; answers are independent there."""
    levels = np.arange(p.shape[1], dtype=float)
    mean = np.einsum("jkq,k->jq", p, levels)
    own = p[moments.owners]
    return _Conditional(
        p,
        mean,
        np.einsum("jkq,k->jq", p, levels**2),
        np.einsum("ak,akq->aq", moments.functions, own),
        np.einsum("ak,k,akq->aq", moments.functions, levels, own),
        mean[moments.first] * mean[moments.second],
    )


def _second_moments(
    at: _Conditional, moments: Moments, weights: np.ndarray
) -> np.ndarray:
    """Expected products of all pairs of moments, over the latent distribution."""
    n_single = len(moments.owners)
    every = np.concatenate([at.single, at.pair])
    product = (every * weights) @ every.T
    _same_item_singles(product, at, moments, weights)
    for own, other in (
        (moments.first, moments.second),
        (moments.second, moments.first),
    ):
        # a single moment of item i beside the pair (i, l): E[f x_i] E[x_l]
        a, b = np.nonzero(moments.owners[:, None] == own)
        value = (at.weighted[a] * at.mean[other[b]]) @ weights
        product[a, n_single + b] = product[n_single + b, a] = value
    _overlapping_pairs(product[n_single:, n_single:], at, moments, weights)
    return product


def _same_item_singles(
    product: np.ndarray, at: _Conditional, moments: Moments, weights: np.ndarray
) -> None:
    a, b = np.nonzero(moments.owners[:, None] == moments.owners)
    both = moments.functions[a] * moments.functions[b]
    own = at.p[moments.owners[a]]
    product[a, b] = np.einsum("nk,nkq,q->n", both, own, weights, optimize=True)


def _overlapping_pairs(
    product: np.ndarray, at: _Conditional, moments: Moments, weights: np.ndarray
) -> None:
    """Pairs that share one item, (i, j) and (i, l): E[x_i^2] E[x_j] E[x_l]."""
    ends = (moments.first, moments.second), (moments.second, moments.first)
    for own, partner in ends:
        for other_own, other_partner in ends:
            a, b = np.nonzero(own[:, None] == other_own)
            apart = partner[a] != other_partner[b]
            a, b = a[apart], b[apart]
            triple = at.mean[partner[a]] * at.mean[other_partner[b]]
            product[a, b] = (at.square[own[a]] * triple) @ weights
    both = at.square[moments.first] * at.square[moments.second]
    np.fill_diagonal(product, both @ weights)


def _slopes(
    result: IrtResult, found: Curves, at: np.ndarray, moments: Moments
) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the expected moments by the free parameters."""
    latent = result.latent
    n_steps = result.intercepts.shape[1]
    steepness = predictor_slopes(result.model, latent.nodes, n_steps)
    change = found.probabilities[:, :, None] * np.einsum(
        "jkmq,pmq->jkpq", found.scores, steepness, optimize=True
    )
    n_items, _, width, _ = change.shape
    n_single, n_pairs = len(moments.owners), len(moments.first)
    full = np.zeros((n_single + n_pairs, n_items, width))
    single = np.einsum(
        "ak,akpq,q->ap",
        moments.functions,
        change[moments.owners],
        latent.mass,
        optimize=True,
    )
    full[np.arange(n_single), moments.owners] = single
    means = np.einsum("jkpq,k->jpq", change, np.arange(change.shape[1]))
    pairs = n_single + np.arange(n_pairs)
    for own, other in (
        (moments.first, moments.second),
        (moments.second, moments.first),
    ):
        weighted = at.mean[other] * latent.mass
        full[pairs, own] = np.einsum("npq,nq->np", means[own], weighted)
    by_latent = _latent_change(result) @ np.concatenate([at.single, at.pair]).T
    whole = np.concatenate([full.reshape(len(full), -1), by_latent.T], axis=1)
    return whole @ result.jacobian


def _latent_change(result: IrtResult) -> np.ndarray:
    """Derivatives of the node weights by the latent parameters, (n_latent, Q)."""
    return result.latent.mass * result.latent.slopes


def observed_moments(moments: Moments, patterns: Patterns) -> np.ndarray:
    """Return the sum of each moment over persons."""
    codes = patterns.codes
    single = moments.functions[np.arange(len(moments.owners)), codes[:, moments.owners]]
    pair = (codes[:, moments.first] * codes[:, moments.second]).astype(float)
    return patterns.counts @ np.concatenate([single, pair], axis=1)


def _fit_row(
    observed: np.ndarray, state: _State, null: _State, n: float
) -> dict[str, float]:
    statistic, base = state.statistic(observed, n), null.statistic(observed, n)
    df = state.df
    ratio, null_ratio = statistic / df, base / null.df
    low, high = rmsea_interval(statistic, df, n)
    return {
        "statistic": statistic,
        "df": df,
        "p": chdtrc(df, statistic),
        "rmsea": rmsea(statistic, df, n),
        "rmsea_5": low,
        "rmsea_95": high,
        "tli": (null_ratio - ratio) / (null_ratio - 1),
        "cfi": 1 - max(statistic - df, 0) / max(base - null.df, statistic - df, 0),
    }


def _distance(gap: np.ndarray, slopes: np.ndarray, covariance: np.ndarray) -> float:
    """Quadratic form in the directions that the parameters cannot reach."""
    factor = cho_factor(covariance)
    weighted = cho_solve(factor, np.column_stack([gap, slopes]))
    cross = slopes.T @ weighted
    inside = cross[:, 0] @ np.linalg.solve(cross[:, 1:], cross[:, 0])
    return float(gap @ weighted[:, 0] - inside)


def independent_moments(
    moments: Moments, patterns: Patterns, n: int
) -> ExpectedMoments:
    """Moments were items to share nothing, their proportions as observed."""
    p = (patterns.counts @ patterns.indicators).reshape(patterns.shape)[:, :, None] / n
    at = moments_at(p, moments)
    expected = np.concatenate([at.single, at.pair])[:, 0]
    weights = np.ones(1)
    covariance = _second_moments(at, moments, weights) - np.outer(expected, expected)
    singles = len(moments.owners)
    levels = np.arange(patterns.shape[1])
    by_category = np.zeros((len(expected), len(p), patterns.shape[1] - 1))
    by_category[np.arange(singles), moments.owners] = moments.functions[:, 1:]
    pairs = singles + np.arange(len(moments.first))
    for own, other in (
        (moments.first, moments.second),
        (moments.second, moments.first),
    ):
        by_category[pairs, own] = at.mean[other] * levels[1:]
    there = np.arange(1, patterns.shape[1]) < patterns.n_categories[:, None]
    slopes = by_category[:, there]
    if slopes.shape[1] > singles:
        slopes = _reachable(slopes)
    return ExpectedMoments(expected, slopes, covariance)


def _reachable(slopes: np.ndarray) -> np.ndarray:
    left, values, _ = np.linalg.svd(slopes, full_matrices=False)
    return left[:, values > 1e-9 * values[0]]


def rmsea(statistic: float, df: int, n: float) -> float:
    """Root mean square error of approximation; n - 1 in the denominator."""
    return float(np.sqrt(max(statistic - df, 0) / (df * (n - 1))))


def rmsea_interval(
    statistic: float, df: int, n: float, level: float = 0.90
) -> tuple[float, float]:
    """Return the ends of the interval from the non-central chi-square."""

    def end(share: float) -> float:
        if chndtr(statistic, df, 0.0) <= share:
            return 0.0
        above = max(statistic * 4, 50.0)
        found = brentq(lambda x: chndtr(statistic, df, x) - share, 0.0, above)
        return float(np.sqrt(found / (df * (n - 1))))

    return end((1 + level) / 2), end((1 - level) / 2)


def root_mean_square_residual(result: IrtResult, patterns: Patterns, n: int) -> float:
    """Root mean square of observed minus expected correlations."""
    p = result.parameters.probabilities(result.latent.nodes)
    flat = p.reshape(-1, p.shape[2])
    n_items, k = patterns.shape
    expected = (flat * result.latent.mass) @ flat.T
    expected[::k, ::k] += result.latent.floor
    observed = (patterns.indicators.T * patterns.counts) @ patterns.indicators / n
    tables = [
        table.reshape(n_items, k, n_items, k).transpose(0, 2, 1, 3)
        for table in (observed, expected)
    ]
    gaps = [
        correlation(tables[0][i, j]) - correlation(tables[1][i, j])
        for i in range(n_items)
        for j in range(i)
    ]
    return float(np.sqrt(np.mean(np.square(gaps))))
