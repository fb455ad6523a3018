"""The search for a model's estimates, and what to do when it does not settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...errors import ConvergenceError
from ..data.admissibility import row_of

if TYPE_CHECKING:
    from ..model.parameter_table import ParameterTable
    from .discrepancy import LeastSquares
    from .robust_ml_fit import NormalProblem


def optimise(
    problem: LeastSquares | NormalProblem,
    start: np.ndarray,
    table: ParameterTable,
    **settled: float,
) -> tuple[np.ndarray, int]:
    """Return the minimum and the number of steps; `settled` may hold `tol`.

    Raises
    ------
    ConvergenceError
        With the parameter that ran furthest, and what to do.
    """
    try:
        return problem.fit(start, **settled)
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
