"""How far coefficient alpha may be off: in theory, by influence, by resampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import fdtri, ndtri, stdtrit

from ..annotations import Rng
from ..correlation.asymptotic_covariance import influence, threshold_count
from ..correlation.polychoric import covariance_of
from ..correlation.two_step_polychoric import fit_pairs
from ..errors import InvalidResponses
from ..options import generator
from ..resampling import consecutive, usable_rows

if TYPE_CHECKING:
    from ..responses import Responses


def feldt_interval(
    alpha: float, n: float, n_items: int, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the exact interval for alpha of n normal persons (Feldt, 1965).

    (1 - true alpha) / (1 - alpha) has an F distribution with (n - 1) and
    (n - 1)(n_items - 1) degrees of freedom, when items are parallel.
    """
    tails = np.array([(1 + level) / 2, (1 - level) / 2])
    quantiles = fdtri(n - 1, (n - 1) * (n_items - 1), tails)
    low, high = 1 - (1 - alpha) * quantiles
    return float(low), float(high)


def alpha_of(covariance: np.ndarray) -> float:
    """Return coefficient alpha of a covariance matrix of two or more items."""
    n_items = len(covariance)
    return n_items / (n_items - 1) * (1 - np.trace(covariance) / covariance.sum())


def normal_error(covariance: np.ndarray, n: float) -> float:
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
    quantile = ndtri(tail) if np.isinf(df) else stdtrit(df, tail)
    reach = np.exp(quantile * se / (1 - alpha))
    return float(1 - (1 - alpha) * reach), float(1 - (1 - alpha) / reach)


def jackknife_alphas(values: np.ndarray) -> np.ndarray:
    """Return alpha without each person in turn, of pairwise covariances.

    Parameters
    ----------
    values : float array, shape (n_persons, n_items)
        NaN where unanswered; three persons or more have answered each pair.
    """
    k, answered = values.shape[1], ~np.isnan(values)
    z = np.where(answered, values - np.nanmean(values, axis=0), 0.0)
    seen = answered.astype(float)
    n, total = seen.T @ seen, z.T @ seen
    mean = total / n  # of the row's item, among those who answered the column's too
    products = z.T @ z - total * total.T / n
    weight = n / ((n - 1) * (n - 2))
    rise = products / (n - 2) - products / (n - 1)
    turned = weight * mean
    lost = ((z @ weight) * z - 2 * (seen @ turned) * z).sum(axis=1)
    lost += ((seen @ (turned * mean.T)) * seen).sum(axis=1)
    sums = (products / (n - 1)).sum() + ((seen @ rise) * seen).sum(axis=1) - lost
    own = (z - np.diag(mean)) ** 2 * np.diag(weight)
    variances = np.trace(products / (n - 1)) + (seen * (np.diag(rise) - own)).sum(
        axis=1
    )
    return k / (k - 1) * (1 - variances / sums)


def jackknife_error(values: np.ndarray) -> float:
    """Return the jackknife's standard error of log(1 - alpha) (Tukey, 1958).

    It needs no normal answers and counts each pair's own persons, as its covariance
    does; where few answered a pair it errs less to the small side than influences.
    """
    logs = np.log1p(-jackknife_alphas(values))
    n = len(logs)
    return float(np.sqrt((n - 1) / n * ((logs - logs.mean()) ** 2).sum()))


def effective_n(covariance: np.ndarray, n: int, se: float) -> float:
    """Return how many normal persons without gaps would leave the error `se`.

    That of a normal sample falls with the root of n (van Zyl et al., 2000).
    """
    return float(max(3.0, 1 + (n - 1) * (normal_error(covariance, n) / se) ** 2))


def bootstrap_interval(
    checked: Responses,
    ordinal: bool,
    n_replications: int,
    rng: Rng,
    *,
    level: float = 0.95,
) -> tuple[tuple[float, float], int]:
    """Return percentiles of alpha over resampled persons, and how many were redrawn.

    A category that a resample lacks is closed up; one in which two items cannot be
    correlated is drawn again.
    """
    draw = generator(rng, what="n_replications")
    alphas, n_redrawn = np.empty(n_replications), 0
    for k in range(n_replications):
        rows, again = usable_rows(draw, checked.values)
        n_redrawn += again
        if ordinal:
            drawn = consecutive(checked.codes[rows])
            covariance = fit_pairs(drawn, drawn.max(axis=0) + 1).corr
        else:
            covariance = covariance_of(checked.values[rows])
        alphas[k] = alpha_of(covariance)
    low, high = np.quantile(alphas, [(1 - level) / 2, (1 + level) / 2])
    return (float(low), float(high)), n_redrawn
