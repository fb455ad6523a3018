"""Where the search starts: loadings from each factor's own items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from builtins import range

    from ..model.model_matrices import Entries, Structure
    from ..model.parameter_table import ParameterTable


def starting_values(
    table: ParameterTable,
    structures: Sequence[Structure],
    covariances: Sequence[np.ndarray],
    means: Sequence[np.ndarray],
    thresholds: Sequence[np.ndarray] | None = None,
) -> np.ndarray:
    """Return theta to start from.

    Parameters
    ----------
    covariances, means : lists of arrays, one a group
        Of the items; correlations and zeros where these are ordinal.
    thresholds : list of arrays, optional
        One a group, in the order of `Structure.tau`.
    """
    theta = np.zeros(table.n_free)
    for g in reversed(range(len(structures))):
        s = structures[g]
        loading = _loadings(s, covariances[g])
        e = s.entries
        for i in range(len(e)):
            theta[s.free[i]] = _value(e, i, s, loading, covariances[g], means[g])
        seen = s.delta_free >= 0
        theta[s.delta_free[seen]] = 1.0
        if thresholds is not None:
            seen = s.tau_free >= 0
            theta[s.tau_free[seen]] = thresholds[g][seen]
    stated = table.frame[(table.frame["free"] > 0) & table.frame["start"].notna()]
    theta[stated["free"].to_numpy() - 1] = stated["start"]
    return theta


def _value(
    e: Entries,
    i: int,
    s: Structure,
    loading: tuple[
        Mapping[tuple[int, int], float],
        Mapping[int, float],
        Mapping[tuple[int, int], float],
    ],
    cov: np.ndarray,
    mean: np.ndarray,
) -> float:
    kind, k, m = e.kind[i], e.k[i], e.l[i]
    if kind == "A":
        return loading[0].get((k, m), 0.0 if k < s.p else 0.5)
    if kind == "b":
        return mean[k] if k < s.p else 0.0
    if k != m:
        return 0.8 * loading[2].get((k, m), 0.0)
    if k < s.p:
        return 1.0 if s.is_ordinal else 0.5 * cov[k, k]
    return loading[1].get(k, 0.5)


def _loadings(
    s: Structure, cov: np.ndarray
) -> tuple[
    dict[tuple[int, int], float], dict[int, float], dict[tuple[int, int], float]
]:
    """First principal component of each factor's items, on the scale it is given.

    A factor whose first loading is fixed has its variance started to match; items
    of several factors give most to the first. Also the factors' covariances, from
    the items' between blocks; factors of factors are started from those.
    """
    loadings, variances, used = {}, {}, set()
    measured = []
    for f in range(s.p, s.n):
        items = _indicators(s, f, range(s.p))
        if not items:
            continue
        found, variances[f] = _one_factor(s, f, items, cov)
        for k, value in found.items():
            loadings[k, f] = value * (0.4 if k in used else 1.0)
        used |= set(items)
        measured.append((f, items, np.array([found[k] for k in items])))
    between = _factor_covariances(measured, variances, cov)
    _higher_order(s, loadings, variances, between)
    return loadings, variances, between


def _indicators(s: Structure, f: int, among: range) -> list[int]:
    e = s.entries
    free = e.k[(e.kind == "A") & (e.l == f)]
    return [k for k in among if s.A[k, f] != 0 or k in free]


def _one_factor(
    s: Structure, f: int, indicators: Sequence[int], cov: np.ndarray
) -> tuple[dict[int, float], float]:
    """Loadings by indicator, and the factor's variance."""
    part = cov[np.ix_(indicators, indicators)]
    scale = np.sqrt(np.diag(part))
    component = _component(part / np.outer(scale, scale)) * scale
    fixed = [k for k in indicators if s.A[k, f] != 0]
    if not fixed:
        return dict(zip(indicators, component)), 1.0
    at = indicators.index(fixed[0])
    unit = s.A[fixed[0], f] / component[at]
    variance = min(1 / unit**2, 4.0 * part[at, at])
    return dict(zip(indicators, component * unit)), variance


def _factor_covariances(
    measured: Sequence[tuple[int, Sequence[int], np.ndarray]],
    variances: Mapping[int, float],
    cov: np.ndarray,
) -> dict[tuple[int, int], float]:
    """What the items' covariances between two blocks say of their factors."""
    between = {}
    for f, items, loading in measured:
        for g, others, slope in measured:
            if f != g and not set(items) & set(others):
                block = cov[np.ix_(items, others)]
                size = (loading @ loading) * (slope @ slope)
                limit = 0.85 * np.sqrt(variances[f] * variances[g])
                between[f, g] = np.clip(loading @ block @ slope / size, -limit, limit)
    return between


def _higher_order(
    s: Structure,
    loadings: dict[tuple[int, int], float],
    variances: dict[int, float],
    between: Mapping[tuple[int, int], float],
) -> None:
    """A factor of factors, from their covariances; its factors keep what is left."""
    for f in range(s.p, s.n):
        parts = _indicators(s, f, range(s.p, s.n))
        if not parts:
            continue
        cov = np.zeros((s.n, s.n))
        for k in parts:
            cov[k, k] = variances.get(k, 1.0)
            for m in parts:
                if k != m:
                    cov[k, m] = between.get((k, m), 0.3 * np.sqrt(cov[k, k]))
        found, variance = _one_factor(s, f, parts, cov)
        for k, value in found.items():
            loadings[k, f] = value
            left = variances.get(k, 1.0) - value**2 * variance
            variances[k] = max(left, 0.2 * variances.get(k, 1.0))
        variances[f] = variance


def _component(corr: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(corr)
    if len(corr) == 1:
        return np.array([0.7])
    share = max(values[-1] - 1.0, 0.2 * len(corr)) / len(corr)
    component = vectors[:, -1] * np.sqrt(len(corr) * share)
    component = np.where(abs(component) < 0.1, 0.1, component.clip(-0.95, 0.95))
    return component if component.sum() >= 0 else -component
