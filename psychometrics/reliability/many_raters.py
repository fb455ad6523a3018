"""How far any number of raters agree on categories, with ratings missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ..annotations import Axes
from ..counted import counted
from ..errors import InvalidOption, InvalidResponses
from ..figures import bound, dots, finish, name_rows, spread
from ..options import check_level, check_option
from ..responses import check_responses
from ..results import Result, axes
from ..score_column import score_column
from .interrater import WEIGHTS, agreement_weights

NAMES = ("fleiss_kappa", "gwet_ac", "krippendorff_alpha")


@dataclass(frozen=True, eq=False, kw_only=True)
class RaterAgreementResult(Result):
    """Three coefficients of chance-corrected agreement with jackknife intervals.

    Attributes
    ----------
    table : DataFrame, one row a coefficient
        coefficient, se, low, high, observed and expected agreement.
    categories : list
        Codes in use, or all that could be chosen where that was said, in order.
    weights : str
    n_targets : int
        With two ratings or more.
    n_alone : int
        With one rating: they count towards what is expected by chance only, and not in
        Krippendorff's alpha.
    n_raters : int
        Who rated any target.
    level : float
    """

    _headline = ("table.coefficient.krippendorff_alpha", "n_targets", "n_raters")

    table: pd.DataFrame
    categories: list
    weights: str
    n_targets: int
    n_alone: int
    n_raters: int
    level: float

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return (
            f"agreement of {counted(self.n_raters, 'rater')} on "
            f"{counted(self.n_targets, 'target')} in {len(self.categories)} categories "
            f"({self.weights} weights), {self.level:.0%} jackknife intervals",
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if self.n_alone:
            alone = counted(self.n_alone, "target")
            notes.append(f"{alone} with a single rating, where nothing can agree")
        unknown = self.table.index[self.table["se"].isna()]
        if len(unknown):
            notes.append(
                f"no interval of {', '.join(unknown)}: without one of the targets all "
                "ratings that count are of one category"
            )
        if self.n_targets < 10:
            notes.append("with fewer than 10 targets the intervals are rough")
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each coefficient with its interval, and .70 beside them."""
        ax, table = axes(ax), self.table
        at = name_rows(ax, table.index, what="coefficient")
        value = table["coefficient"]
        dots(ax, at, value, spread(value, table["low"], table["high"]))
        bound(ax, 0.7, ".70 wanted")
        return finish(
            ax,
            f"Agreement of {self.n_raters} raters on {self.n_targets} targets",
            x=f"chance-corrected agreement, {self.level:.0%} interval",
            key=True,
        )


def rater_agreement(
    ratings: pd.DataFrame,
    *,
    weights: str = "none",
    categories: Sequence[float] | None = None,
    level: float = 0.95,
) -> RaterAgreementResult:
    """Estimate kappa of Fleiss (1971), AC of Gwet (2008) and Krippendorff's alpha.

    Each is (observed - expected) / (1 - expected); they differ in what they expect by
    chance. Kappa falls where nearly all ratings are of one category, AC does not.

    Parameters
    ----------
    ratings : DataFrame, shape (n_targets, n_raters)
        Integer categories, NaN where a rater did not rate; two raters or more.
    weights : {"none", "linear", "quadratic"}
        Credit for categories apart, as in `weighted_kappa`: none for unordered ones
        (AC1, nominal alpha), quadratic for codes at equal distances (AC2, interval
        alpha).
    categories : sequence of float, optional
        All that could be chosen, used or not: AC expects less agreement by chance of
        more of them. Without it those in use, of all ratings, also of targets with
        one (Gwet, 2014); kappa and alpha are the same either way.
    level : float
        Of the intervals, by leaving out each target in turn, on Student's t.

    Returns
    -------
    RaterAgreementResult
        `table` has one row a coefficient.

    Raises
    ------
    InvalidOption
        `categories` lacks a rating that somebody gave.
    InvalidResponses
        As `check_responses` (but a rater may have used one category alone), fewer
        than three targets with two ratings, or one category in use.

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = pd.DataFrame(
    ...     {"a": [1, 1, 2, 2, 3], "b": [1, 1, 2, 3, 3], "c": [1, 2, 2, 2, None]}
    ... )
    >>> rater_agreement(ratings).table["coefficient"].round(2).tolist()
    [0.59, 0.6, 0.59]
    """
    check_level(level)
    check_option("weights", weights, WEIGHTS)
    # a rater of a few targets may well have met one category alone
    checked = check_responses(
        ratings,
        ordinal=False,
        more_persons_than_items=False,
        varying=False,
        codes_stated=categories is not None,
    )
    values = checked.values
    used = np.unique(values[~np.isnan(values)])
    codes = used if categories is None else _all_categories(categories, used)
    if len(used) < 2:
        raise InvalidResponses(
            f"all ratings are {used[0]:g}; agreement beyond chance needs two "
            "categories in use"
        )
    counts = (values[:, :, None] == codes).sum(axis=1).astype(float)
    n_ratings = counts.sum(axis=1)
    counts = counts[n_ratings > 0]
    shared = counts.sum(axis=1) > 1
    if shared.sum() < 3:
        raise InvalidResponses(
            f"{counted(int(shared.sum()), 'target')} with two ratings; agreement and "
            "its interval need three"
        )
    table = _table(counts, agreement_weights(codes, weights), level)
    return RaterAgreementResult(
        table=table,
        categories=[int(code) if code % 1 == 0 else float(code) for code in codes],
        weights=weights,
        n_targets=int(shared.sum()),
        n_alone=int((~shared).sum()),
        n_raters=int((~checked.missing).any(axis=0).sum()),
        level=level,
    )


