"""A quasi-Newton search that starts from, and returns to, the statistical information.

EM's own curvature (the information were theta known) gives the first steps, as in
Lange (1995, A quasi-Newton acceleration of the EM algorithm, Statistica Sinica 5);
near the maximum the observed information takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from ..errors import ConvergenceError

if TYPE_CHECKING:
    from .bifactor_likelihood import BifactorProblem
    from .objective import Problem

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


def maximise(
    objective: BifactorProblem | Problem,
    start: np.ndarray,
    rough: Callable,
    exact: Callable,
    *,
    tol: float = 1e-4,
    max_iter: int = 500,
    warm_up: int = 5,
) -> Maximum:
    """Find the maximum of a smooth function.

    Parameters
    ----------
    objective : callable
        Parameters to (value, gradient); value is -inf where they are not allowed.
    rough, exact : callable
        Parameters to an approximate, and the exact, negative Hessian there.
    tol : float
        Largest absolute component of the gradient at which the search may end.

    Raises
    ------
    ConvergenceError
        `partial` holds the best `Maximum` so far.
    """
    here = _State(np.asarray(start, float), *objective(start))
    inverse = inverted(rough(here.x))
    since = REFRESH - warm_up
    for n_iter in range(1, max_iter + 1):
        if here.largest < tol:
            return Maximum(here.x, here.value, here.gradient, n_iter - 1)
        if since >= REFRESH:
            inverse, since = inverted(exact(here.x)), 0
        there = _step(objective, here, inverse @ here.gradient)
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


def _step(
    objective: BifactorProblem | Problem, here: _State, direction: np.ndarray
) -> _State:
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
