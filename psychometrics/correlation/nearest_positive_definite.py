"""Bringing an indefinite correlation matrix back to a positive definite one."""

from __future__ import annotations

import numpy as np


def smoothed(corr: np.ndarray, *, smallest: float = 1e-8) -> tuple[np.ndarray, float]:
    """Return the matrix, positive definite, and its smallest eigenvalue before.

    Eigenvalues below `smallest` times the largest are raised to that, and the
    result is scaled back to a unit diagonal (Knol & Berger, 1991).

    Parameters
    ----------
    corr : float array, shape (n_items, n_items)
        Correlations with a unit diagonal; returned as it came when definite.
    """
    eigenvalues, vectors = np.linalg.eigh(corr)
    if eigenvalues[0] > 0:
        return corr, float(eigenvalues[0])
    raised = np.maximum(eigenvalues, smallest * eigenvalues[-1])
    rebuilt = (vectors * raised) @ vectors.T
    scale = np.sqrt(np.diag(rebuilt))
    rebuilt /= np.outer(scale, scale)
    np.fill_diagonal(rebuilt, 1.0)
    return (rebuilt + rebuilt.T) / 2, float(eigenvalues[0])
