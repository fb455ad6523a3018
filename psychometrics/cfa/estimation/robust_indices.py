"""Indices of fit that estimate what complete, normal data would have shown.

The residuals e = s - sigma(theta) are, near the truth, M (s - sigma0) with
M = I - J (J'VJ)^-1 J'V for an estimator with weights V. A discrepancy e'We of other
weights W then expects tr(M'WM Gamma) / N of a true model: the noise to take off
(Zhang & Savalei, 2023, for incomplete data; Savalei, 2021, for ordinal data).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..data.clusters import Clusters, cross_products
from . import normal_likelihood
from .discrepancy import LeastSquares, implied_moments, saturated_thresholds
from .h1_moments import (
    Saturated,
    independence_moments,
    moment_index,
    moment_information,
    moment_scores,
)

if TYPE_CHECKING:
    from ..data.sample_moments import Moments
    from ..model.model_matrices import Implied, Structure
    from .normal_likelihood import Likelihood
    from .robust_ml_fit import NormalProblem

DEPENDENT = 1e-10  # of the largest eigenvalue: below it columns repeat one another


def residual_noise(
    weights: np.ndarray,
    estimator_weights: np.ndarray,
    jacobian: np.ndarray,
    gamma: np.ndarray,
) -> float:
    """Return tr(M'WM Gamma); a 1-d `estimator_weights` is a diagonal.

    M depends on the columns of J by what they span, so any generalised inverse will
    do: in one group of several, parameters that are equal over groups may be more
    than that group alone determines.
    """
    parts = np.sum(weights * gamma), weights @ jacobian
    return _noise_left(*parts, estimator_weights, jacobian, gamma)


def _noise_left(
    whole: float,
    WJ: np.ndarray,
    estimator_weights: np.ndarray,
    jacobian: np.ndarray,
    gamma: np.ndarray,
) -> float:
    """The same from tr(W Gamma) and W J, where W itself would fill the memory."""
    V, J = estimator_weights, jacobian
    VJ = V[:, None] * J if V.ndim == 1 else V @ J
    inverse = _generalised_inverse(J.T @ VJ)
    GVJ = gamma @ VJ
    first = inverse @ (WJ.T @ GVJ)
    second = inverse @ (J.T @ WJ) @ inverse @ (VJ.T @ GVJ)
    return float(whole - 2 * np.trace(first) + np.trace(second))


def _generalised_inverse(information: np.ndarray) -> np.ndarray:
    """Invert a cross-product, whose columns may repeat one another."""
    scale = 1 / np.sqrt(np.diag(information))
    scaled = information * np.outer(scale, scale)
    inverse = np.linalg.pinv(scaled, rcond=DEPENDENT, hermitian=True)
    return inverse * np.outer(scale, scale)


def moment_jacobian(
    implied: Implied, structure: Structure, has_means: bool = True
) -> np.ndarray:
    """Return d(means, lower triangle) by theta."""
    U, V, D = implied.factors(structure.entries)
    rows, cols = moment_index(structure.p)
    covariances = U[rows] * V[cols] + U[cols] * V[rows]
    both = np.vstack([D, covariances]) if has_means else covariances
    return both @ structure.selection


def incomplete_noise(
    problem: NormalProblem,
    at: Sequence[tuple[Implied, Likelihood]],
    values: Sequence[np.ndarray] | None = None,
    clusters: Clusters | None = None,
) -> tuple[float, float, float, float]:
    """Return chi2 of the EM moments and its noise, for model and independence.

    `values` (the groups' answers) asks for moments whose spread is estimated without
    normality.
    """
    totals, start = np.zeros(4), 0
    for g, (s, patterns, moments, (implied, _)) in enumerate(
        zip(problem.structures, problem.patterns, problem.saturated, at)
    ):
        seen = normal_likelihood.likelihood(patterns, moments.cov, moments.mean)
        A = moment_information(seen, observed=True)
        gamma = np.linalg.inv(A)
        if values is not None:
            scores = moment_scores(seen, values[g], moments.mean)
            B = cross_products(scores, clusters, start) / patterns.n
            gamma = gamma @ B @ gamma
        start += patterns.n
        mean, cov = independence_moments(patterns)
        rows, cols = moment_index(s.p)
        alone = np.eye(s.p + len(rows))[:, np.r_[np.ones(s.p, bool), rows == cols]]
        jacobian = moment_jacobian(implied, s)
        for place, (mu, sigma, J) in enumerate(
            ((implied.mu, implied.sigma, jacobian), (mean, cov, alone))
        ):
            J = J[:, J.any(axis=0)]
            totals[2 * place : 2 * place + 2] += _distance_and_noise(
                patterns.n, moments, mu, sigma, J, A, gamma
            )
    return tuple(totals)


def _distance_and_noise(
    n: int,
    moments: Saturated,
    mu: np.ndarray,
    sigma: np.ndarray,
    jacobian: np.ndarray,
    information: np.ndarray,
    gamma: np.ndarray,
) -> tuple[float, float]:
    whole = normal_likelihood.Patterns(
        n,
        np.ones((1, len(mu)), bool),
        np.array([n]),
        moments.mean[None],
        moments.cov[None],
    )
    model = normal_likelihood.likelihood(whole, sigma, mu)
    best = normal_likelihood.likelihood(whole, moments.cov, moments.mean)
    complete = moment_information(best)
    noise = residual_noise(complete, information, jacobian, gamma)
    return 2 * n * (model.value - best.value), noise


def ordinal_noise(
    problem: LeastSquares, theta: np.ndarray, jacobians: Sequence[np.ndarray]
) -> tuple[float, float, float, float] | None:
    """Return catML chi2 and its noise for a polychoric model and independence.

    The correlations are treated as data of maximum likelihood, evaluated where least
    squares stopped (Savalei, 2021). None when a matrix is not positive definite.
    """
    inner = problem.of_correlations
    if inner is not None:  # thresholds without residuals have no part in it
        theta = np.delete(theta, saturated_thresholds(problem.structures))
        problem, jacobians = inner, inner.jacobians(theta)
    totals = np.zeros(4)
    for s, m, J in zip(problem.structures, problem.moments, jacobians):
        implied = np.eye(s.p)
        model = m.values - problem_residual(s, m, theta)
        implied[m.rows, m.cols] = implied[m.cols, m.rows] = model[m.n_thresholds :]
        values = [_catml(m.corr, sigma) for sigma in (implied, np.eye(s.p))]
        if None in values:
            return None
        kept = J[:, J.any(axis=0)]
        parts = _weighted_by_correlations(implied, m, kept)
        noise = _noise_left(*parts, m.weights, kept, m.gamma)
        # without correlations each has weight one, and thresholds alone are free
        base = np.trace(m.gamma[m.n_thresholds :, m.n_thresholds :])
        totals += m.n * values[0], noise, m.n * values[1], base
    return tuple(totals)


def problem_residual(
    structure: Structure, moments: Moments, theta: np.ndarray
) -> np.ndarray:
    return moments.values - implied_moments(structure, structure.at(theta), moments)


def _catml(corr: np.ndarray, sigma: np.ndarray) -> float:
    try:
        np.linalg.cholesky(corr), np.linalg.cholesky(sigma)
    except np.linalg.LinAlgError:
        return None
    ratio = np.linalg.solve(sigma, corr)
    return np.trace(ratio) - len(corr) - np.linalg.slogdet(ratio)[1]


def _weighted_by_correlations(
    sigma: np.ndarray, m: Moments, J: np.ndarray, rows: int = 256
) -> tuple[float, np.ndarray]:
    """Return tr(W Gamma) and W J for normal-theory weights W of the correlations.

    W has no thresholds; it is made some rows at a time.
    """
    P, t = np.linalg.inv(sigma), m.n_thresholds
    r, c, moved = m.rows, m.cols, J[t:]
    whole, WJ = 0.0, np.zeros_like(J)
    for at in range(0, len(r), rows):
        own = slice(at, at + rows)
        first, second = P[r[own]], P[c[own]]
        W = first[:, r] * second[:, c]
        W += first[:, c] * second[:, r]
        whole += np.einsum("ij,ij->", W, m.gamma[t:, t:][own])
        WJ[t:][own] = W @ moved
    return whole, WJ
