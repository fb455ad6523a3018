"""Unrotated common factors; the one module that knows factor_analyzer."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np

from ..errors import ConvergenceError
from ..options import check_option
from .ml_newton import LOWEST, loadings_from, lowest_minimum, minimise

EXTRACTIONS = ("minres", "ml", "principal_axis", "wls")


def extract(
    corr: np.ndarray,
    n_factors: int,
    *,
    extraction: str = "minres",
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return unrotated loadings and uniquenesses of a positive definite matrix.

    Parameters
    ----------
    corr : array, shape (n_items, n_items)
    extraction : {"minres", "ml", "principal_axis", "wls"}
        Minimum residuals (Harman & Jones, 1966; also called unweighted least
        squares), maximum likelihood, iterated principal axes, weighted least squares.
    weights : array, shape (n_items, n_items), optional
        For "wls": one over the sampling variance of each correlation. By default
        that of a Pearson correlation of normal variables, up to a constant.

    Raises
    ------
    InvalidOption
        An extraction not in the list.
    ConvergenceError
        If the search does not settle.
    """
    check_option("extraction", extraction, EXTRACTIONS)
    if extraction == "principal_axis":
        return principal_axis(corr, n_factors)
    if extraction == "wls":
        return weighted_least_squares(corr, n_factors, weights)
    psi = _inside(corr, n_factors, extraction)
    if psi is None:
        start = by_factor_analyzer(corr, n_factors, extraction)
        psi = lowest_minimum(corr, n_factors, extraction, start=start)
    return loadings_from(corr, psi, n_factors, extraction), psi


def _inside(corr: np.ndarray, n_factors: int, extraction: str) -> np.ndarray | None:
    """Uniquenesses by Newton's method; None unless it settles clear of the bound."""
    try:
        psi = minimise(corr, n_factors, extraction)
    except ConvergenceError:
        return None
    return psi if psi.min() > LOWEST else None


def by_factor_analyzer(corr: np.ndarray, n_factors: int, extraction: str) -> np.ndarray:
    """Return the uniquenesses at which factor_analyzer stops."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", ".*force_all_finite.*", category=FutureWarning
        )
        found = _analyzer()(
            n_factors=n_factors,
            rotation=None,
            method=extraction,
            is_corr_matrix=True,
            svd_method="lapack",
        ).fit(corr)
    return 1 - (found.loadings_**2).sum(axis=1)


@cache
def _analyzer() -> type:
    from factor_analyzer import FactorAnalyzer  # 1.3 s and 140 MB: only when used

    return FactorAnalyzer


def principal_axis(
    corr: np.ndarray, n_factors: int, *, tol: float = 1e-9, max_iter: int = 20_000
) -> tuple[np.ndarray, np.ndarray]:
    """Iterate principal axes of the reduced matrix (Harman, 1976, 3rd ed.).

    `tol` is the largest change in any communality that counts as settled.
    """
    reduced = corr.copy()
    h2 = 1 - 1 / np.diag(np.linalg.inv(corr))  # squared multiple correlations
    for _ in range(max_iter):
        np.fill_diagonal(reduced, h2)
        values, vectors = np.linalg.eigh(reduced)
        loadings = (vectors * np.sqrt(values.clip(0)))[:, : -n_factors - 1 : -1]
        h2, previous = (loadings**2).sum(axis=1), h2
        if abs(h2 - previous).max() < tol:
            return loadings, 1 - h2
    raise ConvergenceError(
        f"communalities still moving after {max_iter} steps of principal axes; "
        "fewer factors, or minres, would settle",
        1 - h2,
    )


def weighted_least_squares(
    corr: np.ndarray, n_factors: int, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise weighted squared residual correlations over pairs of items.

    The diagonal form of Browne's (1984) weighted least squares: with the sampling
    variances of polychoric correlations as weights, as Muthen, du Toit & Spisic
    (1997) propose for categorical items.
    """
    p = len(corr)
    if weights is None:
        weights = 1 / np.maximum((1 - corr**2) ** 2, 1e-4)
    weights = weights / weights[~np.eye(p, dtype=bool)].mean()
    np.fill_diagonal(weights, 0.0)
    start = loadings_from(
        corr, minimise(corr, n_factors, "minres"), n_factors, "minres"
    )

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        loadings = flat.reshape(p, n_factors)
        pull = weights * (corr - loadings @ loadings.T)
        value = 0.25 * (pull * (corr - loadings @ loadings.T)).sum()
        return value, -(pull @ loadings).ravel()

    from scipy.optimize import minimize  # slow to load: not where nothing asks for it

    flat = start.ravel()
    for _ in range(10):  # a fresh start of its memory takes the search on
        found = minimize(
            objective,
            flat,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 0, "gtol": 1e-9},
        )
        flat = found.x
        if abs(found.jac).max() < 1e-8:
            break
    if abs(found.jac).max() > 1e-6:
        raise ConvergenceError("weighted least squares has not settled", found.x)
    return principal_position(found.x.reshape(p, n_factors))


def principal_position(loadings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn loadings to principal axes; return them with their uniquenesses."""
    left, size, _ = np.linalg.svd(loadings, full_matrices=False)
    turned = left * size
    turned = turned * np.where(turned.sum(axis=0) < 0, -1.0, 1.0)
    return turned, 1 - (turned**2).sum(axis=1)


def improper(uniquenesses: np.ndarray) -> np.ndarray:
    """Return a mask of Heywood cases: uniquenesses at their bound or below."""
    return np.asarray(uniquenesses) <= LOWEST + 1e-9
