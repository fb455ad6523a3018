"""Which equality over groups costs most: score tests of freeing each (Rao, 1948)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from ..annotations import PerPerson
from ..options import check_option
from .confirm import ORDINAL
from .estimation import normal_likelihood
from .estimation.discrepancy import LeastSquares
from .estimation.robust_ml_fit import NormalProblem
from .model.identification import released_thresholds
from .model.model_matrices import Structure, compile_table
from .model.parameter_table import ParameterTable, complete
from .model.syntax import parse_model

if TYPE_CHECKING:
    import pandas as pd

    from .result import ConfirmedModel

STEPS = ("loadings", "thresholds", "intercepts", "residuals")


@dataclass(frozen=True)
class Release:
    """One parameter, or an item's thresholds together, freed over groups."""

    parameter: str
    statistic: float
    df: int

    @property
    def p(self) -> float:
        return float(chdtrc(self.df, self.statistic))


def release_tests(
    fitted: ConfirmedModel, responses: pd.DataFrame, groups: str | PerPerson, step: str
) -> list[Release]:
    """Return the score test of freeing each item's part of `step`, largest first.

    Rao's (1948) test, at the restricted estimates: nothing is fitted anew.

    Parameters
    ----------
    fitted : ConfirmedModel
        With `step` among what is equal.
    responses : DataFrame, shape (n_persons, n_columns)
        What it was fitted to.
    groups : str or Series, shape (n_persons,)
        What it was fitted by.
    step : {"loadings", "thresholds", "intercepts", "residuals"}
        Whose equality is asked about.

    Returns
    -------
    list of Release
        Parameter, statistic, df and p; an item's thresholds together.

    Raises
    ------
    InvalidOption
        Another step.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import confirm, release_tests, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> halves = np.arange(300) % 2
    >>> fitted = confirm(
    ...     "f =~ i1 + i2 + i3 + i4",
    ...     made.responses,
    ...     estimator="ml",
    ...     groups=halves,
    ...     equal=["loadings"],
    ... )
    >>> tests = release_tests(fitted, made.responses, halves, "loadings")
    >>> tests[0].statistic > tests[-1].statistic
    True
    """
    check_option("step", step, STEPS)
    tests = []
    for parameter in _parameters(fitted, step):
        settings = fitted.table.settings
        if parameter in settings.released:
            continue
        freer = replace(settings, released=(*settings.released, parameter))
        table = complete(
            parse_model(fitted.model), freer, n_thresholds=fitted.table.n_thresholds
        )
        test = _release(fitted, parameter, table, responses, groups)
        tests += [test] if test else []
    return sorted(tests, key=lambda test: test.p or -test.statistic)


def score_test(
    fitted: ConfirmedModel, parameter: str, freer: str, responses: pd.DataFrame
) -> Release | None:
    """Return the Release of `parameter`, which the model text `freer` leaves free.

    None where the freer model has no more parameters.
    """
    table = complete(
        parse_model(freer),
        fitted.table.settings,
        n_thresholds=fitted.table.n_thresholds,
    )
    return _release(fitted, parameter, table, responses)


def _release(
    fitted: ConfirmedModel,
    parameter: str,
    table: ParameterTable,
    responses: pd.DataFrame,
    groups: str | None = None,
) -> Release:
    added = table.n_free - fitted.table.n_free
    if added <= 0:
        return None
    theta = fitted.free_values()
    value = _score(fitted, table, theta, responses, groups)
    return Release(parameter, value, added)


def best_release(
    fitted: ConfirmedModel, responses: pd.DataFrame, groups: str | PerPerson, step: str
) -> Release | None:
    """Return the Release with the smallest p, or None."""
    tests = release_tests(fitted, responses, groups, step)
    return min(tests, key=lambda t: (t.p, -t.statistic / t.df)) if tests else None


def _parameters(fitted: ConfirmedModel, step: str) -> list[str]:
    rows = fitted.table.rows(1)
    items = fitted.items
    if step == "loadings":
        rows = rows[(rows["op"] == "=~") & rows["rhs"].isin(items)]
        return [f"{row.lhs} =~ {row.rhs}" for row in rows.itertuples()]
    if step == "thresholds":
        texts = itertools.starmap(
            released_thresholds, fitted.table.n_thresholds.items()
        )
        return [text for text in texts if text]
    form = "{0} ~ 1" if step == "intercepts" else "{0} ~~ {0}"
    return [form.format(item) for item in items]


def _score(
    fitted: ConfirmedModel,
    table: ParameterTable,
    theta: np.ndarray,
    responses: pd.DataFrame,
    groups: str | None,
) -> float:
    """N g'H^-1 g of the freer model at the restricted estimates."""
    structures = compile_table(table)
    start = carried(fitted.table, theta, table)
    if fitted.estimator in ORDINAL or fitted.estimator == "uls":
        problem = LeastSquares(structures, fitted.evidence.problem.moments)
        g, H = problem.slope(start)
    else:
        values = grouped_values(fitted, responses, groups)
        problem = normal_problem(fitted, structures, values)
        at = problem.at(start)
        g, H = problem.gradient(at), problem.information(at)
    scale = np.sqrt(np.maximum(np.diag(H), 1e-300))
    H = H / np.outer(scale, scale)
    g = g / scale
    solved = np.linalg.lstsq(H, g, rcond=1e-10)[0]
    return float(problem.n * g @ solved) / fitted.scaling


def normal_problem(
    fitted: ConfirmedModel,
    structures: Sequence[Structure],
    values: Sequence[np.ndarray],
) -> NormalProblem:
    """Return the likelihood of `structures` for the persons of a fitted model."""
    patterns = [normal_likelihood.summarise(rows) for rows in values]
    return NormalProblem(structures, patterns, fitted.table.settings.meanstructure)


def grouped_values(
    fitted: ConfirmedModel, responses: pd.DataFrame, groups: str | None = None
) -> list[np.ndarray]:
    """Return the model's items, one array a group, empty rows left out."""
    values = responses[list(fitted.items)].to_numpy(float)
    kept = ~np.isnan(values).all(axis=1)
    if groups is None:
        return [values[kept]]
    labels = np.asarray(responses[groups] if isinstance(groups, str) else groups)
    return [values[kept & (labels == label)] for label in fitted.groups]


def carried(old: ParameterTable, theta: np.ndarray, new: ParameterTable) -> np.ndarray:
    """Return start values of a table from another table's estimates.

    Rows that the old table does not free start at its fixed value.
    """
    values = {}
    for row in old.frame.itertuples():
        key = (row.lhs, row.op, row.rhs, row.group)
        values[key] = theta[row.free - 1] if row.free else row.value
    start = np.zeros(new.n_free)
    for row in new.frame[new.frame["free"] > 0].itertuples():
        start[row.free - 1] = values[(row.lhs, row.op, row.rhs, row.group)]
    return start
