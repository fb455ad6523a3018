"""Whether numbers differ by more than the rounding of their last places."""

from __future__ import annotations

import numpy as np

ROUNDING = 1e-12  # share of the largest number within which two of them are equal


def differ(values: np.ndarray, *, of: np.ndarray | None = None) -> bool:
    """Say whether `values` are not all alike.

    0.3 - 0.2 and 0.2 - 0.1 are alike, though not to the last bit; a standard deviation
    of theirs is no nought, and what is divided by it no figure.

    Parameters
    ----------
    values : array, shape (n,)
        Without missing values.
    of : array, optional
        The numbers that `values` are sums or differences of; without it themselves.
    """
    largest = np.abs(values if of is None else of).max(initial=0.0)
    return bool(len(values) and np.ptp(values) > ROUNDING * largest)
