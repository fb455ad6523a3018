"""Split-half reliability, Guttman's lambdas, and what more items would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from ..annotations import Axes, Rng
from ..correlation.polychoric import check_missing, pairwise_covariance
from ..errors import InvalidOption
from ..figures import BLUE, bound, dots, finish, name_rows
from ..options import generator
from ..responses import Responses, check_responses
from ..results import Result, axes
from .alpha import (
    alpha_of,
    check_total,
    correlations_of,
    squared_multiple,
    warn_reversed,
)

MOST_SPLITS = 50_000


@dataclass(frozen=True, eq=False, kw_only=True)
class SplitHalfResult(Result):
    """The reliability of a sum score by each way of halving its items.

    Attributes
    ----------
    splits : DataFrame, one row a split
        first_half (item names joined by a space), reliability.
    is_exhaustive : bool
        Whether every split was tried; if not, `splits` is a random sample.
    n_possible, n : int
        Splits that exist; persons.
    standardized : bool
    """

    _headline = (
        "mean=to_frame.reliability.mean",
        "maximum=to_frame.reliability.maximum",
        "n",
    )

    splits: pd.DataFrame
    is_exhaustive: bool
    n_possible: int
    n: int
    standardized: bool

    @property
    def maximum(self) -> float:
        """The best split: Guttman's lambda 4, a lower bound biased upwards."""
        return float(self.splits["reliability"].max())

    @property
    def minimum(self) -> float:
        """The worst split (Revelle's beta, when every split was tried)."""
        return float(self.splits["reliability"].min())

    @property
    def mean(self) -> float:
        """The mean over splits: alpha, where halves are of equal size."""
        return float(self.splits["reliability"].mean())

    def quantiles(self, levels: Sequence[float] = (0.025, 0.5, 0.975)) -> pd.Series:
        """Return quantiles of the reliability over splits."""
        return self.splits["reliability"].quantile(list(levels))

    def to_frame(self) -> pd.DataFrame:
        rows = {"maximum": self.maximum, "mean": self.mean, "minimum": self.minimum}
        return pd.Series(rows, name="reliability").to_frame()

    def _about(self) -> Sequence[str]:
        tried = "all" if self.is_exhaustive else "a random sample of"
        return (f"{tried} {len(self.splits)} split halves, n = {self.n}",)

    def _caveats(self) -> Sequence[str]:
        if self.is_exhaustive:
            return ()
        return (f"sampled from {self.n_possible} splits: the extremes are not exact",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the distribution over splits."""
        ax = axes(ax)
        ax.hist(self.splits["reliability"], bins=30, color=BLUE, edgecolor="white")
        bound(ax, self.mean, f"mean {self.mean:.3f}")
        title = f"Reliability of {len(self.splits)} split halves, n = {self.n}"
        return finish(ax, title, x="split-half reliability", y="splits", key=True)


def split_half(
    responses: pd.DataFrame,
    *,
    n_splits: int = MOST_SPLITS,
    rng: Rng = None,
    standardized: bool = False,
    missing: str = "complete",
) -> SplitHalfResult:
    """Estimate reliability from halves of the items (Guttman, 1945).

    Each split gives 4 cov(half 1, half 2) / var(total). All splits into halves of
    n // 2 and the rest are tried if they are no more than `n_splits`; otherwise a
    random sample of that many, and the result says so.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Answers keyed in one direction, NaN where unanswered.
    n_splits : int
        The most splits to try.
    rng : Generator or int
        Needed when splits are sampled.
    standardized : bool
        Of items with unit variance, as psych does, not of the sum score.
    missing : {"complete", "pairwise"}
        Persons without a gap, or all who answered both items of a pair.

    Returns
    -------
    SplitHalfResult
        The highest, mean and lowest reliability of the splits that were tried.

    Raises
    ------
    InvalidResponses
        As `check_responses`.
    NotIdentified
        The total score does not vary.
    InvalidOption
        Splits must be sampled and `rng` is None.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = split_half(made.responses)
    >>> round(found.maximum, 2)
    0.78
    """
    checked, covariance = _covariance(responses, missing, standardized)
    n_items = checked.n_items
    possible = comb(n_items, n_items // 2) // (2 if n_items % 2 == 0 else 1)
    if possible <= n_splits:
        halves = _every_half(n_items)
    else:
        what = f"drawing from {possible} splits of {n_items} items"
        drawn = generator(rng, what=what)
        halves = _sampled_halves(n_items, n_splits, drawn)
    reliability = _reliabilities(covariance, halves)
    names = [" ".join(map(str, checked.items[list(half)])) for half in halves]
    splits = pd.DataFrame({"first_half": names, "reliability": reliability})
    return SplitHalfResult(
        splits=splits,
        is_exhaustive=possible <= n_splits,
        n_possible=possible,
        n=checked.n_persons,
        standardized=standardized,
    )


def _every_half(n_items: int) -> list[tuple[int, ...]]:
    halves = combinations(range(n_items), n_items // 2)
    if n_items % 2:
        return list(halves)
    return [half for half in halves if half[0] == 0]


def _sampled_halves(
    n_items: int, n_splits: int, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    size = n_items // 2
    order = rng.random((n_splits, n_items)).argsort(axis=1)
    return [tuple(sorted(row)) for row in order[:, :size].tolist()]


def _reliabilities(
    covariance: np.ndarray, halves: Sequence[Sequence[int]]
) -> np.ndarray:
    signs = np.ones((len(halves), len(covariance)))
    np.put_along_axis(signs, np.array(halves), -1.0, axis=1)
    apart = np.einsum("si,ij,sj->s", signs, covariance, signs, optimize=True)
    return 1 - apart / covariance.sum()


def _covariance(
    responses: pd.DataFrame, missing: str, standardized: bool
) -> tuple[Responses, np.ndarray]:
    check_missing(missing)
    checked = check_responses(responses, ordinal=False)
    if missing == "complete":
        checked = check_responses(checked.complete(), ordinal=False)
    covariance = pairwise_covariance(checked)
    check_total(covariance)
    warn_reversed(covariance, checked.items, checked.n_persons)
    return checked, correlations_of(covariance) if standardized else covariance


@dataclass(frozen=True, eq=False, kw_only=True)
class LambdaResult(Result):
    """Guttman's six lower bounds of the reliability of a sum score.

    Attributes
    ----------
    lambdas : Series
        lambda1 to lambda6; lambda3 is alpha, lambda4 the best split half.
    is_exhaustive : bool
        Whether lambda4 is over every split.
    n : int
    """

    _headline = ("lambdas.lambda2", "lambdas.lambda4", "n")

    lambdas: pd.Series
    is_exhaustive: bool
    n: int

    def to_frame(self) -> pd.DataFrame:
        return self.lambdas.rename("reliability").to_frame()

    def _about(self) -> Sequence[str]:
        return (f"Guttman's lower bounds, n = {self.n}",)

    def _caveats(self) -> Sequence[str]:
        return () if self.is_exhaustive else ("lambda4 is over sampled splits",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the six bounds."""
        ax, found = axes(ax, rows=len(self.lambdas)), self.lambdas
        dots(ax, name_rows(ax, found.index, what="coefficient"), found)
        title = f"Guttman's lower bounds of reliability, n = {self.n}"
        return finish(ax, title, x="reliability is at least")


def guttman_lambdas(
    responses: pd.DataFrame,
    *,
    standardized: bool = False,
    missing: str = "complete",
    n_splits: int = MOST_SPLITS,
    rng: Rng = None,
) -> LambdaResult:
    """Return Guttman's (1945) lambda 1 to 6; arguments are as in `split_half`.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Numbers or whole-number codes, NaN where unanswered.
    standardized, missing, n_splits
        As in `split_half`, which finds lambda 4.
    rng : Generator or int
        Needed where the splits are more than `n_splits`.

    Returns
    -------
    LambdaResult
        `lambdas`, from lambda1 to lambda6.

    Raises
    ------
    InvalidResponses
        As in `split_half`.
    InvalidOption
        Splits must be sampled and `rng` is None.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = guttman_lambdas(made.responses)
    >>> found.lambdas[["lambda2", "lambda4"]].round(2).tolist()
    [0.74, 0.78]
    """
    checked, covariance = _covariance(responses, missing, standardized)
    halves = split_half(
        checked.to_frame(),
        n_splits=n_splits,
        rng=rng,
        standardized=standardized,
        missing=missing,
    )
    total, n_items = covariance.sum(), len(covariance)
    variances = np.diag(covariance)
    squares = covariance**2 - np.diag(variances**2)
    first = 1 - variances.sum() / total
    residual = variances * (1 - squared_multiple(correlations_of(covariance)))
    spread = np.sqrt(n_items / (n_items - 1) * squares.sum())
    lambdas = {
        "lambda1": first,
        "lambda2": first + spread / total,
        "lambda3": alpha_of(covariance),
        "lambda4": halves.maximum,
        "lambda5": first + 2 * np.sqrt(squares.sum(axis=0).max()) / total,
        "lambda6": 1 - residual.sum() / total,
    }
    return LambdaResult(
        lambdas=pd.Series(lambdas, name="reliability"),
        is_exhaustive=halves.is_exhaustive,
        n=checked.n_persons,
    )


def spearman_brown(reliability: float, *, length: float) -> float:
    """Return the reliability of a scale made `length` times as long.

    Spearman (1910) and Brown (1910): length r / (1 + (length - 1) r). A length
    below one shortens the scale; added items are taken to be like the others.

    Parameters
    ----------
    reliability : float
        Of the present scale, inside (0, 1).
    length : float
        How many times as long, above zero.

    Returns
    -------
    float
        Reliability, inside (0, 1).

    Raises
    ------
    InvalidOption
        `reliability` or `length` is out of range.

    Examples
    --------
    >>> round(spearman_brown(0.8, length=2), 3)
    0.889
    """
    if not 0 < reliability < 1:
        raise InvalidOption(
            f"reliability is {reliability}; give a value between 0 and 1"
        )
    if length <= 0:
        raise InvalidOption(f"length is {length}; give a factor above zero")
    return length * reliability / (1 + (length - 1) * reliability)


def length_needed(reliability: float, *, target: float) -> float:
    """Return how many times as long a scale must be to reach the `target`.

    The inverse of `spearman_brown` (Spearman, 1910; Brown, 1910).

    Parameters
    ----------
    reliability : float
        Of the present scale, inside (0, 1).
    target : float
        The reliability to reach, inside (0, 1).

    Returns
    -------
    float
        How many times as long; below one where the scale could be shorter.

    Raises
    ------
    InvalidOption
        `reliability` or `target` is out of range.

    Examples
    --------
    >>> round(length_needed(0.7, target=0.8), 2)
    1.71
    """
    for name, value in (("reliability", reliability), ("target", target)):
        if not 0 < value < 1:
            raise InvalidOption(f"{name} is {value}; give a value between 0 and 1")
    return target * (1 - reliability) / (reliability * (1 - target))
