"""One- and two-item moments of answers: observed, expected, and their covariance.

Sums over the categories of an item or of a pair (Cai and Hansen, 2013; Cai and Monroe,
2014); `margins` has the same of every single category.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cholesky, qr, solve_triangular

from .em_quadrature import predictor_slopes, scores_by_parameter
from .models import Curves, curves

if TYPE_CHECKING:
    from .moment_persons import MomentPersons
    from .patterns import Patterns
    from .result import IrtResult

BLOCK = 10_000  # products of three means made at a time: 100 items have a million
SAME_DIRECTION = 1e-13  # of the longest: what rounding alone leaves of a direction


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments of single items (functions of their answer) and products of pairs.

    Attributes
    ----------
    functions : array, shape (n_single, K)
        Value of each single-item function at each category.
    owners : int array, shape (n_single,)
        Item of each function.
    first, second : int arrays, shape (n_pairs,)
    """

    functions: np.ndarray
    owners: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def items(self) -> np.ndarray:
        """The items of each moment, one item twice: shape (n_moments, 2)."""
        pairs = np.column_stack([self.first, self.second])
        return np.concatenate([np.column_stack([self.owners, self.owners]), pairs])


def mean_moments(n_items: int, n_categories: int) -> Moments:
    """One function for each item: the category itself."""
    functions = np.tile(np.arange(n_categories, dtype=float), (n_items, 1))
    second, first = np.tril_indices(n_items, -1)
    return Moments(functions, np.arange(n_items), first, second)


def category_moments(n_categories: np.ndarray) -> Moments:
    """One function for each category but the lowest: whether it was chosen."""
    width = int(n_categories.max())
    owners = np.repeat(np.arange(len(n_categories)), n_categories - 1)
    chosen = np.concatenate([np.arange(1, n) for n in n_categories])
    second, first = np.tril_indices(len(n_categories), -1)
    return Moments(np.eye(width)[chosen], owners, first, second)


@dataclass(frozen=True, eq=False)
class ExpectedMoments:
    """Moments under the model, their derivatives, and covariances per person."""

    expected: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray

    @property
    def df(self) -> int:
        return len(self.expected) - self.slopes.shape[1]

    def statistic(self, observed: np.ndarray, n: float = 1.0) -> float:
        """Return the chi-square of observed moments, of n persons each."""
        return n * _distance(observed - self.expected, self.slopes, self.covariance)

    def among(self, persons: MomentPersons) -> ExpectedMoments:
        """Return the moments that are known, with the covariance of their means."""
        known = persons.known
        covariance = self.covariance_of(known) * persons.weight
        slopes = self.slopes[known]
        return ExpectedMoments(self.expected[known], slopes, covariance)

    def covariance_of(self, known: np.ndarray) -> np.ndarray:
        """The covariances of some moments, which are not copied where it is all."""
        if known.all():
            return self.covariance
        return self.covariance[np.ix_(known, known)]

    @classmethod
    def of(cls, result: IrtResult, moments: Moments) -> ExpectedMoments:
        latent = result.latent
        found = curves(result.model, latent.nodes, *result.parameters.arrays)
        at = moments_at(found.probabilities, moments)
        # every moment is zero at the floor, whose share the mass leaves out
        expected = np.concatenate([at.single, at.pair]) @ latent.mass
        spread = _second_moments(at, moments, latent.mass)
        slopes = _slopes(result, found, at, moments)
        return cls(expected, slopes, _centred(spread, expected))


@dataclass(frozen=True, eq=False)
class _Conditional:
    """Moments given theta, each with the nodes last."""

    p: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    single: np.ndarray
    weighted: np.ndarray
    pair: np.ndarray


def moments_at(p: np.ndarray, moments: Moments) -> _Conditional:
    """Return moments at every node; answers are independent there."""
    levels = np.arange(p.shape[1], dtype=float)
    mean = np.einsum("jkq,k->jq", p, levels)
    own = p[moments.owners]
    return _Conditional(
        p,
        mean,
        np.einsum("jkq,k->jq", p, levels**2),
        np.einsum("ak,akq->aq", moments.functions, own),
        np.einsum("ak,k,akq->aq", moments.functions, levels, own),
        mean[moments.first] * mean[moments.second],
    )


def _second_moments(
    at: _Conditional, moments: Moments, weights: np.ndarray
) -> np.ndarray:
    """Expected products of all pairs of moments, over the latent distribution."""
    n_single = len(moments.owners)
    every = np.concatenate([at.single, at.pair])
    product = (every * weights) @ every.T
    _same_item_singles(product, at, moments, weights)
    for own, other in (
        (moments.first, moments.second),
        (moments.second, moments.first),
    ):
        # a single moment of item i beside the pair (i, l): E[f x_i] E[x_l]
        a, b = np.nonzero(moments.owners[:, None] == own)
        value = (at.weighted[a] * at.mean[other[b]]) @ weights
        product[a, n_single + b] = product[n_single + b, a] = value
    _overlapping_pairs(product[n_single:, n_single:], at, moments, weights)
    return product


def _same_item_singles(
    product: np.ndarray, at: _Conditional, moments: Moments, weights: np.ndarray
) -> None:
    a, b = np.nonzero(moments.owners[:, None] == moments.owners)
    both = moments.functions[a] * moments.functions[b]
    own = at.p[moments.owners[a]]
    product[a, b] = np.einsum("nk,nkq,q->n", both, own, weights, optimize=True)


