"""Difference tests of nested models, plain and corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import pandas as pd

from ..annotations import Axes, PerPerson
from ..errors import InvalidOption
from ..figures import BLUE, finish, name_rows
from ..options import check_option
from ..results import Result, axes
from .estimation.estimates import LeastSquaresEvidence, NormalEvidence
from .estimation.scaled_tests import satorra_bentler, yuan_bentler
from .fit.cluster_tests import cluster_test
from .fit.fit_indices import chi2_tail
from .model.model_matrices import compile_table
from .score_tests import carried, grouped_values, normal_problem

if TYPE_CHECKING:
    from .result import ConfirmedModel


@dataclass(frozen=True, eq=False, kw_only=True)
class NestedTest(Result):
    """Difference tests along a sequence of nested models, the freest first.

    Attributes
    ----------
    steps : DataFrame
        One row a model: chi2, df, difference, df_difference, p (of the step from the
        model before), method.
    """

    _headline = ("difference=steps.difference", "p=steps.p", "models=steps.index")

    steps: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.steps

    def _about(self) -> Sequence[str]:
        return [f"Differences of {len(self.steps)} nested models."]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each step's difference beside its degrees of freedom."""
        rows = self.steps.iloc[1:]
        ax, df = axes(ax, rows=2 * len(rows)), rows["df_difference"]
        names = [f"{name}\np = {p:.2g}" for name, p in rows["p"].items()]
        at = name_rows(ax, names, what="model")
        ax.barh(
            at, rows["difference"], height=0.5, color=BLUE, label="difference of chi2"
        )
        style = {"color": "black", "linewidth": 2.5, "label": "degrees of freedom"}
        ax.vlines(df, at - 0.35, at + 0.35, **style)
        title = (
            f"Differences of {len(self.steps)} nested models, freest first; about the "
            "degrees of freedom where models fit alike"
        )
        return finish(ax, title, x="difference of chi2", key=True)


def compare_nested(
    models: Mapping[str, ConfirmedModel], *, method: str | None = None
) -> NestedTest:
    """Test each model against the freer one before it.

    Parameters
    ----------
    models : dict of str to ConfirmedModel
        Fitted to the same data by the same estimator; the freest first.
    method : {"plain", "satorra_bentler_2001", "satorra_2000", "clustered"}, optional
        By default plain for "ml", Satorra & Bentler (2001) for "mlr" and "mlm", and
        Satorra (2000), scaled and shifted, for least squares; with clusters an F test
        on the spread of their sums. Satorra & Bentler (2010): see
        `satorra_bentler_2010`.

    Returns
    -------
    NestedTest

    Raises
    ------
    InvalidOption
        Models of different estimators or items, or not ordered by df; a method that
        there is not, or not for models of this estimator.

    Examples
    --------
    >>> from psychometrics import confirm, correlated_factors_model, simulate
    >>> loadings, phi = simulate.simple_structure(2, 3, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, factor_corr=phi)
    >>> scales = {"trust": ["i1", "i2", "i3"], "parity": ["i4", "i5", "i6"]}
    >>> two = correlated_factors_model(scales)
    >>> models = {
    ...     "two factors": confirm(two, made.responses, estimator="ml"),
    ...     "apart": confirm(two, made.responses, estimator="ml", orthogonal=True),
    ... }
    >>> compare_nested(models).to_frame()["df"].tolist()
    [8.0, 9.0]
    """
    _check_comparable(models)
    fitted = list(models.values())
    rows = [_row(fitted[0])]
    for larger, smaller in zip(fitted, fitted[1:]):
        rows.append(_row(smaller) | difference_test(larger, smaller, method=method))
    return NestedTest(steps=pd.DataFrame(rows, index=[*models]))


def _row(model: ConfirmedModel) -> dict[str, float | str]:
    return {
        "chi2": model.fit["chi2"],
        "df": model.fit["df"],
        "difference": np.nan,
        "df_difference": np.nan,
        "p": np.nan,
        "method": "",
    }


def _check_comparable(models: Mapping[str, ConfirmedModel]) -> None:
    if len(models) < 2:
        raise InvalidOption("one model; give at least two")
    fitted = list(models.values())
    first = fitted[0]
    for name, model in models.items():
        if (model.estimator, model.n) != (first.estimator, first.n):
            raise InvalidOption(f"{name} has another estimator or other persons")
        if set(model.items) != set(first.items):
            raise InvalidOption(f"{name} has other items; nested models share them")


class Difference(TypedDict):
    """A test of what one model is stricter by than another."""

    difference: float
    df_difference: int
    p: float
    method: str


def difference_test(
    larger: ConfirmedModel, smaller: ConfirmedModel, *, method: str | None = None
) -> Difference:
    """Return difference, df_difference, p and method of one step."""
    one, two = larger.evidence, smaller.evidence
    if two.df < one.df:
        raise InvalidOption("the models are not ordered from free to restricted")
    method = method or _default(larger)
    check_option("method", method, _allowed(larger))
    if method == "clustered":
        return _clustered(one, two)
    value, df = _METHODS[method](one, two)
    p = float(chi2_tail(value, df)) if np.isfinite(value) else np.nan
    return {"difference": value, "df_difference": df, "p": p, "method": method}


def _allowed(model: ConfirmedModel) -> tuple[str, ...]:
    """The methods that the estimator leaves what they need."""
    is_normal = isinstance(model.evidence, NormalEvidence)
    own = "satorra_bentler_2001" if is_normal else "satorra_2000"
    return (
        ("plain", own) if model.evidence.form is None else ("plain", own, "clustered")
    )


