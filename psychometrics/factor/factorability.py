"""Whether a correlation matrix has enough in common to look for factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc, chdtri

from ..annotations import Axes
from ..errors import InvalidResponses, NotIdentified
from ..figures import BLUE, bars, bound, finish, name_rows
from ..results import Result, axes

_SINGULAR = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class KMOResult(Result):
    """Measure of sampling adequacy, overall and per item, each between 0 and 1."""

    _headline = ("overall", "items=per_item.index")

    overall: float
    per_item: pd.Series

    def to_frame(self) -> pd.DataFrame:
        return self.per_item.rename("kmo").to_frame()

    def _about(self) -> Sequence[str]:
        return (f"Kaiser-Meyer-Olkin measure, overall {self.overall:.3f}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one bar an item, and Kaiser's .5 below which an item does not fit."""
        found = self.per_item.sort_values(ascending=False)
        ax = axes(ax, rows=len(found))
        words = ("", "does not fit")
        bars(ax, name_rows(ax, found.index), found, flags=found < 0.5, words=words)
        bound(ax, 0.5, "Kaiser's .50")
        ax.set_xlim(0, 1)
        title = f"Sampling adequacy of {len(found)} items: overall {self.overall:.2f}"
        return finish(ax, title, x="measure of sampling adequacy", key=True)


