"""Scaling factors of the normal-theory test, for the model and for independence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..data.clusters import Clusters, cross_products
from ..fit.cluster_tests import ClusterForm
from ..fit.fit_tests import Scaling
from ..model.model_matrices import Entries, Structure
from . import normal_likelihood
from .h1_moments import (
    Saturated,
    independence_moments,
    moment_index,
    moment_information,
    moment_scores,
    saturated_moments,
)
from .robust_indices import moment_jacobian
from .robust_ml_fit import NormalProblem

if TYPE_CHECKING:
    from .normal_likelihood import Patterns


def saturated_trace(problem: NormalProblem, values: Sequence[np.ndarray]) -> float:
    """Return tr(B1 / A1): how far the saturated model's scores are from normal.

    A1 is the observed information, B1 the scores' cross-products (Yuan & Bentler,
    2000).
    """
    total = 0.0
    for patterns, rows, moments in zip(problem.patterns, values, problem.saturated):
        like = normal_likelihood.likelihood(patterns, moments.cov, moments.mean)
        if patterns.is_complete:
            total += _mardia_trace(rows, like.P[0])
            total += like.P.shape[1] if problem.has_means else 0
        else:
            A = moment_information(like, observed=True)
            G = moment_scores(like, rows, moments.mean)
            total += np.trace(np.linalg.solve(A, G.T @ G)) / patterns.n
    return total


def _mardia_trace(values: np.ndarray, P: np.ndarray) -> float:
    """The saturated term for complete data, from Mardia's (1970) kurtosis."""
    d = values - values.mean(axis=0)
    distance = np.einsum("ij,ij->i", d @ P, d)
    return 0.5 * (np.mean(distance**2) - len(P))


def model_trace(
    problem: NormalProblem,
    theta: np.ndarray,
    values: Sequence[np.ndarray],
    *,
    observed: bool = True,
) -> tuple[float, np.ndarray]:
    """Return tr(B0 / A0) of a fitted model and the cross-products B0 per person."""
    at = problem.at(theta)
    A = problem.information(at, observed=observed)
    scores = np.vstack(problem.scores(at, values))
    B = cross_products(scores) / problem.n
    return np.trace(np.linalg.solve(A, B)), B


def yuan_bentler(
    problem: NormalProblem, theta: np.ndarray, values: Sequence[np.ndarray], df: int
) -> Scaling:
    """Return the scaling factors of the test, of h1 and of h0."""
    h1 = saturated_trace(problem, values)
    h0, _ = model_trace(problem, theta, values)
    n_moments = sum(
        _moments(patterns, problem.has_means) for patterns in problem.patterns
    )
    return Scaling(
        c=(h1 - h0) / df if df else np.nan,
        h1=h1 / n_moments,
        h0=h0 / len(theta),
    )


def _moments(patterns: Patterns, has_means: bool) -> int:
    p = patterns.seen.shape[1]
    return p * (p + 1) // 2 + (p if has_means else 0)


