"""The bifactor graded model: a general dimension and specific ones beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..annotations import Scales
from ..errors import InvalidResponses
from ..optimise import Maximum, quasi_newton
from ..options import check_option
from ..responses import Responses, check_responses
from . import starting_values
from .bifactor_likelihood import BifactorProblem, reduce_dimensions, split
from .data_warnings import announce, parameter_notes
from .estimation import covariance_of, refuse_runaway
from .latent_distribution import LatentDistribution, Normal
from .parameter_map import Design, free_items
from .parameters import ItemParameters
from .patterns import Patterns, find_patterns
from .persons import PersonEstimates
from .result import IrtResult

MOST = 3
N_POINTS = 4096
NORMAL_SCALE = 1.702


@dataclass(frozen=True, eq=False, kw_only=True)
class BifactorResult(IrtResult):
    """A general dimension and, for each cluster of items, a specific one.

    Besides what `IrtResult` has (its `latent.nodes` are points for overall fit):

    Attributes
    ----------
    clusters : int array, shape (n_items,)
        Position of each item's specific dimension.
    line : array, shape (2, n_nodes)
        Nodes and weights of one dimension.
    """

    clusters: np.ndarray = None
    line: np.ndarray = None

    @property
    def loadings(self) -> pd.DataFrame:
        """Standardised loadings: a / sqrt(1.702^2 + sum of squared slopes)."""
        slopes = self.parameters.slopes
        scale = np.sqrt(NORMAL_SCALE**2 + (slopes**2).sum(axis=1))
        return slopes.div(scale, axis=0)

    @property
    def explained_common_variance(self) -> float:
        """Share of the common variance that is general (ECV)."""
        squares = (self.loadings**2).sum()
        return float(squares.iloc[0] / squares.sum())

    @property
    def omega_hierarchical(self) -> float:
        """Share of the variance of a sum of latent responses that is general."""
        sums = self.loadings.sum() ** 2
        unique = (1 - (self.loadings**2).sum(axis=1)).sum()
        return float(sums.iloc[0] / (sums.sum() + unique))

    def persons(self, method: str = "eap") -> PersonEstimates:
        """Return EAP of the general and every specific dimension."""
        check_option("method", method, ("eap",))
        nodes, weights = self.line
        slopes, intercepts = self.parameters.arrays
        own = slopes[np.arange(len(slopes)), 1 + self.clusters]
        found = reduce_dimensions(
            split(self.patterns, self.clusters),
            weights,
            grid_of(nodes),
            np.column_stack([slopes[:, 0], own]),
            intercepts,
        )
        n_line = len(nodes)
        margins = [found.general]
        for e in found.clusters:
            margins.append(e.posterior.reshape(-1, n_line, n_line).sum(axis=1))
        mean = np.column_stack([margin @ nodes for margin in margins])
        square = np.column_stack([margin @ nodes**2 for margin in margins])
        rows, persons = self.patterns.rows, self.patterns.persons
        names = self.parameters.slopes.columns
        se = np.sqrt(np.maximum(square - mean**2, 0.0))
        return PersonEstimates(
            theta=pd.DataFrame(mean[rows], persons, names),
            se=pd.DataFrame(se[rows], persons, names),
            method="eap",
        )


def grid_of(line: np.ndarray) -> np.ndarray:
    """Return the two-dimensional grid of a line of nodes, first dimension slowest."""
    return np.stack(
        [axis.ravel() for axis in np.meshgrid(line, line, indexing="ij")], 1
    )


def bifactor_graded(
    responses: pd.DataFrame,
    specific: Scales,
    *,
    n_nodes: int | None = 21,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> BifactorResult:
    """Calibrate a bifactor graded model by dimension reduction (Gibbons et al., 2007).

    All dimensions are independent with mean 0 and variance 1.

    Parameters
    ----------
    responses : DataFrame, persons x items
    specific : dict
        For each specific dimension the list of its items; an item has one at most.
        Items in none have the general dimension alone.
    n_nodes : int
        Nodes on [-6, 6] for each of the two dimensions of an integral.
    se, tol, max_iter
        As in `graded_response`.

    Returns
    -------
    BifactorResult

    Raises
    ------
    InvalidResponses
        An item in two specific dimensions, or a dimension with fewer than two items.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, phi = simulate.simple_structure(2, 4, loading=0.7, correlation=0.6)
    >>> made = simulate.responses(
    ...     600, rng=2, loadings=loadings, factor_corr=phi, thresholds=(-1, 1)
    ... )
    >>> parts = {"trust": loadings.index[:4], "parity": loadings.index[4:]}
    >>> found = bifactor_graded(made.responses, parts, n_nodes=9, se=False)
    >>> found.parameters.slopes.shape
    (8, 3)
    """
    checked = check_responses(responses)
    clusters, has_specific = _clusters(specific, checked.items)
    patterns = find_patterns(checked)
    nodes = np.linspace(-6, 6, n_nodes)
    weights = np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()
    mask = np.column_stack([np.ones(len(clusters), bool), has_specific])
    slopes = _bifactor_start(patterns, clusters, has_specific)
    intercepts = starting_values.graded_intercepts(patterns, slopes)
    block = free_items(slopes, intercepts, slope_is_free=mask)
    plan = Design("graded", grid_of(nodes), (block,), (Normal(grid_of(nodes)),))
    problem = BifactorProblem(plan, patterns, clusters, weights)
    top = quasi_newton(
        problem,
        plan.start,
        problem.complete,
        problem.observed,
        tol=tol,
        max_iter=max_iter,
    )
    labels = plan.labels(patterns.items)
    refuse_runaway(plan, top.parameters, labels)
    covariance = covariance_of(problem, top.parameters, labels) if se else None
    names = ["general", *specific]
    if not has_specific.all():
        clusters = np.where(has_specific, clusters, 0)
    return _bifactor_result(
        plan, patterns, top, covariance, clusters, names, (nodes, weights), checked
    )


def _clusters(
    specific: Mapping[str, Sequence[str]], items: pd.Index
) -> tuple[np.ndarray, np.ndarray]:
    clusters = np.full(len(items), -1)
    for c, (name, own) in enumerate(specific.items()):
        at = items.get_indexer(list(own))
        if (at < 0).any() or len(at) < 2:
            raise InvalidResponses(
                f"specific dimension {name} needs two or more of the items"
            )
        if (clusters[at] >= 0).any():
            twice = items[at[clusters[at] >= 0][0]]
            raise InvalidResponses(f"item {twice} is in two specific dimensions")
        clusters[at] = c
    has_specific = clusters >= 0
    return np.where(has_specific, clusters, len(specific)), has_specific


def _bifactor_start(
    patterns: Patterns, clusters: np.ndarray, has_specific: np.ndarray
) -> np.ndarray:
    general = starting_values.starting_slopes(patterns.answers())
    slopes = np.column_stack([general, np.zeros(len(general))])
    for c in np.unique(clusters[has_specific]):
        own = clusters == c
        slopes[own, 1] = 0.6 * starting_values.starting_slopes(
            patterns.answers().loc[:, own]
        )
    return slopes


def _bifactor_result(
    plan: Design,
    patterns: Patterns,
    top: Maximum,
    covariance: pd.DataFrame | None,
    clusters: np.ndarray,
    names: Sequence[str],
    line: tuple[np.ndarray, np.ndarray],
    checked: Responses,
) -> BifactorResult:
    slopes, intercepts, _ = plan.unpack(top.parameters)
    n_items, n_dimensions = len(slopes), len(names)
    full = np.zeros((n_items, n_dimensions))
    full[:, 0] = slopes[:, 0]
    full[np.arange(n_items), 1 + clusters] += slopes[:, 1]
    parameters = ItemParameters(
        model="graded",
        slopes=pd.DataFrame(full, patterns.items, names),
        intercepts=pd.DataFrame(
            intercepts, patterns.items, range(1, intercepts.shape[1] + 1)
        ),
        categories=dict(zip(patterns.items, patterns.categories)),
    )
    points, weights = _points(*line, n_dimensions)
    labels = plan.labels(patterns.items)
    return BifactorResult(
        parameters=parameters,
        latent=LatentDistribution(
            shape="normal",
            nodes=points,
            weights=weights,
            mean=np.zeros(n_dimensions),
            covariance=np.eye(n_dimensions),
            slopes=np.zeros((0, len(points))),
        ),
        patterns=patterns,
        free=pd.Series(top.parameters, labels, name="estimate"),
        kinds=plan.kinds,
        covariance=covariance,
        jacobian=_widened(plan.blocks[0].matrix, clusters, n_dimensions),
        log_likelihood=top.value,
        gradient=top.largest_gradient,
        n_iter=top.n_iter,
        notes=announce(checked) + parameter_notes(parameters),
        clusters=clusters,
        line=np.array(line),
    )


def _widened(matrix: np.ndarray, clusters: np.ndarray, n_dimensions: int) -> np.ndarray:
    """Give each item a row for every dimension instead of its own two."""
    n_items = len(clusters)
    table = matrix.reshape(n_items, -1, matrix.shape[1])
    wide = np.zeros((n_items, table.shape[1] + n_dimensions - 2, matrix.shape[1]))
    wide[:, 0] = table[:, 0]
    wide[np.arange(n_items), 1 + clusters] += table[:, 1]
    wide[:, n_dimensions:] = table[:, 2:]
    return wide.reshape(-1, matrix.shape[1])


def _points(
    nodes: np.ndarray, weights: np.ndarray, n_dimensions: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return points over all dimensions: a grid for three, else a Sobol sequence."""
    if n_dimensions <= MOST:
        mesh = np.meshgrid(*[nodes] * n_dimensions, indexing="ij")
        share = np.meshgrid(*[weights] * n_dimensions, indexing="ij")
        points = np.stack([axis.ravel() for axis in mesh], axis=1)
        return points, np.prod([axis.ravel() for axis in share], axis=0)
    from scipy.stats import qmc  # slow to load, and every import would wait for it

    sobol = qmc.Sobol(n_dimensions, seed=1).random(N_POINTS)
    return ndtri(sobol), np.full(N_POINTS, 1 / N_POINTS)
