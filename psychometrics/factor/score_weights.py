"""Factor scores, and how well answers determine them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..options import check_option

if TYPE_CHECKING:
    from ..responses import Responses

SCORES = ("regression", "bartlett", "ten_berge")


def weights(
    corr: np.ndarray, loadings: np.ndarray, factor_corr: np.ndarray, method: str
) -> np.ndarray:
    """Return the weights of standardised items, shape (n_items, n_factors).

    regression: Thurstone (1935), least mean square error. bartlett: Bartlett (1937),
    conditionally unbiased. ten_berge: ten Berge, Krijnen, Wansbeek & Shapiro (1999),
    Linear Algebra and its Applications 289, 311-318, whose scores correlate as the
    factors do.
    """
    check_option("method", method, SCORES)
    if method == "regression":
        return np.linalg.solve(corr, loadings @ factor_corr)
    if method == "bartlett":
        uniquenesses = 1 - np.einsum("ij,jk,ik->i", loadings, factor_corr, loadings)
        scaled = loadings / np.maximum(uniquenesses, 1e-6)[:, None]
        return scaled @ np.linalg.inv(loadings.T @ scaled)
    root_phi, inverse_root = _power(factor_corr, 0.5), _power(corr, -0.5)
    turned = inverse_root @ loadings @ root_phi
    return inverse_root @ turned @ _power(turned.T @ turned, -0.5) @ root_phi


def _power(symmetric: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.maximum(values, 1e-12) ** exponent) @ vectors.T


def squared_determinacy(
    corr: np.ndarray, loadings: np.ndarray, factor_corr: np.ndarray
) -> np.ndarray:
    """Squared multiple correlation of each factor with the items (Guttman, 1955)."""
    structure = loadings @ factor_corr
    return np.einsum("ij,ij->j", structure, np.linalg.solve(corr, structure))


def score_patterns(
    checked: Responses,
    corr: np.ndarray,
    loadings: np.ndarray,
    factor_corr: np.ndarray,
    method: str,
) -> pd.DataFrame:
    """Score each person from the items answered; NaN from fewer than factors."""
    values = checked.values
    standard = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0, ddof=1)
    scores = np.full((len(values), loadings.shape[1]), np.nan)
    patterns, member = np.unique(~checked.missing, axis=0, return_inverse=True)
    for k, seen in enumerate(patterns):
        if seen.sum() <= loadings.shape[1]:
            continue
        part = corr[np.ix_(seen, seen)]
        w = weights(part, loadings[seen], factor_corr, method)
        rows = np.flatnonzero(member.ravel() == k)
        scores[rows] = standard[np.ix_(rows, seen)] @ w
    return pd.DataFrame(scores, index=checked.persons)
