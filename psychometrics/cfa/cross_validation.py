"""How well a model foretells persons it has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..annotations import Rng
from ..correlation.cell_probabilities import cell_probabilities, log_cells
from ..correlation.two_step_polychoric import pair_tables
from ..options import generator
from .confirm import ORDINAL, estimate, prepared
from .estimation import normal_likelihood
from .estimation.discrepancy import implied_moments

if TYPE_CHECKING:
    import pandas as pd

    from .data.multigroup_data import GroupedAnswers
    from .estimation.estimates import Estimation
    from .model.model_matrices import Implied, Structure


def held_out_log_likelihood(
    model: str, responses: pd.DataFrame, *, folds: int = 5, rng: Rng, **options: object
) -> float:
    """Return the log likelihood of held-out persons, a person (k-fold).

    Numbers: the normal likelihood of what they answered. Ordinal items: the pairwise
    likelihood (Joreskog & Moustaki, 2001), the mean over pairs of items of the log
    probability of the two answers; each fold's model is fitted to the other folds.

    Parameters
    ----------
    model : str
        As in `confirm`.
    responses : DataFrame, shape (n_persons, n_columns)
        As in `confirm`, NaN where unanswered; persons without an answer are left out.
    folds : int
        Parts that the persons are dealt to, each held out once; at least two.
    rng : Generator or int
        Deals the persons to the folds.
    **options
        Of `confirm`; one group.

    Returns
    -------
    float
        Mean over persons; the larger, the better a model tells new persons' answers.

    Raises
    ------
    InvalidOption
        `rng` is None.
    InvalidResponses
        Answers that cannot be used, or too few persons outside a fold.
    ConvergenceError
        The model settles in some fold on no estimates.

    Examples
    --------
    >>> from psychometrics import held_out_log_likelihood, simulate
    >>> made = simulate.responses(200, rng=1, loadings=[[0.7]] * 4)
    >>> model = "f =~ i1 + i2 + i3 + i4"
    >>> found = held_out_log_likelihood(
    ...     model, made.responses, folds=2, rng=1, estimator="ml"
    ... )
    >>> -6 < found < -4
    True
    """
    items = list(prepared(model, responses, **options)[0].items)
    responses = responses[responses[items].notna().any(axis=1)]
    totals = fold_totals(model, responses, folds, rng, options)
    return float(sum(totals) / len(responses))


def fold_totals(
    model: str,
    responses: pd.DataFrame,
    folds: int,
    rng: Rng,
    options: Mapping[str, Any],
) -> list[float]:
    """Log likelihood of each fold's persons, by the model fitted to the others."""
    n = len(responses)
    part = generator(rng, what="dealing persons to folds").permutation(n) % folds
    return [
        _one_fold(model, responses[part != k], responses[part == k], options)
        for k in range(folds)
    ]


def _one_fold(
    model: str, training: pd.DataFrame, held: pd.DataFrame, options: Mapping[str, Any]
) -> float:
    estimator = options.get("estimator", "wlsmv")
    if estimator in ORDINAL:
        options = options | {"parameterization": "delta"}
    else:
        options = options | {"meanstructure": True}
    table, structures, data = prepared(model, training, **options)
    fitted = estimate(table, structures, data, estimator, detail="test")
    implied = structures[0].at(fitted.theta)
    values = held[list(table.items)].to_numpy(float)
    if estimator not in ORDINAL:
        kept = ~np.isnan(values).all(axis=1)
        patterns = normal_likelihood.summarise(values[kept])
        like = normal_likelihood.likelihood(patterns, implied.sigma, implied.mu)
        answers = patterns.counts @ patterns.seen.sum(axis=1)
        return -patterns.n * like.value - 0.5 * answers * np.log(2 * np.pi)
    return _pairwise(structures[0], implied, fitted, data, values)


def _pairwise(
    structure: Structure,
    implied: Implied,
    fitted: Estimation,
    data: GroupedAnswers,
    values: np.ndarray,
) -> float:
    codes = np.full(values.shape, -1, dtype=np.int16)
    for j, used in enumerate(data.categories):
        known = np.isin(values[:, j], used)
        codes[known, j] = np.searchsorted(used, values[known, j])
    most = max(len(used) for used in data.categories)
    counts = pair_tables(codes, most)
    (moments,) = fitted.evidence.problem.moments
    rho = implied_moments(structure, implied, moments)[moments.n_thresholds :]
    cuts = np.full((structure.p, most - 1), 40.0)
    for j in range(structure.p):
        own = implied.tau[structure.tau_item == j]
        cuts[j, : len(own)] = own
    first, second = moments.cols, moments.rows
    tables = counts.transpose(0, 2, 1, 3)[first, second]
    at = cuts[first], cuts[second], rho
    found = log_cells(tables, cell_probabilities(*at), *at)
    return float(np.sum(tables * found) / len(rho))
