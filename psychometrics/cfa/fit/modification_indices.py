"""What freeing one more parameter would gain (Sorbom, 1989), for all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..model.model_matrices import Entries, Implied, Structure

if TYPE_CHECKING:
    from ..model.parameter_table import ParameterTable


def candidates(
    table: ParameterTable, structure: Structure, group: int
) -> tuple[Entries, list[tuple[str, str, str, int]]]:
    """Return entries and names of the parameters that could be freed.

    Loadings and residual covariances that the model leaves out, and factor
    covariances that it leaves out or fixes at zero.
    """
    p, n = structure.p, structure.n
    names = (*table.items, *table.latents)
    taken = {"A": structure.A != 0, "S": structure.S != 0}
    e = structure.entries
    for kind in "AS":
        own = e.kind == kind
        taken[kind][e.k[own], e.l[own]] = True
    taken["S"] |= taken["S"].T
    kinds, k, m, labels = [], [], [], []
    for f in range(p, n):
        for i in np.flatnonzero(~taken["A"][:p, f]):
            kinds, k, m = [*kinds, "A"], [*k, i], [*m, f]
            labels.append((names[f], "=~", names[i], group))
    for block in (range(p), range(p, n)):
        for i in block:
            for j in block:
                if i < j and not taken["S"][i, j]:
                    kinds, k, m = [*kinds, "S"], [*k, i], [*m, j]
                    labels.append((names[i], "~~", names[j], group))
    return Entries(np.array(kinds), np.array(k, int), np.array(m, int)), labels


def score_tests(
    gradient: np.ndarray,
    own: np.ndarray,
    cross: np.ndarray,
    information: np.ndarray,
    n: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return modification index and expected change of each candidate.

    Parameters
    ----------
    gradient, own : arrays, one a candidate
        Derivative of F and information, per person.
    cross : array, candidates x theta
    information : array, theta x theta
    n : float
    """
    kept = own - np.einsum("ij,ij->i", cross, np.linalg.solve(information, cross.T).T)
    kept = np.where(kept > 1e-9 * own, kept, np.nan)
    return n * gradient**2 / kept, -gradient / kept


def standardised_change(
    entries: Entries, implied: Implied, epc: np.ndarray, residual: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the change with factors, and with all variables, standardised."""
    sd = np.sqrt(abs(np.diag(implied.full)))  # a variance below nought has a size too
    p = implied.p
    own = np.sqrt(abs(residual))
    a = entries.kind == "A"
    items = entries.k < p
    lv, everything = epc.copy(), epc.copy()
    lv[a] *= sd[entries.l[a]]
    everything[a] = lv[a] / sd[entries.k[a]]
    s = ~a
    both = own[entries.k[s]] * own[entries.l[s]]
    everything[s] = epc[s] / both
    lv[s & ~items] = everything[s & ~items]
    return lv, everything


def as_frame(
    labels: Sequence[tuple[str, str, str, int]],
    mi: np.ndarray,
    epc: np.ndarray,
    lv: np.ndarray,
    everything: np.ndarray,
    scaling: float,
) -> pd.DataFrame:
    """Return the table of modification indices, largest first."""
    frame = pd.DataFrame(labels, columns=["lhs", "op", "rhs", "group"])
    frame["mi"] = mi
    frame["mi_scaled"] = mi / scaling
    frame["epc"] = epc
    frame["sepc_lv"] = lv
    frame["sepc_all"] = everything
    return frame.sort_values("mi", ascending=False, ignore_index=True)


def gathered(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the groups' tables as one, largest index first."""
    if not tables:
        return as_frame([], np.zeros(0), *[np.zeros(0)] * 3, 1.0)
    frame = pd.concat(tables, ignore_index=True)
    return frame.sort_values("mi", ascending=False, ignore_index=True)
