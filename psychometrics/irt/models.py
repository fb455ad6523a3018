"""Category probabilities of polytomous items, and their derivatives.

Every model here turns linear predictors, one for each step of an item,

    z_jm(theta) = sum_s slopes_js * basis_sm(theta) + intercepts_jm,   m = 1, ..., M,

into probabilities of its categories 0, ..., M. Arrays run over items (J), categories
(K = M + 1), steps (M) and points on the latent scale (Q), in this order. An item with
fewer categories than the others has NaN in its last intercepts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from ..errors import InvalidOption

PARAMETRIC = ("graded", "gpcm", "pcm", "rsm")
MODELS = (*PARAMETRIC, "nominal")


@dataclass(frozen=True, eq=False)
class Curves:
    """Categories of each item at each point, and their slopes.

    Attributes
    ----------
    probabilities, log_probabilities : array, shape (J, K, Q)
        A category that an item does not have: probability 0, logarithm written as 0.
    scores : array, shape (J, K, M, Q)
        First derivative of each log-probability by each linear predictor.
    bends : array, shape (J, K, M, Q) or None
        For the graded model: what the second derivative has on its diagonal besides
        minus the product of scores. None for the divide-by-total models.
    """

    probabilities: np.ndarray
    log_probabilities: np.ndarray
    scores: np.ndarray
    bends: np.ndarray | None


def as_points(theta: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return theta as an array of shape (Q, D); a plain vector has one dimension."""
    points = np.asarray(theta, float)
    return points.reshape(-1, 1) if points.ndim < 2 else points


def as_slopes(slopes: np.ndarray) -> np.ndarray:
    """Return slopes as an array of shape (J, S); a vector holds one per item."""
    slopes = np.asarray(slopes, float)
    return slopes.reshape(-1, 1) if slopes.ndim < 2 else slopes


def slope_pattern(model: str, n_steps: int, n_dimensions: int = 1) -> np.ndarray:
    """Return how a predictor is made of slopes: array of shape (S, M, D).

    basis_sm(theta) = sum_d pattern[s, m, d] * theta_d. Graded items have the same slope
    at every step; in the partial credit models step m has m times the slope; in the
    nominal model each step has a slope of its own (one dimension).
    """
    steps = np.arange(1.0, n_steps + 1)
    if model == "nominal":
        return np.eye(n_steps)[:, :, None]
    weights = np.ones(n_steps) if model == "graded" else steps
    return np.eye(n_dimensions)[:, None, :] * weights[None, :, None]


