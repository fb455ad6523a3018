"""Fits a model by maximum likelihood: estimates, information, and what tests need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...optimise import gauss_newton
from . import normal_likelihood
from .h1_moments import Saturated, independence_moments, saturated_moments

if TYPE_CHECKING:
    from ..model.model_matrices import Implied
    from .normal_likelihood import Likelihood


@dataclass(frozen=True, eq=False)
class NormalProblem:
    """The groups' patterns and the structure that is to reproduce their moments."""

    structures: list
    patterns: list
    has_means: bool

    @property
    def n(self) -> int:
        return sum(patterns.n for patterns in self.patterns)

    @property
    def shares(self) -> list[float]:
        return [patterns.n / self.n for patterns in self.patterns]

    def at(self, theta: np.ndarray) -> list[tuple[Implied, Likelihood]] | None:
        """Return (Implied, Likelihood) for each group; None outside the model."""
        result = []
        for structure, patterns in zip(self.structures, self.patterns):
            try:
                implied = structure.at(theta)
            except np.linalg.LinAlgError:
                return None
            mu = implied.mu if self.has_means else None
            like = normal_likelihood.likelihood(patterns, implied.sigma, mu)
            if like is None:
                return None
            result.append((implied, like))
        return result

    def value(self, theta: np.ndarray) -> float:
        at = self.at(theta)
        if at is None:
            return np.inf
        return sum(share * like.value for share, (_, like) in zip(self.shares, at))

    def slope(
        self, theta: np.ndarray, gain: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray]:
        """Gradient and information; observed when it is positive and close by."""
        at = self.at(theta)
        g = self.gradient(at)
        if gain < 1e-2:
            H = self.information(at, observed=True)
            if np.linalg.eigvalsh(H)[0] > 0:
                return g, H
        return g, self.information(at)

    def gradient(self, at: Sequence[tuple[Implied, Likelihood]]) -> np.ndarray:
        total = 0.0
        for share, s, (implied, like) in zip(self.shares, self.structures, at):
            entry = normal_likelihood.gradient(like, implied.factors(s.entries))
            total = total + share * (entry @ s.selection)
        return total

    def information(
        self, at: Sequence[tuple[Implied, Likelihood]], *, observed: bool = False
    ) -> np.ndarray:
        """Return the information about theta, per person."""
        total = 0.0
        for share, s, (implied, like) in zip(self.shares, self.structures, at):
            factors = implied.factors(s.entries)
            if observed:
                curved = implied.curvature(s.entries, s.entries, like.Q, like.t)
                H = normal_likelihood.observed_information(
                    like, factors, curvature=curved
                )
            else:
                H = normal_likelihood.expected_information(like, factors)
            total = total + share * (s.selection.T @ H @ s.selection)
        return total

    def scores(
        self, at: Sequence[tuple[Implied, Likelihood]], values: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Return the persons' derivatives, one array a group."""
        return [
            normal_likelihood.scores(
                like,
                implied.factors(s.entries),
                rows,
                implied.mu if self.has_means else None,
            )
            @ s.selection
            for s, rows, (implied, like) in zip(self.structures, values, at)
        ]

    @cached_property
    def saturated(self) -> list[Saturated]:
        return [saturated_moments(patterns) for patterns in self.patterns]

    @cached_property
    def baseline_values(self) -> list[float]:
        """F of the independence model, one a group."""
        values = []
        for patterns in self.patterns:
            mean, cov = independence_moments(patterns)
            values.append(normal_likelihood.likelihood(patterns, cov, mean).value)
        return values

    def fit(self, start: np.ndarray) -> tuple[np.ndarray, int]:
        """Return theta at the minimum and the number of steps."""
        return gauss_newton(self.value, self.slope, start)
