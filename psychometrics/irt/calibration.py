"""Marginal maximum likelihood calibration: one function for each model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidResponses
from ..options import check_option
from ..responses import check_responses
from .data_warnings import announce, parameter_notes
from .estimation import estimate
from .latent_distribution import SHAPES, Histogram, Normal, ZeroInflated, grid
from .objective import Prior
from .parameter_map import (
    Block,
    Design,
    freeze,
    hold,
)
from .patterns import Patterns, find_patterns
from .starting_values import starting_block

if TYPE_CHECKING:
    import pandas as pd

    from ..responses import Responses
    from .models import Model
    from .parameters import ItemParameters
    from .result import IrtResult

KINDS = {"graded": "graded", "gpcm": "gpcm", "pcm": "pcm", "dichotomous": "graded"}


def graded_response(
    responses: pd.DataFrame,
    *,
    latent: str = "normal",
    fixed: ItemParameters | None = None,
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate the graded response model (Samejima, 1969).

    P(x >= m) = logistic(a theta + d_m) = logistic(a (theta - b_m)); theta has mean 0
    and variance 1. Estimated by marginal maximum likelihood from unique patterns;
    unanswered items are left out of a person's likelihood, so planned booklets are
    welcome and nobody is dropped.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    latent : {"normal", "histogram", "zero_inflated"}
        Distribution of theta: normal; free weights at the nodes (Bock and Aitkin,
        1981); or normal and a share of persons at the floor who give the lowest answer
        to everything (Wall, Park and Moustaki, 2015).
    fixed : ItemParameters, optional
        Items calibrated before, kept as they are; the mean and spread of theta are
        then free, and new items come out on the old scale.
    prior : Prior, optional
        None by default; announced in the summary.
    n_nodes : int, optional
        Equally spaced nodes on [-6, 6]: 61, or 121 for more than 40 items, whose
        posteriors would be too narrow for the grid.
    se : bool
        Standard errors from the observed information (Louis, 1982).
    tol : float
        The search ends when every derivative of the log-likelihood is below this.
    max_iter : int
        Steps after which a search that has not ended is given up.

    Returns
    -------
    IrtResult

    Raises
    ------
    InvalidResponses
        See `check_responses`; or answers that a fixed item does not have.
    ConvergenceError, NotIdentified
        If the maximum was not reached, or lies at infinity.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = graded_response(made.responses, se=False)
    >>> found.parameters.slopes.shape, found.n_iter > 0
    ((4, 1), True)
    """
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    return _calibrate("graded", responses, latent, fixed, n_nodes, options)