def predictors(
    model: str,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> np.ndarray:
    """Return the linear predictors: array of shape (J, M, Q), NaN for absent steps."""
    points, slopes = as_points(theta), as_slopes(slopes)
    pattern = slope_pattern(model, intercepts.shape[1], points.shape[1])
    steepness = np.tensordot(slopes, pattern, 1)
    return steepness @ points.T + intercepts[:, :, None]


def curves(
    model: str,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> Curves:
    """Evaluate all items of one model at all points; see `Curves`."""
    intercepts = np.asarray(intercepts, float)
    z = predictors(model, theta, slopes, intercepts)
    if model == "graded":
        return _cumulative(z)
    if model in MODELS:
        return _divide_by_total(z)
    raise InvalidOption(f"model is {model!r}; give one of {', '.join(MODELS)}")


def log_probabilities(
    model: str,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> np.ndarray:
    """Return what `curves` has under that name, without the derivatives."""
    intercepts = np.asarray(intercepts, float)
    z = predictors(model, theta, slopes, intercepts)
    if model == "graded":
        return _logs_of_differences(*_ends(z))
    if model in MODELS:
        return _logs_of_shares(z)
    raise InvalidOption(f"model is {model!r}; give one of {', '.join(MODELS)}")


def category_probabilities(
    model: str,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> np.ndarray:
    """Return probabilities of each category, shape (J, K, Q).

    Parameters
    ----------
    model : {"graded", "gpcm", "pcm", "rsm", "nominal"}
    theta : array, shape (Q,) or (Q, D)
        Points on the latent scale.
    slopes : array, shape (J,) or (J, D); (J, M) for the nominal model
    intercepts : array, shape (J, M)
        Slope-intercept form, NaN for steps that an item does not have. Graded:
        P(x >= m) = logistic(a theta + d_m), d decreasing (Samejima, 1969). Others:
        P(x = m) proportional to exp(m a theta + d_m), d_0 = 0 (Muraki, 1992).
    """
    found = log_probabilities(model, theta, slopes, intercepts)
    absent = np.isnan(np.asarray(intercepts, float))
    np.exp(found, out=found)
    found[:, 1:][absent] = 0.0
    return found


def expected_scores(
    model: str, theta: np.ndarray, slopes: np.ndarray, intercepts: np.ndarray
) -> np.ndarray:
    """Return the expected category number (from 0) of each item, shape (J, Q)."""
    p = category_probabilities(model, theta, slopes, intercepts)
    return np.einsum("jkq,k->jq", p, np.arange(p.shape[1]))


def _cumulative(z: np.ndarray) -> Curves:
    """Differences of cumulative logistic curves (Samejima, 1969).

    With x above y, logistic(x) - logistic(y) is written as
    logistic(x) * logistic(-y) * (1 - exp(y - x)), which keeps every digit in the tails.
    """
    n_items, _, n_points = z.shape
    upper, lower, missing = _ends(z)
    log_p = _logs_of_differences(upper, lower, missing)
    z = lower[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -np.expm1(lower - upper)
        up = expit(-upper) / expit(-lower) / share
        down = -expit(lower) / expit(upper) / share
    up, down = (np.where(missing, 0.0, part) for part in (up, down))
    scores = np.zeros((n_items, z.shape[1] + 1, z.shape[1], n_points))
    steps = np.arange(z.shape[1])
    scores[:, steps + 1, steps] = up[:, 1:]
    scores[:, steps, steps] = down[:, :-1]
    probabilities = np.where(missing, 0.0, np.exp(log_p))
    bends = scores * (1 - 2 * expit(z))[:, None]
    return Curves(probabilities, log_p, scores, bends)


def _ends(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predictors above and below each category, and which are missing: (J, K, Q)."""
    n_items, _, n_points = z.shape
    absent = np.isnan(z)
    z = np.where(absent, -np.inf, z)
    upper = np.concatenate([np.full((n_items, 1, n_points), np.inf), z], axis=1)
    lower = np.concatenate([z, np.full((n_items, 1, n_points), -np.inf)], axis=1)
    missing = np.concatenate([np.zeros((n_items, 1, n_points), bool), absent], axis=1)
    upper[missing] = 0.0
    return upper, lower, missing


def _logs_of_differences(
    upper: np.ndarray, lower: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = np.log(-np.expm1(lower - upper))
    log_p += log_expit(upper)
    log_p += log_expit(-lower)
    log_p[missing] = 0.0
    return log_p


def _logs_of_shares(z: np.ndarray) -> np.ndarray:
    """Logarithms of the shares of the exponentials, with z_0 = 0."""
    full = np.pad(z, ((0, 0), (1, 0), (0, 0)))
    missing = np.isnan(full)
    full[missing] = -np.inf
    return np.where(missing, 0.0, full - logsumexp(full, axis=1, keepdims=True))


def _divide_by_total(z: np.ndarray) -> Curves:
    """Exponentials over their sum (Bock, 1972; Muraki, 1992), with z_0 = 0."""
    n_items, n_steps, n_points = z.shape
    missing = np.isnan(np.pad(z, ((0, 0), (1, 0), (0, 0))))
    log_p = _logs_of_shares(z)
    p = np.where(missing, 0.0, np.exp(log_p))
    identity = np.eye(n_steps + 1)[:, 1:]
    scores = identity[None, :, :, None] - p[:, None, 1:]
    scores = np.where(missing[:, :, None] | missing[:, None, 1:], 0.0, scores)
    return Curves(p, log_p, scores, None)


def curvature(found: Curves, weights: np.ndarray) -> np.ndarray:
    """Return sum over categories of weights times second derivatives by predictors.

    Parameters
    ----------
    found : Curves
    weights : array, shape (J, K, Q)

    Returns
    -------
    array, shape (J, M, M, Q)
    """
    if found.bends is None:
        total = weights.sum(axis=1)[:, None, None]
        p = found.probabilities[:, 1:]
        diagonal = np.eye(p.shape[1])[None, :, :, None] * p[:, :, None]
        return -total * (diagonal - p[:, :, None] * p[:, None])
    diagonal = np.einsum("jkq,jkmq->jmq", weights, found.bends)
    outer = np.einsum("jkq,jkmq,jknq->jmnq", weights, found.scores, found.scores)
    return np.eye(diagonal.shape[1])[None, :, :, None] * diagonal[:, :, None] - outer


def theta_derivatives(
    model: str,
    theta: Sequence[float] | np.ndarray,
    slopes: Sequence[float] | np.ndarray,
    intercepts: Sequence[Sequence[float]] | np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log-probabilities and their two derivatives by a one-dimensional theta.

    Returns
    -------
    tuple of three arrays, each of shape (J, K, Q)
    """
    intercepts = np.asarray(intercepts, float)
    found = curves(model, theta, slopes, intercepts)
    pattern = slope_pattern(model, intercepts.shape[1])[:, :, 0]
    v = as_slopes(slopes) @ pattern
    first = np.einsum("jkmq,jm->jkq", found.scores, v)
    if found.bends is None:
        p = found.probabilities[:, 1:]
        mean = np.einsum("jmq,jm->jq", p, v)
        spread = np.einsum("jmq,jm->jq", p, v**2) - mean**2
        second = np.broadcast_to(-spread[:, None], first.shape)
    else:
        second = np.einsum("jkmq,jm->jkq", found.bends, v**2) - first**2
    return found.log_probabilities, first, second


def intercepts_from_thresholds(
    model: str, discrimination: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    """Turn thresholds on the theta metric into intercepts, both of shape (J, M).

    Graded: d_m = -a b_m. Partial credit models: d_m = -a (b_1 + ... + b_m).
    """
    thresholds = np.asarray(thresholds, float)
    a = np.asarray(discrimination, float).reshape(-1, 1)
    return -a * (thresholds if model == "graded" else thresholds.cumsum(axis=1))


def thresholds_from_intercepts(
    model: str, discrimination: Sequence[float] | np.ndarray, intercepts: np.ndarray
) -> np.ndarray:
    """Turn intercepts into thresholds on the theta metric, both of shape (J, M).

    Graded: where P(x >= m) is one half. Partial credit models: where the curves of
    categories m - 1 and m cross; these need not increase.
    """
    intercepts = np.asarray(intercepts, float)
    a = np.asarray(discrimination, float).reshape(-1, 1)
    if model == "graded":
        return -intercepts / a
    return -np.diff(intercepts, axis=1, prepend=0.0) / a
