"""What each rule looks at: one number an item, from the items still in the bank."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from ..correlation.polychoric import polychoric
from ..dif import dif
from ..errors import PsychometricsWarning
from ..factor.exploratory import ExploratoryFactors, explore
from ..irt.calibration import graded_response
from ..irt.objective import Prior
from ..mokken import scalability

if TYPE_CHECKING:
    from ..irt.result import IrtResult

# Redundant twins alone would drive each other's slope to infinity.
SLOPE_PRIOR = Prior(slope=(0.5, 1.0))
RATED = ("relevance", "clarity", "i_cvi")  # columns of a table of content ratings


@dataclass(frozen=True, eq=False)
class Bank:
    """The answers to the items that are left, with what several statistics share."""

    responses: pd.DataFrame
    domains: dict
    groups: pd.DataFrame | None = None
    content: pd.DataFrame | None = None

    @property
    def items(self) -> list[str]:
        return list(self.responses.columns)

    def without(self, item: str) -> Bank:
        """The same bank with one item fewer."""
        kept = {
            name: [other for other in items if other != item]
            for name, items in self.domains.items()
        }
        return replace(self, responses=self.responses.drop(columns=item), domains=kept)

    def resampled(self, rows: np.ndarray) -> Bank:
        """The same bank asked of other persons, given by their rows."""
        groups = self.groups
        if groups is not None:
            groups = groups.iloc[rows].reset_index(drop=True)
        answers = self.responses.iloc[rows].reset_index(drop=True)
        return replace(self, responses=answers, groups=groups)

    def each_domain(self, measure: Callable) -> pd.Series:
        """Gather `measure(domain's answers)` over the domains, one value an item."""
        parts = [measure(self.responses[items]) for items in self.domains.values()]
        return pd.concat(parts).reindex(self.items)

    @cached_property
    def corr(self) -> pd.DataFrame:
        return polychoric(self.responses).corr

    @cached_property
    def item_rest(self) -> pd.Series:
        """Correlation of each item with the mean of the rest of its domain."""
        return self.each_domain(_item_rest)

    @cached_property
    def domain_means(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                name: self.responses[items].mean(axis=1)
                for name, items in self.domains.items()
            }
        )

    @cached_property
    def home(self) -> dict[str, str]:
        """The domain of each item."""
        return {item: name for name, items in self.domains.items() for item in items}

    @cached_property
    def calibrations(self) -> dict[str, IrtResult]:
        """One graded response model a domain; none below three items."""
        return {
            name: graded_response(self.responses[items], se=False, prior=SLOPE_PRIOR)
            for name, items in self.domains.items()
            if len(items) >= 3
        }


def item_statistics(bank: Bank, names: Sequence[str]) -> pd.DataFrame:
    """Items x statistics, for the statistics asked for and the location.

    Warnings of the fits are kept back: the ledger itself says what is wrong with
    an item.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PsychometricsWarning)
        columns = {name: _STATISTICS[name](bank) for name in [*names, "location"]}
    return pd.DataFrame(columns).reindex(bank.items)


def _missing(bank: Bank) -> pd.Series:
    return bank.responses.isna().mean()


def _top_option(bank: Bank) -> pd.Series:
    return bank.responses.apply(lambda a: a.value_counts(normalize=True).max())


def _item_rest(answers: pd.DataFrame) -> pd.Series:
    rest = {
        item: answers[item].corr(answers.drop(columns=item).mean(axis=1))
        for item in answers
    }
    return pd.Series(rest, dtype=float)


def _redundancy(bank: Bank) -> pd.Series:
    """Highest correlation with another item, charged to the weaker of the pair."""
    return _weaker_of_pair(bank.corr, bank.item_rest)


def _weaker_of_pair(corr: pd.DataFrame, strength: pd.Series) -> pd.Series:
    array = corr.to_numpy(copy=True)
    np.fill_diagonal(array, -np.inf)
    strength = strength.reindex(corr.index).to_numpy()
    stronger = strength[None, :] > strength[:, None]
    charged = np.where(stronger, array, -np.inf).max(axis=1)
    return pd.Series(np.where(np.isfinite(charged), charged, np.nan), corr.index)


