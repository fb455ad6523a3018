"""The marginal likelihood of a bifactor model, by dimension reduction.

Given the general dimension, clusters of items are independent; so integrals of two
dimensions do, however many specific ones there are (Gibbons et al., 2007; Cai, Yang
and Hansen, 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .em_quadrature import (
    NEGLIGIBLE,
    Expectation,
    at_nodes,
    complete_information,
    item_gradient,
    predictor_slopes,
)
from .models import Curves, curves

if TYPE_CHECKING:
    from builtins import range

    from .parameter_map import Design
    from .patterns import Patterns

TINY = 1e-300


@dataclass(frozen=True, eq=False)
class ClusterPatterns:
    """The part of response patterns that belongs to one cluster of items."""

    codes: np.ndarray
    counts: np.ndarray
    indicators: np.ndarray
    items: np.ndarray


def split(patterns: Patterns, clusters: np.ndarray) -> list[ClusterPatterns]:
    """Return `ClusterPatterns` of each cluster (its number for every item)."""
    n_items, k = patterns.shape
    cells = patterns.indicators.reshape(-1, n_items, k)
    return [
        ClusterPatterns(
            patterns.codes[:, clusters == c],
            patterns.counts,
            np.ascontiguousarray(cells[:, clusters == c].reshape(len(cells), -1)),
            np.flatnonzero(clusters == c),
        )
        for c in range(clusters.max() + 1)
    ]


@dataclass(frozen=True, eq=False)
class Reduction:
    """Posteriors of one evaluation.

    Attributes
    ----------
    log_likelihoods : array, shape (n_patterns,)
    general : array, shape (n_patterns, Q)
        Posterior of the general dimension.
    clusters : list of Expectation
        Each with the posterior over the two-dimensional grid, general first.
    """

    log_likelihoods: np.ndarray
    general: np.ndarray
    clusters: list


def reduce_dimensions(
    parts: Sequence[ClusterPatterns],
    line_weights: np.ndarray,
    nodes: np.ndarray,
    slopes: np.ndarray,
    intercepts: np.ndarray,
) -> Reduction:
    """Return `Reduction` at slopes (J, 2: general, specific) and intercepts (J, M)."""
    n_line = len(line_weights)
    log_joint = np.log(line_weights)
    found, inner = [], []
    for part in parts:
        curve = curves("graded", nodes, slopes[part.items], intercepts[part.items])
        log_likelihood = part.indicators @ at_nodes(curve)
        best = log_likelihood.max(axis=1, keepdims=True)
        cube = np.exp(log_likelihood - best).reshape(-1, n_line, n_line) * line_weights
        marginal = np.maximum(cube.sum(axis=2), TINY)
        log_joint = log_joint + np.log(marginal) + best
        found.append(curve)
        inner.append(cube / marginal[:, :, None])
    top = log_joint.max(axis=1, keepdims=True)
    joint = np.exp(log_joint - top)
    total = joint.sum(axis=1, keepdims=True)
    general = joint / total
    log_likelihoods = (np.log(total) + top).ravel()
    clusters = [
        _cluster(part, curve, cube, general, log_likelihoods)
        for part, curve, cube in zip(parts, found, inner)
    ]
    return Reduction(log_likelihoods, general, clusters)


def _cluster(
    part: ClusterPatterns,
    curve: Curves,
    cube: np.ndarray,
    general: np.ndarray,
    log_likelihoods: np.ndarray,
) -> Expectation:
    posterior = (cube * general[:, :, None]).reshape(len(cube), -1)
    weighted = posterior * part.counts[:, None]
    counts = (part.indicators.T @ weighted).reshape(curve.probabilities.shape)
    return Expectation(log_likelihoods, posterior, counts, weighted.sum(axis=0), curve)


@dataclass(eq=False)
class BifactorProblem:
    """The log-likelihood of a bifactor design, its gradient and information."""

    design: Design
    patterns: Patterns
    clusters: np.ndarray
    line_weights: np.ndarray
    _last: tuple = (None, None)

    @cached_property
    def parts(self) -> list[ClusterPatterns]:
        return split(self.patterns, self.clusters)

    @cached_property
    def steepness(self) -> np.ndarray:
        return predictor_slopes("graded", self.design.nodes, self.design.n_steps)

    @cached_property
    def matrix(self) -> np.ndarray:
        return self.design.blocks[0].matrix

    def reduction(self, free: np.ndarray) -> Reduction | None:
        """Return the E-step, or None where thresholds cross."""
        if self._last[0] is None or not np.array_equal(self._last[0], free):
            slopes, intercepts, _ = self.design.unpack(free)
            if (np.diff(intercepts) >= 0).any():
                return None
            found = reduce_dimensions(
                self.parts, self.line_weights, self.design.nodes, slopes, intercepts
            )
            self._last = (free.copy(), found)
        return self._last[1]

    def __call__(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log-likelihood and its gradient."""
        found = self.reduction(free)
        if found is None:
            return -np.inf, np.full(len(free), np.inf)
        full = np.zeros((self.patterns.shape[0], self.steepness.shape[0]))
        for part, expected in zip(self.parts, found.clusters):
            full[part.items] = item_gradient(expected, self.steepness)
        value = float(self.patterns.counts @ found.log_likelihoods)
        return value, self.matrix.T @ full.ravel()

    def complete(self, free: np.ndarray) -> np.ndarray:
        """Return the information if theta were known."""
        return self.matrix.T @ self._complete(free) @ self.matrix

    def observed(self, free: np.ndarray) -> np.ndarray:
        """Return the observed information (Louis, 1982)."""
        lost = self._missing(free)
        return self.matrix.T @ (self._complete(free) - lost) @ self.matrix

    def _complete(self, free: np.ndarray) -> np.ndarray:
        found = self.reduction(free)
        width = self.steepness.shape[0]
        whole = np.zeros((self.patterns.shape[0] * width,) * 2)
        for part, expected in zip(self.parts, found.clusters):
            blocks = complete_information(expected, self.steepness)
            for j, block in zip(part.items, blocks):
                at = slice(j * width, (j + 1) * width)
                whole[at, at] = block
        return whole

    def _missing(self, free: np.ndarray) -> np.ndarray:
        """Posterior covariance of the complete-data score.

        Within a cluster over both its dimensions; between clusters, which are
        independent given the general dimension, over that one alone.
        """
        found = self.reduction(free)
        n_line, counts = len(self.line_weights), self.patterns.counts
        width = self.steepness.shape[0]
        size = self.patterns.shape[0] * width
        second, means = np.zeros((size, size)), np.zeros((len(counts), size))
        places = [
            (part.items[:, None] * width + np.arange(width)).ravel()
            for part in self.parts
        ]
        tables = [
            np.pad(
                np.einsum("jkmq,pmq->jkpq", e.found.scores, self.steepness),
                ((0, 0), (0, 1), (0, 0), (0, 0)),
            )
            for e in found.clusters
        ]
        for g in range(n_line):
            here = np.zeros_like(means)
            for part, e, table, place in zip(
                self.parts, found.clusters, tables, places
            ):
                nodes = range(g * n_line, (g + 1) * n_line)
                mean, square = _node_scores(part, e.posterior, table, nodes)
                here[:, place] = mean
                second[np.ix_(place, place)] += square
            share = np.maximum(found.general[:, g], TINY)
            cross = (here * (counts / share)[:, None]).T @ here
            for place in places:
                cross[np.ix_(place, place)] = 0.0
            second += cross
            means += here
        return second - (means * counts[:, None]).T @ means


def _node_scores(
    part: ClusterPatterns, posterior: np.ndarray, table: np.ndarray, nodes: range
) -> tuple[np.ndarray, np.ndarray]:
    """Sums over nodes of weighted scores, and of their weighted squares."""
    n_items = len(part.items)
    items, width = np.arange(n_items), n_items * table.shape[2]
    mean = np.zeros((len(part.codes), width))
    square = np.zeros((width, width))
    for q in nodes:
        rows = np.flatnonzero(posterior[:, q] > NEGLIGIBLE)
        scores = table[items, part.codes[rows], :, q].reshape(len(rows), width)
        weights = posterior[rows, q]
        mean[rows] += weights[:, None] * scores
        square += (scores * (weights * part.counts[rows])[:, None]).T @ scores
    return mean, square
