"""Fit a stated factor model: the front door."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..annotations import PerPerson
from ..errors import InvalidOption, InvalidResponses
from ..options import check_option
from .data.multigroup_data import GroupedAnswers, group_answers
from .estimation.estimates import Estimation
from .estimation.maximum_likelihood import estimate_normal
from .estimation.weighted_least_squares import estimate_least_squares
from .model.model_matrices import Structure, compile_table
from .model.parameter_table import ParameterTable, Settings, check_counts, complete
from .model.syntax import Statement, parse_model
from .result_tables import result_of

if TYPE_CHECKING:
    import pandas as pd

    from .result import ConfirmedModel

CONTINUOUS = ("ml", "mlr", "mlm", "uls")
ORDINAL = ("wlsmv", "ulsmv")


def confirm(
    model: str,
    responses: pd.DataFrame,
    *,
    estimator: str = "wlsmv",
    groups: str | PerPerson | None = None,
    clusters: str | PerPerson | None = None,
    equal: Sequence[str] = (),
    missing: str = "full",
    released: Sequence[str] = (),
    std_lv: bool = False,
    orthogonal: bool = False,
    parameterization: str = "delta",
    identification: str = "standard",
    meanstructure: bool | None = None,
    information: str | None = None,
    errors: str | None = None,
    correction: str = "cr2",
) -> ConfirmedModel:
    """Fit a confirmatory factor model (Joreskog, 1969; ordinal items: Muthen, 1984).

    Parameters
    ----------
    model : str
        In the language of `parse_model`.
    responses : DataFrame, shape (n_persons, n_columns)
        The model's items among its columns; NaN where unanswered. Whole-number codes
        for the ordinal estimators, any numbers for the others.
    estimator : {"wlsmv", "ulsmv", "ml", "mlr", "mlm", "uls"}
        Ordinal items: diagonally weighted or unweighted least squares on polychoric
        correlations with robust errors and the scaled-shifted test. Continuous: see
        docs/methods/confirmatory.md.
    groups : str or Series, shape (n_persons,), optional
        Column of `responses`, or labels; groups stand in order of appearance.
    clusters : str or Series, shape (n_persons,), optional
        Whom the persons share; errors and tests then allow for it.
    equal : sequence of str
        Equal over groups: loadings, thresholds, intercepts, residuals,
        residual_covariances, means, lv_variances, lv_covariances.
    missing : {"full", "pairwise", "listwise"}
        "full" is full information for the likelihood estimators and pairwise for the
        ordinal ones; least squares on covariances is always listwise.
    released : sequence of str
        Parameters such as ``"f =~ x2"`` that stay free over groups all the same.
    std_lv : bool
        Fix factor variances at 1 rather than first loadings.
    orthogonal : bool
        Fix correlations of factors at 0 where the model does not name them.
    parameterization : {"delta", "theta"}
        Of latent responses: their variance is 1, or their residual variance is.
    identification : {"standard", "wu_estabrook"}
        What groups beyond the first gain once something is equal.
    meanstructure : bool, optional
        Model means too; by default with groups, missing answers, or when named.
    information : {"expected", "observed"}, optional
        For likelihood errors; by default expected for complete data under "ml".
    errors : {"standard", "robust"}, optional
        Of the estimates: from the information, or the sandwich; by default robust
        for all but "ml" without clusters. Bootstrapped ones: `bootstrap_errors`.
    correction : {"cr2", "none"}
        Small-sample correction with `clusters`.

    Returns
    -------
    ConfirmedModel

    Raises
    ------
    ModelSyntaxError, NotIdentified, InvalidResponses, ConvergenceError

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import population_of
    >>> stated = "f =~ .7*x1 + .6*x2 + .8*x3 + .5*x4"
    >>> truth = population_of(stated, thresholds=[-1, 0, 1])
    >>> answers = truth.draw(800, np.random.default_rng(1))
    >>> fitted = confirm("f =~ x1 + x2 + x3 + x4", answers)
    >>> fitted.loadings()["f"].round(1).to_list()
    [0.7, 0.6, 0.8, 0.5]
    """
    table, structures, data = prepared(
        model,
        responses,
        estimator=estimator,
        groups=groups,
        clusters=clusters,
        equal=equal,
        missing=missing,
        released=released,
        std_lv=std_lv,
        orthogonal=orthogonal,
        parameterization=parameterization,
        identification=identification,
        meanstructure=meanstructure,
        correction=correction,
    )
    estimation = estimate(table, structures, data, estimator, information, errors)
    about = {
        "model": model,
        "estimator": estimator,
        "groups": data.labels,
        "group_sizes": tuple(len(rows) for rows in data.values),
        "n_clusters": data.clusters.n_clusters if data.clusters else None,
        "t_df": data.t_df,
        "codes": data.categories if data.ordinal else (),
    }
    return result_of(estimation, table, structures, about)


def prepared(
    model: str,
    responses: np.ndarray | pd.DataFrame,
    *,
    estimator: str = "wlsmv",
    groups: np.ndarray | pd.Series | str | None = None,
    clusters: np.ndarray | pd.Index | pd.Series | str | None = None,
    missing: str = "full",
    meanstructure: bool | None = None,
    parameterization: str = "delta",
    correction: str = "cr2",
    **settings: object,
) -> tuple[ParameterTable, list[Structure], GroupedAnswers]:
    """Return parameter table, structures and data of a model, ready to estimate.

    Arguments are those of `confirm`.
    """
    _check_options(estimator, missing, parameterization)
    statements = parse_model(model)
    ordinal = estimator in ORDINAL
    items = _items(statements)
    data = group_answers(
        items,
        responses,
        groups=groups,
        clusters=clusters,
        ordinal=ordinal,
        listwise=missing == "listwise" or estimator in ("mlm", "uls"),
        correction=correction,
    )
    if meanstructure is None:
        several = data.has_missing or len(data.labels) > 1
        meanstructure = several or _names_means(statements)
    for name in ("equal", "released"):
        settings[name] = tuple(settings.get(name, ()))
    _check_columns(statements, getattr(responses, "columns", ()))
    table, structures = _compiled(
        statements,
        Settings(
            n_groups=len(data.labels),
            ordinal=ordinal,
            theta=parameterization == "theta",
            meanstructure=meanstructure and not ordinal,
            **settings,
        ),
        tuple(data.n_thresholds.items()),
    )
    check_counts(table, data.n_moments(table.settings.meanstructure))
    return table, structures, data


@lru_cache(maxsize=32)
def _items(statements: tuple[Statement, ...]) -> tuple[str, ...]:
    return complete(statements, Settings(n_groups=_n_entries(statements))).items


@lru_cache(maxsize=32)
def _compiled(
    statements: Sequence[Statement],
    settings: Settings,
    n_thresholds: Sequence[tuple[str, int]],
) -> tuple[ParameterTable, list[Structure]]:
    """Samples of one simulation share their table, which is never written to."""
    table = complete(statements, settings, n_thresholds=dict(n_thresholds))
    return table, compile_table(table)


def _check_columns(
    statements: Sequence[Statement], columns: Sequence[str] | pd.Index
) -> None:
    both = [s.lhs for s in statements if s.op == "=~" and s.lhs in columns]
    if both:
        raise InvalidResponses(
            f"{both[0]} is a factor of the model and a column; rename the factor"
        )


def _check_options(estimator: str, missing: str, parameterization: str) -> None:
    check_option("estimator", estimator, CONTINUOUS + ORDINAL)
    check_option("missing", missing, ("full", "pairwise", "listwise"))
    check_option("parameterization", parameterization, ("delta", "theta"))
    if missing == "pairwise" and estimator in CONTINUOUS:
        raise InvalidOption(
            f"missing is 'pairwise', which {estimator} has no form of; give one of "
            "full, listwise"
        )


def estimate(
    table: ParameterTable,
    structures: Sequence[Structure],
    data: GroupedAnswers,
    estimator: str,
    information: str | None = None,
    errors: str | None = None,
    detail: str = "everything",
) -> Estimation:
    """Return the Estimation of a compiled model by the named estimator.

    `detail` is "test" for the test of fit alone, "indices" for indices of fit as well
    (scaled; of robust ones those that come with them), "everything" for robust and
    modification indices too.
    """
    if estimator in ("uls", *ORDINAL):
        return estimate_least_squares(
            table,
            structures,
            data.values,
            estimator=estimator,
            categories=data.categories,
            clusters=data.clusters,
            errors=errors or "robust",
            detail=detail,
        )
    return estimate_normal(
        table,
        structures,
        data.values,
        estimator=estimator,
        information=information,
        clusters=data.clusters,
        errors=errors,
        detail=detail,
    )


def _n_entries(statements: Sequence[Statement]) -> int:
    """Groups that the model's c(...) speak of; 1 when there are none."""
    return max(
        len(values) for s in statements for values in (s.fixed, s.label, s.start)
    )


def _names_means(statements: Sequence[Statement]) -> bool:
    return any(s.op == "~" and s.rhs == "1" for s in statements)
