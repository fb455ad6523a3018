"""Graded models whose items belong to two or three correlated dimensions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..annotations import Scales
from ..errors import InvalidResponses
from ..responses import check_responses
from . import starting_values
from .data_warnings import announce, parameter_notes
from .estimation import estimate
from .latent_distribution import Normal, grid
from .parameter_map import Design, free_items
from .patterns import Patterns, find_patterns

if TYPE_CHECKING:
    import pandas as pd

    from .result import IrtResult

MOST = 3


def multidimensional_graded(
    responses: pd.DataFrame,
    dimensions: Scales,
    *,
    is_correlated: bool = True,
    n_nodes: int | None = 21,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate a graded model in which each item belongs to given dimensions.

    Samejima's (1969) model with several dimensions (Muraki & Carlson, 1995), by
    marginal maximum likelihood (Bock & Aitkin, 1981). Dimensions have mean 0 and
    variance 1; their correlations are estimated.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole-number codes, NaN where unanswered.
    dimensions : dict
        For each dimension (2 or 3) the list of its items; an item may have several.
    is_correlated : bool
        Estimate the correlations of the dimensions; else they are 0.
    n_nodes : int
        Nodes on [-6, 6] for each dimension.
    se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    IrtResult
        `persons()` gives EAP; `model_fit()` M2* and C2.

    Raises
    ------
    InvalidResponses
        An item without a dimension, or more than three dimensions (see
        `bifactor_graded`).

    Examples
    --------
    >>> from psychometrics import multidimensional_graded, simulate
    >>> loadings, phi = simulate.simple_structure(2, 3, loading=0.7, correlation=0.3)
    >>> made = simulate.responses(
    ...     200, rng=1, loadings=loadings, factor_corr=phi, thresholds=(-1, 1)
    ... )
    >>> dimensions = {"trust": ["i1", "i2", "i3"], "parity": ["i4", "i5", "i6"]}
    >>> found = multidimensional_graded(made.responses, dimensions, n_nodes=7, se=False)
    >>> list(found.parameters.slopes), found.n_persons
    (['trust', 'parity'], 200)
    """
    checked = check_responses(responses)
    mask = _mask(dimensions, checked.items)
    patterns = find_patterns(checked)
    nodes = grid(n_nodes, mask.shape[1])
    slopes = _starting_slopes(patterns, mask)
    intercepts = starting_values.graded_intercepts(patterns, slopes)
    block = free_items(slopes, intercepts, slope_is_free=mask)
    latent = Normal(nodes, is_correlation_free=is_correlated)
    plan = Design("graded", nodes, (block,), (latent,))
    (result,) = estimate(plan, patterns, se=se, tol=tol, max_iter=max_iter)
    parameters = replace(
        result.parameters,
        slopes=result.parameters.slopes.set_axis([*dimensions], axis=1),
    )
    notes = announce(checked) + parameter_notes(parameters)
    return replace(result, parameters=parameters, notes=notes)


def _mask(dimensions: Scales, items: pd.Index) -> np.ndarray:
    if not 2 <= len(dimensions) <= MOST:
        raise InvalidResponses(
            f"{len(dimensions)} dimensions given; two or three can be integrated over "
            "a full grid, for more use bifactor_graded"
        )
    mask = np.column_stack([items.isin(list(own)) for own in dimensions.values()])
    if not mask.any(axis=1).all():
        lost = items[~mask.any(axis=1)][0]
        raise InvalidResponses(f"item {lost} belongs to no dimension; give it one")
    return mask


def _starting_slopes(patterns: Patterns, mask: np.ndarray) -> np.ndarray:
    answers = patterns.answers()
    slopes = np.zeros(mask.shape)
    for d, own in enumerate(mask.T):
        slopes[own, d] = starting_values.starting_slopes(answers.loc[:, own])
    return slopes / np.sqrt(mask.sum(axis=1, keepdims=True))
