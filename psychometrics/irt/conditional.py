"""Partial credit and rating scale models by conditional maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..errors import ConvergenceError, NotIdentified
from ..options import check_option
from ..responses import check_responses
from ..results import Result, axes
from .calibration import known_categories
from .conditional_likelihood import AnsweredSet, answered_sets, conditional_likelihood
from .data_warnings import announce, parameter_notes
from .item_fit import mean_squares
from .parameter_map import Block, freeze
from .parameters import ItemParameters
from .patterns import Patterns, find_patterns
from .persons import PersonEstimates, person_estimates
from .plots import wright_map
from .result import TITLES
from .starting_values import starting_block

SINGULAR = 1e-10
CERTAIN = -1e-2  # a log-likelihood that says everything was foreseen


@dataclass(frozen=True, eq=False, kw_only=True)
class ConditionalResult(Result):
    """Items calibrated without any assumption about the distribution of theta.

    Attributes
    ----------
    parameters : ItemParameters
        Slopes of one; thresholds sum to zero over all items.
    covariance : DataFrame
        Of all thresholds, in the order of `thresholds`, items first.
    patterns : Patterns
    log_likelihood : float
        Conditional on the sum scores: comparable with conditional ones alone.
    n_parameters : int
    gradient : float
    n_iter : int
    notes : tuple of str
    """

    _headline = ("log_likelihood", "n_parameters", "items")

    parameters: ItemParameters
    covariance: pd.DataFrame
    patterns: Patterns
    log_likelihood: float
    n_parameters: int
    gradient: float
    n_iter: int
    notes: tuple = ()

    @property
    def items(self) -> pd.Index:
        """Labels of the items."""
        return self.parameters.items

    @property
    def thresholds(self) -> pd.DataFrame:
        """Thresholds, items x steps, summing to zero."""
        return self.parameters.thresholds

    @property
    def standard_errors(self) -> pd.DataFrame:
        """Of the thresholds: items x steps."""
        spread = np.sqrt(np.diag(self.covariance))
        frame = self.thresholds.copy()
        frame[:] = spread.reshape(frame.shape)
        return frame.where(self.thresholds.notna())

    def persons(self, method: str = "ml") -> PersonEstimates:
        """Return theta by "ml" or "wle", which need no distribution either."""
        check_option("method", method, ("ml", "wle"))
        return person_estimates(self.parameters, None, self.patterns, method)

    def item_fit(self) -> pd.DataFrame:
        """Return infit and outfit with z and the sum of squared residuals.

        Persons at the lowest or highest sum score have no finite theta and are left
        out (Wright and Masters, 1982).
        """
        theta = self.persons().theta
        table = mean_squares(self.parameters, self.patterns, theta)
        known = np.isfinite(theta.to_numpy())
        n = self.patterns.answers()[known].notna().sum()
        return table.assign(chi2=table["outfit"] * n, df=n)

    def separation(self) -> pd.Series:
        """Return the observed variance, mean squared error and separation."""
        table = self.persons().to_frame()
        table = table[np.isfinite(table["theta"])]
        spread, error = table["theta"].var(), (table["se"] ** 2).mean()
        return pd.Series(
            {"variance": spread, "error": error, "reliability": 1 - error / spread}
        )

    def to_frame(self) -> pd.DataFrame:
        """Return thresholds with their standard errors, one row per item."""
        table = self.thresholds.rename(columns=lambda step: f"b{step}")
        errors = self.standard_errors.rename(columns=lambda step: f"b{step}_se")
        return pd.concat([table, errors], axis=1)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a Wright map: persons' theta above the items' thresholds."""
        ax = axes(ax, rows=1.4 * len(self.parameters.items))
        return wright_map(self.parameters, self.persons("wle").theta, ax)

    def _about(self) -> Sequence[str]:
        return (
            f"{TITLES[self.parameters.model]} by conditional likelihood, "
            f"{len(self.items)} items, {self.patterns.n_persons} persons.",
            f"Log-likelihood {self.log_likelihood:.3f}, {self.n_parameters} "
            f"parameters; largest gradient {self.gradient:.1e}.",
        )

    def _caveats(self) -> Sequence[str]:
        return self.notes


def conditional_partial_credit(
    responses: pd.DataFrame, *, tol: float = 1e-6, max_iter: int = 100
) -> ConditionalResult:
    """Calibrate the partial credit model given the sum scores (Masters, 1982).

    Nothing is assumed about theta. Missing answers are allowed: persons are grouped
    by the items they answered.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    tol : float
        The search ends when every derivative is below this.
    max_iter : int
        Steps after which a search that has not ended is given up.

    Returns
    -------
    ConditionalResult
        `parameters` on the logit metric, their thresholds summing to zero over items.

    Raises
    ------
    InvalidResponses
        See `check_responses`.
    ConvergenceError, NotIdentified
        If the maximum was not reached, or does not exist.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = conditional_partial_credit(made.responses)
    >>> found.thresholds.shape
    (4, 3)
    """
    return _calibrate("pcm", responses, tol, max_iter)


