"""Exploratory factor analysis: correlate, extract, rotate, and say how well it fits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..counted import counted, people
from ..errors import HeywoodWarning
from ..responses import check_responses
from ..results import Result
from . import diagrams
from .correlation_input import check_n_factors, check_sample, correlate
from .extraction import extract, improper
from .factor_fit import FactorFit, fit_of
from .rotation import describe_minima, rotate
from .score_weights import score_patterns, squared_determinacy, weights


@dataclass(frozen=True, eq=False, kw_only=True)
class ExploratoryFactors(Result):
    """One exploratory solution.

    Attributes
    ----------
    loadings : DataFrame, items x factors
        The pattern; F1 explains most (a bifactor's general factor comes first).
    factor_corr : DataFrame, factors x factors
    uniquenesses : Series
        Share of each item's variance that no factor explains.
    fit : FactorFit
    minima : DataFrame
        Minima of the rotation criterion: `value` and the `starts` that ended there.
    corr : DataFrame
        The correlations that were analysed.
    n_obs : float
        Persons behind them (a harmonic mean over pairs where answers are missing).
    heywood : tuple of items
        Items whose uniqueness is at its lower bound, or below it.
    n_persons, n_complete : int or None
        Persons with an answer, and with an answer to every item; None of a matrix.
    """

    _headline = ("n_factors", "rmsea=fit.rmsea", "tli=fit.tli", "n=n_obs")

    loadings: pd.DataFrame
    factor_corr: pd.DataFrame
    uniquenesses: pd.Series
    fit: FactorFit
    minima: pd.DataFrame
    corr: pd.DataFrame
    n_obs: float
    extraction: str
    rotation: str
    kind: str
    heywood: tuple
    n_persons: int | None = None
    n_complete: int | None = None

    @property
    def n_factors(self) -> int:
        return self.loadings.shape[1]

    @property
    def structure(self) -> pd.DataFrame:
        """Correlations of items with factors."""
        return self.loadings @ self.factor_corr

    @property
    def communalities(self) -> pd.Series:
        """Share of each item's variance that the factors explain together."""
        return (self.structure * self.loadings).sum(axis=1)

    @property
    def residuals(self) -> pd.DataFrame:
        """Observed less reproduced correlations; zero on the diagonal."""
        left = self.corr - self.structure @ self.loadings.T
        return left.where(~np.eye(len(left), dtype=bool), 0.0)

    @property
    def eigenvalues(self) -> pd.DataFrame:
        """Of the correlations, and of the same with communalities on the diagonal."""
        reduced = self.corr - np.diag(self.uniquenesses)
        return pd.DataFrame(
            {
                "total": np.linalg.eigvalsh(self.corr)[::-1],
                "common": np.linalg.eigvalsh(reduced)[::-1],
            },
            index=range(1, len(self.corr) + 1),
        )

    @property
    def variance(self) -> pd.DataFrame:
        """Sum of squares by factor, its share of all variance and of the common."""
        squares = np.diag(self.factor_corr @ self.loadings.T @ self.loadings)
        share = squares / len(self.loadings)
        explained = squares / squares.sum()
        rows = {
            "sum_of_squares": squares,
            "proportion": share,
            "cumulative": share.cumsum(),
            "of_common": explained,
            "of_common_cumulative": explained.cumsum(),
        }
        return pd.DataFrame(rows, index=self.loadings.columns).T

    @property
    def determinacy(self) -> pd.DataFrame:
        """Per factor: multiple correlation with the items, its square, and the lowest
        correlation that two equally good sets of scores can have (Guttman, 1955)."""
        squared = squared_determinacy(*self._arrays())
        columns = {
            "correlation": np.sqrt(squared),
            "squared": squared,
            "lowest_between": 2 * squared - 1,
        }
        return pd.DataFrame(columns, index=self.loadings.columns)

    def score_weights(self, method: str = "regression") -> pd.DataFrame:
        """Weights of standardised items: regression, bartlett or ten_berge."""
        array = weights(*self._arrays(), method)
        return pd.DataFrame(array, self.loadings.index, self.loadings.columns)

    def scores(
        self, responses: pd.DataFrame, *, method: str = "regression"
    ) -> pd.DataFrame:
        """Score persons from the items that each answered.

        Items are standardised over `responses`. A person who answered no more items
        than there are factors has no scores.
        """
        checked = check_responses(
            responses[list(self.loadings.index)], ordinal=False, keep_empty=True
        )
        found = score_patterns(checked, *self._arrays(), method)
        return found.set_axis(self.loadings.columns, axis=1)

    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return (
            self.corr.to_numpy(),
            self.loadings.to_numpy(),
            self.factor_corr.to_numpy(),
        )

    def to_frame(self) -> pd.DataFrame:
        return self.loadings.assign(
            communality=self.communalities, uniqueness=self.uniquenesses
        )

    def _about(self) -> Sequence[str]:
        fit = self.fit
        return (
            f"{counted(self.n_factors, 'factor')}, {self.extraction}, {self.rotation}, "
            f"{self.kind} correlations of {len(self.loadings)} items, "
            f"{people(self.n_obs, self.n_persons, self.n_complete)}.",
            f"chi2({fit.df}) = {fit.chi2:.1f}, p = {fit.p:.3g}; RMSEA {fit.rmsea:.3f} "
            f"({fit.rmsea_low:.3f} to {fit.rmsea_high:.3f}), TLI {fit.tli:.3f}, "
            f"CFI {fit.cfi:.3f}, SRMR {fit.srmr:.3f}, BIC {fit.bic:.1f}.",
        )

    def _caveats(self) -> Sequence[str]:
        notes = list(describe_minima(self.minima))
        if self.heywood:
            notes.append(heywood_message(self.heywood))
        if self.n_obs < max(100, 7 * len(self.loadings)):
            notes.append(
                "Fewer than 100 persons, or than seven an item: loadings are unsure, "
                "and bootstrap_loadings says by how much."
            )
        if self.kind == "polychoric":
            notes.append(
                "chi2, RMSEA, TLI and CFI treat polychoric correlations as Pearson's; "
                "with ordinal items they are descriptive. SRMR is not affected."
            )
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the loadings, one row an item."""
        return diagrams.draw_loadings(self.loadings, ax)

    def plot_paths(self, ax: Axes | None = None, *, smallest: float = 0.3) -> Axes:
        """Draw a path diagram of loadings of `smallest` and more in size."""
        return diagrams.draw_paths(self.loadings, self.factor_corr, smallest, ax)


def heywood_message(items: tuple[str]) -> str:
    """Say which items have a uniqueness at its bound, and what that suggests."""
    return (
        f"the uniqueness of {', '.join(map(str, items))} is at or below its lower "
        "bound (a Heywood case): too many factors, too small a sample, or two nearly "
        "identical items; the solution is not to be trusted as it stands"
    )


def explore(
    responses: pd.DataFrame | None,
    n_factors: int,
    *,
    extraction: str = "minres",
    rotation: str = "oblimin",
    corr: str | pd.DataFrame = "polychoric",
    n_obs: float | None = None,
    normalize: bool | None = None,
    starts: int = 30,
    rng: Rng = 0,
    target: pd.DataFrame | np.ndarray | None = None,
    weights: pd.DataFrame | None = None,
) -> ExploratoryFactors:
    """Extract and rotate common factors (minres: Harman & Jones, 1966).

    Parameters
    ----------
    responses : DataFrame, persons x items, or None
        Whole numbers, NaN where unanswered (each pair of items then uses whoever
        answered both). None when `corr` is a correlation matrix.
    n_factors : int
    extraction : {"minres", "ml", "principal_axis", "wls"}
    rotation : str
        See `rotate`.
    normalize, starts, rng, target
        As in `rotate`.
    corr : {"polychoric", "pearson", "spearman"} or DataFrame
        What to correlate by, or the labelled correlation matrix itself.
    n_obs : float, optional
        Persons behind a matrix that was given.
    weights : DataFrame, shape (n_items, n_items), optional
        For "wls": one over the sampling variance of each correlation; from the
        answers when not given, or as for normal variables with a given matrix.

    Returns
    -------
    ExploratoryFactors

    Warns
    -----
    HeywoodWarning, SmoothingWarning

    Raises
    ------
    InvalidResponses
        Answers or correlations that cannot be used.
    NotIdentified
        More factors than the items determine, or a singular matrix.
    ConvergenceError
        If extraction or rotation does not settle.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import explore, simulate
    >>> loadings, phi = simulate.simple_structure(2, 4, loading=0.7)
    >>> made = simulate.responses(
    ...     10, rng=np.random.default_rng(1), loadings=loadings, factor_corr=phi
    ... )
    >>> found = explore(None, 2, corr=made.corr, n_obs=300)
    >>> found.communalities.round(2).unique().tolist()
    [0.49]
    >>> float(found.factor_corr.loc["F1", "F2"].round(2))
    0.3
    """
    found = correlate(responses, corr, n_obs)
    check_sample(found)
    n_factors = check_n_factors(len(found.frame), n_factors)
    given = None if weights is None else np.array(weights, float)
    if given is None and found.se is not None:
        given = 1 / np.maximum(np.array(found.se, float), 1e-4) ** 2
    raw, psi = extract(found.array, n_factors, extraction=extraction, weights=given)
    items = found.frame.index
    heywood = tuple(items[improper(psi)])
    if heywood:
        warnings.warn(heywood_message(heywood), HeywoodWarning, stacklevel=2)
    turned = rotate(
        pd.DataFrame(raw, index=items),
        method=rotation,
        normalize=normalize,
        starts=starts,
        rng=rng,
        target=target,
    )
    return ExploratoryFactors(
        loadings=turned.loadings,
        factor_corr=turned.factor_corr,
        uniquenesses=pd.Series(psi, index=items, name="uniqueness"),
        fit=fit_of(found.array, raw @ raw.T, found.n_obs, n_factors),
        minima=turned.minima,
        corr=found.frame,
        n_obs=found.n_obs,
        extraction=extraction,
        rotation=rotation,
        kind=found.kind,
        heywood=heywood,
        n_persons=found.n_persons,
        n_complete=found.n_complete,
    )
