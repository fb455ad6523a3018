"""Starting values from margins and correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

if TYPE_CHECKING:
    import pandas as pd

    from .patterns import Patterns


def starting_slopes(answers: pd.DataFrame, largest: float = 2.5) -> np.ndarray:
    """Return logistic slopes from the first component of the correlations.

    Items that run the other way get a negative slope; most are positive.
    """
    corr = answers.corr(min_periods=2).fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(corr, 1.0)
    values, vectors = np.linalg.eigh(corr)
    loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    if loadings.sum() < 0:
        loadings = -loadings
    loadings = np.clip(loadings * 0.9, -0.85, 0.85)
    slopes = 1.7 * loadings / np.sqrt(1 - loadings**2)
    small = np.abs(slopes) < 0.3
    slopes[small] = np.where(slopes[small] < 0, -0.3, 0.3)
    return np.clip(slopes, -largest, largest)


def graded_intercepts(patterns: Patterns, slopes: np.ndarray) -> np.ndarray:
    """Return graded intercepts that reproduce the margins at the given slopes."""
    scale = np.sqrt(1 + (np.asarray(slopes) ** 2).reshape(len(slopes), -1).sum(1) / 2.9)
    table = _margins(patterns)
    above = table[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    share = above / table.sum(axis=1, keepdims=True)
    intercepts = np.full(share.shape, np.nan)
    for j, n in enumerate(patterns.n_categories):
        intercepts[j, : n - 1] = logit(share[j, : n - 1]) * scale[j]
    return intercepts


def category_intercepts(patterns: Patterns) -> np.ndarray:
    """Return divide-by-total intercepts from the logarithms of the margins."""
    table = np.log(np.maximum(_margins(patterns), 0.5))
    intercepts = table[:, 1:] - table[:, :1]
    for j, n in enumerate(patterns.n_categories):
        intercepts[j, n - 1 :] = np.nan
    return 0.7 * intercepts


def _margins(patterns: Patterns) -> np.ndarray:
    """How many persons chose each category: array, shape (J, K)."""
    return (patterns.counts @ patterns.indicators).reshape(patterns.shape)
