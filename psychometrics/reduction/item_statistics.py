"""What each rule looks at: one number an item, from the items still in the bank."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..annotations import Label
from ..correlation.polychoric import polychoric
from ..errors import PsychometricsWarning
from ..factor.exploratory import ExploratoryFactors, explore
from ..irt.calibration import graded_response
from ..irt.objective import Prior
from ..mokken import scalability
from .assessment import NEAR, REFUSALS, Assessment, assess, joined, not_assessed, still
from .differential import largest_effects

if TYPE_CHECKING:
    from ..irt.result import IrtResult

# Redundant twins alone would drive each other's slope to infinity.
SLOPE_PRIOR = Prior(slope=(0.5, 1.0))
RATED = ("relevance", "clarity", "i_cvi")  # columns of a table of content ratings
STRONGEST = "no stronger item stands beside it"
FEWEST_OF_PAIR = 30  # persons with both answers, where pairs are taken one by one


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

    def without(self, item: Label) -> Bank:
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

    def each_domain(self, measure: Callable, least: int = 2) -> Assessment:
        """Gather `measure(domain's answers)` over the domains, one value an item."""
        parts = [
            assess(measure, self.responses[items], least=least)
            for items in self.domains.values()
            if items
        ]
        return joined(parts, self.items)

    @cached_property
    def corr(self) -> pd.DataFrame:
        """Polychoric correlations; NaN for items without any.

        Over all items, or only within domains where not all can be correlated.
        """
        varying = self.responses.drop(columns=list(still(self.responses)))
        frame = pd.DataFrame(np.nan, self.items, self.items)
        found = _correlations(varying, frame)
        if found is not None:
            return found
        for items in self.domains.values():
            own = [item for item in items if item in varying]
            assess(lambda answers: _fill(answers, frame), varying[own])
            if frame.loc[own, own].isna().all(axis=None):
                _fill_pairs(varying[own], frame)
        return frame

    @cached_property
    def item_rest_assessed(self) -> Assessment:
        return self.each_domain(_item_rest)

    @property
    def item_rest(self) -> pd.Series:
        """Correlation of each item with the mean of the rest of its domain."""
        return self.item_rest_assessed.values

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
    def calibrated(self) -> tuple[list[IrtResult], Assessment]:
        """One graded response model a domain of three items or more, and locations."""
        fits = []

        def calibrate(answers: pd.DataFrame) -> pd.Series:
            fits.append(graded_response(answers, se=False, prior=SLOPE_PRIOR))
            return fits[-1].thresholds.mean(axis=1)

        return fits, self.each_domain(calibrate, least=3)


def item_statistics(bank: Bank, names: Sequence[str]) -> dict[str, Assessment]:
    """{statistic: assessment} of the statistics asked for and the location.

    Warnings of the fits are kept back: the ledger itself says what is wrong with
    an item.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PsychometricsWarning)
        return {name: _STATISTICS[name](bank) for name in [*names, "location"]}


def _correlations(answers: pd.DataFrame, into: pd.DataFrame) -> pd.DataFrame | None:
    """`into` with the correlations of all items, or None where they are refused."""
    refused = assess(lambda a: _fill(a, into), answers, least=answers.shape[1]).absent
    return None if refused else into


def _fill(answers: pd.DataFrame, into: pd.DataFrame) -> pd.Series:
    into.loc[list(answers), list(answers)] = polychoric(answers).corr
    return pd.Series(1.0, answers.columns)


def _fill_pairs(answers: pd.DataFrame, into: pd.DataFrame) -> None:
    """Each pair by itself, as of booklets of which some share no item."""
    for one, other in combinations(answers, 2):
        pair = answers[[one, other]].dropna()
        if len(pair) < FEWEST_OF_PAIR or (pair.nunique() < 2).any():
            continue
        try:
            _fill(pair, into)
        except REFUSALS:
            continue


def _missing(bank: Bank) -> Assessment:
    return Assessment(bank.responses.isna().mean())


