"""The marginal likelihood of response patterns as matrix products over nodes.

With indicators U (patterns x categories of all items) and log-probabilities L
(categories x nodes), U L holds the log-likelihood of each pattern at each node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .models import Curves, Model, curvature, curves, slope_pattern

if TYPE_CHECKING:
    from .patterns import Patterns

FLOOR = -1e4  # log-probability of any but the lowest category at the floor
NEGLIGIBLE = 1e-11


@dataclass(frozen=True, eq=False)
class Expectation:
    """What the E-step finds at given parameters (Bock and Aitkin, 1981).

    Attributes
    ----------
    log_likelihoods : array, shape (n_patterns,)
    posterior : array, shape (n_patterns, Q)
        Weights of the nodes; sums to one over nodes.
    counts : array, shape (J, K, Q)
        Expected number of persons in each category at each node.
    node_counts : array, shape (Q,)
        Expected number of persons at each node, the floor (if any) last.
    found : Curves
    """

    log_likelihoods: np.ndarray
    posterior: np.ndarray
    counts: np.ndarray
    node_counts: np.ndarray
    found: Curves


def predictor_slopes(model: Model, nodes: np.ndarray, n_steps: int) -> np.ndarray:
    """Return derivatives of predictors by an item's parameters, shape (P, M, Q).

    Parameters of an item are its slopes and then its intercepts. In a mixed test each
    item has its own: shape (J, P, M, Q).
    """
    if isinstance(model, tuple):
        kinds = {kind: predictor_slopes(kind, nodes, n_steps) for kind in set(model)}
        return np.stack([kinds[kind] for kind in model])
    pattern = slope_pattern(model, n_steps, nodes.shape[1])
    basis = np.einsum("smd,qd->smq", pattern, nodes)
    constant = np.eye(n_steps)[:, :, None] + np.zeros(len(nodes))
    return np.concatenate([basis, constant])


def expectation(
    model: Model,
    nodes: np.ndarray,
    patterns: Patterns,
    slopes: np.ndarray,
    intercepts: np.ndarray,
    log_weights: np.ndarray,
) -> Expectation:
    """Return the posterior of every pattern and the expected counts."""
    found = curves(model, nodes, slopes, intercepts)
    log_p = at_nodes(found, len(log_weights) > len(nodes))
    joint = patterns.indicators @ log_p + log_weights
    top = joint.max(axis=1, keepdims=True)
    np.exp(np.subtract(joint, top, out=joint), out=joint)
    total = joint.sum(axis=1, keepdims=True)
    joint /= total
    weighted = joint * patterns.counts[:, None]
    counts = patterns.indicators.T @ weighted[:, : len(nodes)]
    return Expectation(
        (np.log(total) + top).ravel(),
        joint,
        counts.reshape(found.probabilities.shape),
        weighted.sum(axis=0),
        found,
    )


def at_nodes(found: Curves, has_floor: bool = False) -> np.ndarray:
    """Return log-probabilities as (categories of all items) x nodes."""
    log_p = found.log_probabilities
    n_items, n_categories, n_nodes = log_p.shape
    flat = log_p.reshape(n_items * n_categories, n_nodes)
    if not has_floor:
        return flat
    floor = np.tile(np.append(0.0, np.full(n_categories - 1, FLOOR)), n_items)
    return np.column_stack([flat, floor])


def item_gradient(expected: Expectation, steepness: np.ndarray) -> np.ndarray:
    """Return derivatives of the log-likelihood by item parameters, shape (J, P)."""
    pull = np.einsum("jkq,jkmq->jmq", expected.counts, expected.found.scores)
    p = _axes(steepness)
    return np.einsum(f"jmq,{p}mq->jp", pull, steepness, optimize=True)


def _axes(steepness: np.ndarray) -> str:
    """The first axes of derivatives that all items share, or that each item has."""
    return "p" if steepness.ndim == 3 else "jp"


def complete_information(expected: Expectation, steepness: np.ndarray) -> np.ndarray:
    """Return each item's information were theta known, shape (J, P, P)."""
    bend = curvature(expected.found, expected.counts)
    p = _axes(steepness)
    half = np.einsum(f"jmnq,{p}mq->jpnq", bend, steepness, optimize=True)
    r = p.replace("p", "r")
    return -np.einsum(f"jpnq,{r}nq->jpr", half, steepness, optimize=True)


def pattern_scores(
    expected: Expectation,
    steepness: np.ndarray,
    latent_slopes: np.ndarray,
    patterns: Patterns,
) -> np.ndarray:
    """Return each pattern's expected score: shape (n_patterns, J * P + n_latent)."""
    by_item = _category_scores(expected, steepness)
    posterior = expected.posterior[:, : by_item.shape[-1]]
    n_patterns, n_items = patterns.codes.shape
    scores = np.empty((n_patterns, n_items, by_item.shape[2]))
    for j in range(n_items):
        table = by_item[j].reshape(-1, by_item.shape[-1])
        means = (posterior @ table.T).reshape(n_patterns, *by_item.shape[1:3])
        scores[:, j] = means[np.arange(n_patterns), patterns.codes[:, j]]
    latent = expected.posterior @ latent_slopes.T
    return np.concatenate([scores.reshape(n_patterns, -1), latent], axis=1)


def missing_information(
    expected: Expectation,
    steepness: np.ndarray,
    latent_slopes: np.ndarray,
    patterns: Patterns,
) -> np.ndarray:
    """Return the information lost because theta is not seen (Louis, 1982, eq. 3.2).

    The posterior covariance of the complete-data score, summed over persons; square,
    over all items' parameters and then those of the latent distribution. Nodes where
    a pattern has a posterior weight below 1e-11 are left out for it.
    """
    by_item = _category_scores(expected, steepness)
    n_patterns, n_items = patterns.codes.shape
    n_latent = len(latent_slopes)
    width = n_items * by_item.shape[2] + n_latent
    second = np.zeros((width, width))
    means = np.zeros((n_patterns, width))
    items = np.arange(n_items)
    for q, weights in enumerate(expected.posterior.T):
        rows = np.flatnonzero(weights > NEGLIGIBLE)
        scores = np.zeros((len(rows), width))
        if q < by_item.shape[-1]:
            chosen = by_item[items, patterns.codes[rows], :, q]
            scores[:, : width - n_latent] = chosen.reshape(len(rows), width - n_latent)
        scores[:, width - n_latent :] = latent_slopes[:, q]
        means[rows] += weights[rows, None] * scores
        scores *= np.sqrt(weights[rows] * patterns.counts[rows])[:, None]
        second += scores.T @ scores
    means *= np.sqrt(patterns.counts)[:, None]
    return second - means.T @ means


def _category_scores(expected: Expectation, steepness: np.ndarray) -> np.ndarray:
    """Scores of each category, shape (J, K + 1, P, Q); zero at the last, unanswered."""
    by_category = scores_by_parameter(expected.found, steepness)
    return np.pad(by_category, ((0, 0), (0, 1), (0, 0), (0, 0)))


def scores_by_parameter(found: Curves, steepness: np.ndarray) -> np.ndarray:
    """Derivatives of log-probabilities by an item's parameters: (J, K, P, Q)."""
    equation = f"jkmq,{_axes(steepness)}mq->jkpq"
    return np.einsum(equation, found.scores, steepness, optimize=True)
