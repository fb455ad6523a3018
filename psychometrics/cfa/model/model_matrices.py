"""The table compiled to index arrays, and what it implies for moments.

The model is in reticular form (McArdle & McDonald, 1984): with v the items followed
by the factors, v = A v + u, cov(u) = S, E(u) = b. Every first derivative of the
covariances is then u v' + v u' for two vectors, so that gradients, information and
modification indices are products of small matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .parameter_table import ParameterTable

_KIND = {"=~": "A", "~": "A", "~~": "S", "~1": "b", "|": "tau", "~*~": "delta"}


@dataclass(frozen=True, eq=False)
class Entries:
    """Places of A, S or b: arrays `kind` ("A", "S", "b"), row `k`, column `l`."""

    kind: np.ndarray
    k: np.ndarray
    l: np.ndarray  # noqa: E741 - the column of the source's notation

    def __len__(self) -> int:
        return len(self.k)

    @cached_property
    def masks(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which entries are in A, in S and in b."""
        return tuple(self.kind == kind for kind in "ASb")

    def some(self, part: slice) -> Entries:
        """Return those of a part."""
        return Entries(self.kind[part], self.k[part], self.l[part])


@dataclass(frozen=True, eq=False)
class Structure:
    """One group of the model as arrays.

    Attributes
    ----------
    p, n : int
        Items; items plus factors.
    entries : Entries
        The places that hold a free parameter.
    free : int array
        Its position in theta, one an entry.
    A, S, b : arrays with the fixed values in place.
    tau, tau_free, tau_item : arrays, one a threshold
    delta, delta_free : arrays, one an item
    derived : bool array, shape (n,)
        Residual variances that follow from unit scales (delta parametrisation).
    """

    p: int
    n: int
    entries: Entries
    free: np.ndarray
    A: np.ndarray
    S: np.ndarray
    b: np.ndarray
    tau: np.ndarray
    tau_free: np.ndarray
    tau_item: np.ndarray
    delta: np.ndarray
    delta_free: np.ndarray
    derived: np.ndarray
    theta_scaled: bool
    is_ordinal: bool
    n_free: int

    @cached_property
    def selection(self) -> np.ndarray:
        """Entries x theta: which parameter stands in which place."""
        select = np.zeros((len(self.entries), self.n_free))
        select[np.arange(len(self.entries)), self.free] = 1.0
        return select

    @cached_property
    def _latest(self) -> dict[bytes, Implied]:
        return {}

    def at(self, theta: np.ndarray) -> Implied:
        """Return what the model implies at `theta`; the last is asked for again."""
        key = theta.tobytes()
        if key not in self._latest:
            self._latest.clear()
            self._latest[key] = self._made_at(theta)
        return self._latest[key]

    def _made_at(self, theta: np.ndarray) -> Implied:
        A, S, b = self.A.copy(), self.S.copy(), self.b.copy()
        e, values = self.entries, theta[self.free]
        a, s, m = e.masks
        A[e.k[a], e.l[a]] = values[a]
        S[e.k[s], e.l[s]] = S[e.l[s], e.k[s]] = values[s]
        b[e.k[m]] = values[m]
        tau, delta = self.tau.copy(), self.delta.copy()
        tau[self.tau_free >= 0] = theta[self.tau_free[self.tau_free >= 0]]
        delta[self.delta_free >= 0] = theta[self.delta_free[self.delta_free >= 0]]
        return Implied(self.p, A, S, b, tau, delta)


def compile_table(table: ParameterTable) -> list[Structure]:
    """Return one Structure a group."""
    names = {name: i for i, name in enumerate((*table.items, *table.latents))}
    groups = range(1, table.settings.n_groups + 1)
    return [_compile(table, names, group) for group in groups]


def _compile(table: ParameterTable, names: Mapping[str, int], group: int) -> Structure:
    p, n = len(table.items), len(names)
    A, S, b = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    derived, places = np.zeros(n, dtype=bool), []
    rows = [*table.rows(group).itertuples()]
    for row in rows:
        kind, free = _KIND[row.op], row.free - 1
        if kind in ("tau", "delta"):
            continue
        i = names[row.lhs]
        j = names[row.rhs] if row.rhs else i
        k, m = (j, i) if row.op == "=~" else (i, j)
        if row.is_derived:
            derived[i] = True
        elif free >= 0:
            places.append((kind, k, m, free))
        elif kind == "A":
            A[k, m] = row.value
        elif kind == "S":
            S[k, m] = S[m, k] = row.value
        else:
            b[k] = row.value
    kinds, k, m, free = ([*column] for column in zip(*places)) if places else [[]] * 4
    return Structure(
        p=p,
        n=n,
        entries=Entries(np.array(kinds), np.array(k, int), np.array(m, int)),
        free=np.array(free, int),
        A=A,
        S=S,
        b=b,
        **_thresholds(rows, names),
        **_scales(rows, names, p),
        derived=derived,
        theta_scaled=table.settings.theta,
        is_ordinal=table.settings.ordinal,
        n_free=table.n_free,
    )


