"""Correlations between continuous scores and the responses behind ordinal items."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from ..counted import counted
from ..errors import InvalidResponses, SparseCategoryWarning
from ..responses import check_responses
from .bivariate_normal import density_in, log_interval, normal_density
from .cell_probabilities import FAR
from .polychoric_pair import AT_THE_LIMIT
from .result import PolyserialResult
from .two_step_polychoric import LARGEST_CORRELATION, thresholds_of


def polyserial(
    scores: pd.Series | pd.DataFrame | np.ndarray, responses: pd.Series | pd.DataFrame
) -> PolyserialResult:
    """Correlate scores with the normal responses behind ordinal items.

    Two-step maximum likelihood (Olsson, Drasgow & Dorans, 1982): thresholds from
    the item's margin, mean and variance from the scores, then the correlation.

    Parameters
    ----------
    scores : Series or DataFrame, shape (n_persons,) or (n_persons, n_scores)
        Normal scores, NaN where missing.
    responses : Series or DataFrame, shape (n_persons,) or (n_persons, n_items)
        Consecutive integer codes, NaN where unanswered. Each pair uses the persons
        who have both.

    Returns
    -------
    PolyserialResult

    Raises
    ------
    InvalidResponses
        As `check_responses`; different numbers of persons; a pair with fewer than
        three persons, or without variation.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = polyserial(made.theta, made.responses)
    >>> found.corr.round(2).iloc[0].tolist()
    [0.74, 0.61, 0.69, 0.69]
    """
    scores, responses = _columns(scores, "score"), _columns(responses, "item")
    if len(scores) != len(responses):
        raise InvalidResponses(
            f"{len(scores)} persons have scores and {len(responses)} have answers; "
            "give the same persons in the same rows"
        )
    x = check_responses(
        scores,
        ordinal=False,
        min_items=1,
        more_persons_than_items=False,
        keep_empty=True,
    )
    y = check_responses(
        responses, min_items=1, more_persons_than_items=False, keep_empty=True
    )
    shape = (x.n_items, y.n_items)
    corr, se, n = np.empty(shape), np.empty(shape), np.empty(shape, dtype=int)
    for i, j in np.ndindex(shape):
        both = ~(x.missing[:, i] | y.missing[:, j])
        name = f"score {x.items[i]} and item {y.items[j]}"
        z, codes = _standard(x.values[both, i], y.codes[both, j], name)
        corr[i, j], se[i, j] = _one(z, codes)
        n[i, j] = both.sum()
        if abs(corr[i, j]) > AT_THE_LIMIT:
            se[i, j] = np.nan
            warnings.warn(
                f"{name}: the score tells every category apart, which sends the "
                "correlation to its limit, where it has no standard error",
                SparseCategoryWarning,
                stacklevel=2,
            )
    parts = {"corr": corr, "se": se, "n": n}
    return PolyserialResult(
        **{name: pd.DataFrame(part, x.items, y.items) for name, part in parts.items()}
    )


def _columns(values: np.ndarray | pd.DataFrame | pd.Series, name: str) -> pd.DataFrame:
    if isinstance(values, pd.Series):
        return values.to_frame(name if values.name is None else values.name)
    if isinstance(values, pd.DataFrame):
        return values
    values = np.asarray(values)
    return pd.DataFrame(values[:, None] if values.ndim == 1 else values).add_prefix(
        name
    )


def _standard(
    score: np.ndarray, codes: np.ndarray, name: str
) -> tuple[np.ndarray, np.ndarray]:
    if len(score) < 3 or np.ptp(score) == 0 or np.ptp(codes) == 0:
        raise InvalidResponses(
            f"{name}: {counted(len(score), 'person')} with both, or one of the two "
            "does not vary among them; leave one out"
        )
    used, codes = np.unique(codes, return_inverse=True)
    return (score - score.mean()) / score.std(), codes


def _one(
    z: np.ndarray, codes: np.ndarray, tol: float = 1e-10, max_iter: int = 100
) -> tuple[float, float]:
    """Newton's method inside a bracket on the artanh of the correlation."""
    counts = np.bincount(codes)[None].astype(float)
    inner = thresholds_of(counts, np.array([counts.shape[1]]))[0]
    cuts = np.concatenate([[-FAR], inner, [FAR]])
    upper, lower = cuts[codes + 1], cuts[codes]
    low, high = -np.arctanh(LARGEST_CORRELATION), np.arctanh(LARGEST_CORRELATION)
    here = np.arctanh(np.clip(_moment(z, codes, inner), -0.95, 0.95))
    for _ in range(max_iter):
        slope, information = _slope(here, z, upper, lower)
        low, high = (here, high) if slope > 0 else (low, here)
        there = here + slope / information
        there = there if low < there < high else (low + high) / 2
        here, moved = there, abs(there - here)
        if moved < tol:
            break
    step = 1e-5
    curvature = _slope(here - step, z, upper, lower)[0]
    curvature -= _slope(here + step, z, upper, lower)[0]
    rho = np.tanh(here)
    if curvature <= 0:
        return rho, np.nan
    return rho, (1 - rho**2) / np.sqrt(curvature / (2 * step))


def _moment(z: np.ndarray, codes: np.ndarray, inner: np.ndarray) -> float:
    """Point-polyserial correlation, corrected for the coarseness of the codes."""
    correlation = np.corrcoef(z, codes)[0, 1]
    return correlation * codes.std() / normal_density(inner).sum()


def _slope(
    angle: float, z: np.ndarray, upper: np.ndarray, lower: np.ndarray
) -> tuple[float, float]:
    """Return the slope of the log likelihood in artanh(rho), and its squares' sum."""
    rho = np.tanh(angle)
    spread = np.sqrt(1 - rho**2)
    above, below = (upper - rho * z) / spread, (lower - rho * z) / spread
    chance = log_interval(below, above)
    # d/d rho of (cut - rho z) / sqrt(1 - rho^2), times d rho / d artanh(rho).
    by_upper = density_in(above, chance) * (rho * upper - z) / spread
    by_lower = density_in(below, chance) * (rho * lower - z) / spread
    score = by_upper - by_lower
    return score.sum(), max((score**2).sum(), 1e-12)