def generalized_partial_credit(
    responses: pd.DataFrame,
    *,
    latent: str = "normal",
    fixed: ItemParameters | None = None,
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate the generalised partial credit model (Muraki, 1992).

    P(x = m) is proportional to exp(m a theta + d_m); threshold b_m, where the curves of
    categories m - 1 and m cross, need not increase. Arguments, returns and errors as in
    `graded_response`.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    latent, fixed, prior, n_nodes, se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    IrtResult

    Raises
    ------
    InvalidResponses, ConvergenceError, NotIdentified
        As `graded_response`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = generalized_partial_credit(made.responses, se=False)
    >>> found.parameters.intercepts.shape
    (4, 3)
    """
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    return _calibrate("gpcm", responses, latent, fixed, n_nodes, options)


def partial_credit(
    responses: pd.DataFrame,
    *,
    latent: str = "normal",
    fixed: ItemParameters | None = None,
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate the partial credit model (Masters, 1982); Rasch's with two categories.

    All slopes are one and the variance of theta is free. Arguments, returns and errors
    as in `graded_response`.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    latent, fixed, prior, n_nodes, se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    IrtResult

    Raises
    ------
    InvalidResponses, ConvergenceError, NotIdentified
        As `graded_response`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = partial_credit(made.responses, se=False)
    >>> found.parameters.slopes["a"].tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    return _calibrate("pcm", responses, latent, fixed, n_nodes, options)


def rating_scale(
    responses: pd.DataFrame,
    *,
    latent: str = "normal",
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate the rating scale model (Andrich, 1978).

    A partial credit model whose items share their steps and differ in location; all
    were offered the same categories, and one that nobody chose of an item has its step
    from the others. Other arguments, returns and errors as in
    `graded_response`.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    latent, prior, n_nodes, se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    IrtResult

    Raises
    ------
    InvalidResponses
        As `graded_response`; or items of different categories.
    ConvergenceError, NotIdentified
        As `graded_response`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = rating_scale(made.responses, se=False)
    >>> found.parameters.model
    'rsm'
    """
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    return _calibrate("rsm", responses, latent, None, n_nodes, options)


def nominal_response(
    responses: pd.DataFrame,
    *,
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate the nominal model (Bock, 1972), to test the order of categories.

    P(x = m) is proportional to exp(a_m theta + d_m), a_0 = d_0 = 0. Categories are in
    order where a_1, a_2, ... increase from zero, so whether "it did not happen" lies
    below the others is tested, not assumed. Other arguments as in `graded_response`.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    prior, n_nodes, se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    IrtResult

    Raises
    ------
    InvalidResponses, ConvergenceError, NotIdentified
        As `graded_response`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = nominal_response(made.responses, se=False)
    >>> found.parameters.slopes.shape
    (4, 3)
    """
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    return _calibrate("nominal", responses, "normal", None, n_nodes, options)


def mixed_response(
    responses: pd.DataFrame,
    kinds: pd.Series | Mapping[str, str],
    *,
    latent: str = "normal",
    prior: Prior | None = None,
    n_nodes: int | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> IrtResult:
    """Calibrate graded, partial credit and dichotomous items together, on one theta.

    As tests of several formats are (Ercikan and others, 1998, Journal of Educational
    Measurement 35). Each item has the curves of its own kind; theta has mean 0 and
    variance 1. Items of the partial credit model share one slope, which is free since
    theta's variance is not. When all are of one kind this is that kind's own function.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    kinds : dict, or Series of a row for each item
        Item to "graded" (`graded_response`), "gpcm" (`generalized_partial_credit`),
        "pcm" (`partial_credit`) or "dichotomous" (two categories and a slope of its
        own: the two-parameter logistic model); each item of the responses once.
    latent, prior, n_nodes, se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    IrtResult
        Its `model` holds the kind of each item, a dichotomous one as "graded", which
        with two categories is the same.

    Raises
    ------
    InvalidOption
        Another kind.
    InvalidResponses
        As `graded_response`; an item without a kind, a kind without an item, or a
        dichotomous item with more than two categories.
    ConvergenceError, NotIdentified
        As `graded_response`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> kinds = {"i1": "graded", "i2": "gpcm", "i3": "gpcm", "i4": "graded"}
    >>> found = mixed_response(made.responses, kinds, se=False)
    >>> found.model
    ('graded', 'gpcm', 'gpcm', 'graded')
    """
    checked = check_responses(responses)
    of_each = dict(kinds.items())
    model = _model_of(of_each, checked)
    options = {"prior": prior, "se": se, "tol": tol, "max_iter": max_iter}
    two = [str(item) for item, kind in of_each.items() if kind == "dichotomous"]
    return _calibrate(model, responses, latent, None, n_nodes, options, two)


def _model_of(kinds: Mapping[str, str], checked: Responses) -> Model:
    """The kind of each item in order; one word where all are of one kind."""
    for kind in kinds.values():
        check_option("kind", kind, KINDS)
    odd = [*checked.items.difference([*kinds]), *set(kinds).difference(checked.items)]
    if odd:
        raise InvalidResponses(
            f"{odd[0]} is in only one of the responses and the kinds; give each item "
            f"of the responses one of {', '.join(KINDS)}"
        )
    for item, used in zip(checked.items, checked.categories):
        if kinds[item] == "dichotomous" and len(used) > 2:
            raise InvalidResponses(
                f"item {item} has {len(used)} categories in use; a dichotomous one "
                "has two"
            )
    model = tuple(KINDS[kinds[item]] for item in checked.items)
    return model[0] if len(set(model)) == 1 else model


def _calibrate(
    model: Model,
    responses: np.ndarray | pd.DataFrame,
    shape: str,
    fixed: ItemParameters | None,
    n_nodes: int | None,
    options: Mapping[str, Any],
    stated: Collection[str] = (),
) -> IrtResult:
    check_option("latent", shape, SHAPES)
    checked = check_responses(responses)
    known = known_categories(model, checked) if fixed is None else fixed.categories
    patterns = find_patterns(checked, categories=known)
    notes = announce(
        checked, options["prior"], shares_steps=model == "rsm", stated=stated
    )
    nodes = grid(nodes_for(checked.n_items, n_nodes))
    block = starting_block(model, patterns)
    if fixed is not None:
        block = _hold_fixed(block, patterns, fixed)
        notes += (f"Kept as calibrated before: {len(fixed.items)} items.",)
    latent = _latent(model, shape, nodes, fixed is not None)
    if shape == "histogram":
        block = _place(block)
        prior = Prior() if options["prior"] is None else options["prior"]
        options = {**options, "prior": replace(prior, histogram=1.0)}
        notes += ("One person in all was spread evenly over the histogram.",)
    plan = Design(model, nodes, (block,), (latent,))
    result = estimate(plan, patterns, **options)[0]
    return replace(result, notes=notes + parameter_notes(result.parameters))


def known_categories(model: Model, checked: Responses) -> dict[str, np.ndarray]:
    """Return what each item offered, as far as the model knows more than its answers.

    A rating scale shares its steps: an option that nobody chose of one item has its
    step from the others.
    """
    if model != "rsm":
        return {}
    return dict.fromkeys(checked.items, np.unique(np.concatenate(checked.categories)))


def nodes_for(n_items: int, n_nodes: int | None = None) -> int:
    """Return the number of nodes: enough for the narrowest posterior."""
    return n_nodes or (61 if n_items <= 40 else 121)


def _latent(
    model: Model, shape: str, nodes: np.ndarray, is_fixed: bool
) -> Histogram | Normal | ZeroInflated:
    is_sd_free = is_fixed or model in ("pcm", "rsm")
    normal = Normal(nodes, is_mean_free=is_fixed, is_sd_free=is_sd_free)
    if shape == "zero_inflated":
        return ZeroInflated(normal)
    return Histogram(nodes) if shape == "histogram" else normal


def _place(block: Block) -> Block:
    """Give the scale a place while a histogram is free: hold one slope and location."""
    slopes = np.flatnonzero(block.is_slope & (block.owners >= 0))
    best = (
        block.owners[slopes[np.abs(block.start[slopes]).argmax()]] if len(slopes) else 0
    )
    own = np.flatnonzero((block.owners == best) & ~block.is_slope)
    steepest = slopes[block.owners[slopes] == best]
    return freeze(block, np.append(steepest, own[len(own) // 2]))


def _hold_fixed(block: Block, patterns: Patterns, fixed: ItemParameters) -> Block:
    unknown = fixed.items.difference(patterns.items)
    if len(unknown):
        raise InvalidResponses(f"fixed item {unknown[0]} is not among the responses")
    if len(fixed.items) == len(patterns.items):
        raise InvalidResponses("every item is fixed; there is nothing to calibrate")
    full = np.full((block.n_items, block.n_slopes + block.n_steps), np.nan)
    at = patterns.items.get_indexer(fixed.items)
    slopes, intercepts = fixed.arrays
    full[at, : slopes.shape[1]] = slopes
    full[at, block.n_slopes : block.n_slopes + intercepts.shape[1]] = intercepts
    return hold(block, patterns.items.isin(fixed.items), full)