def _categories(bank: Bank) -> Assessment:
    return Assessment(bank.responses.nunique().astype(float))


def _top_option(bank: Bank) -> Assessment:
    shares = bank.responses.apply(lambda a: a.value_counts(normalize=True).max())
    empty = shares.index[bank.responses.isna().all()]
    return Assessment(shares, dict.fromkeys(empty, "nobody answered it"))


def _item_rest(answers: pd.DataFrame) -> pd.Series:
    rest = {
        item: _correlation(answers[item], answers.drop(columns=item).mean(axis=1))
        for item in answers
    }
    return pd.Series(rest, dtype=float)


def _correlation(one: pd.Series, other: pd.Series) -> float:
    """Pearson's, NaN where fewer than three persons have both or either is still."""
    both = one.notna() & other.notna()
    if both.sum() < 3 or one[both].nunique() < 2 or other[both].nunique() < 2:
        return np.nan
    return one[both].corr(other[both])


def _redundancy(bank: Bank) -> Assessment:
    """Highest correlation with another item, charged to the weaker of the pair."""
    known = bank.corr.notna().sum() > 1
    return _charged(bank, bank.corr, [i for i in bank.items if known[i]], bank.items)


def _copies(bank: Bank) -> Assessment:
    """1 where another item has the same answers of everybody; the weaker is charged."""
    same = pd.DataFrame(0.0, bank.items, bank.items)
    by_answers: dict[bytes, list[Label]] = {}
    for item in bank.responses.drop(columns=list(still(bank.responses))):
        answers = bank.responses[item].to_numpy().tobytes()
        by_answers.setdefault(answers, []).append(item)
    for alike in by_answers.values():
        same.loc[alike, alike] = 1.0
    return Assessment(_weaker_of_pair(same, bank.item_rest).fillna(0.0))


def _charged(
    bank: Bank, corr: pd.DataFrame, known: list[str], items: list[str]
) -> Assessment:
    values = _weaker_of_pair(corr.loc[known, known], bank.item_rest).reindex(items)
    strongest: dict[Label, str]
    strongest = {i: STRONGEST for i in known if np.isnan(values[i])}
    rest: dict[Label, str]
    rest = {i: "it has no correlation with others" for i in items if i not in known}
    return Assessment(values, rest | dict(still(bank.responses[items])), strongest)


def _weaker_of_pair(corr: pd.DataFrame, strength: pd.Series) -> pd.Series:
    """The highest correlation with a stronger item; of equals the later is charged."""
    array = corr.fillna(-np.inf).to_numpy(copy=True)
    np.fill_diagonal(array, -np.inf)
    of_each = strength.reindex(corr.index).fillna(-np.inf).to_numpy()
    with np.errstate(invalid="ignore"):  # two without any strength are equal
        gap = np.nan_to_num(of_each[None, :] - of_each[:, None])
    place = np.argsort(np.argsort([str(item) for item in corr.index]))
    earlier = place[None, :] < place[:, None]
    stronger = (gap > NEAR) | ((np.abs(gap) <= NEAR) & earlier)
    charged = np.where(stronger, array, -np.inf).max(axis=1, initial=-np.inf)
    return pd.Series(np.where(np.isfinite(charged), charged, np.nan), corr.index)


def _loading(bank: Bank) -> Assessment:
    return bank.each_domain(
        lambda answers: _one_factor(bank, answers).loadings.iloc[:, 0], least=3
    )


def _one_factor(bank: Bank, answers: pd.DataFrame) -> ExploratoryFactors:
    items = list(answers.columns)
    corr = bank.corr.loc[items, items]
    return explore(None, 1, corr=corr, n_obs=len(answers), rotation="none")


