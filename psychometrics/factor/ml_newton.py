"""Newton's method on the uniquenesses: where fits repeat by the hundred.

Both functions to be minimised depend on the uniquenesses alone once the loadings are
concentrated out (Joreskog, 1977, in Enslein, Ralston & Wilf, Statistical methods for
digital computers III; Lawley & Maxwell, 1971, chapter 4). With the m largest
eigenvalues fitted, value, gradient and Hessian follow from one decomposition.
"""

from __future__ import annotations

import numpy as np

from ..annotations import Rng
from ..errors import ConvergenceError
from ..optimise import bounded_newton
from ..options import generator

LOWEST = 0.005  # uniquenesses stay above this, as in the reference programs


def minimise(
    corr: np.ndarray,
    n_factors: int,
    method: str,
    *,
    start: np.ndarray | None = None,
    tol: float = 1e-10,
    max_iter: int = 200,
) -> np.ndarray:
    """Return the uniquenesses that minimise the discrepancy `method`.

    Parameters
    ----------
    corr : array, shape (n_items, n_items)
    method : {"minres", "ml"}
    start : array, shape (n_items,), optional
        Uniquenesses to begin at; without them, `start_values(corr)`.
    tol : float
        Largest free element of the gradient that counts as settled.

    Raises
    ------
    ConvergenceError
        After `max_iter` steps; `partial` holds the uniquenesses then.
    """
    begin = start_values(corr) if start is None else start
    try:
        return bounded_newton(
            lambda psi: DERIVATIVES[method](corr, psi, n_factors),
            begin,
            (LOWEST, 1.0),
            tol=tol,
            max_iter=max_iter,
        )
    except ConvergenceError as stopped:
        raise ConvergenceError(
            f"uniquenesses still moving after {max_iter} steps", stopped.partial
        ) from None


def lowest_minimum(
    corr: np.ndarray,
    n_factors: int,
    method: str,
    *,
    start: np.ndarray | None = None,
    starts: int = 12,
    rng: Rng = 0,
) -> np.ndarray:
    """Minimise; where a uniqueness ends at its bound, try other starts as well.

    Heywood cases come with local minima: the lowest of `starts` (one half throughout,
    then random ones) and of the plain search is returned.
    """
    best = minimise(corr, n_factors, method, start=start)
    if best.min() > LOWEST:
        return best
    rng = generator(rng)
    others = rng.uniform(0.05, 0.95, (starts - 1, len(corr)))
    lowest = DERIVATIVES[method](corr, best, n_factors)[0]
    for other in (np.full(len(corr), 0.5), *others):
        try:
            psi = minimise(corr, n_factors, method, start=other)
        except ConvergenceError:
            continue
        value = DERIVATIVES[method](corr, psi, n_factors)[0]
        if value < lowest - 1e-12:
            best, lowest = psi, value
    return best


def start_values(corr: np.ndarray) -> np.ndarray:
    """Joreskog's start: a share of one less the squared multiple correlations."""
    inverse = np.linalg.pinv(corr, hermitian=True)
    return (1 - 0.5 / len(corr)) / np.maximum(np.diag(inverse), 1.0)


def loadings_from(
    corr: np.ndarray, psi: np.ndarray, n_factors: int, method: str
) -> np.ndarray:
    """Return the unrotated loadings that belong to uniquenesses `psi`."""
    if method == "minres":
        values, vectors = np.linalg.eigh(corr - np.diag(psi))
        return _leading(vectors * np.sqrt(values.clip(0)), n_factors)
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(corr / np.outer(root, root))
    scaled = vectors * np.sqrt((values - 1).clip(0))
    return _leading(root[:, None] * scaled, n_factors)


def _leading(columns: np.ndarray, n_factors: int) -> np.ndarray:
    loadings = columns[:, : -n_factors - 1 : -1]
    return loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)


def _minres(
    corr: np.ndarray, psi: np.ndarray, n_factors: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Half the sum of squared residual eigenvalues, and its derivatives."""
    values, vectors = np.linalg.eigh(corr - np.diag(psi))
    rest, kept = values[:-n_factors], values[-n_factors:]
    low, high = vectors[:, :-n_factors], vectors[:, -n_factors:]
    gradient = -(low**2) @ rest
    hessian = (low @ low.T) ** 2
    for value, vector in zip(kept, high.T):
        ratio = rest / np.minimum(rest - value, -1e-12)
        hessian += 2 * np.outer(vector, vector) * ((low * ratio) @ low.T)
    return 0.5 * (rest**2).sum(), gradient, hessian


def _ml(
    corr: np.ndarray, psi: np.ndarray, n_factors: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Lawley and Maxwell's f, and its derivatives with regard to psi."""
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(corr / np.outer(root, root))
    values = np.maximum(values, 1e-12)
    rest, kept = values[:-n_factors], values[-n_factors:]
    low, high = vectors[:, :-n_factors], vectors[:, -n_factors:]
    by_log = (low**2) @ (1 - rest)
    hessian = ((low * rest) @ low.T) * (low @ low.T)
    for value, vector in zip(kept, high.T):
        ratio = (1 - rest) * (rest + value) / np.maximum(value - rest, 1e-12)
        hessian += np.outer(vector, vector) * ((low * ratio) @ low.T)
    hessian = (hessian - np.diag(by_log)) / np.outer(psi, psi)
    return (rest - np.log(rest) - 1).sum(), by_log / psi, hessian


DERIVATIVES = {"minres": _minres, "ml": _ml}
