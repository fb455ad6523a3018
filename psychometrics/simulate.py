"""Answers with known truth: from a factor model, or from an item response model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .annotations import AnswerTable, Rng
from .errors import InvalidOption, NotIdentified
from .options import generator
from .results import Result

if TYPE_CHECKING:
    from .irt.parameters import ItemParameters
    from .irt.result import IrtResult


@dataclass(frozen=True, eq=False, kw_only=True)
class Simulated(Result):
    """Made-up answers, and the truth that they were made from.

    Attributes
    ----------
    responses : DataFrame, persons x items
        Categories from `lowest` up (or continuous, without thresholds).
    theta : DataFrame, persons x factors
        What each person was given.
    slopes : DataFrame, items x factors
        Loadings of the latent answers, or discriminations on the logistic metric.
    factor_corr : DataFrame, factors x factors
    thresholds : DataFrame, items x cuts, or None
        On the metric of the latent answers, or of theta.
    model : {"factor", "graded_response"}, a calibration's model, or "mixed"
    """

    _headline = (
        "factor_corr",
        "persons=responses.index",
        "items=responses.columns",
        "model",
    )

    responses: pd.DataFrame
    theta: pd.DataFrame
    slopes: pd.DataFrame
    factor_corr: pd.DataFrame
    thresholds: pd.DataFrame | None
    model: str

    @property
    def corr(self) -> pd.DataFrame:
        """Correlations of the latent answers; for the factor model alone."""
        common = self.slopes @ self.factor_corr @ self.slopes.T
        implied = common.to_numpy(copy=True)  # pandas 3 lends a frame read-only
        np.fill_diagonal(implied, 1.0)
        return pd.DataFrame(implied, self.slopes.index, self.slopes.index)

    def to_frame(self) -> pd.DataFrame:
        if self.thresholds is None:
            return self.slopes
        return self.slopes.join(self.thresholds)

    def _about(self) -> Sequence[str]:
        persons, items = self.responses.shape
        return (f"{persons} simulated persons, {items} items, {self.model} model.",)


def simple_structure(
    n_factors: int,
    items_per_factor: int,
    *,
    loading: float = 0.7,
    correlation: float = 0.3,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return loadings and factor correlations where each item has one factor."""
    factors = [f"F{k + 1}" for k in range(n_factors)]
    items = [f"i{j + 1}" for j in range(n_factors * items_per_factor)]
    pattern = np.kron(np.eye(n_factors), np.full((items_per_factor, 1), loading))
    factor_corr = np.full((n_factors, n_factors), float(correlation))
    np.fill_diagonal(factor_corr, 1.0)
    return (
        pd.DataFrame(pattern, index=items, columns=factors),
        pd.DataFrame(factor_corr, index=factors, columns=factors),
    )


def responses(
    n_persons: int,
    *,
    rng: Rng,
    loadings: Sequence[Sequence[float]] | np.ndarray | pd.DataFrame | None = None,
    discrimination: Sequence[float] | AnswerTable | pd.Series | None = None,
    factor_corr: np.ndarray | pd.DataFrame | None = None,
    thresholds: Sequence[Sequence[float] | float] | None = None,
    theta: np.ndarray | None = None,
    lowest: int = 1,
    missing: float = 0.0,
) -> Simulated:
    """Draw answers from a model whose parameters are known.

    Parameters
    ----------
    n_persons : int
    rng : Generator or int
    loadings : DataFrame or array, items x factors
        Standardised loadings of normal latent answers (the factor model).
    discrimination : DataFrame, Series or array, items (x factors)
        Slopes on the logistic metric (Samejima's, 1969, graded response model).
    factor_corr : DataFrame or array, factors x factors, optional
        Without it the factors do not correlate.
    thresholds : sequence or array, (cuts,) or items x cuts, optional
        Increasing cuts; NaN at the end of a row for items with fewer. With `loadings`
        on the latent answers, whose variance is one; with `discrimination` on theta
        (of one factor). Factor-model answers without thresholds stay continuous.
    theta : array, persons x factors, optional
        Persons' values; drawn from a normal distribution when not given.
    lowest : int
        Code of the lowest category.
    missing : float
        Chance that an answer is missing, completely at random.

    Returns
    -------
    Simulated

    Raises
    ------
    InvalidOption
        Parameters that contradict each other; NotIdentified, which is one, where an
        item shares more than all of its variance.

    Examples
    --------
    >>> made = responses(
    ...     5, rng=np.random.default_rng(2), loadings=[[0.7], [0.7], [0.6]],
    ...     thresholds=(-1, 0, 1),
    ... )
    >>> made.responses.shape, sorted(set(made.responses.stack()) - {1, 2, 3, 4})
    ((5, 3), [])
    """
    if (loadings is None) == (discrimination is None):
        raise InvalidOption("give either loadings or discrimination")
    rng = generator(rng, what="drawing answers")
    is_factor = discrimination is None
    slopes = _frame(loadings if is_factor else discrimination)
    phi = _factor_corr(factor_corr, slopes.columns)
    cuts = _cuts(thresholds, slopes.index)
    if theta is None:
        theta = rng.multivariate_normal(
            np.zeros(len(phi)), phi.to_numpy(), n_persons, method="cholesky"
        )
    theta = np.asarray(theta, float).reshape(n_persons, len(phi))
    draw = _from_factors if is_factor else _from_graded
    values = draw(slopes.to_numpy(), phi.to_numpy(), cuts, theta, rng)
    if cuts is not None:
        values += lowest
    if missing:
        values[rng.random(values.shape) < missing] = np.nan
    return Simulated(
        responses=pd.DataFrame(values, columns=slopes.index),
        theta=pd.DataFrame(theta, columns=slopes.columns),
        slopes=slopes,
        factor_corr=phi,
        thresholds=cuts,
        model="factor" if is_factor else "graded_response",
    )


