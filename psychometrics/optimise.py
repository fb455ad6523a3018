"""Where every search of the package is: three ways to an optimum, by what is known.

`gauss_newton` has an information matrix that is always positive (confirmatory models),
`bounded_newton` a Hessian that may be indefinite and bounds (uniquenesses),
`quasi_newton` a gradient that costs as much as an E step and an information that costs
many (item response models). docs/decisions says why they are not one loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh
from scipy.linalg.lapack import dpotrf, dpotrs

from .errors import ConvergenceError

# parameters to value and gradient
Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]

REFRESH = 12  # steps between two looks at the observed information
SHRINK = 0.3
FLATTEST = 1e-5  # smallest curvature, as a share of the largest, when bending
PROGRESS = 1e-4


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a search ended."""

    parameters: np.ndarray
    value: float
    gradient: np.ndarray
    n_iter: int

    @property
    def largest_gradient(self) -> float:
        return float(np.abs(self.gradient).max(initial=0.0))


def quasi_newton(
    objective: Objective,
    start: np.ndarray,
    rough: Callable,
    exact: Callable,
    *,
    tol: float = 1e-4,
    max_iter: int = 500,
    warm_up: int = 5,
    enough: float = 0.0,
) -> Maximum:
    """Maximise by BFGS steps that start from, and return to, the information.

    EM's own curvature (the information were theta known) gives the first steps, as in
    Lange (1995, A quasi-Newton acceleration of the EM algorithm, Statistica Sinica 5);
    near the maximum the observed information takes its place.

    Parameters
    ----------
    objective : callable
        Parameters to (value, gradient); value is -inf where they are not allowed.
    rough, exact : callable
        Parameters to an approximate, and the exact, negative Hessian there.
    tol : float
        Largest absolute component of the gradient at which the search may end.
    enough : float
        Rise of the value still to be expected below which the search may end as well.

    Raises
    ------
    ConvergenceError
        `partial` holds the best `Maximum` so far.
    """
    here = _State(np.asarray(start, float), *objective(start))
    inverse = inverted(rough(here.x))
    since = REFRESH - warm_up if warm_up else 0
    for n_iter in range(1, max_iter + 1):
        if here.largest < tol:
            return Maximum(here.x, here.value, here.gradient, n_iter - 1)
        if since >= REFRESH:
            inverse, since = inverted(exact(here.x)), 0
        direction = inverse @ here.gradient
        rise = direction @ here.gradient / 2
        if 0 <= rise < enough:  # so near that the last step is taken unseen
            there = here.x + direction
            return Maximum(there, here.value + rise, here.gradient, n_iter)
        there = _step(objective, here, direction)
        if there is None:
            if since == 0:
                break
            since = REFRESH
            continue
        inverse = _update(inverse, there.x - here.x, here.gradient - there.gradient)
        here, since = there, since + 1
    partial = Maximum(here.x, here.value, here.gradient, n_iter)
    raise ConvergenceError(
        f"after {n_iter} steps the largest gradient is {here.largest:.2g}, "
        f"not below {tol:g}; the data may hold too little about some parameter "
        "(a category or an item that splits the persons perfectly): look at .partial, "
        "merge rare categories, or give a prior",
        partial,
    )


@dataclass(frozen=True, eq=False)
class _State:
    x: np.ndarray
    value: float
    gradient: np.ndarray

    @property
    def largest(self) -> float:
        return np.abs(self.gradient).max(initial=0.0)


def _step(objective: Objective, here: _State, direction: np.ndarray) -> _State | None:
    """Go along `direction` until the value has risen enough; None if it never does."""
    rise = direction @ here.gradient
    if not rise > 0:
        direction, rise = here.gradient, here.gradient @ here.gradient
    length = 1.0
    noise = 1e-13 * abs(here.value)
    for _ in range(25):
        x = here.x + length * direction
        value, gradient = objective(x)
        gained = value - here.value
        if not np.isfinite(gradient).all():
            gained = -np.inf
        if gained >= PROGRESS * length * rise or (
            gained >= -noise and np.abs(gradient).max() < here.largest
        ):
            return _State(x, value, gradient)
        length *= SHRINK
    return None


