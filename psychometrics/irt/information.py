"""How precisely items and tests measure at each point of the latent scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .models import (
    Model,
    as_points,
    as_slopes,
    category_probabilities,
    curves,
    slope_pattern,
    theta_derivatives,
)


def item_information(
    model: Model,
    theta: Sequence[float] | np.ndarray,
    slopes: Sequence[float] | np.ndarray,
    intercepts: Sequence[Sequence[float]] | np.ndarray,
) -> np.ndarray:
    """Return the expected Fisher information of each item, one dimension.

    sum_k P_k'^2 / P_k (Samejima, 1969), for every model.

    Parameters
    ----------
    model, slopes, intercepts
        As in `models.category_probabilities`.
    theta : array, shape (Q,)

    Returns
    -------
    array, shape (J, Q)
    """
    _, first, _ = theta_derivatives(model, theta, slopes, intercepts)
    p = category_probabilities(model, theta, slopes, intercepts)
    return (p * first**2).sum(axis=1)


def information_matrix(
    model: str,
    theta: Sequence[Sequence[float]],
    slopes: np.ndarray,
    intercepts: Sequence[Sequence[float]],
) -> np.ndarray:
    """Return each item's information matrix by dimension, shape (J, Q, D, D)."""
    points = as_points(theta)
    intercepts = np.asarray(intercepts, float)
    found = curves(model, points, slopes, intercepts)
    pattern = slope_pattern(model, intercepts.shape[1], points.shape[1])
    steepness = np.tensordot(as_slopes(slopes), pattern, 1)
    by_theta = np.einsum("jkmq,jmd->jkqd", found.scores, steepness)
    return np.einsum("jkq,jkqd,jkqe->jqde", found.probabilities, by_theta, by_theta)


def total_information(
    model: Model, theta: np.ndarray, slopes: np.ndarray, intercepts: np.ndarray
) -> np.ndarray:
    """Return the sum of the items' information, shape (Q,)."""
    return item_information(model, theta, slopes, intercepts).sum(axis=0)