def answers_to(
    parameters: ItemParameters | IrtResult,
    n_persons: int,
    *,
    rng: Rng,
    theta: Sequence[float] | np.ndarray | None = None,
    missing: float = 0.0,
) -> Simulated:
    """Draw answers to calibrated items, of whatever model or kinds.

    Parameters
    ----------
    parameters : ItemParameters
        Or an IRT result, whose parameters are taken; of one dimension.
    n_persons : int
    rng : Generator or int
    theta : array, shape (n_persons,), optional
        Persons' values; drawn from a standard normal distribution when not given.
    missing : float
        Chance that an answer is missing, completely at random.

    Returns
    -------
    Simulated
        Answers under the codes that the items' categories have.

    Raises
    ------
    InvalidOption
        Items of several dimensions.

    Examples
    --------
    >>> from psychometrics import graded_response, simulate
    >>> made = simulate.responses(
    ...     300, rng=1, discrimination=[1.5] * 4, thresholds=(-1, 0, 1)
    ... )
    >>> items = graded_response(made.responses, se=False).parameters
    >>> simulate.answers_to(items, 5, rng=2).responses.shape
    (5, 4)
    """
    from .adaptive.bank import item_parameters

    items = item_parameters(parameters)
    if items.model != "nominal":
        items._one_dimension("simulated answers")
    rng = generator(rng, what="drawing answers")
    if theta is None:
        theta = rng.standard_normal(n_persons)
    theta = np.asarray(theta, float).reshape(n_persons)
    above = 1 - items.probabilities(theta).cumsum(axis=1)[:, :-1]  # J x M x n
    number = (rng.random((len(items.items), 1, n_persons)) < above).sum(axis=1)
    values = np.column_stack(
        [
            np.asarray(items.categories[item], float)[number[j]]
            for j, item in enumerate(items.items)
        ]
    )
    if missing:
        values[rng.random(values.shape) < missing] = np.nan
    one = pd.DataFrame([[1.0]], ["F1"], ["F1"])
    return Simulated(
        responses=pd.DataFrame(values, columns=items.items),
        theta=pd.DataFrame(theta, columns=["F1"]),
        slopes=items.slopes,
        factor_corr=one,
        thresholds=items.thresholds if items.is_unidimensional else None,
        model=items.model_name,
    )


def _from_factors(
    slopes: np.ndarray,
    phi: np.ndarray,
    cuts: pd.DataFrame | None,
    theta: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    unique = 1 - np.einsum("ij,jk,ik->i", slopes, phi, slopes)
    if (unique < 0).any():
        raise NotIdentified(
            f"item {int(unique.argmin()) + 1} has a communality above 1 (a Heywood "
            "case), so no answers can be drawn from these loadings"
        )
    noise = rng.standard_normal((len(theta), len(slopes)))
    latent = theta @ slopes.T + noise * np.sqrt(unique)
    if cuts is None:
        return latent
    return (latent[:, :, None] > cuts.to_numpy()[None]).sum(axis=2).astype(float)


def _from_graded(
    slopes: np.ndarray,
    phi: np.ndarray,
    cuts: pd.DataFrame | None,
    theta: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    if cuts is None or slopes.shape[1] > 1:
        raise InvalidOption("discrimination needs thresholds and a single factor")
    gap = theta[:, :, None] - cuts.to_numpy()[None]
    above = 1 / (1 + np.exp(-slopes[None] * gap))
    chance = rng.random((len(theta), len(slopes), 1))
    return (chance < above).sum(axis=2).astype(float)


def _frame(
    slopes: Sequence[Any] | AnswerTable | pd.Series | None,
) -> pd.DataFrame:
    if isinstance(slopes, pd.Series):
        return slopes.to_frame("F1")
    if isinstance(slopes, pd.DataFrame):
        return slopes.astype(float)
    array = np.asarray(slopes, float)
    array = array.reshape(len(array), -1)
    return pd.DataFrame(
        array,
        index=[f"i{j + 1}" for j in range(len(array))],
        columns=[f"F{k + 1}" for k in range(array.shape[1])],
    )


def _factor_corr(
    factor_corr: np.ndarray | pd.DataFrame | None, names: pd.Index
) -> pd.DataFrame:
    array = np.eye(len(names)) if factor_corr is None else np.asarray(factor_corr)
    if array.shape != (len(names), len(names)):
        raise InvalidOption(
            f"factor_corr has shape {array.shape} for {len(names)} factors"
        )
    return pd.DataFrame(array.astype(float), index=names, columns=names)


def _cuts(
    thresholds: Sequence[Sequence[float] | float] | None, items: pd.Index
) -> pd.DataFrame | None:
    if thresholds is None:
        return None
    array = np.asarray(thresholds, float)
    array = np.broadcast_to(array, (len(items), array.shape[-1])).copy()
    steps = np.diff(array, axis=1)
    if (steps[~np.isnan(steps)] <= 0).any():
        raise InvalidOption("thresholds must increase from one category to the next")
    names = [f"cut{k + 1}" for k in range(array.shape[1])]
    return pd.DataFrame(array, index=items, columns=names)