def cluster_units(
    problem: NormalProblem, values: Sequence[np.ndarray], clusters: Clusters
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the clusters' units and, one a group, the roots of the metric.

    The metric is the saturated moments' information, in which chi2 is a square.
    """
    units, roots, start = [], [], 0
    for share, patterns, rows, moments in zip(
        problem.shares, problem.patterns, values, problem.saturated
    ):
        like = normal_likelihood.likelihood(patterns, moments.cov, moments.mean)
        first = 0 if problem.has_means else rows.shape[1]
        A = moment_information(like, observed=True)[first:, first:]
        scores = moment_scores(like, rows, moments.mean)[:, first:]
        moved = np.linalg.solve(A, scores.T).T
        without = partial(_moments_of_some, rows, moments, first)
        moved = clusters.units(moved, _as_vector(moments)[first:], without, start)
        roots.append(np.sqrt(share) * np.linalg.cholesky(A))
        units.append(moved @ roots[-1] * np.sqrt(problem.n) / patterns.n)
        start += patterns.n
    return np.hstack(units), roots


def clustered_form(
    problem: NormalProblem,
    theta: np.ndarray,
    units: np.ndarray,
    roots: Sequence[np.ndarray],
    nu: float,
) -> ClusterForm:
    """Return the ClusterForm of the likelihood's test of a model."""
    tangents = [
        root.T @ moment_jacobian(s.at(theta), s, problem.has_means)
        for s, root in zip(problem.structures, roots)
    ]
    return ClusterForm(units=units, tangent=np.vstack(tangents), nu=nu)


def _as_vector(moments: Saturated) -> np.ndarray:
    rows, cols = moment_index(len(moments.mean))
    return np.concatenate([moments.mean, moments.cov[rows, cols]])


def _moments_of_some(
    values: np.ndarray, start: Saturated, first: int, kept: np.ndarray
) -> np.ndarray:
    """Saturated moments of the persons `kept`, from `first` on."""
    patterns = normal_likelihood.summarise(values[kept])
    return _as_vector(saturated_moments(patterns, start=start))[first:]


def clustered(form: ClusterForm, df: int) -> Scaling:
    """Return c, scale and shift of a test whose scores add up within clusters."""
    if df == 0:
        return Scaling(c=np.nan, multiplier=np.nan)
    trace, trace2 = form.of_model()
    shift = df - np.sqrt(df * trace**2 / trace2)
    return Scaling(
        c=trace / df,
        multiplier=np.sqrt(df / trace2),
        shift=shift,
        traces=(trace, trace2),
    )


def satorra_bentler(
    problem: NormalProblem, theta: np.ndarray, values: Sequence[np.ndarray], df: int
) -> tuple[float, np.ndarray]:
    """Return c of Satorra & Bentler (1994) and the meat of the robust errors.

    Complete data; weights at the model's covariances, moments about the means.
    """
    at = problem.at(theta)
    total, meat = 0.0, 0.0
    for share, s, rows, (implied, like) in zip(
        problem.shares, problem.structures, values, at
    ):
        d = rows - rows.mean(axis=0)
        P, S = like.P[0], like.patterns.covs[0]
        distance = np.einsum("ij,ij->i", d @ P, d)
        PS = P @ S
        total += 0.5 * (np.mean(distance**2) - np.sum(PS * PS.T))
        total += np.trace(PS) if problem.has_means else 0.0
        factors = implied.factors(s.entries)
        quasi = normal_likelihood.scores(like, factors, rows, None) @ s.selection
        quasi = quasi - quasi.mean(axis=0)
        meat = meat + share * (quasi.T @ quasi) / len(rows)
    A = problem.information(at)
    c = (total - np.trace(np.linalg.solve(A, meat))) / df if df else np.nan
    return c, meat


def independence_problem(problem: NormalProblem) -> tuple[NormalProblem, np.ndarray]:
    """Return the problem and estimates in which the items do not correlate."""
    structures, theta, first = [], [], 0
    p = problem.patterns[0].seen.shape[1]
    width = 2 * p if problem.has_means else p
    n_free = width * len(problem.patterns)
    for patterns in problem.patterns:
        structures.append(_independent(p, problem.has_means, first, n_free))
        mean, cov = independence_moments(patterns)
        theta += [np.diag(cov), mean] if problem.has_means else [np.diag(cov)]
        first += width
    return (
        NormalProblem(structures, problem.patterns, problem.has_means),
        np.concatenate(theta),
    )


def _independent(p: int, has_means: bool, first: int, n_free: int) -> Structure:
    place = np.arange(p)
    kind = np.array(["S"] * p + ["b"] * (p if has_means else 0))
    k = np.tile(place, 2 if has_means else 1)
    none = np.zeros(0, int)
    return Structure(
        p=p,
        n=p,
        entries=Entries(kind, k, k),
        free=first + np.arange(len(k)),
        A=np.zeros((p, p)),
        S=np.zeros((p, p)),
        b=np.zeros(p),
        tau=np.zeros(0),
        tau_free=none,
        tau_item=none,
        delta=np.ones(p),
        delta_free=np.full(p, -1),
        derived=np.zeros(p, bool),
        theta_scaled=False,
        is_ordinal=False,
        n_free=n_free,
    )
