"""What rotations minimise: each criterion's value and its gradient in the loadings.

Every function takes loadings of shape (..., n_items, n_factors), so that many starting
positions are judged in one call, and returns values (...,) and gradients of the
loadings' shape. Formulas: Bernaards & Jennrich (2005), Educational and Psychological
Measurement 65, 676-696, unless the function says otherwise.
"""

from __future__ import annotations

import numpy as np


def _total(products: np.ndarray) -> np.ndarray:
    return np.asarray(products.sum(axis=(-2, -1)))


def _others(squares: np.ndarray) -> np.ndarray:
    """For each loading the sum of its row's other squared loadings."""
    return squares.sum(axis=-1, keepdims=True) - squares


def oblimin(
    loadings: np.ndarray, *, gamma: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Direct oblimin (Jennrich & Sampson, 1966); gamma 0 is quartimin."""
    squares = loadings**2
    product = _others(squares)
    if gamma:
        product = product - gamma * product.mean(axis=-2, keepdims=True)
    return _total(squares * product) / 4, loadings * product


def crawford_ferguson(
    loadings: np.ndarray, *, kappa: float
) -> tuple[np.ndarray, np.ndarray]:
    """Crawford & Ferguson (1970); kappa weighs column against row complexity."""
    squares = loadings**2
    rows = _others(squares)
    columns = squares.sum(axis=-2, keepdims=True) - squares
    product = (1 - kappa) * rows + kappa * columns
    return _total(squares * product) / 4, loadings * product


def quartimax(loadings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Carroll's and Neuhaus & Wrigley's quartimax, as a function to minimise."""
    return -_total(loadings**4) / 4, -(loadings**3)


def varimax(loadings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kaiser's (1958) varimax, as a function to minimise."""
    squares = loadings**2
    centred = squares - squares.mean(axis=-2, keepdims=True)
    return -_total(centred**2) / 4, -loadings * centred


def geomin(
    loadings: np.ndarray, *, delta: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Yates's (1987) geomin: geometric means of each row's squares plus `delta`."""
    squares = loadings**2 + delta
    means = np.exp(np.log(squares).mean(axis=-1, keepdims=True))
    gradient = 2 / loadings.shape[-1] * loadings / squares * means
    return _total(means), gradient


def bifactor(loadings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Jennrich & Bentler (2011, 2012): quartimin of all factors but the first."""
    gradient = np.zeros_like(loadings)
    groups = loadings[..., 1:]
    squares = groups**2
    product = _others(squares)
    gradient[..., 1:] = 4 * groups * product
    return _total(squares * product), gradient


def target(
    loadings: np.ndarray, *, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Distance from a target, over the cells that it states (Browne, 1972)."""
    gap = np.where(np.isnan(wanted), 0.0, loadings - wanted)
    return _total(gap**2), 2 * gap
