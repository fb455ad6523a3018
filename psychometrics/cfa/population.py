"""A model with all its values known, and answers drawn from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Label, Rng
from ..errors import ModelSyntaxError
from ..options import generator
from ..resampling import drawn_until
from .model.model_matrices import compile_table
from .model.model_reliability import latent_covariances
from .model.parameter_table import ParameterTable, Settings, complete
from .model.syntax import parse_model

if TYPE_CHECKING:
    from .result import ConfirmedModel


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """Moments to draw from, and the standardised truth by parameter.

    Attributes
    ----------
    items : tuple of str
    mean, cov : arrays
        Of the answers, or of the latent responses when there are thresholds.
    thresholds : tuple of arrays or None
        Increasing cuts of each item, on the metric of `cov`.
    truth : Series
        Standardised loadings and correlations, by (lhs, op, rhs).
    """

    items: tuple
    mean: np.ndarray
    cov: np.ndarray
    thresholds: tuple | None
    truth: pd.Series

    def draw(
        self,
        n: int,
        rng: Rng,
        *,
        missing: float = 0.0,
        clusters: np.ndarray | None = None,
        icc: float = 0.0,
    ) -> pd.DataFrame:
        """Return n persons' answers; codes 0, 1, ... where there are thresholds.

        Parameters
        ----------
        missing : float
            Chance that an answer is missing, completely at random.
        clusters : int array, shape (n,), optional
            Codes 0, 1, ... of the persons' clusters, which share the part `icc` of
            every variance and covariance.
        """
        rng = generator(rng, what="drawing persons")
        values = self._latent(n, rng, clusters, icc)
        if self.thresholds is not None:
            values = _codes(values, self.thresholds).astype(float)
        if missing:
            values[rng.random(values.shape) < missing] = np.nan
        return pd.DataFrame(values, columns=list(self.items))

    def _latent(
        self,
        n: int,
        rng: np.random.Generator,
        clusters: np.ndarray | None = None,
        icc: float = 0.0,
    ) -> np.ndarray:
        """Answers, or the latent responses behind them."""
        zero = np.zeros(len(self.mean))
        latent = rng.multivariate_normal(zero, self.cov, n, method="cholesky")
        if clusters is not None:
            n_clusters = int(np.max(clusters)) + 1
            shared = rng.multivariate_normal(
                zero, self.cov, n_clusters, method="cholesky"
            )
            latent = np.sqrt(1 - icc) * latent + np.sqrt(icc) * shared[clusters]
        return latent + self.mean

    def draw_whole(
        self, n: int, rng: Rng, **options: object
    ) -> tuple[pd.DataFrame, int]:
        """Draw until every category has an answer; also say how often in vain.

        Parameters
        ----------
        **options
            Of `draw`.
        """
        rng = generator(rng, what="drawing persons")
        if self.thresholds is None:
            return self.draw(n, rng, **options), 0
        return drawn_until(
            lambda: self.draw(n, rng, **options),
            lambda frame: _has_every_code(frame.to_numpy(), self.thresholds),
        )

    def draw_codes(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, int]:
        """Return the whole numbers alone that `draw_whole` gives, and its count.

        Of items with thresholds; a tenth of the time where samples come by the hundred.
        """
        return drawn_until(
            lambda: _codes(self._latent(n, rng), self.thresholds),
            lambda codes: _has_every_code(codes, self.thresholds),
        )


def population_of(
    model: str | ConfirmedModel,
    *,
    thresholds: Sequence[float] | Sequence[Sequence[float]] | None = None,
    group: Label | None = None,
) -> Population:
    """Return the Population of a stated or a fitted model.

    What it implies is Lambda Phi Lambda' + Theta (Joreskog, 1969), all variances 1.

    Parameters
    ----------
    model : str or ConfirmedModel
        Text with a number before each loading and covariance, as in
        ``"f =~ 0.7*x1 + 0.6*x2"``; factor variances are 1, covariances 0 and residual
        variances what is left of 1 unless stated.
    thresholds : sequence, or sequence a item, optional
        Cuts on the latent responses; a fitted ordinal model has its own.
    group : label, optional
        Of a fitted model; the first unless said.

    Returns
    -------
    Population
        To draw samples from; for `monte_carlo`.

    Raises
    ------
    ModelSyntaxError
        A path without a value, or an item that the factors give more variance than 1.
    InvalidOption
        None of the fitted model's groups.

    Examples
    --------
    >>> truth = population_of("f =~ 0.8*x1 + 0.6*x2 + 0.5*x3")
    >>> truth.cov.round(2).tolist()
    [[1.0, 0.48, 0.4], [0.48, 1.0, 0.3], [0.4, 0.3, 1.0]]
    """
    if not isinstance(model, str):
        return _from_fitted(model, thresholds, group)
    return _from_text(model, thresholds)


def _from_fitted(
    fitted: ConfirmedModel,
    thresholds: Sequence[float] | Sequence[Sequence[float]] | None,
    group: int | str | None,
) -> Population:
    implied = fitted.implied[fitted.place_of(group)]
    table = fitted.table
    cov = latent_covariances(implied, table)
    if thresholds is None and table.settings.ordinal:
        bounds = np.cumsum([0, *table.n_thresholds.values()])
        thresholds = [implied.tau[a:b] for a, b in zip(bounds, bounds[1:])]
    rows = fitted.group(group)
    truth = rows.set_index(["lhs", "op", "rhs"])["std"]
    return Population(
        items=fitted.items,
        mean=implied.mu,
        cov=cov,
        thresholds=_cuts(thresholds, fitted.items),
        truth=truth,
    )


def _from_text(text: str, thresholds: Sequence[float] | None) -> Population:
    table = complete(parse_model(text), Settings(std_lv=True, orthogonal=True))
    rows = table.frame
    unsaid = rows[(rows["free"] > 0) & (rows["op"] != "~~")]
    if len(unsaid):
        row = unsaid.iloc[0]
        raise ModelSyntaxError(f"no value for {row.lhs} {row.op} {row.rhs}")
    (structure,) = compile_table(table)
    implied = structure.at(np.zeros(table.n_free))
    p = len(table.items)
    cov = implied.sigma.copy()
    left = 1 - np.diag(cov)
    own = structure.entries.k[structure.entries.k < p]
    if (left[own] <= 0).any():
        raise ModelSyntaxError(
            f"{table.items[own[np.argmin(left[own])]]}: the factors explain more than "
            "its variance of 1; state its residual variance or lower the loadings"
        )
    cov[own, own] += left[own]
    return Population(
        items=table.items,
        mean=implied.mu,
        cov=cov,
        thresholds=_cuts(thresholds, table.items),
        truth=_truth(table, cov),
    )


def _codes(latent: np.ndarray, thresholds: Sequence[np.ndarray]) -> np.ndarray:
    """How many cuts of its item each latent response is above."""
    codes = np.zeros(latent.shape, np.int16)
    for k in range(max(map(len, thresholds))):
        codes += latent > [cuts[k] if k < len(cuts) else np.inf for cuts in thresholds]
    return codes


def _has_every_code(codes: np.ndarray, thresholds: Sequence[np.ndarray]) -> bool:
    n_codes = np.array([len(cuts) + 1 for cuts in thresholds])
    begins = np.cumsum(n_codes) - n_codes
    if codes.dtype.kind == "i":  # everybody answered
        cells = (codes + begins).ravel()
    else:
        answered = ~np.isnan(codes)
        cells = (np.where(answered, codes, 0).astype(np.intp) + begins)[answered]
    return bool((np.bincount(cells, minlength=n_codes.sum()) > 0).all())


def _truth(table: ParameterTable, cov: np.ndarray) -> pd.Series:
    """Standardised values of what the text states."""
    place = {item: i for i, item in enumerate(table.items)}
    values = {}
    for row in table.frame.itertuples():
        value = row.value
        if row.op == "=~" and row.rhs in place:
            value = value / np.sqrt(cov[place[row.rhs], place[row.rhs]])
        elif row.op == "~~" and row.lhs in place:
            continue
        values[(row.lhs, row.op, row.rhs)] = value
    truth = pd.Series(values)
    truth.index.names = ["lhs", "op", "rhs"]
    return truth


def _cuts(
    thresholds: Sequence[np.ndarray | float] | None, items: Sequence[str]
) -> tuple[np.ndarray, ...] | None:
    if thresholds is None:
        return None
    cuts = list(thresholds)
    if np.ndim(cuts[0]) == 0:
        cuts = [cuts] * len(items)
    return tuple(np.sort(np.asarray(cut, float)) for cut in cuts)
