"""Reliability and discriminant validity of scales that a factor model measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr

from ..annotations import Axes, Label, Scales
from ..correlation.bivariate_normal import bivariate_cdf
from ..correlation.polychoric import polychoric
from ..counted import counted
from ..errors import InvalidResponses, NotIdentified
from ..factor.factorability import check_corr
from ..figures import bound, finish, grouped_bars, heatmap, name_rows
from ..results import Result, axes
from .alpha import correlations_of

if TYPE_CHECKING:
    from ..cfa.result import ConfirmedModel


@dataclass(frozen=True, eq=False, kw_only=True)
class CompositeResult(Result):
    """Reliability of each factor's sum score, and the variance it extracts.

    Attributes
    ----------
    table : DataFrame, one row a factor
        n_items, ave, composite (model-implied total variance), and where observed
        covariances were given composite_observed; with thresholds these are of
        the sum of categories, and latent, latent_observed of the responses behind.
    """

    _headline = ("composite=table.composite", "ave=table.ave")

    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return ("composite reliability and average variance extracted",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each factor's composite reliability and extracted variance."""
        ax = axes(ax, rows=2 * len(self.table))
        name_rows(ax, self.table.index, what="factor")
        names = ("composite reliability", "average variance extracted")
        grouped_bars(ax, self.table[["composite", "ave"]], names=names)
        bound(ax, 0.7, "reliability .70")
        bound(ax, 0.5, "variance .50", k=1)
        ax.set_xlim(0, 1)
        title = "Reliability and variance explained of each factor"
        return finish(ax, title, x="share of variance", key=True)


def composite_reliability(
    loadings: pd.DataFrame,
    factor_cov: pd.DataFrame,
    uniquenesses: pd.Series,
    *,
    observed: pd.DataFrame | None = None,
    thresholds: pd.DataFrame | None = None,
) -> CompositeResult:
    """Estimate reliability of sum scores from a factor model (McDonald, 1999).

    True variance (sum of loadings)^2 times the factor's variance, over the total
    variance that the model implies, and over that observed. For ordinal items the
    reliability of the sum of categories (Green & Yang, 2009, eq. 21).

    Parameters
    ----------
    loadings : DataFrame, shape (n_items, n_factors)
        Unstandardized pattern; zero where an item does not load.
    factor_cov : DataFrame, shape (n_factors, n_factors)
    uniquenesses : Series, shape (n_items,)
        Residual variances.
    observed : DataFrame, shape (n_items, n_items), optional
        Covariances of the items; polychoric correlations for ordinal ones.
    thresholds : DataFrame, shape (n_items, most categories - 1), optional
        On the standard normal metric, NaN beyond an item's last. Responses then
        have unit variance: loadings and uniquenesses must make it so.

    Returns
    -------
    CompositeResult
        Reliability of the sum by the model's and by the observed variance.

    Raises
    ------
    InvalidResponses
        Items or factors of the tables do not match.

    Examples
    --------
    >>> import pandas as pd
    >>> items = ["calm", "safe", "heard"]
    >>> found = composite_reliability(
    ...     pd.DataFrame({"trust": [0.7] * 3}, items),
    ...     pd.DataFrame({"trust": [1.0]}, ["trust"]),
    ...     pd.Series(0.51, items),
    ... )
    >>> round(float(found.table.loc["trust", "composite"]), 2)
    0.74
    """
    items, factors = loadings.index, loadings.columns
    _check_labels(items, factors, factor_cov, uniquenesses, observed, thresholds)
    factor_cov = factor_cov.loc[factors, factors]
    common = loadings @ factor_cov @ loadings.T
    implied = common + np.diag(uniquenesses[items])
    if thresholds is not None and np.abs(np.diag(implied) - 1).max() > 1e-3:
        raise InvalidResponses(
            "with thresholds the responses need unit variance: give standardized "
            "loadings and uniquenesses"
        )
    rows = {}
    for factor in factors:
        kept = items[loadings[factor] != 0]
        own = loadings.loc[kept, factor]
        variance = float(factor_cov[factor][factor])
        true = np.outer(own, own) * variance
        totals = {"": implied.loc[kept, kept].to_numpy()}
        if observed is not None:
            totals["_observed"] = observed.loc[kept, kept].to_numpy()
        row = {
            "n_items": len(kept),
            "ave": float((own**2).sum() * variance / np.trace(totals[""])),
        }
        cuts = None if thresholds is None else thresholds.loc[kept].to_numpy()
        rows[factor] = row | _reliabilities(true, totals, cuts)
    return CompositeResult(table=pd.DataFrame(rows).T.astype({"n_items": int}))