def _update(inverse: np.ndarray, step: np.ndarray, change: np.ndarray) -> np.ndarray:
    """Update an inverse Hessian (Broyden, Fletcher, Goldfarb and Shanno, 1970)."""
    along = step @ change
    if along <= 1e-12 * np.linalg.norm(step) * np.linalg.norm(change):
        return inverse
    turned = inverse @ change
    stretch = (along + change @ turned) / along**2
    crossed = np.outer(turned, step) / along
    return inverse + stretch * np.outer(step, step) - crossed - crossed.T


def inverted(information: np.ndarray) -> np.ndarray:
    """Invert an information matrix; where it is not positive, bend it until it is."""
    if not np.isfinite(information).all():
        raise ConvergenceError(
            "the search ran to where the information is not finite: some item splits "
            "the persons perfectly; leave it out or give a prior"
        )
    try:
        factor = cho_factor(information)
        return cho_solve(factor, np.eye(len(information)))
    except np.linalg.LinAlgError:
        values, vectors = eigh(information)
        floor = FLATTEST * max(np.abs(values).max(), 1e-8)
        return (vectors / np.maximum(np.abs(values), floor)) @ vectors.T


def gauss_newton(
    value: Callable,
    slope: Callable,
    start: np.ndarray,
    *,
    tol: float = 1e-11,
    max_iter: int = 200,
) -> tuple[np.ndarray, int]:
    """Minimise by damped Gauss-Newton (Levenberg, 1944; Marquardt, 1963).

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
            step = _damped_step(H, scale, damping, g)
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


def _damped_step(
    H: np.ndarray, scale: np.ndarray, damping: float, g: np.ndarray
) -> np.ndarray:
    damped = H + np.diag(damping * scale)
    root, failed = dpotrf(damped, lower=True)
    if failed:
        damped = damped + np.diag((1e-6 + damping) * scale)
        return -np.linalg.lstsq(damped, g, rcond=1e-12)[0]
    return -dpotrs(root, g, lower=True)[0]


def bounded_newton(
    derive: Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]],
    start: np.ndarray,
    bounds: tuple[float, float],
    *,
    tol: float = 1e-10,
    max_iter: int = 200,
) -> np.ndarray:
    """Minimise by Newton's method between two bounds that all parameters share.

    Parameters
    ----------
    derive : callable
        Parameters to value, gradient and Hessian, which may be indefinite.
    bounds : (float, float)
        A parameter at a bound is held while the gradient points outwards.
    tol : float
        Largest free element of the gradient that counts as settled.

    Raises
    ------
    ConvergenceError
        After `max_iter` steps; `partial` holds the parameters then.
    """
    low, high = bounds
    here = np.clip(start, low, high)
    value, gradient, hessian = derive(here)
    damping = 0.0
    for _ in range(max_iter):
        held = ((here <= low) & (gradient > 0)) | ((here >= high) & (gradient < 0))
        if abs(np.where(held, 0.0, gradient)).max() < tol:
            return here
        step = _bent_step(gradient, hessian, ~held, damping)
        trial = np.clip(here + step, low, high)
        new = derive(trial)
        if new[0] <= value + 1e-14:
            here, (value, gradient, hessian) = trial, new
            damping = 0.0 if damping < 1e-6 else damping / 10
        elif abs(step).max() < 1e-9:
            return here  # no lower value can be told apart in double precision
        else:
            damping = max(10 * damping, 1e-4)
    raise ConvergenceError(f"not settled after {max_iter} steps", here)


def _bent_step(
    gradient: np.ndarray, hessian: np.ndarray, free: np.ndarray, damping: float
) -> np.ndarray:
    """Step over the free elements; the Hessian is made positive definite first."""
    own = hessian if free.all() else hessian[np.ix_(free, free)]
    step = np.zeros_like(gradient)
    if not damping:
        root, failed = dpotrf(own, lower=True)
        if not failed and root.diagonal().min() > 1e-3 * root.diagonal().max():
            step[free] = -dpotrs(root, gradient[free], lower=True)[0]
            return step
    values, vectors = np.linalg.eigh(own)
    largest = max(abs(values).max(), 1e-12)
    values = np.maximum(abs(values), 1e-8 * largest) + damping * largest
    step[free] = -vectors @ ((vectors.T @ gradient[free]) / values)
    return step