def conditional_rating_scale(
    responses: pd.DataFrame, *, tol: float = 1e-6, max_iter: int = 100
) -> ConditionalResult:
    """Calibrate the rating scale model given the sum scores (Andrich, 1978).

    All items were offered the same categories; one that nobody chose of an item has its
    step from the others. Else as `conditional_partial_credit`.

    Parameters
    ----------
    responses : DataFrame, persons x items
        Whole-number codes, NaN where unanswered.
    tol, max_iter
        As in `conditional_partial_credit`.

    Returns
    -------
    ConditionalResult

    Raises
    ------
    InvalidResponses, ConvergenceError, NotIdentified
        As `conditional_partial_credit`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = conditional_rating_scale(made.responses)
    >>> found.thresholds.shape
    (4, 3)
    """
    return _calibrate("rsm", responses, tol, max_iter)


def _calibrate(
    model: str, responses: pd.DataFrame, tol: float, max_iter: int
) -> ConditionalResult:
    checked = check_responses(responses)
    notes = announce(checked, shares_steps=model == "rsm")
    patterns = find_patterns(checked, categories=known_categories(model, checked))
    result = maximise_conditional(model, patterns, tol, max_iter)
    return replace(result, notes=notes + parameter_notes(result.parameters))


def maximise_conditional(
    model: str, patterns: Patterns, tol: float = 1e-6, max_iter: int = 100
) -> ConditionalResult:
    """Climb by Newton's method; the conditional likelihood is concave."""
    block = freeze(starting_block(model, patterns), [0])
    sets = answered_sets(patterns)
    free = block.start
    value, gradient, information = _evaluate(block, sets, patterns, free)
    for n_iter in range(max_iter + 1):
        if np.abs(gradient).max() < tol:
            return _finish(model, block, patterns, free, value, gradient, n_iter)
        step = _newton_step(information, gradient)
        for _ in range(30):
            there = _evaluate(block, sets, patterns, free + step)
            if there[0] >= value - 1e-12 * abs(value):
                break
            step /= 2
        free = free + step
        value, gradient, information = there
    raise ConvergenceError(
        f"the largest gradient is {np.abs(gradient).max():.2g} after {max_iter} steps; "
        "a category may be chosen by persons of one sum score alone"
    )


def _newton_step(information: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(information)
    if values[0] < SINGULAR * values[-1]:
        raise NotIdentified(
            "the information has no inverse: some items were never answered by the "
            "same persons, or a category is never chosen beside others"
        )
    return vectors @ ((vectors.T @ gradient) / values)


def _intercepts(block: Block, free: np.ndarray) -> np.ndarray:
    full = block.matrix @ free + block.offset
    return full.reshape(block.n_items, -1)[:, block.n_slopes :]


def _evaluate(
    block: Block, sets: Sequence[AnsweredSet], patterns: Patterns, free: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    intercepts = _intercepts(block, free)
    n_items, n_steps = intercepts.shape
    matrix = block.matrix.reshape(n_items, 1 + n_steps, -1)[:, 1:]
    value, gradient = 0.0, np.zeros(len(free))
    information = np.zeros((len(free), len(free)))
    for answered in sets:
        found = conditional_likelihood(answered, patterns.n_categories, intercepts)
        part = matrix[answered.items].reshape(-1, len(free))
        value += found[0]
        gradient += part.T @ found[1].ravel()
        information += part.T @ found[2] @ part
    return value, gradient, information


def _by_step(spread: np.ndarray, parameters: ItemParameters) -> pd.DataFrame:
    """Covariances under the labels of the thresholds; nought where there is none."""
    shape = parameters.intercepts.shape
    place = parameters.by_step(np.arange(float(len(spread))).reshape(shape))
    known = place.notna().to_numpy().ravel()
    at = place.to_numpy().ravel()[known].astype(int)
    full = np.zeros((len(known), len(known)))
    full[np.ix_(known, known)] = spread[np.ix_(at, at)]
    labels = pd.MultiIndex.from_product([place.index, place.columns])
    return pd.DataFrame(full, labels, labels)


def _finish(
    model: str,
    block: Block,
    patterns: Patterns,
    free: np.ndarray,
    value: float,
    gradient: np.ndarray,
    n_iter: int,
) -> ConditionalResult:
    _, _, information = _evaluate(block, answered_sets(patterns), patterns, free)
    intercepts = _intercepts(block, free)
    n_items, n_steps = intercepts.shape
    there = ~np.isnan(intercepts).ravel()
    differ = np.kron(np.eye(n_items), np.eye(n_steps, k=-1) - np.eye(n_steps))
    matrix = block.matrix.reshape(n_items, 1 + n_steps, -1)[:, 1:]
    turn = differ @ matrix.reshape(-1, len(free))
    centre = np.eye(len(there)) - np.outer(there, there) / there.sum()
    turn = centre @ turn
    thresholds = -np.diff(intercepts, axis=1, prepend=0.0)
    thresholds -= np.nanmean(thresholds)
    if value > CERTAIN:
        raise NotIdentified(
            "persons of one sum score all answer alike (a Guttman pattern), so "
            "thresholds run away; leave items out or merge categories"
        )
    spread = turn @ np.linalg.inv(information) @ turn.T
    steps = range(1, n_steps + 1)
    parameters = ItemParameters(
        model=model,
        slopes=pd.DataFrame(np.ones((n_items, 1)), patterns.items, ["a"]),
        intercepts=pd.DataFrame(-thresholds.cumsum(axis=1), patterns.items, steps),
        categories=dict(zip(patterns.items, patterns.categories)),
    )
    return ConditionalResult(
        parameters=parameters,
        covariance=_by_step(spread, parameters),
        patterns=patterns,
        log_likelihood=float(value),
        n_parameters=len(free),
        gradient=float(np.abs(gradient).max()),
        n_iter=n_iter,
    )
