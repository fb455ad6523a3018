"""The free parameters of a model, starting from margins and correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from ..errors import InvalidResponses
from .models import graded_items
from .parameter_map import Block, free_items, rating_items, share_slope

if TYPE_CHECKING:
    import pandas as pd

    from .models import Model
    from .patterns import Patterns


def starting_block(model: Model, patterns: Patterns) -> Block:
    """Return the free parameters of a model with starting values from the data."""
    slopes = starting_slopes(patterns.answers())
    if isinstance(model, tuple):
        return _mixed_block(model, patterns, slopes)
    if model == "graded":
        return free_items(slopes[:, None], graded_intercepts(patterns, slopes))
    intercepts = category_intercepts(patterns)
    if model == "rsm":
        return _rating_block(patterns, intercepts)
    if model == "nominal":
        steps = np.arange(1, intercepts.shape[1] + 1)
        slopes = np.abs(slopes)[:, None] * steps / 3
        return free_items(slopes, intercepts, slope_is_free=~np.isnan(intercepts))
    if model == "pcm":
        return free_items(np.ones((len(slopes), 1)), intercepts, slope_is_free=False)
    return free_items(slopes[:, None] / 2, intercepts)


def _mixed_block(
    model: tuple[str, ...], patterns: Patterns, slopes: np.ndarray
) -> Block:
    is_graded = graded_items(model, len(slopes))
    intercepts = np.where(
        is_graded[:, None],
        graded_intercepts(patterns, slopes),
        category_intercepts(patterns),
    )
    slopes = np.where(is_graded, slopes, slopes / 2)[:, None]
    shares = np.array([kind == "pcm" for kind in model])
    if shares.sum() < 2:
        return free_items(slopes, intercepts)
    return share_slope(free_items(slopes, intercepts), shares)


def _rating_block(patterns: Patterns, intercepts: np.ndarray) -> Block:
    counts = patterns.n_categories
    if (counts != counts[0]).any():
        j = int(np.flatnonzero(counts != counts[0])[0])
        raise InvalidResponses(
            f"item {patterns.items[j]} has {counts[j]} categories in use and "
            f"{patterns.items[0]} has {counts[0]}; a rating scale needs as many for all"
        )
    cuts = -np.diff(intercepts, axis=1, prepend=0.0)
    locations = cuts.mean(axis=1)
    return rating_items(locations, (cuts - locations[:, None]).mean(axis=0))


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
