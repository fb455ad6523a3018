"""Unrestricted latent class model for ordinal items, by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConvergenceError

STARTS, SHORT_RUN = 8, 25


@dataclass(frozen=True, eq=False)
class LatentClasses:
    """Class sizes and category probabilities (classes x items x categories)."""

    sizes: np.ndarray
    probabilities: np.ndarray
    log_likelihood: float
    aic3: float


def latent_classes(
    values: np.ndarray,
    n_classes: int,
    rng: np.random.Generator,
    *,
    tol: float = 1e-7,
    max_iter: int = 5000,
) -> LatentClasses:
    """Fit `n_classes` by maximum likelihood (Goodman, 1974), best of several starts.

    Parameters
    ----------
    values : int array, shape (n_persons, n_items)
        Codes from 0.
    tol : float
        Change of the log-likelihood per person that counts as settled.

    Raises
    ------
    ConvergenceError
        If the best start still moves after `max_iter` steps.
    """
    patterns, counts = np.unique(values, axis=0, return_counts=True)
    n_codes = int(values.max()) + 1
    shown = (patterns[:, :, None] == np.arange(n_codes)).reshape(len(patterns), -1)
    shown = shown.astype(float)
    starts = [
        _run(shown, counts, _start(shown, n_classes, rng), SHORT_RUN, 0.0)
        for _ in range(STARTS)
    ]
    best = max(starts, key=lambda run: run[1])[0]
    posterior, log_likelihood, settled = _run(shown, counts, best, max_iter, tol)
    if not settled:
        raise ConvergenceError(
            f"{n_classes} latent classes still moving after {max_iter} steps; "
            "ask for fewer classes"
        )
    sizes, probabilities = _maximise(shown, counts, posterior)
    n_items = values.shape[1]
    in_use = (shown.sum(axis=0) > 0).sum() - n_items
    n_free = n_classes - 1 + n_classes * in_use
    return LatentClasses(
        sizes=sizes,
        probabilities=probabilities.reshape(n_classes, n_items, n_codes),
        log_likelihood=log_likelihood,
        aic3=3 * n_free - 2 * log_likelihood,
    )


def _start(shown: np.ndarray, n_classes: int, rng: np.random.Generator) -> np.ndarray:
    return rng.dirichlet(np.ones(n_classes), size=len(shown))


def _run(
    shown: np.ndarray,
    counts: np.ndarray,
    posterior: np.ndarray,
    max_iter: int,
    tol: float,
) -> tuple[np.ndarray, float, bool]:
    n, previous = counts.sum(), -np.inf
    for _ in range(max_iter):
        sizes, probabilities = _maximise(shown, counts, posterior)
        joint = shown @ np.log(probabilities.T + 1e-300) + np.log(sizes + 1e-300)
        top = joint.max(axis=1, keepdims=True)
        likelihood = np.exp(joint - top)
        total = likelihood.sum(axis=1, keepdims=True)
        posterior = likelihood / total
        log_likelihood = float(counts @ (np.log(total) + top)[:, 0])
        if tol and log_likelihood - previous < tol * n:
            return posterior, log_likelihood, True
        previous = log_likelihood
    return posterior, log_likelihood, False


def _maximise(
    shown: np.ndarray, counts: np.ndarray, posterior: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    weights = posterior * counts[:, None]
    in_class = weights.sum(axis=0)
    probabilities = (weights.T @ shown) / np.maximum(in_class, 1e-300)[:, None]
    return in_class / counts.sum(), probabilities
