"""What the correlation functions return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..annotations import Axes
from ..figures import finish, heatmap
from ..results import Result, axes


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrelationResult(Result):
    """A labelled correlation matrix, its standard errors, and how it was made.

    Attributes
    ----------
    corr, se : DataFrame, shape (n_items, n_items)
        Correlations with a unit diagonal; their standard errors, NaN on it.
    n : DataFrame, shape (n_items, n_items)
        Persons who answered both items.
    n_persons : int
        Rows used: all of them, or those without a missing answer.
    method, missing : str
    notes : tuple of str
        What a reader should know about these very figures.
    """

    _headline = ("r=corr", "n=n_persons", "method")

    corr: pd.DataFrame
    se: pd.DataFrame
    n: pd.DataFrame
    n_persons: int
    method: str
    missing: str
    notes: tuple = ()

    def to_frame(self) -> pd.DataFrame:
        return self.corr

    def pairs(self) -> pd.DataFrame:
        """Return one row a pair: item, with, r, se, n."""
        first, second = np.triu_indices(len(self.corr), 1)
        columns: dict[str, pd.Index | np.ndarray] = {
            "item": self.corr.index[first],
            "with": self.corr.index[second],
        }
        for name, table in (("r", self.corr), ("se", self.se), ("n", self.n)):
            columns[name] = table.to_numpy()[first, second]
        return pd.DataFrame(columns)

    def _about(self) -> Sequence[str]:
        answered = "complete cases" if self.missing == "complete" else "pairwise"
        return (f"{self.method} correlations, n = {self.n_persons} ({answered})",)

    def _caveats(self) -> Sequence[str]:
        return self.notes

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the matrix as a heat map."""
        n = len(self.corr)
        ax = axes(ax, rows=n, columns=n)
        heatmap(ax, self.corr, label=f"{self.method} correlation")
        title = f"Correlations of {n} items, n = {self.n_persons}"
        return finish(ax, title, x="item", y="item")


@dataclass(frozen=True, eq=False, kw_only=True)
class PolychoricResult(CorrelationResult):
    """Polychoric correlations with the thresholds that they rest on.

    Attributes
    ----------
    thresholds : DataFrame, shape (n_items, n_steps)
        On the standard normal metric. Step tk leads to the k-th category above the
        lowest that was offered; NaN where nobody chose it, or the ones below.
    pair_thresholds : DataFrame or None
        With `thresholds="pair"`: rows (item, with), thresholds of `item` among the
        persons who answered both.
    acov : DataFrame or None
        n_persons times the covariance of thresholds and correlations.
    min_eigenvalue : float
        The smallest eigenvalue of the matrix before any smoothing.
    """

    thresholds: pd.DataFrame = field(kw_only=True)
    pair_thresholds: pd.DataFrame | None = None
    acov: pd.DataFrame | None = None
    min_eigenvalue: float = np.nan


@dataclass(frozen=True, eq=False, kw_only=True)
class PolyserialResult(Result):
    """Correlations of scores (rows) with the responses behind items (columns).

    Attributes
    ----------
    corr, se, n : DataFrame, shape (n_scores, n_items)
        Standard errors hold the thresholds fixed.
    """

    _headline = ("r=corr",)

    corr: pd.DataFrame
    se: pd.DataFrame
    n: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.corr

    def _about(self) -> Sequence[str]:
        low, high = self.n.to_numpy().min(), self.n.to_numpy().max()
        return (f"polyserial correlations (two-step ML), n = {low} to {high}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the matrix as a heat map."""
        rows, columns = self.corr.shape
        ax = axes(ax, rows=rows, columns=columns)
        heatmap(ax, self.corr, label="polyserial correlation")
        title = f"Correlations of {rows} scores with {columns} items"
        return finish(ax, title, x="item", y="score")
