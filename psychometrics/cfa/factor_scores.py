"""Factor scores of a fitted model: by regression, or the mode given ordinal answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Label
from ..correlation.bivariate_normal import density_in, log_interval
from ..errors import ConvergenceError, NotIdentified
from .confirm import ORDINAL
from .model.model_reliability import latent_covariances

if TYPE_CHECKING:
    from .model.model_matrices import Implied
    from .result import ConfirmedModel


def factor_scores(
    fitted: ConfirmedModel, responses: pd.DataFrame, *, group: Label | None = None
) -> pd.DataFrame:
    """Return each person's factor values, given what was answered.

    Numbers: the expected values (regression; Thurstone, 1935). Ordinal items: the
    posterior mode (Samejima, 1969), with residuals taken as uncorrelated. A measure
    that is to be reported is better scored by an item response model.

    Parameters
    ----------
    fitted : ConfirmedModel
    responses : DataFrame, persons x items
        Whom to score; missing answers are left out person by person. Without a mean
        structure items are centred at these persons' means. Ordinal items: the codes
        that the model was fitted to.
    group : label, optional
        Whose parameters to use; the first unless said.

    Returns
    -------
    DataFrame, persons x factors
        On the model's own metric, NaN for who answered nothing.

    Raises
    ------
    NotIdentified
        Ordinal items, and a factor that explains more than all of one.
    ConvergenceError
        The modes were not found.

    Examples
    --------
    >>> from psychometrics import confirm, simulate
    >>> made = simulate.responses(
    ...     300, rng=1, loadings=[[0.7]] * 4, thresholds=[-1, 0, 1]
    ... )
    >>> model = "f =~ " + " + ".join(made.responses)
    >>> factor_scores(confirm(model, made.responses), made.responses).shape
    (300, 1)
    """
    implied = fitted.implied[fitted.place_of(group)]
    values = responses[list(fitted.items)].to_numpy(float)
    score = _modes if fitted.estimator in ORDINAL else _regressions
    scores = score(fitted, implied, values)
    scores[np.isnan(values).all(axis=1)] = np.nan
    return pd.DataFrame(scores, index=responses.index, columns=fitted.latents)


def _regressions(
    fitted: ConfirmedModel, implied: Implied, values: np.ndarray
) -> np.ndarray:
    has_means = fitted.table.settings.meanstructure
    centre = implied.mu if has_means else np.nanmean(values, axis=0)
    p = implied.p
    scores = np.zeros((len(values), len(fitted.latents)))
    answered = ~np.isnan(values)
    for seen in np.unique(answered[answered.any(axis=1)], axis=0):
        rows = (answered == seen).all(axis=1)
        sigma = implied.sigma[np.ix_(seen, seen)]
        weights = np.linalg.solve(sigma, implied.full[:p, p:][seen])
        scores[rows] = (values[np.ix_(rows, seen)] - centre[seen]) @ weights
    return scores + implied.mean[p:]


def _modes(
    fitted: ConfirmedModel,
    implied: Implied,
    values: np.ndarray,
    *,
    tol: float = 1e-9,
    max_iter: int = 100,
) -> np.ndarray:
    """Newton's method on the log posterior, which is concave, all persons at once."""
    p = implied.p
    paths, prior, mean = implied.A[:p, p:], implied.full[p:, p:], implied.mean[p:]
    explained = np.einsum("ij,jk,ik->i", paths, prior, paths)
    rest = np.diag(latent_covariances(implied, fitted.table)) - explained
    if (rest <= 0).any():
        worst = fitted.items[int(rest.argmin())]
        raise NotIdentified(
            f"item {worst} has a residual variance of {rest.min():.3f}: factors cannot "
            "explain more than all of an item, so no person has a score by this model"
        )
    slopes = paths / np.sqrt(rest)[:, None]
    lower, upper = _limits(fitted, implied, values, rest)
    precision = np.linalg.inv(prior)
    scores = np.tile(mean, (len(values), 1))
    for _ in range(max_iter):
        first, second = _slopes(lower, upper, scores @ slopes.T)
        g = first @ slopes - (scores - mean) @ precision
        H = precision + np.einsum("nj,ja,jb->nab", second, slopes, slopes)
        step = np.linalg.solve(H, g[..., None])[..., 0]
        scores = scores + np.clip(step, -2, 2)
        if abs(step).max() < tol:
            return scores
    raise ConvergenceError(f"factor scores still moving after {max_iter} steps", scores)


def _limits(
    fitted: ConfirmedModel, implied: Implied, values: np.ndarray, rest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Standardised cuts below and above each answer; infinite where unanswered."""
    lower = np.full(values.shape, -np.inf)
    upper = np.full(values.shape, np.inf)
    bounds = np.cumsum([0, *fitted.table.n_thresholds.values()])
    for j, (start, end) in enumerate(zip(bounds, bounds[1:])):
        cuts = (implied.tau[start:end] - implied.b[j]) / np.sqrt(rest[j])
        edges = np.concatenate([[-np.inf], cuts, [np.inf]])
        seen = ~np.isnan(values[:, j])
        code = np.searchsorted(fitted.codes[j], values[seen, j])
        lower[seen, j], upper[seen, j] = edges[code], edges[code + 1]
    return lower, upper


def _slopes(
    lower: np.ndarray, upper: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First derivative of log P(answer) by the latent value, minus the second."""
    a, b = lower - at, upper - at
    chance = log_interval(a, b)
    da, db = density_in(a, chance), density_in(b, chance)
    first = da - db
    ada, bdb = (np.where(np.isinf(x), 0.0, x) * d for x, d in ((a, da), (b, db)))
    return first, np.maximum(first**2 - (ada - bdb), 0.0)