def _default(model: ConfirmedModel) -> str:
    if model.evidence.form is not None and np.isfinite(model.evidence.form.nu):
        return "clustered"
    if isinstance(model.evidence, LeastSquaresEvidence):
        return "satorra_2000"
    plain = model.estimator == "ml" and model.n_clusters is None
    return "plain" if plain else "satorra_bentler_2001"


def _clustered(
    one: NormalEvidence | LeastSquaresEvidence,
    two: NormalEvidence | LeastSquaresEvidence,
) -> Difference:
    """Scaled and shifted like Satorra's (2000), p from F: see `cluster_tests`."""
    df, chi2 = two.df - one.df, two.chi2 - one.chi2
    value, p = 0.0, np.nan
    if df and one.form is not None and two.form is not None:
        trace, trace2 = one.form.of_restrictions(two.form)
        value = chi2 * np.sqrt(df / trace2) + df - np.sqrt(df * trace**2 / trace2)
        p = cluster_test(chi2, trace, trace2, one.form.nu)["p_scaled"]
    return {"difference": value, "df_difference": df, "p": p, "method": "clustered"}


def _plain(one: NormalEvidence, two: NormalEvidence) -> tuple[float, int]:
    return two.chi2 - one.chi2, two.df - one.df


def _satorra_bentler(one: NormalEvidence, two: NormalEvidence) -> tuple[float, int]:
    """Satorra & Bentler (2001); a negative factor leaves no test."""
    df = two.df - one.df
    c = (two.df * two.scaling - one.df * _finite(one)) / df if df else np.nan
    return ((two.chi2 - one.chi2) / c if c > 0 else np.nan), df


def _finite(evidence: NormalEvidence) -> float:
    return evidence.scaling if evidence.df else 0.0


def _satorra_2000(
    one: LeastSquaresEvidence, two: LeastSquaresEvidence
) -> tuple[float, int]:
    """Scaled and shifted difference from the standard chi2 (Satorra, 2000).

    The restrictions are those of the smaller model's tangent space within the
    larger's, both where each was estimated.
    """
    df = two.df - one.df
    if df == 0:
        return 0.0, 0
    inside = _inside(one, two)
    A = np.linalg.svd(inside)[0][:, inside.shape[1] :].T
    P_inverse = np.linalg.inv(one.information)
    AP = A @ P_inverse
    M = AP.T @ np.linalg.solve(AP @ A.T, AP)
    B = 0.0
    problem = one.problem
    for share, m, J in zip(problem.shares, problem.moments, one.jacobians()):
        WJ = m.weights[:, None] * J
        B = B + share * (WJ.T @ (m.gamma @ WJ))
    MB = M @ B
    trace, trace2 = np.trace(MB), np.sum(MB * MB.T)
    value = (two.chi2 - one.chi2) * np.sqrt(df / trace2)
    return value + df - np.sqrt(df * trace**2 / trace2), df


def _inside(one: LeastSquaresEvidence, two: LeastSquaresEvidence) -> np.ndarray:
    """Return the smaller model's derivatives in terms of the larger one's."""
    larger, smaller = (np.vstack(evidence.jacobians()) for evidence in (one, two))
    return np.linalg.lstsq(larger, smaller, rcond=None)[0]


_METHODS = {
    "plain": _plain,
    "satorra_bentler_2001": _satorra_bentler,
    "satorra_2000": _satorra_2000,
}


def satorra_bentler_2010(
    larger: ConfirmedModel,
    smaller: ConfirmedModel,
    responses: pd.DataFrame,
    *,
    groups: str | PerPerson | None = None,
) -> pd.Series:
    """Return the difference test whose factor cannot turn negative.

    The larger model is evaluated where the smaller one's estimates lie (Satorra &
    Bentler, 2010): its scaling factor there replaces the one at its own estimates.

    Parameters
    ----------
    larger, smaller : ConfirmedModel
        By "mlr" or "mlm".
    responses : DataFrame, shape (n_persons, n_columns)
        What both were fitted to.
    groups : str or Series, shape (n_persons,), optional
        What both were fitted by.

    Returns
    -------
    Series
        difference, df_difference, p, method.

    Raises
    ------
    InvalidOption
        Another estimator.

    Examples
    --------
    >>> from psychometrics import confirm, satorra_bentler_2010, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> larger = confirm("f =~ i1 + i2 + i3 + i4", made.responses, estimator="mlr")
    >>> equal = "f =~ a*i1 + a*i2 + a*i3 + a*i4"
    >>> smaller = confirm(equal, made.responses, estimator="mlr")
    >>> found = satorra_bentler_2010(larger, smaller, made.responses)
    >>> int(found["df_difference"]), bool(found["difference"] > 0)
    (3, True)
    """
    for model in (larger, smaller):
        check_option("estimator", model.estimator, ("mlr", "mlm"))
    values = grouped_values(larger, responses, groups)
    problem = normal_problem(larger, compile_table(larger.table), values)
    theta = carried(smaller.table, smaller.free_values(), larger.table)
    one, two = larger.evidence, smaller.evidence
    if larger.estimator == "mlm":
        scaling, _ = satorra_bentler(problem, theta, values, one.df)
    else:
        scaling = yuan_bentler(problem, theta, values, one.df).c
    at_smaller = NormalEvidence(chi2=one.chi2, df=one.df, scaling=scaling)
    value, df = _satorra_bentler(at_smaller, two)
    return pd.Series(
        {
            "difference": value,
            "df_difference": df,
            "p": chi2_tail(value, df),
            "method": "satorra_bentler_2010",
        }
    )
