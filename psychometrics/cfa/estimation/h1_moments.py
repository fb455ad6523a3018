"""Unrestricted means and covariances from incomplete answers, and their information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import ConvergenceError, InvalidResponses
from .normal_likelihood import Likelihood, Patterns, likelihood, pattern_rows


@dataclass(frozen=True, eq=False)
class Saturated:
    """Maximum likelihood moments of one group, and F there."""

    mean: np.ndarray
    cov: np.ndarray
    value: float


def saturated_moments(
    patterns: Patterns,
    *,
    start: Saturated | None = None,
    tol: float = 1e-10,
    max_iter: int = 2000,
) -> Saturated:
    """Estimate means and covariances by EM (Little & Rubin, 2002, section 11.2).

    Parameters
    ----------
    patterns : Patterns
    start : Saturated, optional
        Moments near by.
    tol : float
        Largest change of a moment, in standard deviations, that counts as settled.

    Raises
    ------
    ConvergenceError
    """
    if patterns.is_complete:
        mean, cov = patterns.means[0], patterns.covs[0]
        return Saturated(mean, cov, likelihood(patterns, cov, mean).value)
    mean, cov = (start.mean, start.cov) if start else _available(patterns)
    sd = np.sqrt(np.diag(cov))
    for _ in range(max_iter):
        at = likelihood(patterns, cov, mean)
        if at is None:
            raise InvalidResponses(
                "the items' covariances are not positive definite given who answered "
                "what: leave out an item that repeats another, or that few answered"
            )
        step = -at.t @ cov
        # One EM step: cov + cov E[R - P] cov, the mean moved and centred again.
        updated = cov - cov @ at.Q @ cov - np.outer(step, step)
        change = max(
            abs(step / sd).max(), abs((updated - cov) / np.outer(sd, sd)).max()
        )
        mean, cov = mean + step, updated
        if change < tol:
            return Saturated(mean, cov, likelihood(patterns, cov, mean).value)
    raise ConvergenceError("the saturated moments have not settled", (mean, cov))


def _available(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Each item's own mean and variance: the independence model's estimates."""
    counts = patterns.counts[:, None] * patterns.seen
    n = counts.sum(axis=0)
    mean = (counts * patterns.means).sum(axis=0) / n
    spread = np.einsum("gii->gi", patterns.covs) + (patterns.means - mean) ** 2
    return mean, np.diag((counts * spread).sum(axis=0) / n)


def independence_moments(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Return means and a diagonal covariance: every item by itself."""
    return _available(patterns)


def available_moments(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Return means of all answers and covariances of each pair's own persons.

    With divisor n_pair - 1, times (N - 1) / N, as the field's GFI takes them.
    """
    both = patterns.seen[:, :, None] & patterns.seen[:, None, :]
    weight = patterns.counts[:, None, None] * both
    n = weight.sum(axis=0)
    m = patterns.means
    rows = (weight * m[:, :, None]).sum(axis=0) / n  # of i, among who answered j too
    products = weight * (patterns.covs + m[:, :, None] * m[:, None, :])
    cov = (products.sum(axis=0) - n * rows * rows.T) / (n - 1)
    return np.diag(rows).copy(), cov * (patterns.n - 1) / patterns.n


def moment_index(p: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the lower triangle with diagonal, column by column."""
    columns, rows = np.triu_indices(p)
    return rows, columns


def moment_information(at: Likelihood, *, observed: bool = False) -> np.ndarray:
    """Return the information of (means, lower triangle) per person.

    `at` is the Likelihood where it is wanted; `observed` adds what the data say.
    """
    p = at.Q.shape[0]
    share = at.share[:, None]
    rows, cols = moment_index(p)
    flat = at.P.reshape(len(at.P), -1)
    PP = (flat * share).T @ flat
    if observed:
        flat_R = at.R.reshape(len(at.R), -1)
        PR = (flat_R * share).T @ flat
        covariances = _gather(PR, rows, cols, p)
        covariances = covariances + covariances.T - _gather(PP, rows, cols, p)
    else:
        covariances = _gather(PP, rows, cols, p)
    weight = np.where(rows == cols, 0.5, 1.0)
    covariances *= np.outer(weight, weight)
    means = np.tensordot(at.share, at.P, 1)
    q = p + len(rows)
    information = np.zeros((q, q))
    information[:p, :p], information[p:, p:] = means, covariances
    if observed:
        Pz = np.einsum("g,gij,gk->ijk", at.share, at.P, at.z)
        cross = (Pz[:, rows, cols] + Pz[:, cols, rows]) * weight
        information[:p, p:], information[p:, :p] = cross, cross.T
    return information


def _gather(
    product: np.ndarray, rows: np.ndarray, cols: np.ndarray, p: int
) -> np.ndarray:
    """tr(X e_ij Y e_kl) over symmetrised unit matrices, from sums of X by Y."""
    product = product.reshape(p, p, p, p)
    i, j = rows[:, None], cols[:, None]
    k, m = rows[None, :], cols[None, :]
    total = product[i, k, j, m] + product[i, m, j, k]
    return (total + product[j, k, i, m] + product[j, m, i, k]) / 2


def moment_scores(at: Likelihood, values: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return each person's derivative for (means, lower triangle)."""
    p = at.Q.shape[0]
    rows, cols = moment_index(p)
    weight = np.where(rows == cols, 0.5, 1.0)
    result = np.empty((len(values), p + len(rows)))
    where = pattern_rows(values, at.patterns.seen)
    for persons, seen, P in zip(where, at.patterns.seen, at.P):
        Z = np.where(seen, values[persons] - mean, 0.0) @ P
        result[persons, :p] = Z
        result[persons, p:] = (Z[:, rows] * Z[:, cols] - P[rows, cols]) * weight
    return result
