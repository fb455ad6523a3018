"""From a design and response patterns to finished results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.linalg import eigh

from ..errors import NotIdentified
from ..optimise import quasi_newton
from .latent_distribution import Histogram, LatentDistribution, Normal, ZeroInflated
from .models import theta_slopes
from .objective import Prior, Problem
from .parameter_kinds import Kind, Parametrised
from .parameters import ItemParameters
from .result import IrtResult

if TYPE_CHECKING:
    from .bifactor_likelihood import BifactorProblem
    from .parameter_map import Design
    from .patterns import Patterns

STEEPEST = 20.0
WIDEST = 4.0
SINGULAR = 1e-9
TINY = 1e-300


def estimate(
    design: Design,
    patterns: Patterns,
    *,
    prior: Prior | None = None,
    se: bool = True,
    tol: float = 1e-4,
    max_iter: int = 500,
) -> list[IrtResult]:
    """Maximise the marginal likelihood; return one result for each group.

    Raises
    ------
    ConvergenceError
        If the gradient is not below `tol` after `max_iter` steps.
    NotIdentified
        If a slope runs away, or the information has no inverse.
    """
    refuse_too_few_cells(len(design.start), len(design.latents), patterns)
    problem = Problem(design, patterns, Prior() if prior is None else prior)
    top = quasi_newton(
        problem,
        design.start,
        problem.complete,
        problem.observed,
        tol=tol,
        max_iter=max_iter,
    )
    labels = design.labels(patterns.items)
    refuse_runaway(design, top.parameters, labels)
    covariance = covariance_of(problem, top.parameters, labels) if se else None
    common: dict[str, Any] = {
        "free": pd.Series(top.parameters, labels, name="estimate"),
        "kinds": design.kinds,
        "covariance": covariance,
        "log_likelihood": problem.log_likelihood(top.parameters),
        "gradient": top.largest_gradient,
        "n_iter": top.n_iter,
    }
    return [
        _group_result(problem, top.parameters, g, common)
        for g in range(len(design.latents))
    ]


def refuse_too_few_cells(n_free: int, n_groups: int, patterns: Patterns) -> None:
    """Refuse more parameters than frequencies of patterns in all groups."""
    cells = (np.prod(patterns.n_categories.astype(float)) - 1) * n_groups
    if n_free > cells:
        raise NotIdentified(
            f"{n_free} parameters and {cells:.0f} independent frequencies of patterns; "
            "use more items"
        )


def refuse_runaway(
    design: Parametrised, free: np.ndarray, labels: Sequence[str]
) -> None:
    """Refuse slopes that run away, and a theta wider than the grid can hold."""
    slopes = np.where(design.is_slope, np.abs(free), 0.0)
    if len(slopes) and slopes.max() > STEEPEST:
        raise NotIdentified(
            f"{labels[int(slopes.argmax())]} has grown to {slopes.max():.0f} and would "
            "grow on: the item splits the persons perfectly (a Guttman pattern), or is "
            "alone in what it measures; leave it out or give a prior"
        )
    for value, kind in zip(free, design.kinds):
        if kind == Kind.LOG_SD and value > np.log(WIDEST):
            raise NotIdentified(
                f"theta has a standard deviation of {np.exp(value):.1f}, wider than "
                "the grid: nearly everybody answers all items alike, or the items "
                "split them perfectly (a Guttman pattern); leave items out, or use "
                "Mokken's scalability, which needs no such model"
            )


def covariance_of(
    problem: BifactorProblem | Problem, free: np.ndarray, labels: Sequence[str]
) -> pd.DataFrame:
    """Invert the observed information, or say that it has no inverse."""
    information = problem.observed(free)
    scale = np.sqrt(np.maximum(np.diag(information), TINY))
    values, vectors = eigh(information / np.outer(scale, scale))
    if values[0] < SINGULAR:
        raise NotIdentified(
            "the information matrix has no inverse, so standard errors do not exist; "
            "use more items, merge rare categories, give a prior, or calibrate with "
            "se=False"
        )
    turned = vectors / scale[:, None]
    return pd.DataFrame((turned / values) @ turned.T, labels, labels)


def _group_result(
    problem: Problem,
    free: np.ndarray,
    group: int,
    common: Mapping[str, Any],
) -> IrtResult:
    design, patterns = problem.design, problem.parts[group]
    latent, values = design.latents[group], free[design.latent_slice(group)]
    slopes, intercepts, _ = design.unpack(free, group)
    jacobian = problem.jacobians[group]
    if isinstance(latent, Histogram):
        is_scaled = bool(design.is_slope.any())
        slopes, intercepts = _standardised(design, free, group, is_scaled)
        jacobian = _numeric_jacobian(design, free, group, is_scaled)
    parameters = ItemParameters(
        model=design.model,
        slopes=pd.DataFrame(slopes, patterns.items, slope_names(slopes.shape[1])),
        intercepts=pd.DataFrame(
            intercepts, patterns.items, range(1, intercepts.shape[1] + 1)
        ),
        categories=dict(zip(patterns.items, patterns.categories)),
    )
    found = _distribution(latent, values, bool(design.is_slope.any()))
    return IrtResult(
        parameters=parameters,
        latent=found,
        patterns=patterns,
        jacobian=jacobian,
        **common,
    )


def slope_names(n_slopes: int) -> list[str]:
    """Return the column names of slopes: a, or a1, a2, ..."""
    return ["a"] if n_slopes == 1 else [f"a{k + 1}" for k in range(n_slopes)]


def _distribution(
    latent: Normal, values: np.ndarray, is_scaled: bool
) -> LatentDistribution:
    if isinstance(latent, Normal):
        weights = np.exp(latent.log_weights(values))
        mean, covariance = latent.moments(values)
        return LatentDistribution(
            shape="normal",
            nodes=latent.nodes,
            weights=weights,
            mean=mean,
            covariance=covariance,
            slopes=latent.slopes(values),
        )
    if isinstance(latent, ZeroInflated):
        weights = np.exp(latent.normal.log_weights(values[:-1]))
        mean, covariance = latent.normal.moments(values[:-1])
        return LatentDistribution(
            shape="zero_inflated",
            nodes=latent.nodes,
            weights=weights,
            mean=mean,
            covariance=covariance,
            slopes=latent.slopes(values)[:, :-1],
            floor=latent.share(values),
        )
    weights = np.exp(latent.log_weights(values))
    mean, sd = _moments(latent.nodes, weights)
    scale = sd if is_scaled else 1.0
    return LatentDistribution(
        shape="histogram",
        nodes=(latent.nodes - mean) / scale,
        weights=weights,
        mean=np.zeros(1),
        covariance=np.array([[(sd / scale) ** 2]]),
        slopes=latent.slopes(values),
    )


def _moments(nodes: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    mean = float(weights @ nodes[:, 0])
    return mean, float(np.sqrt(weights @ (nodes[:, 0] - mean) ** 2))


def _standardised(
    design: Design, free: np.ndarray, group: int, is_scaled: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Put items on the scale where the histogram has mean 0 and, if free, sd 1."""
    slopes, intercepts, values = design.unpack(free, group)
    weights = np.exp(design.latents[group].log_weights(values))
    mean, sd = _moments(design.nodes, weights)
    moved = intercepts + mean * theta_slopes(design.model, slopes, intercepts.shape[1])
    return slopes * (sd if is_scaled else 1.0), moved


def _numeric_jacobian(
    design: Design, free: np.ndarray, group: int, is_scaled: bool, step: float = 1e-6
) -> np.ndarray:
    """Derivatives of standardised item parameters by the free ones."""
    columns = []
    for shift in step * np.eye(len(free)):
        up = _standardised(design, free + shift, group, is_scaled)
        down = _standardised(design, free - shift, group, is_scaled)
        change = np.concatenate([u - d for u, d in zip(up, down)], axis=1)
        columns.append(np.nan_to_num(change).ravel() / (2 * step))
    latent = design.jacobian(group)[len(design.blocks[group].offset) :]
    return np.vstack([np.column_stack(columns), latent])
