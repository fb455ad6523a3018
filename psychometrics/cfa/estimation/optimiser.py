"""Damped Gauss-Newton (Levenberg, 1944; Marquardt, 1963), the only search used here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ConvergenceError
from ..data.admissibility import row_of

if TYPE_CHECKING:
    from ..model.parameter_table import ParameterTable
    from .discrepancy import LeastSquares
    from .robust_ml_fit import NormalProblem


def minimise(
    value: Callable,
    slope: Callable,
    start: np.ndarray,
    *,
    tol: float = 1e-11,
    max_iter: int = 200,
) -> tuple[np.ndarray, int]:
    """Return the minimum of a smooth function with a known information matrix.

    Parameters
    ----------
    value : callable
        theta -> float, infinite where the model cannot be evaluated.
    slope : callable
        (theta, decrement) -> gradient, information; `decrement` is the last step's
        predicted gain, small once the search is near its end.
    tol : float
        Half the squared length of the next step, in the metric of the information,
        that counts as settled.

    Raises
    ------
    ConvergenceError
        After `max_iter` steps, or when no step helps; `partial` is theta.
    """
    theta, damping, gain = np.array(start, float), 1e-3, np.inf
    now = value(theta)
    if not np.isfinite(now):
        raise ConvergenceError(
            "the search cannot start: Sigma is not invertible", theta
        )
    for n_iter in range(max_iter):
        g, H = slope(theta, gain)
        scale = np.maximum(np.diag(H), 1e-10)
        for _ in range(40):
            step = _solve(H, scale, damping, g)
            gain = -(step @ g) / 2
            if gain < tol:
                return theta + step, n_iter
            trial = value(theta + step)
            if trial <= now - 1e-4 * gain or _is_noise(gain, now, trial):
                theta, now, damping = theta + step, trial, damping / 10
                damping = 0.0 if damping < 1e-7 else damping
                break
            damping = max(damping * 8, 1e-5)
        else:
            raise ConvergenceError(f"no step lowers F after {n_iter} steps", theta)
    raise ConvergenceError(f"not settled after {max_iter} steps", theta)


def _is_noise(gain: float, now: float, trial: float) -> bool:
    """True when the predicted gain drowns in rounding."""
    noise = 1e-12 * max(1.0, abs(now))
    return gain < noise and trial <= now + noise


def _solve(
    H: np.ndarray, scale: np.ndarray, damping: float, g: np.ndarray
) -> np.ndarray:
    damped = H + np.diag(damping * scale)
    try:
        root = np.linalg.cholesky(damped)
    except np.linalg.LinAlgError:
        damped = damped + np.diag((1e-6 + damping) * scale)
        return -np.linalg.lstsq(damped, g, rcond=1e-12)[0]
    return -np.linalg.solve(root.T, np.linalg.solve(root, g))


def optimise(
    problem: LeastSquares | NormalProblem, start: np.ndarray, table: ParameterTable
) -> tuple[np.ndarray, int]:
    """Return the minimum and the number of steps.

    Raises
    ------
    ConvergenceError
        With the parameter that ran furthest, and what to do.
    """
    try:
        return problem.fit(start)
    except ConvergenceError as stopped:
        theta = stopped.partial
        far = int(np.argmax(abs(theta - start) / (1 + abs(start))))
        row = row_of(table, far)
        raise ConvergenceError(
            f"{stopped}; {row.lhs} {row.op} {row.rhs} (group {row.group}) ran "
            f"furthest, to {theta[far]:.3g}: fix or equate it, give its factor more "
            "items, drop an item that shares little with the others, or ask more "
            "persons",
            theta,
        ) from None
