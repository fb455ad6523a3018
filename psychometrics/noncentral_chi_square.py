"""The noncentral chi-square, from which intervals of RMSEA are taken."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtr, chndtr, chndtrinc, ndtr

FAR = 1e4  # noncentrality from which the series is slow; a normal is exact enough
EXACT = 1e-5  # of a probability: what an inverse that was found may be off


def below(chi2: float, df: float, noncentrality: float) -> float:
    """Return the probability of less than `chi2`."""
    if noncentrality > FAR:
        return _sankaran(chi2, df, noncentrality)
    return float(chndtr(chi2, df, noncentrality))


def _sankaran(x: float, k: float, nc: float) -> float:
    """P(chi2 < x) after Sankaran (1963)."""
    h = 1 - 2 * (k + nc) * (k + 3 * nc) / (3 * (k + 2 * nc) ** 2)
    p = (k + 2 * nc) / (k + nc) ** 2
    m = (h - 1) * (1 - 3 * h)
    mean = 1 + h * p * (h - 1 - 0.5 * (2 - h) * m * p)
    return float(
        ndtr(((x / (k + nc)) ** h - mean) / (h * np.sqrt(2 * p * (1 + m * p / 2))))
    )


def noncentrality(chi2: float, df: float, probability: float) -> float:
    """Return the noncentrality that leaves `probability` below `chi2`; 0 if none does.

    A statistic below nought, as rounding leaves of an exact fit, counts as nought;
    one that could not be worked out, or of no degrees of freedom, has NaN.
    """
    if not (np.isfinite(chi2) and df > 0):
        return np.nan
    chi2 = max(chi2, 0.0)
    if chdtr(df, chi2) <= probability:
        return 0.0
    found = float(chndtrinc(chi2, df, probability))
    if abs(below(chi2, df, found) - probability) < EXACT:
        return found
    from scipy.optimize import brentq  # slow to load: not where nothing asks for it

    return float(
        brentq(
            lambda nc: below(chi2, df, nc) - probability, 0, 2 * chi2 + 100, xtol=1e-8
        )
    )