def _loading(bank: Bank) -> pd.Series:
    return bank.each_domain(
        lambda answers: _one_factor(bank, answers).loadings.iloc[:, 0]
    )


def _one_factor(bank: Bank, answers: pd.DataFrame) -> ExploratoryFactors:
    items = list(answers.columns)
    corr = bank.corr.loc[items, items]
    return explore(None, 1, corr=corr, n_obs=len(answers), rotation="none")


def _residual(bank: Bank) -> pd.Series:
    """Largest residual correlation in the domain, charged to the weaker item."""

    def measure(answers: pd.DataFrame) -> pd.Series:
        found = _one_factor(bank, answers).loadings.to_numpy()
        items = list(answers.columns)
        residual = bank.corr.loc[items, items] - found @ found.T
        return _weaker_of_pair(residual, bank.item_rest)

    return bank.each_domain(measure)


def _cross_loading(bank: Bank) -> pd.Series:
    """By how much an item is nearer to another domain's mean than to its own rest."""
    others = {}
    for item in bank.items:
        means = bank.domain_means.drop(columns=bank.home[item])
        nearest = means.corrwith(bank.responses[item]).max() if means.size else np.nan
        others[item] = nearest - bank.item_rest[item]
    return pd.Series(others)


def _h_item(bank: Bank) -> pd.Series:
    return bank.each_domain(lambda answers: scalability(answers).h_item)


def _disorder(bank: Bank) -> pd.Series:
    """z of the largest fall in mean rest score from one category to the next."""
    return bank.each_domain(
        lambda answers: pd.Series(
            {item: _largest_fall(answers, item) for item in answers}
        )
    )


def _largest_fall(answers: pd.DataFrame, item: str) -> float:
    rest = answers.drop(columns=item).mean(axis=1)
    by_category = rest.groupby(answers[item]).agg(["mean", "var", "size"])
    by_category = by_category[by_category["size"] >= 5]
    fall = -by_category["mean"].diff()
    error = np.sqrt((by_category["var"] / by_category["size"]).rolling(2).sum())
    return (fall / error).max()


def _misfit(bank: Bank) -> pd.Series:
    """S-X2 as a z value, so that chance alone seldom passes the limit."""
    parts = []
    for calibration in bank.calibrations.values():
        fit = calibration.item_fit().to_frame()
        parts.append(pd.Series(stats.norm.isf(fit["p"].clip(1e-300)), fit.index))
    return pd.concat(parts) if parts else pd.Series(dtype=float)


def _location(bank: Bank) -> pd.Series:
    """Mean threshold of each item on its domain's theta."""
    parts = [c.thresholds.mean(axis=1) for c in bank.calibrations.values()]
    return pd.concat(parts) if parts else pd.Series(dtype=float)


def _dif(bank: Bank) -> pd.Series:
    """Largest delta R2 over the groupings at p below .01; 0 where none is."""
    if bank.groups is None:
        return pd.Series(0.0, bank.items)
    largest = pd.Series(0.0, bank.items)
    for column in bank.groups:
        known = bank.groups[column].notna()
        for items in bank.domains.values():
            found = dif(
                bank.responses.loc[known, items], bank.groups.loc[known, column]
            )
            frame = found.to_frame()
            effect = frame["mcfadden_total"].where(frame["p_total"] < 0.01, 0.0)
            largest[items] = np.fmax(largest[items], effect.reindex(items))
    return largest


def _rated(aspect: str) -> Callable[[Bank], pd.Series]:
    """What raters said of each item; not a number where nobody was asked."""

    def measure(bank: Bank) -> pd.Series:
        if bank.content is None or aspect not in bank.content:
            return pd.Series(np.nan, bank.items)
        return bank.content[aspect].reindex(bank.items).astype(float)

    return measure


_STATISTICS = {
    **{aspect: _rated(aspect) for aspect in RATED},
    "missing": _missing,
    "top_option": _top_option,
    "item_rest": lambda bank: bank.item_rest,
    "redundancy": _redundancy,
    "loading": _loading,
    "cross_loading": _cross_loading,
    "residual": _residual,
    "h_item": _h_item,
    "disorder": _disorder,
    "misfit": _misfit,
    "dif": _dif,
    "location": _location,
}


STATISTICS = tuple(_STATISTICS)
