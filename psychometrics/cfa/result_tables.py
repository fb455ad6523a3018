"""From an estimator's arrays to the labelled tables of a result."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from ..errors import HeywoodWarning, SparseCategoryWarning
from .model.defined_parameters import defined_values, split_defined
from .model.standardised import rows_of_group
from .result import ConfirmedModel

if TYPE_CHECKING:
    from .estimation.estimates import Estimation
    from .model.model_matrices import Implied, Structure
    from .model.parameter_table import ParameterTable

LEVEL = 0.95


def result_of(
    estimation: Estimation,
    table: ParameterTable,
    structures: Sequence[Structure],
    about: Mapping[str, Sequence[np.ndarray | int | str] | float | str | None],
) -> ConfirmedModel:
    """Return the ConfirmedModel of an Estimation; warns of Heywood cases.

    `about` holds model, estimator, groups, group_sizes, n_clusters and t_df.
    """
    estimates = estimates_table(estimation, table, structures, about["t_df"])
    defined = defined_table(
        about["model"], estimation, table, structures, about["t_df"]
    )
    implied = tuple(s.at(estimation.theta) for s in structures)
    improper = tuple(_improper(estimates, implied, table))
    for category, caveats in (
        (SparseCategoryWarning, estimation.caveats),
        (HeywoodWarning, improper),
    ):
        for caveat in caveats:
            warnings.warn(caveat, category, stacklevel=4)
    caveats = (*estimation.caveats, *improper, *_few_clusters(about, estimation.fit))
    names = _parameter_names(table)
    return ConfirmedModel(
        items=table.items,
        latents=table.latents,
        n=sum(about["group_sizes"]),
        estimates=estimates,
        defined=defined,
        fit=pd.Series(estimation.fit, dtype=float, name="fit"),
        residuals=_residuals(estimation, table, about["groups"]),
        implied=implied,
        vcov=pd.DataFrame(estimation.vcov, index=names, columns=names),
        caveats=caveats,
        n_iter=estimation.n_iter,
        changes=estimation.modification,
        evidence=estimation.evidence,
        table=table,
        **about,
    )


def _parameter_names(table: ParameterTable) -> pd.Index:
    rows = table.frame[table.frame["free"] > 0].drop_duplicates("free")
    rows = rows.sort_values("free")
    names = rows["lhs"] + rows["op"] + rows["rhs"]
    if table.settings.n_groups == 1:
        return pd.Index(names)
    return pd.Index(names + "@" + rows["group"].astype(str))


def estimates_table(
    estimation: Estimation,
    table: ParameterTable,
    structures: Sequence[Structure],
    t_df: float = np.inf,
) -> pd.DataFrame:
    """Return the frame of estimates and standardised estimates, one row a parameter."""
    frame = table.frame[["lhs", "op", "rhs", "group", "label"]].copy()
    frame["is_free"] = table.frame["free"] > 0
    est, std, d_est, d_std = _values_and_slopes(estimation, table, structures)
    columns = _columns("", est, d_est, estimation.vcov, t_df)
    columns |= _columns("std_", std, d_std, estimation.vcov, t_df)
    frame = frame.assign(**columns)
    return frame.rename(columns={"std_est": "std"})


def _values_and_slopes(
    estimation: Estimation, table: ParameterTable, structures: Sequence[Structure]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Estimates, standardised ones, and derivatives of both by the free parameters."""
    names = {name: i for i, name in enumerate((*table.items, *table.latents))}
    parts = [
        rows_of_group(s, table.rows(g), names, estimation.theta)
        for g, s in enumerate(structures, start=1)
    ]
    est, std, d_est, d_std = (np.concatenate(part) for part in zip(*parts))
    fixed = (table.frame["free"] == 0).to_numpy()
    d_est[fixed] = 0.0  # what is derived from other parameters has no test of its own
    return est, std, d_est, d_std


