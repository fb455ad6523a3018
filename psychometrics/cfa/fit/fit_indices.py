"""Indices of fit, each by the formula of its source.

chi2, df and N as given; CFI (Bentler, 1990), TLI (Tucker & Lewis, 1973), RMSEA
(Steiger & Lind, 1980; interval of Browne & Cudeck, 1993), NFI, RFI, IFI, PNFI
(Bentler & Bonett, 1980; Bollen, 1986, 1989; James, Mulaik & Brett, 1982), MFI
(McDonald, 1989), ECVI (Browne & Cudeck, 1989), critical N (Hoelter, 1983).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, chdtri

from ...noncentral_chi_square import below, noncentrality

if TYPE_CHECKING:
    from .fit_tests import FitTests

RMSEA_CLOSE, RMSEA_NOT_CLOSE, RMSEA_LEVEL = 0.05, 0.08, 0.90


def comparative(
    chi2: float, df: int, baseline: float, baseline_df: int
) -> dict[str, float]:
    """Return the indices that set the model beside the independence model."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = max(chi2 - df, 0.0)
        worst = max(baseline - baseline_df, gain)
        ratio, base_ratio = np.divide(chi2, df), baseline / baseline_df
        nfi = (baseline - chi2) / baseline
        return {
            "cfi": 1.0 if worst == 0 else 1 - gain / worst,
            "tli": 1.0 if df == 0 else (base_ratio - ratio) / (base_ratio - 1),
            "rfi": 1.0 if df == 0 else (base_ratio - ratio) / base_ratio,
            "nfi": nfi,
            "pnfi": df / baseline_df * nfi,
            "ifi": (baseline - chi2) / (baseline - df),
            "rni": 1 - (chi2 - df) / (baseline - baseline_df),
        }


def rmsea(
    chi2: float, df: float, n: int, *, n_groups: int = 1, factor: float = 1.0
) -> dict[str, float]:
    """Return RMSEA, its 90 % interval, p-close and p-not-close.

    Parameters
    ----------
    chi2, df : float
    n : float
        The number that chi2 is a multiple of.
    factor : float
        c of the robust version (Li & Bentler, 2006; Brosseau-Liard, Savalei & Li,
        2012): `chi2` is then the unscaled statistic.
    """
    if df == 0:
        return dict.fromkeys(_RMSEA, np.nan) | {"rmsea": 0.0}
    scaled, size = chi2 / factor, df * n / (n_groups * factor)
    half = (1 - RMSEA_LEVEL) / 2
    return {
        "rmsea": np.sqrt(max(scaled - df, 0.0) / size),
        "rmsea_ci_lower": np.sqrt(noncentrality(scaled, df, 1 - half) / size),
        "rmsea_ci_upper": np.sqrt(noncentrality(scaled, df, half) / size),
        "rmsea_p_close": 1 - below(scaled, df, size * RMSEA_CLOSE**2),
        "rmsea_p_not_close": below(scaled, df, size * RMSEA_NOT_CLOSE**2),
    }


_RMSEA = (
    "rmsea",
    "rmsea_ci_lower",
    "rmsea_ci_upper",
    "rmsea_p_close",
    "rmsea_p_not_close",
)


def chi2_tail(chi2: float, df: int) -> float:
    """Return the upper-tail probability of `chi2`; NaN without degrees of freedom."""
    return float(chdtrc(df, chi2)) if df > 0 else np.nan