def _residual(bank: Bank) -> Assessment:
    """Largest residual correlation in the domain, charged to the weaker item."""
    strongest = {}

    def measure(answers: pd.DataFrame) -> pd.Series:
        found = _one_factor(bank, answers).loadings.to_numpy()
        items = list(answers.columns)
        residual = bank.corr.loc[items, items] - found @ found.T
        values = _weaker_of_pair(residual, bank.item_rest)
        strongest.update(dict.fromkeys(values.index[values.isna()], STRONGEST))
        return values.fillna(np.inf)

    found = bank.each_domain(measure, least=3)
    return Assessment(
        found.values.mask(found.values == np.inf), found.absent, strongest
    )


def _cross_loading(bank: Bank) -> Assessment:
    """By how much an item is nearer to another domain's mean than to its own rest."""
    values, absent = {}, dict(bank.item_rest_assessed.absent)
    for item in bank.items:
        means = bank.domain_means.drop(columns=bank.home[item])
        near = [_correlation(bank.responses[item], means[name]) for name in means]
        near = [r for r in near if not np.isnan(r)]
        values[item] = max(near, default=np.nan) - bank.item_rest[item]
        if not near:
            absent.setdefault(item, "there is no other domain to compare with")
    return Assessment(pd.Series(values, dtype=float).reindex(bank.items), absent)


def _h_item(bank: Bank) -> Assessment:
    return bank.each_domain(lambda answers: scalability(answers).h_item)


def _disorder(bank: Bank) -> Assessment:
    """z of the largest fall in mean rest score from one category to the next."""
    return bank.each_domain(
        lambda answers: pd.Series(
            {item: _largest_fall(answers, item) for item in answers}, dtype=float
        )
    )


def _largest_fall(answers: pd.DataFrame, item: str) -> float:
    rest = answers.drop(columns=item).mean(axis=1)
    by_category = rest.groupby(answers[item]).agg(["mean", "var", "size"])
    by_category = by_category[by_category["size"] >= 5]
    fall = -by_category["mean"].diff()
    error = np.sqrt((by_category["var"] / by_category["size"]).rolling(2).sum())
    return (fall / error.where(error > 0, np.finfo(float).eps)).max()


def _misfit(bank: Bank) -> Assessment:
    """S-X2 as a z value, so that chance alone seldom passes the limit."""
    fits, located = bank.calibrated
    parts, absent = [], dict(located.absent)
    for calibration in fits:
        items = list(calibration.thresholds.index)
        part = assess(
            partial(_fit_z, calibration),
            bank.responses[items],
            least=len(items),
        )
        parts.append(part)
    found = joined(parts, bank.items)
    return Assessment(found.values, absent | dict(found.absent))


def _fit_z(calibration: IrtResult, _: pd.DataFrame) -> pd.Series:
    fit = calibration.item_fit().to_frame()
    return pd.Series(-ndtri(fit["p"].clip(1e-300)), fit.index)


def _location(bank: Bank) -> Assessment:
    """Mean threshold of each item on its domain's theta."""
    return bank.calibrated[1]


def _dif(bank: Bank) -> Assessment:
    """Largest delta R2 over the groupings at p below .01; 0 where none is."""
    if bank.groups is None:
        return not_assessed(bank.items, "no groups were given")
    return largest_effects(bank.responses, bank.domains, bank.groups)


def _rated(aspect: str) -> Callable[[Bank], Assessment]:
    """What raters said of each item; not a number where nobody was asked."""

    def measure(bank: Bank) -> Assessment:
        if bank.content is None or aspect not in bank.content:
            return not_assessed(bank.items, "nobody rated it")
        values = bank.content[aspect].reindex(bank.items).astype(float)
        unrated = values.index[values.isna()]
        return Assessment(values, dict.fromkeys(unrated, "nobody rated it"))

    return measure


_STATISTICS = {
    **{aspect: _rated(aspect) for aspect in RATED},
    "missing": _missing,
    "categories": _categories,
    "top_option": _top_option,
    "item_rest": lambda bank: bank.item_rest_assessed,
    "redundancy": _redundancy,
    "copies": _copies,
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
