"""Proportional odds regression on counts, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logit

from ..errors import ConvergenceError


@dataclass(frozen=True, eq=False)
class ProportionalOdds:
    """logit P(y <= k) = thresholds_k - design @ slopes, at its maximum."""

    thresholds: np.ndarray
    slopes: np.ndarray
    log_likelihood: float

    def expected(self, design: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Return the expected score at each row of `design`, one score a category."""
        eta = design @ self.slopes
        passed = expit(eta[:, None] - self.thresholds)
        return scores[0] + passed @ np.diff(scores)


def proportional_odds(
    counts: np.ndarray, design: np.ndarray, *, tol: float = 1e-10, max_iter: int = 60
) -> ProportionalOdds:
    """Fit McCullagh's (1980) proportional odds model by maximum likelihood.

    The log-likelihood is concave in thresholds and slopes together (Pratt, 1981),
    so Newton steps, halved while they do not climb, reach the one maximum.

    Parameters
    ----------
    counts : array, shape (n_cells, n_categories)
        Persons in each cell of the design who gave each category; every category
        given by somebody.
    design : array, shape (n_cells, n_predictors)
        Predictors, without a constant; may have no columns.
    tol : float
        Climb of the log-likelihood promised by the next step that counts as settled.

    Raises
    ------
    ConvergenceError
        If the search has not settled, as when a category is given in one group only.
    """
    share = counts.sum(axis=0).cumsum()[:-1] / counts.sum()
    point = np.concatenate([logit(share), np.zeros(design.shape[1])])
    height, slope, bend = derivatives(point, counts, design)
    for _ in range(max_iter):
        step = _ascent(bend, slope)
        promise = slope @ step / 2
        if promise < tol:
            k = len(share)
            return ProportionalOdds(point[:k], point[k:], float(height))
        size = 1.0
        while size > 1e-6:
            trial = point + size * step
            found = derivatives(trial, counts, design)
            if found[0] > height - 1e-12 * abs(height):
                break
            size /= 2
        else:
            break
        point, (height, slope, bend) = trial, found
    raise ConvergenceError(
        "the proportional odds model did not settle; join categories that one group "
        "hardly uses",
        partial=point,
    )


def _ascent(bend: np.ndarray, slope: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.solve(bend, slope)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(bend, slope, rcond=None)[0]


def derivatives(
    point: np.ndarray, counts: np.ndarray, design: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return log-likelihood, gradient and information at a point.

    Where thresholds do not rise the first is minus infinity, the others are empty.
    """
    k = counts.shape[1] - 1
    thresholds, slopes = point[:k], point[k:]
    if (np.diff(thresholds) <= 0).any():
        return -np.inf, np.empty(0), np.empty(0)
    edges = np.concatenate([[-np.inf], thresholds, [np.inf]])
    z = edges - (design @ slopes)[:, None]
    lower, upper = z[:, :-1], z[:, 1:]
    gap = -np.expm1(np.diff(edges) * -1)  # 1 - exp(lower - upper)
    log_p = log_expit(upper) + log_expit(-lower) + np.log(gap)
    # shares of the density at either edge in the category's probability
    up = expit(-upper) / expit(-lower) / gap
    low = expit(lower) / expit(upper) / gap
    up[:, -1], low[:, 0] = 0.0, 0.0
    bend_up = up * (expit(upper) - expit(-upper))
    bend_low = low * (expit(lower) - expit(-lower))
    bend_up[:, -1], bend_low[:, 0] = 0.0, 0.0
    height = (counts * log_p).sum()
    by_edge = (counts * up)[:, :-1] - (counts * low)[:, 1:]
    by_eta = (counts * (low - up)).sum(axis=1)
    gradient = np.concatenate([by_edge.sum(axis=0), design.T @ by_eta])
    return height, gradient, _information(counts, design, up, low, bend_up, bend_low)


def _information(
    counts: np.ndarray,
    design: np.ndarray,
    up: np.ndarray,
    low: np.ndarray,
    bend_up: np.ndarray,
    bend_low: np.ndarray,
) -> np.ndarray:
    """Return minus the second derivatives of the log-likelihood."""
    k = counts.shape[1] - 1
    own = counts * (bend_up + up**2)
    below = counts * (low**2 - bend_low)
    cross = counts * up * low
    information = np.zeros((k + design.shape[1],) * 2)
    edge = np.arange(k)
    information[edge, edge] = own[:, :-1].sum(axis=0) + below[:, 1:].sum(axis=0)
    inner = cross[:, 1:-1].sum(axis=0)
    information[edge[:-1], edge[1:]] = information[edge[1:], edge[:-1]] = -inner
    # thresholds against the linear predictor, which enters every edge with -1
    mixed = (own[:, :-1] - cross[:, :-1]) + (below[:, 1:] - cross[:, 1:])
    information[:k, k:] = -(mixed.T @ design)
    information[k:, :k] = information[:k, k:].T
    total = (own + below - 2 * cross).sum(axis=1)
    information[k:, k:] = design.T @ (total[:, None] * design)
    return information