def parsimony(chi2: float, df: int, n: int, n_free: int) -> dict[str, float]:
    """Return the indices that weigh chi2 by sample size and parameters."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "mfi": np.exp(-0.5 * (chi2 - df) / n),
            "ecvi": (chi2 + 2 * n_free) / n,
            "cn_05": chdtri(df, 0.05) * n / chi2 + 1 if df else np.nan,
            "cn_01": chdtri(df, 0.01) * n / chi2 + 1 if df else np.nan,
        }


def information_criteria(loglik: float, n_free: int, n: int) -> dict[str, float]:
    """Return AIC, BIC and the sample-size adjusted BIC (Sclove, 1987)."""
    return {
        "aic": 2 * n_free - 2 * loglik,
        "bic": n_free * np.log(n) - 2 * loglik,
        "bic2": n_free * np.log((n + 2) / 24) - 2 * loglik,
    }


def residual_indices(
    observed: Sequence[tuple[np.ndarray, np.ndarray]],
    implied: Sequence[tuple[np.ndarray, np.ndarray]],
    shares: Sequence[float],
    *,
    has_means: bool = False,
    thresholds: Sequence[np.ndarray] | None = None,
) -> dict[str, float]:
    """Return RMR, SRMR (Bentler's and Mplus' conventions) and CRMR.

    Parameters
    ----------
    observed, implied : lists of (mean, cov), one a group
    shares : list of float
        Each group's part of the persons.
    has_means : bool
        Count the means' residuals too; ``_nomean`` leaves them out.
    thresholds : list of arrays, optional
        Residuals of thresholds, which then stand where the means do; `srmr` leaves
        them out.
    """
    groups = [
        _residuals(*seen, *model, has_means, cuts)
        for seen, model, cuts in zip(
            observed, implied, thresholds or [np.zeros(0)] * len(shares)
        )
    ]
    result = {
        name: float(sum(share * group[name] for share, group in zip(shares, groups)))
        for name in groups[0]
    }
    result["srmr"] = result["srmr_bentler_nomean" if thresholds else "srmr_bentler"]
    return result


def _residuals(
    mean: np.ndarray,
    cov: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    has_means: bool,
    cuts: np.ndarray,
) -> dict[str, float]:
    p = len(cov)
    low = np.tril_indices(p)
    sd, model_sd = np.sqrt(np.diag(cov)), np.sqrt(np.diag(sigma))
    raw = (cov - sigma)[low]
    bentler = raw / np.outer(sd, sd)[low]
    both = cov / np.outer(sd, sd) - sigma / np.outer(model_sd, model_sd)
    mplus = both + np.diag((sd**2 - model_sd**2) / sd**2)
    shift = mean - mu if has_means else cuts
    standard = shift / sd if has_means else cuts
    scaled = mean / sd - mu / model_sd if has_means else cuts
    result = {}
    for name, e, m, count in (
        ("rmr", raw, shift, len(raw)),
        ("srmr_bentler", bentler, standard, len(raw)),
        ("srmr_mplus", mplus[low], scaled, len(raw)),
        ("crmr", both[low], standard, len(raw) - p),
    ):
        result[name] = np.sqrt((e @ e + m @ m) / (count + len(m)))
        result[f"{name}_nomean"] = np.sqrt(e @ e / count)
    return result


def goodness(
    chi_model: float, chi_null: float, n_moments: int, df: int
) -> dict[str, float]:
    """Return GFI, AGFI, PGFI from two quadratic forms (Joreskog & Sorbom, 1982)."""
    gfi = 1 - chi_model / chi_null
    return {
        "gfi": gfi,
        "agfi": 1 - n_moments / df * (1 - gfi) if df else np.nan,
        "pgfi": df / n_moments * gfi,
    }


def scaled(tests: FitTests, n: float) -> dict[str, float]:
    """Return scaled and robust versions of a mean-corrected test.

    Scaled indices put the scaled chi2 into the plain formulas; robust ones estimate
    the population's (Brosseau-Liard & Savalei, 2014; Li & Bentler, 2006).
    """
    model, null, n_groups = tests.model, tests.baseline, tests.n_groups
    own, independent = model.scaling, null.scaling
    result = {
        "chi2_scaled": model.scaled,
        "df_scaled": model.df,
        "p_scaled": model.p_scaled,
        "scaling_factor": own.factor,
        "baseline_chi2_scaled": null.scaled,
        "baseline_df_scaled": null.df,
        "baseline_p_scaled": null.p_scaled,
        "baseline_scaling_factor": independent.factor,
    }
    if own.h1 is not None:
        result |= {"scaling_factor_h1": own.h1, "scaling_factor_h0": own.h0}
    more = comparative(model.scaled, model.df, null.scaled, null.df)
    result |= _suffixed(more, "scaled")
    noise, base_noise = own.c * model.df, independent.c * null.df
    shifted = own.multiplier is not None
    pair = (model.scaled, model.df) if shifted else (model.chi2, noise)
    result |= _suffixed(rmsea(*pair, n, n_groups=n_groups), "scaled")
    return result | robust_from_noise(
        model.chi2, noise, null.chi2, base_noise, model.df, null.df, n, n_groups
    )


def robust_from_noise(
    chi2: float,
    noise: float,
    base: float,
    base_noise: float,
    df: int,
    base_df: int,
    n: int,
    n_groups: int,
) -> dict[str, float]:
    """Return CFI, TLI and RMSEA from chi2 and what it expects under a true model."""
    gain, base_gain = chi2 - noise, base - base_noise
    worst = max(base_gain, gain, 0.0)
    result = {
        "cfi_robust": 1.0 if worst == 0 else 1 - max(gain, 0.0) / worst,
        "tli_robust": 1 - gain * base_df / (base_gain * df) if df else 1.0,
        "rni_robust": 1 - gain / base_gain,
    }
    factor = noise / df if df else 1.0
    index = rmsea(chi2, df, n, n_groups=n_groups, factor=factor)
    return result | _suffixed(index, "robust")


def _suffixed(measures: Mapping[str, float], suffix: str) -> dict[str, float]:
    return {f"{name}_{suffix}": value for name, value in measures.items()}
