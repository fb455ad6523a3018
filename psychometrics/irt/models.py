"""Category probabilities of polytomous items, and their derivatives.

Every model here turns linear predictors, one for each step of an item,

    z_jm(theta) = sum_s slopes_js * basis_sm(theta) + intercepts_jm,   m = 1, ..., M,

into probabilities of its categories 0, ..., M. Arrays run over items (J), categories
(K = M + 1), steps (M) and points on the latent scale (Q), in this order. An item with
fewer categories than the others has NaN in its last intercepts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from ..errors import InvalidOption

PARAMETRIC = ("graded", "gpcm", "pcm", "rsm")
MODELS = (*PARAMETRIC, "nominal")

Model = str | tuple[str, ...]  # of all items, or of each in a mixed test


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
    is_graded : bool array, shape (J,), or None
        Which items of a mixed test are graded; the others have no bends.
    """

    probabilities: np.ndarray
    log_probabilities: np.ndarray
    scores: np.ndarray
    bends: np.ndarray | None
    is_graded: np.ndarray | None = None


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


def step_weights(model: Model, n_steps: int) -> np.ndarray:
    """Return how often each step holds an item's one slope: (M,), mixed (J, M)."""
    if isinstance(model, tuple):
        return np.array([step_weights(kind, n_steps) for kind in model])
    return slope_pattern(model, n_steps)[0, :, 0]


def theta_slopes(model: Model, slopes: np.ndarray, n_steps: int) -> np.ndarray:
    """Return derivatives of the predictors by a one-dimensional theta: (J, M)."""
    if isinstance(model, tuple):
        return as_slopes(slopes) * step_weights(model, n_steps)
    return as_slopes(slopes) @ slope_pattern(model, n_steps)[:, :, 0]


def graded_items(model: Model, n_items: int) -> np.ndarray:
    """Return which items are graded: bool array, shape (J,)."""
    if isinstance(model, tuple):
        return np.array([kind == "graded" for kind in model])
    return np.full(n_items, model == "graded")


def _by_kind(
    evaluate: Callable, model: tuple[str, ...], *tables: np.ndarray
) -> Iterator[tuple[np.ndarray, Any]]:
    """The rows of each kind of item, and what is evaluated of them."""
    for kind in dict.fromkeys(model):
        rows = np.array([one == kind for one in model])
        yield rows, evaluate(kind, *(table[rows] for table in tables))


