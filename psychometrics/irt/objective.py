"""The function that calibration maximises, its gradient and its information."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .em_quadrature import (
    Expectation,
    complete_information,
    expectation,
    item_gradient,
    missing_information,
    pattern_scores,
    predictor_slopes,
)
from .models import graded_items

if TYPE_CHECKING:
    from .latent_distribution import Histogram, Normal, ZeroInflated
    from .parameter_map import Design
    from .patterns import Patterns


@dataclass(frozen=True, eq=False, kw_only=True)
class Prior:
    """Optional beliefs that steady weak items; every summary announces them.

    Attributes
    ----------
    slope : (mean, sd) or None
        Normal for the logarithm of the absolute slope.
    intercept : (mean, sd) or None
        Normal for every other item parameter.
    histogram : float
        Persons added to the histogram, spread evenly over its nodes.
    """

    slope: tuple | None = None
    intercept: tuple | None = None
    histogram: float = 0.0

    def announce(self) -> tuple[str, ...]:
        """Return one sentence for each prior in use."""
        said = []
        if self.slope:
            said.append(
                "Prior: log slope normal with mean {} and sd {}.".format(*self.slope)
            )
        if self.intercept:
            said.append(
                "Prior: intercepts normal, mean {} and sd {}.".format(*self.intercept)
            )
        return tuple(said)


@dataclass(eq=False)
class Problem:
    """The marginal log-likelihood of one design for one set of patterns."""

    design: Design
    patterns: Patterns
    prior: Prior = Prior()
    _last: tuple = field(default=(None, None), repr=False)

    def __post_init__(self) -> None:
        n_groups = len(self.design.latents)
        self.parts = [
            (
                self.patterns.select(self.patterns.group == g)
                if n_groups > 1
                else self.patterns
            )
            for g in range(n_groups)
        ]
        self.steepness = predictor_slopes(
            self.design.model, self.design.nodes, self.design.n_steps
        )
        n_items = self.design.blocks[0].n_items
        self.is_graded = graded_items(self.design.model, n_items)
        self.jacobians = [self.design.jacobian(g) for g in range(n_groups)]

    def expected(self, free: np.ndarray) -> list[Expectation] | None:
        """Return the E-step of each group; None where there is none.

        That is where thresholds cross, or two dimensions are one.
        """
        if self._last[0] is not None and np.array_equal(self._last[0], free):
            return self._last[1]
        found = []
        for g, part in enumerate(self.parts):
            slopes, intercepts, latent = self.design.unpack(free, g)
            if (np.diff(intercepts[self.is_graded]) >= 0).any():
                return None
            log_weights = self.design.latents[g].log_weights(latent)
            if log_weights is None:
                return None
            found.append(
                expectation(
                    self.design.model,
                    self.design.nodes,
                    part,
                    slopes,
                    intercepts,
                    log_weights,
                )
            )
        self._last = (free.copy(), found)
        return found

    def log_likelihood(self, free: np.ndarray) -> float:
        """Return the marginal log-likelihood, without priors."""
        return sum(
            float(part.counts @ e.log_likelihoods)
            for part, e in zip(self.parts, self.expected(free))
        )

    def __call__(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log-likelihood plus log priors, and the gradient."""
        expected = self.expected(free)
        if expected is None:
            return -np.inf, np.full(len(free), np.inf)
        value, gradient, _ = self._penalty(free)
        value += self.log_likelihood(free)
        for g, e in enumerate(expected):
            full = item_gradient(e, self.steepness).ravel()
            latent = self._latent_slopes(free, g) @ e.node_counts
            gradient = gradient + self.jacobians[g].T @ np.concatenate([full, latent])
        return value, gradient

    def complete(self, free: np.ndarray) -> np.ndarray:
        """Return the information if theta were known."""
        return self._information(free, lambda *_: 0.0)

    def observed(self, free: np.ndarray) -> np.ndarray:
        """Return the observed information by Louis (1982)."""
        return self._information(free, missing_information)

    def scores(self, free: np.ndarray) -> list[np.ndarray]:
        """Return the gradient contribution of each pattern of each group."""
        return [
            pattern_scores(e, self.steepness, self._latent_slopes(free, g), part)
            @ self.jacobians[g]
            for g, (e, part) in enumerate(zip(self.expected(free), self.parts))
        ]

    def _information(self, free: np.ndarray, lost: Callable) -> np.ndarray:
        total = -self._penalty(free)[2]
        for g, (e, part) in enumerate(zip(self.expected(free), self.parts)):
            slopes = self._latent_slopes(free, g)
            bend = self._latent_bend(free, g, e.node_counts)
            whole = group_information(e, self.steepness, slopes, bend, part, lost)
            total = total + self.jacobians[g].T @ whole @ self.jacobians[g]
        return total

    def _latent_slopes(self, free: np.ndarray, group: int) -> np.ndarray:
        latent = free[self.design.latent_slice(group)]
        n_weights = len(self.design.nodes) + self.design.latents[group].has_floor
        if not len(latent):
            return np.zeros((0, n_weights))
        return self.design.latents[group].slopes(latent)

    def _latent_bend(
        self, free: np.ndarray, group: int, node_counts: np.ndarray
    ) -> np.ndarray:
        values = free[self.design.latent_slice(group)]
        return latent_bend(self.design.latents[group], values, node_counts)

    def _penalty(self, free: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the log prior with its gradient and second derivatives."""
        n = len(free)
        value, gradient, bend = 0.0, np.zeros(n), np.zeros((n, n))
        is_slope = self.design.is_slope
        n_items = len(self.design.blocks[0].names)
        is_other = ~is_slope & (np.arange(n) < n_items)
        if self.prior.slope:
            mean, sd = self.prior.slope
            a = free[is_slope]
            z = (np.log(np.abs(a)) - mean) / sd
            value -= (z**2 / 2 + np.log(np.abs(a))).sum()
            gradient[is_slope] -= (z / sd + 1) / a
            bend[is_slope, is_slope] -= (1 / sd**2 - z / sd - 1) / a**2
        if self.prior.intercept:
            mean, sd = self.prior.intercept
            z = (free[is_other] - mean) / sd
            value -= (z**2).sum() / 2
            gradient[is_other] -= z / sd
            bend[is_other, is_other] -= 1 / sd**2
        return self._histogram_penalty(free, value, gradient, bend)

    def _histogram_penalty(
        self, free: np.ndarray, value: float, gradient: np.ndarray, bend: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        if self.prior.histogram:
            for g, latent in enumerate(self.design.latents):
                part = self.design.latent_slice(g)
                each = np.full(len(self.design.nodes), self.prior.histogram)
                each /= len(each)
                value += each @ latent.log_weights(free[part])
                gradient[part] += latent.slopes(free[part]) @ each
                bend[part, part] += self._latent_bend(free, g, each)
        return value, gradient, bend


def latent_bend(
    latent: Normal | Histogram | ZeroInflated,
    values: np.ndarray,
    node_counts: np.ndarray,
    step: float = 1e-5,
) -> np.ndarray:
    """Return second derivatives of the latent part, by differences of its first."""
    rows = [
        (latent.slopes(values + shift) - latent.slopes(values - shift))
        @ node_counts
        / (2 * step)
        for shift in step * np.eye(len(values))
    ]
    return np.array(rows).reshape(len(values), len(values))


def group_information(
    expected: Expectation,
    steepness: np.ndarray,
    latent_slopes: np.ndarray,
    bend: np.ndarray,
    patterns: Patterns,
    lost: Callable,
) -> np.ndarray:
    """Return a group's information by its full item parameters, then the latent ones.

    Parameters
    ----------
    bend : array, shape (n_latent, n_latent)
        Second derivatives of the latent part.
    lost : callable
        What not seeing theta loses: `missing_information`, or none of it.
    """
    blocks = complete_information(expected, steepness)
    width, n_items = blocks[0].shape[0], blocks[0].shape[0] * len(blocks)
    whole = np.zeros((n_items + len(bend),) * 2)
    for j, block in enumerate(blocks):
        at = slice(j * width, (j + 1) * width)
        whole[at, at] = block
    whole[n_items:, n_items:] = -bend
    return whole - lost(expected, steepness, latent_slopes, patterns)