def _all_categories(categories: Sequence[float], used: np.ndarray) -> np.ndarray:
    codes = np.unique(score_column(categories, "categories"))
    outside = np.setdiff1d(used, codes)
    if len(outside):
        raise InvalidOption(
            f"somebody gave {outside[0]:g}, which is none of the categories "
            f"{', '.join(f'{code:g}' for code in codes)}"
        )
    return codes


def _table(counts: np.ndarray, credit: np.ndarray, level: float) -> pd.DataFrame:
    whole = _coefficients(_sums(counts, credit), credit)
    out = _coefficients(_sums(counts, credit, leave_out=True), credit)
    n = len(counts)
    values = whole[:, 0]
    # The variance of a statistic from its values without each target in turn.
    # Without a target that alone has a second category kappa and alpha are 0 / 0.
    out[0, _is_uniform(counts)] = np.nan
    out[2, _is_uniform(counts * (counts.sum(axis=1, keepdims=True) > 1))] = np.nan
    centred = out[:, :, 0] - out[:, :, 0].mean(axis=1, keepdims=True)
    se = np.sqrt((n - 1) / n * (centred**2).sum(axis=1))
    reach = stdtrit(n - 1, (1 + level) / 2) * se
    return pd.DataFrame(
        {
            "coefficient": values,
            "se": se,
            "low": values - reach,
            "high": np.minimum(values + reach, 1.0),
            "observed": whole[:, 1],
            "expected": whole[:, 2],
        },
        index=list(NAMES),
    )


def _is_uniform(counts: np.ndarray) -> np.ndarray:
    """Whether one category alone is in use, without each target."""
    return ((counts.sum(axis=0) - counts) > 0).sum(axis=1) < 2


def _sums(
    counts: np.ndarray, credit: np.ndarray, leave_out: bool = False
) -> dict[str, np.ndarray]:
    """What the coefficients are made of, summed over targets, or without each.

    Of each target: its share of pairs that agree, its shares of the categories, and
    its pairs of ratings by category, each weighted by 1 / (ratings - 1).
    """
    n = counts.sum(axis=1)
    shared = n > 1
    pairs = n * (n - 1)
    alike = np.einsum("ik,kl,il->i", counts, credit, counts) - counts @ np.diag(credit)
    own = {
        "agree": np.where(shared, alike / np.where(shared, pairs, 1), 0.0),
        "shared": shared.astype(float),
        "share": counts / n[:, None],
        "known": np.ones(len(counts)),
        "weighted": np.where(shared, alike / np.where(shared, n - 1, 1), 0.0),
        "pooled": np.where(shared[:, None], counts, 0.0),
    }
    return {
        name: each.sum(axis=0) - each if leave_out else each.sum(axis=0)
        for name, each in own.items()
    }


def _coefficients(sums: dict[str, np.ndarray], credit: np.ndarray) -> np.ndarray:
    """Return coefficients x (..., value, observed, expected) by `NAMES`."""
    q = len(credit)
    observed = sums["agree"] / sums["shared"]
    share = sums["share"] / sums["known"][..., None]
    kappa = np.einsum("...k,kl,...l->...", share, credit, share)
    ac = credit.sum() / (q * (q - 1)) * (share * (1 - share)).sum(axis=-1)
    # Krippendorff's expected agreement is of two ratings of all, without replacement.
    total = sums["pooled"].sum(axis=-1)
    both = np.einsum("...k,kl,...l->...", sums["pooled"], credit, sums["pooled"])
    drawn = (both - sums["pooled"] @ np.diag(credit)) / (total * (total - 1))
    pooled = sums["weighted"] / total
    rows = [(observed, kappa), (observed, ac), (pooled, drawn)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([np.stack([(o - e) / (1 - e), o, e], axis=-1) for o, e in rows])
