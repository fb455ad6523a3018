"""Estimates and standardised estimates of every row, with their derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from .model_matrices import Implied, Structure


def rows_of_group(
    structure: Structure,
    rows: pd.DataFrame,
    names: Mapping[str, int],
    theta: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return estimates, standardised estimates and derivatives by theta.

    Parameters
    ----------
    structure : Structure
    rows : DataFrame
        The group's part of the parameter table.
    names : dict of str to int
        Place of each item and factor.
    theta : array

    Returns
    -------
    est, std : arrays, one a row
    d_est, d_std : arrays, rows x theta
    """
    s, implied = structure, structure.at(theta)
    variance, d_variance = _variances(s, implied)
    residual, d_residual = _residual_variances(s, implied, variance, d_variance)
    q = s.n_free
    est, std = np.empty(len(rows)), np.empty(len(rows))
    d_est, d_std = np.zeros((len(rows), q)), np.zeros((len(rows), q))
    with np.errstate(invalid="ignore", divide="ignore"):
        for r, row in enumerate(rows.itertuples()):
            i = names[row.lhs]
            j = names[row.rhs] if row.op in ("=~", "~", "~~") else i
            if row.is_derived and row.op == "~*~":
                est[r] = variance[i] ** -0.5
                d_est[r] = -0.5 * est[r] / variance[i] * d_variance[i]
            elif row.is_derived:
                est[r], d_est[r] = residual[i], d_residual[i]
            elif row.free:
                est[r], d_est[r, row.free - 1] = theta[row.free - 1], 1.0
            else:
                est[r] = row.value
            powers = _powers(row.op, i, j)
            source = (residual, d_residual) if powers[0] else (variance, d_variance)
            scale, d_log = _scale(powers[1], *source)
            std[r] = est[r] * scale
            d_std[r] = d_est[r] * scale + std[r] * d_log
    return est, std, d_est, d_std


def _variances(s: Structure, implied: Implied) -> tuple[np.ndarray, np.ndarray]:
    U, V, _ = implied.factors(s.entries, everything=True)
    variance = np.diag(implied.full).copy()
    d_variance = 2 * U * V @ s.selection
    for i in np.flatnonzero(s.derived):
        variance[i] = implied.delta[i] ** -2
        d_variance[i] = 0.0
        if s.delta_free[i] >= 0:
            d_variance[i, s.delta_free[i]] = -2 * implied.delta[i] ** -3
    return variance, d_variance


def _residual_variances(
    s: Structure, implied: Implied, variance: np.ndarray, d_variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Diagonal of S, where a delta scale makes it what the factors leave."""
    residual = np.diag(implied.S).copy()
    d_residual = np.zeros_like(d_variance)
    e = s.entries
    own = (e.kind == "S") & (e.k == e.l)
    d_residual[e.k[own], s.free[own]] = 1.0
    if s.derived.any():
        U, V, _ = implied.factors(e, everything=True)
        common = 2 * U * V @ s.selection
        d = s.derived
        residual[d] = variance[d] - np.diag(implied.full)[d]
        d_residual[d] = d_variance[d] - common[d]
    return residual, d_residual


def _powers(op: str, i: int, j: int) -> tuple[bool, tuple[tuple[int, int], ...]]:
    """Which variances scale a row, and to which power (in halves)."""
    if op == "=~":
        return False, ((i, 1), (j, -1))
    if op == "~":
        return False, ((j, 1), (i, -1))
    if op == "~~":
        return i != j, ((i, -1), (j, -1))
    if op == "~*~":
        return False, ((i, 1),)
    return False, ((i, -1),)


def _scale(
    powers: Sequence[tuple[int, int]], variance: np.ndarray, d_variance: np.ndarray
) -> tuple[float, np.ndarray]:
    scale, d_log = 1.0, 0.0
    for i, power in powers:
        scale = scale * variance[i] ** (power / 2)
        d_log = d_log + power / 2 * d_variance[i] / variance[i]
    return scale, d_log