def model_composites(
    fitted: ConfirmedModel,
    *,
    responses: pd.DataFrame | None = None,
    group: Label | None = None,
) -> CompositeResult:
    """Estimate reliability of the sum scores that a fitted model measures.

    McDonald's (1999) omega of each factor's own items, for ordinal items by Green &
    Yang (2009).

    As `composite_reliability`, with loadings, variances and thresholds of the
    model. For ordinal items it is that of the sum of categories.

    Parameters
    ----------
    fitted : ConfirmedModel
        From `confirm`.
    responses : DataFrame, shape (n_persons, n_items), optional
        What the model was fitted to (with groups, those of `group`): adds
        reliability against observed total variance. Complete cases are used.
    group : label, optional
        The first group unless said.

    Returns
    -------
    CompositeResult
        A row a factor with at least two items.

    Raises
    ------
    NotIdentified
        No factor has two items.
    InvalidOption
        None of the model's groups.

    Examples
    --------
    >>> from psychometrics import confirm, model_composites, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> fitted = confirm("f =~ i1 + i2 + i3 + i4", made.responses, estimator="ml")
    >>> found = model_composites(fitted).table.loc["f", "composite"]
    >>> bool(0.7 < found < 0.9)
    True
    """
    place = fitted.place_of(group)
    items, latents = list(fitted.items), list(fitted.latents)
    rows = fitted.estimates[fitted.estimates["group"] == place + 1]
    ordinal = bool((rows["op"] == "|").any())
    full = fitted.implied[place].full[len(items) :, len(items) :]
    cov = correlations_of(full) if ordinal else full
    loading = rows[(rows["op"] == "=~") & rows["rhs"].isin(items)]
    loadings = loading.pivot(
        index="rhs", columns="lhs", values="std" if ordinal else "est"
    )
    loadings = loadings.reindex(items).fillna(0.0)
    kept = [f for f in latents if f in loadings and (loadings[f] != 0).sum() > 1]
    if not kept:
        raise NotIdentified("no factor of the model has two items of its own")
    chosen = [latents.index(f) for f in kept]
    cov = pd.DataFrame(cov[np.ix_(chosen, chosen)], kept, kept)
    loadings = loadings[kept]
    total = np.ones(len(items))
    if not ordinal:
        total = np.diag(fitted.implied[place].sigma)
    unique = total - np.diag(loadings @ cov @ loadings.T)
    observed = None
    if responses is not None:
        complete = responses[items].dropna()
        observed = polychoric(complete).corr if ordinal else complete.cov(ddof=0)
    return composite_reliability(
        loadings,
        cov,
        pd.Series(unique, index=items),
        observed=observed,
        thresholds=_model_thresholds(rows, items) if ordinal else None,
    )