def _thresholds(rows: Sequence[Any], names: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Fixed values, free places and items of the thresholds, item by item."""
    found = sorted(
        (names[row.lhs], int(row.rhs[1:]), row.value, row.free - 1)
        for row in rows
        if _KIND[row.op] == "tau"
    )
    item, _, value, at = zip(*found) if found else [()] * 4
    return {
        "tau": np.nan_to_num(np.array(value, float)),
        "tau_free": np.array(at, int),
        "tau_item": np.array(item, int),
    }


def _scales(
    rows: Sequence[Any], names: Mapping[str, int], p: int
) -> dict[str, np.ndarray]:
    """Fixed values and free places of the latent responses' scales."""
    delta, delta_free = np.ones(p), np.full(p, -1)
    for row in rows:
        if _KIND[row.op] == "delta" and not row.is_derived:
            i, free = names[row.lhs], row.free - 1
            delta[i], delta_free[i] = (row.value, -1) if free < 0 else (1.0, free)
    return {"delta": delta, "delta_free": delta_free}


class Implied:
    """Moments that one group implies at given parameters, and their derivatives."""

    def __init__(
        self,
        p: int,
        A: np.ndarray,
        S: np.ndarray,
        b: np.ndarray,
        tau: np.ndarray,
        delta: np.ndarray,
        full: np.ndarray | None = None,
    ) -> None:
        self.p, self.A, self.S, self.b = p, A, S, b
        self.tau, self.delta = tau, delta
        self.E = np.eye(len(A)) + A
        if A[p:].any() or A[:, :p].any():  # else items on factors alone: A A is nought
            self.E = np.linalg.inv(np.eye(len(A)) - A)
        self.full = self.E @ S @ self.E.T if full is None else full
        self.mean = self.E @ b

    @property
    def sigma(self) -> np.ndarray:
        return self.full[: self.p, : self.p]

    @property
    def mu(self) -> np.ndarray:
        return self.mean[: self.p]

    def in_metric(self, covariances: np.ndarray) -> Implied:
        """Return the same, with `covariances` for those of the items."""
        other = copy(self)
        other.full = self.full.copy()
        other.full[: self.p, : self.p] = covariances
        return other

    def factors(
        self, entries: Entries, *, everything: bool = False
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return U, V, D: the covariances' derivatives are u v' + v u', means' d.

        Shapes (p, n_entries), or (n, n_entries) with `everything`.
        """
        top = slice(None) if everything else slice(self.p)
        E, N = self.E[top], self.full[top]
        a, s, m = entries.masks
        U = E[:, entries.k].copy()
        V, D = np.zeros_like(U), np.zeros_like(U)
        V[:, a] = N[:, entries.l[a]]
        V[:, s] = E[:, entries.l[s]]
        V[:, s & (entries.k == entries.l)] *= 0.5
        D[:, a] = U[:, a] * self.mean[entries.l[a]]
        D[:, m] = U[:, m]
        U[:, m] = 0.0
        return U, V, D

    def curvature(
        self, one: Entries, two: Entries, Q: np.ndarray, t: np.ndarray
    ) -> np.ndarray:
        """Return tr(Q d2Sigma) / 2 + t' d2mu for each pair of entries."""
        E, N, L = self.E, self.full[: self.p], self.E[: self.p]
        QL = L.T @ Q @ L
        QN = L.T @ Q @ N
        tL = t @ L
        result = np.zeros((len(one), len(two)))
        a1, s1, b1 = (np.flatnonzero(one.kind == kind) for kind in "ASb")
        a2, s2, b2 = (np.flatnonzero(two.kind == kind) for kind in "ASb")
        k, l = one.k[a1][:, None], one.l[a1][:, None]  # noqa: E741
        m, n = two.k[a2], two.l[a2]
        result[np.ix_(a1, a2)] = (
            E[n, k] * (QN[m, l] + tL[m] * self.mean[l])
            + self.full[n, l] * QL[k, m]
            + E[l, m] * (QN[k, n] + tL[k] * self.mean[n])
        )
        result[np.ix_(a1, s2)] = _mixed(E, QL, one, a1, two, s2)
        result[np.ix_(s1, a2)] = _mixed(E, QL, two, a2, one, s1).T
        result[np.ix_(a1, b2)] = tL[k] * E[l, two.k[b2]]
        result[np.ix_(b1, a2)] = tL[m] * E[n, one.k[b1][:, None]]
        return result


def _mixed(
    E: np.ndarray,
    QL: np.ndarray,
    paths: Entries,
    a: np.ndarray,
    covariances: Entries,
    s: np.ndarray,
) -> np.ndarray:
    k, l = paths.k[a][:, None], paths.l[a][:, None]  # noqa: E741
    m, n = covariances.k[s], covariances.l[s]
    both = QL[k, m] * E[l, n] + QL[k, n] * E[l, m]
    return both * np.where(m == n, 0.5, 1.0)
