"""How far coefficient alpha may be off: in theory, by influence, by resampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import norm
from scipy.stats import t as t_distribution

from ..annotations import Rng
from ..correlation.asymptotic_covariance import influence, threshold_count
from ..correlation.polychoric import covariance_of
from ..correlation.two_step_polychoric import fit_pairs
from ..errors import InvalidResponses
from ..options import generator

if TYPE_CHECKING:
    from ..responses import Responses


def feldt_interval(
    alpha: float, n: int, n_items: int, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the exact interval for alpha of n normal persons (Feldt, 1965).

    (1 - true alpha) / (1 - alpha) has an F distribution with (n - 1) and
    (n - 1)(n_items - 1) degrees of freedom, when items are parallel.
    """
    tails = np.array([(1 + level) / 2, (1 - level) / 2])
    quantiles = f_distribution.ppf(tails, n - 1, (n - 1) * (n_items - 1))
    low, high = 1 - (1 - alpha) * quantiles
    return float(low), float(high)


def alpha_of(covariance: np.ndarray) -> float:
    """Return coefficient alpha of a covariance matrix of two or more items."""
    n_items = len(covariance)
    return n_items / (n_items - 1) * (1 - np.trace(covariance) / covariance.sum())


def normal_error(covariance: np.ndarray, n: int) -> float:
    """Return the normal-theory standard error (van Zyl, Neudecker & Nel, 2000)."""
    k, total, trace = len(covariance), covariance.sum(), np.trace(covariance)
    squared = covariance @ covariance
    spread = total * (np.trace(squared) + trace**2) - 2 * trace * squared.sum()
    return float(np.sqrt(2 * k**2 / ((k - 1) ** 2 * total**3) * spread / n))


def alpha_influence(checked: Responses, ordinal: bool) -> np.ndarray:
    """Return each person's influence on alpha; their mean square / n is its variance.

    Of covariances, whatever their distribution (Yuan, Guarnaccia & Hayslip, 2003),
    pair by pair where answers are missing; or of polychoric correlations.
    """
    k, n = checked.n_items, checked.n_persons
    if ordinal:
        n_categories = [len(used) for used in checked.categories]
        pairs = fit_pairs(checked.codes, n_categories)
        moved = influence(pairs, checked.codes, observed=True)
        moved = moved[:, threshold_count(pairs) :].sum(axis=1)
        return k / (k - 1) * 2 * k / pairs.corr.sum() ** 2 * moved
    values = checked.values
    covariance = covariance_of(values)
    total, trace = covariance.sum(), np.trace(covariance)
    slope = k / (k - 1) * (trace / total**2 - np.eye(k) / total)
    answered = (~checked.missing).astype(float)
    slope = slope * n / (answered.T @ answered)
    deviation = np.where(checked.missing, 0.0, values - np.nanmean(values, axis=0))
    moved = ((deviation @ slope) * deviation).sum(axis=1)
    return moved - ((answered @ (slope * covariance)) * answered).sum(axis=1)


def robust_error(
    moved: np.ndarray, clusters: np.ndarray | None = None
) -> tuple[float, float]:
    """Return a standard error from influences, and its degrees of freedom.

    Parameters
    ----------
    moved : float array, shape (n_persons,)
    clusters : array, shape (n_persons,), optional
        Team of each person; influences are then summed within teams, and the
        variance is multiplied by teams / (teams - 1).

    Raises
    ------
    InvalidResponses
        Fewer than two clusters, or a person without one.
    """
    n = len(moved)
    if clusters is None:
        return float(np.sqrt((moved**2).sum()) / n), np.inf
    clusters = np.asarray(clusters)
    if clusters.shape != (n,) or pd.isna(clusters).any():
        raise InvalidResponses(
            f"clusters have shape {clusters.shape}, or gaps; give one for each of "
            f"the {n} persons used"
        )
    sums = pd.Series(moved).groupby(clusters).sum()
    if len(sums) < 2:
        raise InvalidResponses("one cluster found; a clustered error needs two")
    correction = len(sums) / (len(sums) - 1)
    return float(np.sqrt(correction * (sums**2).sum()) / n), len(sums) - 1


def log_interval(
    alpha: float, se: float, df: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Return an interval that is symmetric in log(1 - alpha) (Bonett, 2002)."""
    tail = (1 + level) / 2
    quantile = norm.ppf(tail) if np.isinf(df) else t_distribution.ppf(tail, df)
    reach = np.exp(quantile * se / (1 - alpha))
    return float(1 - (1 - alpha) * reach), float(1 - (1 - alpha) / reach)


def bootstrap_interval(
    checked: Responses,
    ordinal: bool,
    n_replications: int,
    rng: Rng,
    *,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return percentiles of alpha over resampled persons."""
    rng = generator(rng, what="n_replications")
    n = checked.n_persons
    n_categories = [len(used) for used in checked.categories] if ordinal else None
    alphas = np.empty(n_replications)
    for k in range(n_replications):
        rows = rng.integers(0, n, n)
        if ordinal:
            covariance = fit_pairs(checked.codes[rows], n_categories).corr
        else:
            covariance = covariance_of(checked.values[rows])
        alphas[k] = alpha_of(covariance)
    low, high = np.quantile(alphas, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