def _joined(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """One array over all items, from those of each kind."""
    first = parts[0][1]
    whole = np.zeros((len(parts[0][0]), *first.shape[1:]))
    for rows, part in parts:
        whole[rows] = part
    return whole


def predictors(
    model: Model,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> np.ndarray:
    """Return the linear predictors: array of shape (J, M, Q), NaN for absent steps."""
    points, slopes = as_points(theta), as_slopes(slopes)
    if isinstance(model, tuple):
        steepness = theta_slopes(model, slopes, intercepts.shape[1])
        return steepness[:, :, None] * points[:, 0] + intercepts[:, :, None]
    pattern = slope_pattern(model, intercepts.shape[1], points.shape[1])
    steepness = np.tensordot(slopes, pattern, 1)
    return steepness @ points.T + intercepts[:, :, None]


def curves(
    model: Model,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> Curves:
    """Evaluate all items of one model at all points; see `Curves`."""
    intercepts = np.asarray(intercepts, float)
    z = predictors(model, theta, slopes, intercepts)
    return _curves_at(model, z)


def _curves_at(model: Model, z: np.ndarray) -> Curves:
    if isinstance(model, tuple):
        return _mixed(model, z)
    if model == "graded":
        return _cumulative(z)
    if model in MODELS:
        return _divide_by_total(z)
    raise InvalidOption(f"model is {model!r}; give one of {', '.join(MODELS)}")


def _mixed(model: tuple[str, ...], z: np.ndarray) -> Curves:
    is_graded = graded_items(model, len(z))
    parts = [*_by_kind(_curves_at, model, z)]
    names = ("probabilities", "log_probabilities", "scores")
    probabilities, logs, scores = (
        _joined([(rows, getattr(found, name)) for rows, found in parts])
        for name in names
    )
    bends = np.zeros_like(scores)
    for rows, found in parts:
        if found.bends is not None:
            bends[rows] = found.bends
    return Curves(probabilities, logs, scores, bends, is_graded)


def log_probabilities(
    model: Model,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> np.ndarray:
    """Return what `curves` has under that name, without the derivatives."""
    intercepts = np.asarray(intercepts, float)
    z = predictors(model, theta, slopes, intercepts)
    return _logs_at(model, z)


def _logs_at(model: Model, z: np.ndarray) -> np.ndarray:
    if isinstance(model, tuple):
        return _joined([*_by_kind(_logs_at, model, z)])
    if model == "graded":
        return _logs_of_differences(*_ends(z))
    if model in MODELS:
        return _logs_of_shares(z)
    raise InvalidOption(f"model is {model!r}; give one of {', '.join(MODELS)}")


def category_probabilities(
    model: Model,
    theta: Sequence[float] | np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> np.ndarray:
    """Return probabilities of each category, shape (J, K, Q).

    Parameters
    ----------
    model : {"graded", "gpcm", "pcm", "rsm", "nominal"}, or one for each item
        A tuple (J,) of the first three, of one dimension, for a mixed test.
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
    model: Model, theta: np.ndarray, slopes: np.ndarray, intercepts: np.ndarray
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
    if found.is_graded is not None:
        return _mixed_curvature(found, weights)
    if found.bends is None:
        total = weights.sum(axis=1)[:, None, None]
        p = found.probabilities[:, 1:]
        diagonal = np.eye(p.shape[1])[None, :, :, None] * p[:, :, None]
        return -total * (diagonal - p[:, :, None] * p[:, None])
    diagonal = np.einsum("jkq,jkmq->jmq", weights, found.bends)
    outer = np.einsum("jkq,jkmq,jknq->jmnq", weights, found.scores, found.scores)
    return np.eye(diagonal.shape[1])[None, :, :, None] * diagonal[:, :, None] - outer


def _mixed_curvature(found: Curves, weights: np.ndarray) -> np.ndarray:
    parts = []
    for is_graded in (True, False):
        rows = found.is_graded == is_graded
        bends = found.bends[rows] if is_graded else None
        logs = found.log_probabilities[rows]
        own = Curves(found.probabilities[rows], logs, found.scores[rows], bends)
        parts.append((rows, curvature(own, weights[rows])))
    return _joined(parts)


def theta_derivatives(
    model: Model,
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
    if isinstance(model, tuple):
        tables = as_slopes(slopes), intercepts
        parts = [
            *_by_kind(lambda k, *t: theta_derivatives(k, theta, *t), model, *tables)
        ]
        logs, first, second = (
            _joined([(rows, found[k]) for rows, found in parts]) for k in range(3)
        )
        return logs, first, second
    found = curves(model, theta, slopes, intercepts)
    v = theta_slopes(model, slopes, intercepts.shape[1])
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
    model: Model, discrimination: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    """Turn thresholds on the theta metric into intercepts, both of shape (J, M).

    Graded: d_m = -a b_m. Partial credit models: d_m = -a (b_1 + ... + b_m).
    """
    thresholds = np.asarray(thresholds, float)
    a = np.asarray(discrimination, float).reshape(-1, 1)
    is_graded = graded_items(model, len(thresholds))[:, None]
    return -a * np.where(is_graded, thresholds, thresholds.cumsum(axis=1))


def thresholds_from_intercepts(
    model: Model, discrimination: Sequence[float] | np.ndarray, intercepts: np.ndarray
) -> np.ndarray:
    """Turn intercepts into thresholds on the theta metric, both of shape (J, M).

    Graded: where P(x >= m) is one half. Partial credit models: where the curves of
    categories m - 1 and m cross; these need not increase.
    """
    intercepts = np.asarray(intercepts, float)
    a = np.asarray(discrimination, float).reshape(-1, 1)
    is_graded = graded_items(model, len(intercepts))[:, None]
    steps = np.diff(intercepts, axis=1, prepend=0.0)
    return -np.where(is_graded, intercepts, steps) / a
