"""Normal-theory maximum likelihood, persons grouped by which items they answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import InvalidResponses


@dataclass(frozen=True, eq=False)
class Patterns:
    """One group's answers, summarised by pattern of missing items.

    Attributes
    ----------
    n : int
    seen : bool array, shape (n_patterns, p)
    counts : int array
    means, covs : arrays, zero where an item is missing; `covs` about the means
    """

    n: int
    seen: np.ndarray
    counts: np.ndarray
    means: np.ndarray
    covs: np.ndarray

    @property
    def is_complete(self) -> bool:
        return bool(self.seen.all())


def summarise(values: np.ndarray) -> Patterns:
    """Return the Patterns of a persons x items array, NaN where unanswered."""
    answered = ~np.isnan(values)
    if not answered.any(axis=1).all():
        raise InvalidResponses("a person answered no item; leave empty rows out")
    seen, row = np.unique(answered, axis=0, return_inverse=True)
    counts = np.bincount(row)
    filled = np.where(answered, values, 0.0)
    order = np.argsort(row, kind="stable")
    blocks = np.split(filled[order], np.cumsum(counts)[:-1])
    means = np.array([block.mean(axis=0) for block in blocks])
    covs = np.array([_cov(block) for block in blocks])
    return Patterns(len(values), seen, counts, means, covs)


def _cov(block: np.ndarray) -> np.ndarray:
    deviations = block - block.mean(axis=0)
    return deviations.T @ deviations / len(block)


def pattern_rows(values: np.ndarray, seen: np.ndarray) -> list[np.ndarray]:
    """Return for each pattern the indices of the persons who have it."""
    answered = ~np.isnan(values)
    return [np.flatnonzero((answered == one).all(axis=1)) for one in seen]


def precisions(patterns: Patterns, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inverse of each pattern's covariances, zero where missing.

    Also the log determinants; None when `sigma` is not positive definite.
    """
    both = patterns.seen[:, :, None] & patterns.seen[:, None, :]
    masked = np.where(both, sigma, 0.0)
    diagonal = np.arange(sigma.shape[0])
    masked[:, diagonal, diagonal] += ~patterns.seen
    try:
        roots = np.linalg.cholesky(masked)
    except np.linalg.LinAlgError:
        return None
    inverse = np.linalg.inv(masked)
    inverse[:, diagonal, diagonal] -= ~patterns.seen
    return inverse, 2 * np.log(roots[:, diagonal, diagonal]).sum(axis=1)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """One group's discrepancy at given moments, ready for derivatives.

    `value` is half of log|Sigma| + tr(S P) + d'Pd, averaged over persons; `Q` and
    `t` are its derivative: dF = tr(Q dSigma) / 2 + t' dmu.
    """

    patterns: Patterns
    P: np.ndarray
    R: np.ndarray
    z: np.ndarray  # P times (mean - mu), a pattern a row
    value: float
    Q: np.ndarray
    t: np.ndarray

    @property
    def share(self) -> np.ndarray:
        return self.patterns.counts / self.patterns.n


def likelihood(
    patterns: Patterns, sigma: np.ndarray, mu: np.ndarray | None
) -> Likelihood | None:
    """Return the Likelihood at `sigma` and `mu`; None if not positive definite.

    With `mu` None the means are free: each is its observed value.
    """
    inverted = precisions(patterns, sigma)
    if inverted is None:
        return None
    P, logdet = inverted
    d = np.zeros_like(patterns.means)
    if mu is not None:
        d = np.where(patterns.seen, patterns.means - mu, 0.0)
    about = patterns.covs + d[:, :, None] * d[:, None, :]
    PA = P @ about
    R = PA @ P
    share = patterns.counts / patterns.n
    z = np.einsum("gij,gj->gi", P, d)
    value = 0.5 * share @ (logdet + np.einsum("gii->g", PA))
    Q = np.tensordot(share, P - R, 1)
    return Likelihood(patterns, P, R, z, float(value), Q, -(share @ z))


def gradient(
    at: Likelihood, factors: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return dF for entries with `factors` (U, V, D)."""
    U, V, D = factors
    return np.einsum("ij,ij->j", U, at.Q @ V) + at.t @ D


def expected_information(
    at: Likelihood,
    one: tuple[np.ndarray, np.ndarray, np.ndarray],
    two: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """Return the expected information of entries, per person."""
    two = one if two is None else two
    total = 0.0
    for share, P in zip(at.share, at.P):
        total = total + share * _expected(P, one, two)
    return total


def _expected(
    P: np.ndarray,
    one: tuple[np.ndarray, np.ndarray, np.ndarray],
    two: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> np.ndarray:
    (U, V, D), (X, Y, C) = one, two
    PX, PY = P @ X, P @ Y
    return (U.T @ PX) * (V.T @ PY) + (U.T @ PY) * (V.T @ PX) + D.T @ (P @ C)


def observed_information(
    at: Likelihood,
    one: tuple[np.ndarray, np.ndarray, np.ndarray],
    two: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
    *,
    curvature: np.ndarray,
) -> np.ndarray:
    """Return the second derivatives of F; `curvature` is Implied.curvature's."""
    two = one if two is None else two
    total = curvature.copy()
    for share, P, R, z in zip(at.share, at.P, at.R, at.z):
        total += share * (_cross(P, R, z, one, two) - _expected_cov(P, one, two))
    return total


def _expected_cov(
    P: np.ndarray,
    one: tuple[np.ndarray, np.ndarray, np.ndarray],
    two: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> np.ndarray:
    U, V, _ = one
    X, Y, _ = two
    PX, PY = P @ X, P @ Y
    return (U.T @ PX) * (V.T @ PY) + (U.T @ PY) * (V.T @ PX)


def _cross(
    P: np.ndarray,
    R: np.ndarray,
    z: np.ndarray,
    one: tuple[np.ndarray, np.ndarray, np.ndarray],
    two: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> np.ndarray:
    """tr(R dSigma_a P dSigma_b), symmetrised, and what the means add."""
    (U, V, D), (X, Y, C) = one, two
    PX, PY, RX, RY = P @ X, P @ Y, R @ X, R @ Y
    traces = (
        (V.T @ PX) * (U.T @ RY)
        + (V.T @ PY) * (U.T @ RX)
        + (U.T @ PX) * (V.T @ RY)
        + (U.T @ PY) * (V.T @ RX)
    )
    if not D.any() and not C.any():
        return traces
    PD, PC = P @ D, P @ C
    means = D.T @ PC
    means += (PD.T @ X) * (z @ Y) + (PD.T @ Y) * (z @ X)
    means += ((PC.T @ U) * (z @ V) + (PC.T @ V) * (z @ U)).T
    return traces + means


def scores(
    at: Likelihood,
    factors: tuple[np.ndarray, np.ndarray, np.ndarray],
    values: np.ndarray,
    mu: np.ndarray | None,
) -> np.ndarray:
    """Return each person's log-likelihood derivative, shape (n, n_entries).

    `mu` None puts the means at their observed values.
    """
    U, V, D = factors
    result = np.empty((at.patterns.n, U.shape[1]))
    rows = pattern_rows(values, at.patterns.seen)
    for where, seen, P, centre in zip(rows, at.patterns.seen, at.P, at.patterns.means):
        d = values[where] - (centre if mu is None else mu)
        Z = np.where(seen, d, 0.0) @ P
        constant = np.einsum("ij,ij->j", U, P @ V)
        result[where] = (Z @ U) * (Z @ V) - constant + Z @ D
    return result
