"""Variance components of ratings of which some are missing, by restricted likelihood.

A rating is mean + target + rater + error. Targets are random; raters are random, fixed
or not told apart. The restricted likelihood (Patterson & Thompson, 1971) is maximised
over the ratios of the components to that of error; with every rating it gives the
table of variance's estimates, as long as none of them is negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from ..errors import NotIdentified

STARTS = (0.3, 1.0, 3.0)  # square roots of the ratio of target to error
SMALL = 1e-8  # a ratio below is one at its bound


@dataclass(frozen=True, kw_only=True)
class RatingVariances:
    """Components where raters are not told apart, a sample, or these only.

    Attributes
    ----------
    one_way : tuple of float
        Of targets and of all else.
    random : tuple of float
        Of targets, raters and error.
    fixed : tuple of float
        Of targets and error beside the raters' own means.
    n_targets, n_raters, n_ratings : int
    per_target, per_rater : float
        Harmonic means of the numbers of ratings.
    """

    one_way: tuple[float, float]
    random: tuple[float, float, float]
    fixed: tuple[float, float]
    n_targets: int
    n_raters: int
    n_ratings: int
    per_target: float
    per_rater: float


def rating_variances(values: np.ndarray) -> RatingVariances:
    """Return the components of targets by raters, NaN where missing.

    Raises NotIdentified where ratings do not tie all raters together, or leave nothing
    over by which error could be told.
    """
    from scipy.sparse import csr_matrix  # slow to load: not where nothing asks for it
    from scipy.sparse.csgraph import connected_components

    is_there = ~np.isnan(values)
    n, k, n_ratings = *values.shape, int(is_there.sum())
    graph = csr_matrix(is_there.astype(int))
    joined = csr_matrix(
        (np.ones(graph.nnz), (graph.nonzero()[0], n + graph.nonzero()[1])),
        shape=(n + k, n + k),
    )
    if connected_components(joined, directed=False)[0] > 1:
        raise NotIdentified(
            "raters are not tied together by targets that several of them rated"
        )
    if n_ratings - n - k + 1 < 1:
        raise NotIdentified(
            f"{n_ratings} ratings of {n} targets by {k} raters leave nothing over by "
            "which error could be told"
        )
    fit = _Likelihood(values)
    if fit.leaves_no_error():
        raise NotIdentified(
            "ratings differ by target and rater alone: no error to compare with"
        )
    target, _, rest = fit.maximised(raters="none")
    of_random = fit.maximised(raters="random")
    fixed, _, error = fit.maximised(raters="fixed")
    return RatingVariances(
        one_way=(target, rest),
        random=of_random,
        fixed=(fixed, error),
        n_targets=n,
        n_raters=k,
        n_ratings=n_ratings,
        per_target=_harmonic(is_there.sum(axis=1)),
        per_rater=_harmonic(is_there.sum(axis=0)),
    )


def _harmonic(counts: np.ndarray) -> float:
    return float(len(counts) / (1 / counts).sum())


class _Likelihood:
    """-2 log restricted likelihood, error's variance put in at its best."""

    def __init__(self, values: np.ndarray) -> None:
        is_there = ~np.isnan(values)
        self.targets, self.raters = np.nonzero(is_there)
        self.n_raters = values.shape[1]
        centre, scale = np.nanmean(values), np.nanstd(values)
        self.ratings = (values[is_there] - centre) / scale
        self.scale = float(scale)
        self.n_of = is_there.sum(axis=1)
        self.first = np.cumsum(self.n_of) - self.n_of
        self.by_rater = np.eye(self.n_raters)[self.raters]
        ones = np.ones((len(self.ratings), 1))
        self.fixed = {"none": ones, "random": ones, "fixed": self.by_rater}

    def leaves_no_error(self) -> bool:
        """Whether targets and raters say what every rating is."""
        table = np.column_stack([self.by_rater, self.ratings])
        means = np.add.reduceat(table, self.first) / self.n_of[:, None]
        table = table - means[self.targets]
        effects, ratings = table[:, :-1], table[:, -1]
        rest = ratings - effects @ np.linalg.lstsq(effects, ratings, rcond=None)[0]
        return bool(rest @ rest < 1e-12 * len(ratings))

    def maximised(self, *, raters: str) -> tuple[float, float, float]:
        """(Targets, raters, error), raters' being 0 where they are not random."""
        from scipy.optimize import (  # slow to load: not where nothing asks for it
            minimize,
        )

        n_ratios = 2 if raters == "random" else 1

        def value(roots: np.ndarray) -> float:
            return float(self._value(roots**2, raters)[0])

        ends = [
            minimize(
                value,
                np.full(n_ratios, start),
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000},
            )
            for start in STARTS
        ]
        ratios = min(ends, key=lambda end: end.fun).x ** 2
        ratios = np.where(ratios < SMALL, 0.0, ratios)
        error = self._value(ratios, raters)[1] * self.scale**2
        of_raters = ratios[1] if n_ratios == 2 else 0.0
        return float(ratios[0] * error), float(of_raters * error), float(error)

    def _value(self, ratios: np.ndarray, raters: str) -> tuple[float, float]:
        effects = self.fixed[raters]
        table = np.column_stack([effects, self.ratings])
        solved = self._without_targets(table, ratios[0])
        logarithm = np.log1p(ratios[0] * self.n_of).sum()
        if len(ratios) == 2 and ratios[1] > 0:
            one = self._without_targets(self.by_rater, ratios[0])
            inner = np.eye(self.n_raters) + ratios[1] * self.by_rater.T @ one
            factor = cho_factor(inner, lower=True)
            logarithm += 2 * np.log(np.diag(factor[0])).sum()
            solved = solved - ratios[1] * one @ cho_solve(factor, one.T @ table)
        products = table.T @ solved
        q = effects.shape[1]
        left = len(self.ratings) - q
        chol = np.linalg.cholesky(products)
        error = chol[q, q] ** 2 / left
        logarithm += 2 * np.log(np.diag(chol)[:q]).sum()
        return float(logarithm + left * np.log(error)), float(error)

    def _without_targets(self, table: np.ndarray, ratio: float) -> np.ndarray:
        sums = np.add.reduceat(table, self.first)  # ratings stand by target
        sums *= (ratio / (1 + ratio * self.n_of))[:, None]
        return table - sums[self.targets]
