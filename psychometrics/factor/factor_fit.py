"""How well common factors reproduce a correlation matrix."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..annotations import Axes
from ..figures import bound, dots, finish, name_rows
from ..noncentral_chi_square import noncentrality
from ..results import Result, axes


@dataclass(frozen=True, eq=False, kw_only=True)
class FactorFit(Result):
    """Fit of one exploratory solution; NaN where there are no degrees of freedom.

    Attributes
    ----------
    objective : float
        Maximum-likelihood discrepancy at the solution, however it was extracted.
    chi2, df, p : float
        `objective` times Bartlett's (1951) multiplier.
    rmsea, rmsea_low, rmsea_high : float
        Steiger & Lind (1980), with a 90 % interval.
    tli, cfi : float
        Against items that share nothing; `null_chi2` and `null_df` are theirs.
    srmr : float
        Root mean square residual, the zeros of the diagonal counted.
    rmsr, crms : float
        The same over pairs of items, and per degree of freedom.
    chi2_empirical : float
        n times the sum of squared residuals over both triangles.
    bic, sabic : float
        chi2 less df times log n, or log((n + 2) / 24).
    """

    _headline = ("rmsea", "tli", "cfi", "srmr", "chi2", "df")

    objective: float
    chi2: float
    df: int
    p: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    tli: float
    cfi: float
    srmr: float
    rmsr: float
    crms: float
    chi2_empirical: float
    bic: float
    sabic: float
    null_objective: float
    null_chi2: float
    null_df: int

    def to_frame(self) -> pd.DataFrame:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return pd.DataFrame({"value": values})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw RMSEA with its 90 % interval, and SRMR, beside the usual bounds."""
        ax = axes(ax)
        at = name_rows(ax, ["RMSEA", "SRMR"], what="index")
        values, low = [self.rmsea, self.srmr], [self.rmsea - self.rmsea_low, 0.0]
        dots(ax, at, values, [low, [self.rmsea_high - self.rmsea, 0.0]], capsize=3)
        bound(ax, 0.05, "RMSEA: close fit up to .05")
        bound(ax, 0.08, "both: acceptable up to .08", k=1)
        ax.set_xlim(0, None)
        title = (
            f"chi2({self.df}) = {self.chi2:.1f}, p = {self.p:.2g}; CFI {self.cfi:.3f}"
        )
        return finish(ax, title, x="misfit, RMSEA with 90 % interval", key=True)


def degrees_of_freedom(n_items: int, n_factors: int) -> int:
    """Distinct correlations less free parameters of an exploratory model."""
    return ((n_items - n_factors) ** 2 - (n_items + n_factors)) // 2


def discrepancy(corr: np.ndarray, implied: np.ndarray) -> float:
    """Maximum-likelihood discrepancy between two positive definite matrices."""
    _, log_implied = np.linalg.slogdet(implied)
    _, log_corr = np.linalg.slogdet(corr)
    trace = np.trace(np.linalg.solve(implied, corr))
    return float(log_implied - log_corr + trace - len(corr))


def rmsea_interval(
    chi2: float, df: int, n_obs: float, *, level: float = 0.90
) -> tuple[float, float]:
    """Interval from the noncentral chi-square (Browne & Cudeck, 1993)."""
    if df < 1:
        return np.nan, np.nan
    return tuple(
        np.sqrt(noncentrality(chi2, df, tail) / (df * (n_obs - 1)))
        for tail in ((1 + level) / 2, (1 - level) / 2)
    )


def fit_of(
    corr: np.ndarray, common: np.ndarray, n_obs: float, n_factors: int
) -> FactorFit:
    """Return `FactorFit` of reproduced common correlations.

    Parameters
    ----------
    corr, common : array, shape (n_items, n_items)
        Observed correlations, and loadings times factor correlations times loadings.
    """
    p = len(corr)
    df = degrees_of_freedom(p, n_factors)
    implied = common.copy()
    np.fill_diagonal(implied, 1.0)
    objective = discrepancy(corr, implied)
    scale = n_obs - 1 - (2 * p + 5) / 6 - 2 * n_factors / 3  # Bartlett (1951)
    chi2 = objective * scale
    null_objective = -float(np.linalg.slogdet(corr)[1])
    null_chi2 = null_objective * (n_obs - 1 - (2 * p + 5) / 6)
    null_df = p * (p - 1) // 2
    squared = float(((corr - implied) ** 2).sum())
    low, high = rmsea_interval(chi2, df, n_obs)
    return FactorFit(
        objective=objective,
        chi2=chi2,
        df=df,
        p=float(chdtrc(df, max(chi2, 0.0))) if df else np.nan,
        rmsea=_rmsea(chi2, df, n_obs),
        rmsea_low=low,
        rmsea_high=high,
        tli=_tli(objective, df, scale, null_objective, null_df),
        cfi=_cfi(chi2, df, null_chi2, null_df),
        srmr=np.sqrt(squared / (p * (p + 1))),
        rmsr=np.sqrt(squared / (p * (p - 1))),
        crms=np.sqrt(squared / (2 * df)) if df else np.nan,
        chi2_empirical=squared * n_obs,
        bic=chi2 - df * np.log(n_obs),
        sabic=chi2 - df * np.log((n_obs + 2) / 24),
        null_objective=null_objective,
        null_chi2=null_chi2,
        null_df=null_df,
    )


def _rmsea(chi2: float, df: int, n_obs: float) -> float:
    if not df:
        return np.nan
    return float(np.sqrt(max(chi2 / (df * n_obs) - 1 / (n_obs - 1), 0.0)))


def _tli(
    objective: float, df: int, scale: float, null_objective: float, null_df: int
) -> float:
    """Tucker & Lewis (1973, eq. 20); it may pass one, or fall below zero."""
    if not df:
        return np.nan
    null_ratio = null_objective / null_df
    return (null_ratio - objective / df) / (null_ratio - 1 / scale)


def _cfi(chi2: float, df: int, null_chi2: float, null_df: int) -> float:
    """Bentler (1990), kept between zero and one."""
    excess = max(chi2 - df, 0.0)
    null_excess = max(null_chi2 - null_df, excess)
    return 1 - excess / null_excess if null_excess else 1.0