def defined_table(
    model: str,
    estimation: Estimation,
    table: ParameterTable,
    structures: Sequence[Structure],
    t_df: float = np.inf,
) -> pd.DataFrame:
    """Return the parameters that the model defines, with errors by the delta method.

    Rows by name: expression, then the columns of `estimates_table`; the standardised
    ones are the expression of standardised estimates.
    """
    _, defined = split_defined(model)
    labels = table.frame["label"].to_numpy()
    first = {label: row for row, label in reversed([*enumerate(labels)]) if label}
    est, std, d_est, d_std = _values_and_slopes(estimation, table, structures)
    columns = {"expression": [one.expression for one in defined]}
    for prefix, value, slope in (("", est, d_est), ("std_", std, d_std)):
        known = {label: value[row] for label, row in first.items()}
        found, slopes = [], np.zeros((len(defined), slope.shape[1]))
        for k, (one, by_label) in enumerate(defined_values(defined, known)):
            found.append(one)
            slopes[k] = sum(by_label[name] * slope[first[name]] for name in by_label)
        values = np.array(found, float)
        columns |= _columns(prefix, values, slopes, estimation.vcov, t_df)
    frame = pd.DataFrame(columns, index=[one.name for one in defined])
    return frame.rename(columns={"std_est": "std"})


def _columns(
    prefix: str, value: np.ndarray, slope: np.ndarray, vcov: np.ndarray, t_df: float
) -> dict[str, np.ndarray]:
    variance = np.einsum("ij,ij->i", slope @ vcov, slope)
    se = np.sqrt(np.where(variance > 1e-20, variance, 0.0))
    is_normal = np.isinf(t_df)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0, value / se, np.nan)
    upper = 0.5 + LEVEL / 2
    width = (ndtri(upper) if is_normal else stdtrit(t_df, upper)) * se
    tail = ndtr(-abs(z)) if is_normal else stdtr(t_df, -abs(z))
    return {
        f"{prefix}est": value,
        f"{prefix}se": se,
        f"{prefix}z": z,
        f"{prefix}p": 2 * tail,
        f"{prefix}ci_lower": value - width,
        f"{prefix}ci_upper": value + width,
    }


def _residuals(
    estimation: Estimation, table: ParameterTable, groups: Sequence[int | str]
) -> pd.DataFrame:
    tables = []
    for (_, cov), (_, sigma) in zip(estimation.observed, estimation.implied):
        sd = np.sqrt(np.diag(cov))
        residual = (cov - sigma) / np.outer(sd, sd)
        tables.append(pd.DataFrame(residual, index=table.items, columns=table.items))
    if len(tables) == 1:
        return tables[0]
    return pd.concat(dict(zip(groups, tables)), names=["group", "item"])


def _few_clusters(
    about: Mapping[str, Sequence[np.ndarray | int | str] | float | str | None],
    fit: Mapping[str, float],
) -> Iterator[str]:
    n, df = about["n_clusters"], fit["df"]
    if n and n <= df:
        yield (
            f"{n} clusters and {df:.0f} degrees of freedom: the clusters cannot show "
            "how the test's parts vary together, so it rests on their spread as a "
            "whole; what it rejects of true models is measured in "
            "docs/methods/confirmatory_simulation.md."
        )


def _improper(
    estimates: pd.DataFrame, implied: Sequence[Implied], table: ParameterTable
) -> Iterator[str]:
    """Sentences on variances below zero and impossible factor correlations."""
    own = estimates[(estimates["op"] == "~~") & (estimates["lhs"] == estimates["rhs"])]
    for row in own[own["est"] < 0].itertuples():
        yield (
            f"Heywood case: the variance of {row.lhs} (group {row.group}) is "
            f"{row.est:.3f}; the model is misspecified, overfactored or the sample "
            "too small, and its tests and errors cannot be relied on."
        )
    p = len(table.items)
    for g, moments in enumerate(implied, start=1):
        if np.linalg.eigvalsh(moments.full[p:, p:])[0] < -1e-8:
            yield (
                f"The factors' covariance matrix in group {g} is not positive "
                "definite: a correlation beyond 1, or factors that are one."
            )
