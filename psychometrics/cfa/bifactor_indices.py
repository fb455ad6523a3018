"""How far one factor rules: omega_h, ECV, PUC and determinacy of a fitted model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Label
from .model.model_reliability import latent_covariances

if TYPE_CHECKING:
    from .model.model_matrices import Implied
    from .result import ConfirmedModel


TOLERANCE = 1e-6  # rounding beyond the end of a range


def general_factor_indices(
    fitted: ConfirmedModel, *, group: Label | None = None
) -> pd.Series:
    """Return what a bifactor or second-order model says of its general factor.

    The general factor is the one that most items load on, directly (bifactor) or
    through the others (Schmid & Leiman, 1957, of a second-order model).

    Parameters
    ----------
    fitted : ConfirmedModel
        From `confirm`.
    group : label, optional
        The first unless said.

    Returns
    -------
    Series
        omega_h and omega_total (Zinbarg et al., 2005; items keyed by their general
        loadings), ecv (Reise, 2012), puc (Rodriguez, Reise & Haviland, 2016),
        determinacy (Grice, 2001) of the general factor, and lowest_determinacy of the
        others; NaN for a model without a general factor, and each that leaves its
        range (a negative variance, a share or a correlation above one).

    Raises
    ------
    InvalidOption
        None of the model's groups.

    Examples
    --------
    >>> from psychometrics import confirm, general_factor_indices, second_order_model
    >>> from psychometrics import simulate
    >>> loadings, phi = simulate.simple_structure(3, 3, loading=0.7, correlation=0.5)
    >>> made = simulate.responses(400, rng=1, loadings=loadings, factor_corr=phi)
    >>> scales = {"a": ["i1", "i2", "i3"], "b": ["i4", "i5", "i6"]}
    >>> scales |= {"c": ["i7", "i8", "i9"]}
    >>> fitted = confirm(second_order_model(scales), made.responses, estimator="ml")
    >>> found = general_factor_indices(fitted)
    >>> bool(found["omega_h"] < found["omega_total"])
    True
    """
    place = fitted.place_of(group)
    implied = fitted.implied[place]
    p = implied.p
    loadings, specific = _schmid_leiman(implied, p)
    sigma = latent_covariances(implied, fitted.table)
    names = ("omega_h", "omega_total", "ecv", "puc")
    result = dict.fromkeys(names, np.nan)
    if loadings is not None:
        result |= _shares(loadings, specific, sigma)
    determinacy = factor_determinacy(fitted, group=group)
    general = _general(implied, p)
    result["determinacy"] = determinacy.iloc[general] if general is not None else np.nan
    others = determinacy.drop(determinacy.index[general or 0])
    result["lowest_determinacy"] = others.min() if len(others) else np.nan
    if general is None:
        result["lowest_determinacy"] = determinacy.min()
    found = pd.Series(result)
    return found.where((found >= 0) & (found <= 1 + TOLERANCE)).clip(upper=1.0)


def factor_determinacy(
    fitted: ConfirmedModel, *, group: Label | None = None
) -> pd.Series:
    """Return each factor's correlation with its regression scores (Grice, 2001).

    For ordinal items that is with scores of the latent responses: an upper bound. NaN
    for a factor without a positive variance, and where the solution gives no
    correlation (one above 1).

    Parameters
    ----------
    fitted : ConfirmedModel
        From `confirm`.
    group : label, optional
        The first unless said.

    Returns
    -------
    Series
        By factor, between 0 and 1.

    Raises
    ------
    InvalidOption
        None of the model's groups.

    Examples
    --------
    >>> from psychometrics import confirm, factor_determinacy, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> fitted = confirm("f =~ i1 + i2 + i3 + i4", made.responses, estimator="ml")
    >>> found = factor_determinacy(fitted)["f"]
    >>> bool(0.8 < found < 1)
    True
    """
    place = fitted.place_of(group)
    implied = fitted.implied[place]
    p = implied.p
    sigma = latent_covariances(implied, fitted.table)
    cross = implied.full[:p, p:]
    explained = np.einsum("if,if->f", cross, np.linalg.solve(sigma, cross))
    variance = np.diag(implied.full)[p:]
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.where(variance > 0, explained / variance, np.nan)
    squares[~((squares >= 0) & (squares <= 1 + TOLERANCE))] = np.nan
    return pd.Series(np.sqrt(squares.clip(max=1)), index=fitted.latents)


def _general(implied: Implied, p: int) -> int | None:
    """Place of the factor that reaches all items along the paths, or None."""
    reach = implied.E[:p, p:] != 0
    direct = implied.A[p:, p:] != 0
    counts = reach.sum(axis=0)
    full = np.flatnonzero(counts == p)
    if len(full) == 0 or (len(counts) == 1):
        return 0 if len(counts) == 1 else None
    second = [f for f in full if direct[:, f].any()]
    return int(second[0] if second else full[0])


def _schmid_leiman(
    implied: Implied, p: int
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Loadings on the general factor and on uncorrelated specific ones.

    Standardised factors; None without a general factor that the others leave alone, and
    of a negative variance.
    """
    general = _general(implied, p)
    if general is None:
        return None, None
    total = implied.E[:p, p:]  # paths of any length from each factor's residual
    variance = np.diag(implied.S)[p:]
    if (variance < -TOLERANCE).any():
        return None, None
    spread = np.sqrt(variance.clip(min=0))
    cov = implied.S[p:, p:]
    others = [f for f in range(len(spread)) if f != general]
    if np.abs(cov - np.diag(np.diag(cov))).max() > 1e-10:
        return None, None
    return total[:, general] * spread[general], total[:, others] * spread[others]


def _shares(
    general: np.ndarray, specific: np.ndarray, sigma: np.ndarray
) -> dict[str, float]:
    key = np.sign(general)
    key = np.where(key == 0, 1.0, key)
    total = key @ sigma @ key
    own = (key[:, None] * specific).sum(axis=0)
    explained = (key @ general) ** 2
    p = len(general)
    member = (specific != 0).astype(float)
    together = (member @ member.T > 0).sum() - (member.any(axis=1)).sum()
    general_ss = general @ general
    return {
        "omega_h": explained / total,
        "omega_total": (explained + own @ own) / total,
        "ecv": general_ss / (general_ss + np.sum(specific**2)),
        "puc": 1 - together / (p * (p - 1)),
    }