def _overlapping_pairs(
    product: np.ndarray, at: _Conditional, moments: Moments, weights: np.ndarray
) -> None:
    """Pairs that share one item, (i, j) and (i, l): E[x_i^2] E[x_j] E[x_l]."""
    ends = (moments.first, moments.second), (moments.second, moments.first)
    for own, partner in ends:
        for other_own, other_partner in ends:
            a, b = np.nonzero(own[:, None] == other_own)
            apart = partner[a] != other_partner[b]
            a, b = a[apart], b[apart]
            for start in range(0, len(a), BLOCK):
                i, j = a[start : start + BLOCK], b[start : start + BLOCK]
                triple = at.mean[partner[i]] * at.mean[other_partner[j]]
                product[i, j] = (at.square[own[i]] * triple) @ weights
    both = at.square[moments.first] * at.square[moments.second]
    np.fill_diagonal(product, both @ weights)


def _centred(product: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Covariances from expected products, in their place."""
    for row, mean in zip(product, expected):
        row -= mean * expected
    return product


def _slopes(
    result: IrtResult, found: Curves, at: np.ndarray, moments: Moments
) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the expected moments by the free parameters."""
    latent = result.latent
    n_steps = result.intercepts.shape[1]
    steepness = predictor_slopes(result.model, latent.nodes, n_steps)
    change = found.probabilities[:, :, None] * scores_by_parameter(found, steepness)
    n_items, _, width, _ = change.shape
    n_single, n_pairs = len(moments.owners), len(moments.first)
    full = np.zeros((n_single + n_pairs, n_items, width))
    single = np.einsum(
        "ak,akpq,q->ap",
        moments.functions,
        change[moments.owners],
        latent.mass,
        optimize=True,
    )
    full[np.arange(n_single), moments.owners] = single
    means = np.einsum("jkpq,k->jpq", change, np.arange(change.shape[1]))
    pairs = n_single + np.arange(n_pairs)
    for own, other in (
        (moments.first, moments.second),
        (moments.second, moments.first),
    ):
        weighted = at.mean[other] * latent.mass
        full[pairs, own] = np.einsum("npq,nq->np", means[own], weighted)
    by_latent = _latent_change(result) @ np.concatenate([at.single, at.pair]).T
    whole = np.concatenate([full.reshape(len(full), -1), by_latent.T], axis=1)
    return whole @ result.jacobian


def _latent_change(result: IrtResult) -> np.ndarray:
    """Derivatives of the node weights by the latent parameters, (n_latent, Q)."""
    return result.latent.mass * result.latent.slopes


def observed_moments(moments: Moments, patterns: Patterns) -> np.ndarray:
    """Return the sum of each moment over persons."""
    chosen = (patterns.counts @ patterns.indicators).reshape(patterns.shape)
    single = (moments.functions * chosen[moments.owners]).sum(axis=1)
    # an unanswered item is nought in every product
    codes = np.maximum(patterns.codes, 0).astype(float)
    pair = (codes.T * patterns.counts) @ codes
    return np.concatenate([single, pair[moments.first, moments.second]])


def _distance(gap: np.ndarray, slopes: np.ndarray, covariance: np.ndarray) -> float:
    """Quadratic form in the directions that the parameters cannot reach."""
    length = np.linalg.norm(slopes, axis=0)
    if not length.all():
        raise np.linalg.LinAlgError("a parameter moves no moment")
    root = cholesky(covariance, lower=True, check_finite=False)
    both = np.column_stack([gap, slopes / length])
    both = solve_triangular(root, both, lower=True, check_finite=False)
    # by orthogonal directions: normal equations would square how near they are
    directions, triangle = qr(both[:, 1:], mode="economic", check_finite=False)
    ends = np.abs(np.diag(triangle))
    if ends.min() <= SAME_DIRECTION * ends.max():
        raise np.linalg.LinAlgError("the parameters reach one direction twice")
    left = both[:, 0]
    for _ in range(2):
        left = left - directions @ (directions.T @ left)
    return float(left @ left)


def independent_moments(moments: Moments, patterns: Patterns) -> ExpectedMoments:
    """Moments were items to share nothing, their proportions as observed."""
    p = patterns.proportions[:, :, None]
    at = moments_at(p, moments)
    expected = np.concatenate([at.single, at.pair])[:, 0]
    weights = np.ones(1)
    covariance = _centred(_second_moments(at, moments, weights), expected)
    singles = len(moments.owners)
    levels = np.arange(patterns.shape[1])
    by_category = np.zeros((len(expected), len(p), patterns.shape[1] - 1))
    by_category[np.arange(singles), moments.owners] = moments.functions[:, 1:]
    pairs = singles + np.arange(len(moments.first))
    for own, other in (
        (moments.first, moments.second),
        (moments.second, moments.first),
    ):
        by_category[pairs, own] = at.mean[other] * levels[1:]
    there = np.arange(1, patterns.shape[1]) < patterns.n_categories[:, None]
    slopes = by_category[:, there]
    if slopes.shape[1] > singles:
        slopes = _reachable(slopes)
    return ExpectedMoments(expected, slopes, covariance)


def _reachable(slopes: np.ndarray) -> np.ndarray:
    left, values, _ = np.linalg.svd(slopes, full_matrices=False)
    return left[:, values > 1e-9 * values[0]]