@dataclass(frozen=True, eq=False, kw_only=True)
class SphericityResult(Result):
    """Bartlett's test that all correlations are zero."""

    _headline = ("chi2", "df", "p", "n")

    chi2: float
    df: int
    p: float
    n: int

    def to_frame(self) -> pd.DataFrame:
        row = {"chi2": self.chi2, "df": self.df, "p": self.p}
        return pd.DataFrame(row, index=["sphericity"])

    def _about(self) -> Sequence[str]:
        return (f"Bartlett's test of sphericity, n = {self.n}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw chi-square beside its 5 % point if all correlations were nought."""
        ax, names = axes(ax), ("found", "5 % point if\nall were nought")
        values = [self.chi2, float(chdtri(self.df, 0.05))]
        bars(ax, name_rows(ax, names, what="chi-square"), values)
        title = f"Sphericity: chi2({self.df}) = {self.chi2:.1f}, p = {self.p:.2g}"
        return finish(ax, f"{title}, n = {self.n}", x="chi-square")


@dataclass(frozen=True, eq=False, kw_only=True)
class ConditionResult(Result):
    """How near to singular a correlation matrix is.

    Attributes
    ----------
    determinant, log_determinant : float
        The log is -inf for a singular matrix, NaN for an indefinite one.
    condition : float
        Largest over smallest eigenvalue, in absolute size.
    eigenvalues : Series
        Largest first.
    """

    _headline = ("condition", "determinant")

    determinant: float
    log_determinant: float
    condition: float
    eigenvalues: pd.Series

    def to_frame(self) -> pd.DataFrame:
        return self.eigenvalues.rename("eigenvalue").to_frame()

    def _about(self) -> Sequence[str]:
        return (f"determinant {self.determinant:.3g}, condition {self.condition:.3g}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the eigenvalues, largest first, on a logarithmic scale."""
        ax, values = axes(ax), self.eigenvalues.to_numpy()
        ax.plot(np.arange(1, len(values) + 1), values, "o-", color=BLUE)
        ax.set_yscale("log")
        ticks = np.outer(10.0 ** np.arange(-8, 4), [1, 2, 5]).ravel()
        ticks = ticks[(ticks >= values.min() / 2) & (ticks <= values.max() * 2)]
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.set_yticks([], minor=True)
        title = f"Eigenvalues: the largest is {self.condition:.3g} times the smallest"
        return finish(ax, title, x="number of the eigenvalue", y="eigenvalue")


def kmo(corr: pd.DataFrame) -> KMOResult:
    """Return the Kaiser-Meyer-Olkin measure of sampling adequacy (Kaiser, 1974).

    Squared correlations as a share of squared correlations plus squared
    correlations with all other items held constant.

    Parameters
    ----------
    corr : DataFrame, shape (n_items, n_items)
        Correlations with a unit diagonal, positive definite.

    Returns
    -------
    KMOResult
        `overall` and, by item, `per_item`, both between 0 and 1.

    Raises
    ------
    InvalidResponses
        `corr` is not a correlation matrix.
    NotIdentified
        `corr` is singular; the message names the items that repeat each other.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["calm", "safe", "heard"]
    >>> corr = pd.DataFrame(0.5, names, names)
    >>> for name in names:
    ...     corr.loc[name, name] = 1.0
    >>> round(kmo(corr).overall, 3)
    0.692
    """
    corr = check_corr(corr)
    _check_definite(corr)
    inverse = np.linalg.inv(corr.to_numpy())
    scale = np.sqrt(np.diag(inverse))
    partial = inverse / np.outer(scale, scale)
    squared, squared_partial = corr.to_numpy() ** 2, partial**2
    np.fill_diagonal(squared, 0)
    np.fill_diagonal(squared_partial, 0)
    by_item = squared.sum(axis=0) / (squared + squared_partial).sum(axis=0)
    overall = squared.sum() / (squared + squared_partial).sum()
    return KMOResult(
        overall=float(overall),
        per_item=pd.Series(by_item, index=corr.index, name="kmo"),
    )


def bartlett_sphericity(corr: pd.DataFrame, n: int) -> SphericityResult:
    """Test that no two items correlate (Bartlett, 1951).

    Parameters
    ----------
    corr : DataFrame, shape (n_items, n_items)
        Correlations of continuous items; with polychorics chi2 is only a guide.
    n : int
        Persons behind `corr`.

    Returns
    -------
    SphericityResult
        `chi2`, `df` and `p`.

    Raises
    ------
    NotIdentified
        `corr` is singular, so that its determinant has no logarithm.

    Examples
    --------
    >>> import pandas as pd
    >>> corr = pd.DataFrame({"calm": [1, 0.5], "safe": [0.5, 1]}, ["calm", "safe"])
    >>> round(bartlett_sphericity(corr, 50).chi2, 2)
    13.66
    """
    corr = check_corr(corr)
    _check_definite(corr)
    n_items = len(corr)
    log_determinant = np.linalg.slogdet(corr.to_numpy())[1]
    chi2 = -(n - 1 - (2 * n_items + 5) / 6) * log_determinant
    df = n_items * (n_items - 1) // 2
    p = float(chdtrc(df, max(chi2, 0.0)))
    return SphericityResult(chi2=float(chi2), df=df, p=p, n=n)


def conditioning(corr: pd.DataFrame) -> ConditionResult:
    """Return determinant, condition number and eigenvalues of a correlation matrix.

    What they say of repeated items: Belsley, Kuh & Welsch (1980, chapter 3).

    Parameters
    ----------
    corr : DataFrame, shape (n_items, n_items)
        Correlations with a unit diagonal.

    Returns
    -------
    ConditionResult

    Raises
    ------
    InvalidResponses
        `corr` is not a correlation matrix.

    Examples
    --------
    >>> import pandas as pd
    >>> corr = pd.DataFrame({"calm": [1, 0.5], "safe": [0.5, 1]}, ["calm", "safe"])
    >>> round(conditioning(corr).determinant, 2)
    0.75
    """
    corr = check_corr(corr)
    eigenvalues = np.linalg.eigvalsh(corr.to_numpy())[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_determinant = np.log(eigenvalues).sum()
        condition = np.abs(eigenvalues).max() / np.abs(eigenvalues).min()
    index = pd.RangeIndex(1, len(corr) + 1, name="component")
    return ConditionResult(
        determinant=float(np.prod(eigenvalues)),
        log_determinant=float(log_determinant),
        condition=float(condition),
        eigenvalues=pd.Series(eigenvalues, index=index),
    )


def check_corr(corr: np.ndarray | pd.DataFrame) -> pd.DataFrame:
    """Return `corr` as a float DataFrame, or raise InvalidResponses.

    It must be square, complete, symmetric, within [-1, 1], with a unit diagonal.
    """
    if not isinstance(corr, pd.DataFrame):
        corr = np.asarray(corr)
        names = [f"item{j + 1}" for j in range(corr.shape[-1] if corr.ndim else 0)]
        corr = pd.DataFrame(corr, columns=names, index=names[: len(corr)] or None)
    if corr.shape[0] != corr.shape[1]:
        raise InvalidResponses(
            f"corr is {corr.shape[0]} x {corr.shape[1]}; a correlation matrix is square"
        )
    values = corr.to_numpy(dtype=float)
    wrong = ~(np.abs(values) <= 1 + 1e-8)
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        raise InvalidResponses(
            f"corr has {values[i, j]} for {corr.index[i]} and {corr.columns[j]}; "
            "correlations lie between -1 and 1"
        )
    if np.abs(np.diag(values) - 1).max() > 1e-8:
        raise InvalidResponses("corr has no unit diagonal; give correlations")
    if np.abs(values - values.T).max() > 1e-8:
        raise InvalidResponses("corr is not symmetric")
    return corr.astype(float)


def _check_definite(corr: pd.DataFrame) -> None:
    eigenvalues, vectors = np.linalg.eigh(corr.to_numpy())
    if eigenvalues[0] > _SINGULAR:
        return
    weights = np.abs(vectors[:, 0])
    involved = corr.index[weights > 0.3 * weights.max()].tolist()
    raise NotIdentified(
        "the correlation matrix is singular: "
        f"{', '.join(map(str, involved))} determine each other; leave one of them out"
    )