def _model_thresholds(rows: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    cuts = rows[rows["op"] == "|"]
    order = cuts["rhs"].str[1:].astype(int)
    table = cuts.assign(order=order).pivot(index="lhs", columns="order", values="std")
    return table.loc[list(items)].add_prefix("t")


def _reliabilities(
    true: np.ndarray, totals: Mapping[str, np.ndarray], cuts: np.ndarray | None
) -> dict[str, float]:
    found = {f"composite{end}": true.sum() / v.sum() for end, v in totals.items()}
    if cuts is None:
        return found
    latent = {f"latent{end}": true.sum() / v.sum() for end, v in totals.items()}
    shared = _category_covariance(true, cuts, parallel=True)
    for end, total in totals.items():
        found[f"composite{end}"] = shared / _category_covariance(total, cuts)
    return found | latent


def _category_covariance(
    corr: np.ndarray, cuts: np.ndarray, *, parallel: bool = False
) -> float:
    """Sum the covariances of the integer codes that these thresholds make.

    With `parallel` each item meets a parallel one of itself, whose correlation
    stands on the diagonal; without, its own variance is taken.
    """
    n_items, n_cuts = cuts.shape
    limits = np.where(np.isnan(cuts), 40.0, cuts)
    a = limits[:, None, :, None] + np.zeros((1, n_items, 1, n_cuts))
    b = limits[None, :, None, :] + np.zeros((n_items, 1, n_cuts, 1))
    safe = np.clip(corr, -1 + 1e-12, 1 - 1e-12).ravel()
    shape = (n_items**2, n_cuts, n_cuts)
    joint = bivariate_cdf(a.reshape(shape), b.reshape(shape), safe).reshape(a.shape)
    if not parallel:
        own = np.arange(n_items)
        least = np.minimum(limits[:, :, None], limits[:, None, :])
        joint[own, own] = ndtr(least)
    return float((joint - ndtr(a) * ndtr(b)).sum())


def _check_labels(
    items: pd.Index,
    factors: pd.Index,
    factor_cov: pd.DataFrame,
    uniquenesses: pd.Series,
    observed: pd.DataFrame | None,
    thresholds: pd.DataFrame | None,
) -> None:
    wanted = [("factor_cov", factors, factor_cov.index)]
    wanted.append(("uniquenesses", items, uniquenesses.index))
    if observed is not None:
        wanted.append(("observed", items, observed.index))
    if thresholds is not None:
        wanted.append(("thresholds", items, thresholds.index))
    for name, needed, given in wanted:
        absent = needed.difference(given)
        if len(absent):
            raise InvalidResponses(f"{name} has no row for {absent[0]}")


@dataclass(frozen=True, eq=False, kw_only=True)
class HTMTResult(Result):
    """Heterotrait-monotrait ratios of every two scales.

    Attributes
    ----------
    ratios : DataFrame, shape (n_scales, n_scales)
        One on the diagonal; above .85 to .90 two scales are hardly distinct.
    geometric : bool
    """

    _headline = ("ratios",)

    ratios: pd.DataFrame
    geometric: bool

    def to_frame(self) -> pd.DataFrame:
        return self.ratios

    def _about(self) -> Sequence[str]:
        name = "HTMT2 (geometric means)" if self.geometric else "HTMT"
        return (f"{name}: between-scale over within-scale correlations",)

    def _caveats(self) -> Sequence[str]:
        values, scales = self.ratios.to_numpy(), list(self.ratios)
        pairs = [
            f"{scales[j]} and {scales[i]} ({values[i, j]:.2f})"
            for i, j in zip(*np.tril_indices(len(values), -1))
            if values[i, j] > 0.85
        ]
        return (f"above .85: {', '.join(pairs)}",) if pairs else ()

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ratios as a heat map."""
        n = len(self.ratios)
        ax, ratios = axes(ax, rows=n, columns=n), self.ratios.astype(float)
        others = ratios.where(~np.eye(n, dtype=bool))
        most = max(1.0, np.nanmax(others))
        heatmap(ax, others, low=0, limit=most, label="ratio; 1 is no difference")
        name = "HTMT2" if self.geometric else "HTMT"
        return finish(ax, f"{name}: how alike {n} scales are", x="scale", y="scale")


def htmt(corr: pd.DataFrame, scales: Scales, *, geometric: bool = False) -> HTMTResult:
    """Return heterotrait-monotrait ratios (Henseler, Ringle & Sarstedt, 2015).

    Mean size of the correlations between two scales, over the geometric mean of
    the mean sizes within each. HTMT2 takes geometric means throughout (Roemer,
    Schuberth & Henseler, 2021), for items that are not equally good.

    Parameters
    ----------
    corr : DataFrame, shape (n_items, n_items)
        Correlations of the items, of any kind.
    scales : dict of str to list
        Two or more items for each scale, and two or more scales.
    geometric : bool
        HTMT2.

    Returns
    -------
    HTMTResult
        `ratios`, scales x scales; near 1 two scales measure one thing.

    Raises
    ------
    InvalidResponses
        An item is not in `corr`, or a scale has one item.
    NotIdentified
        With `geometric`, a correlation of exactly zero has no logarithm.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> corr = np.kron(np.full((2, 2), 0.3), np.ones((2, 2)))
    >>> corr += np.kron(np.eye(2), np.full((2, 2), 0.3))
    >>> np.fill_diagonal(corr, 1.0)
    >>> table = pd.DataFrame(corr, list("abcd"), list("abcd"))
    >>> found = htmt(table, {"trust": ["a", "b"], "parity": ["c", "d"]})
    >>> round(float(found.ratios.loc["trust", "parity"]), 2)
    0.5
    """
    corr = check_corr(corr)
    for name, items in scales.items():
        unknown = [item for item in items if item not in corr.index]
        if unknown or len(items) < 2:
            found = f"item {unknown[0]}, not in corr" if unknown else "one item"
            raise InvalidResponses(f"scale {name} has {found}")
    if len(scales) < 2:
        raise InvalidResponses(
            f"{counted(len(scales), 'scale')} given; ratios need two"
        )
    size = corr.abs()
    mean = _geometric_mean if geometric else np.mean
    within = {}
    for name, items in scales.items():
        own = size.loc[list(items), list(items)].to_numpy()
        within[name] = mean(own[np.tril_indices(len(items), -1)])
    ratios = pd.DataFrame(np.eye(len(scales)), index=[*scales], columns=[*scales])
    for a in scales:
        for b in scales:
            if a != b:
                pairs = size.loc[list(scales[a]), list(scales[b])].to_numpy()
                between = mean(pairs.ravel())
                ratios.loc[a, b] = between / np.sqrt(within[a] * within[b])
    return HTMTResult(ratios=ratios, geometric=geometric)


def _geometric_mean(values: np.ndarray) -> float:
    if (values == 0).any():
        raise NotIdentified("a correlation is exactly zero; use geometric=False")
    return np.exp(np.log(values).mean())
