"""All rules for the number of factors side by side, with a reading in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypedDict

import pandas as pd

from ..annotations import Axes, Rng
from ..figures import bars, finish, name_rows
from ..responses import check_responses
from ..results import Result, axes
from .comparison_data import comparison_data
from .factor_count import FactorCount
from .hull import hull
from .parallel_analysis import ParallelAnalysis, parallel_analysis
from .retention_rules import (
    acceleration,
    empirical_kaiser,
    minimum_average_partial,
    sequential_chi_square,
)

# METHOD: rules found accurate in simulations carry the reading, the others inform it
_TRUSTED = ("parallel", "parallel_pearson", "empirical_kaiser", "hull", "comparison")


class _Random(TypedDict, total=False):
    """What the rules that draw at random are told; each has replications of its own."""

    rng: Rng
    executor: Executor | None
    n_replications: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Retention(Result):
    """The number of factors by each rule, and what to make of it.

    Attributes
    ----------
    parallel, parallel_pearson : ParallelAnalysis
        On the correlations asked for, and on Pearson's.
    empirical_kaiser, hull, comparison, map_original, map_revised : FactorCount
    chi_square, acceleration : FactorCount
    n_persons, n_items : int
    """

    _headline = ("factors=n_factors", "n_items", "n_persons")

    parallel: ParallelAnalysis
    parallel_pearson: ParallelAnalysis
    empirical_kaiser: FactorCount
    hull: FactorCount
    comparison: FactorCount
    map_original: FactorCount
    map_revised: FactorCount
    chi_square: FactorCount
    acceleration: FactorCount
    n_persons: int
    n_items: int

    def _counts(self) -> dict[str, FactorCount | ParallelAnalysis]:
        return {
            name: value
            for name, value in vars(self).items()
            if isinstance(value, FactorCount)
        }

    @property
    def n_factors(self) -> pd.Series:
        """Each rule's number, by name."""
        counts = {name: c.n_factors for name, c in self._counts().items()}
        return pd.Series(counts, name="n_factors")

    def to_frame(self) -> pd.DataFrame:
        counts = self._counts()
        columns = {
            "n_factors": [c.n_factors for c in counts.values()],
            "rule": [c.rule for c in counts.values()],
        }
        return pd.DataFrame(columns, index=list(counts))

    def _caveats(self) -> Sequence[str]:
        counts = self._counts()
        return tuple(f"{name}: {c.note}" for name, c in counts.items() if c.note)

    @property
    def reading(self) -> tuple[str, ...]:
        """What the numbers mean together, in sentences."""
        return tuple(_reading(self.n_factors, self.n_persons, self.n_items))

    def _about(self) -> Sequence[str]:
        return (
            f"Number of factors: {self.n_persons} persons, {self.n_items} items.",
            *self.reading,
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one bar a rule; rules found accurate in simulations are full."""
        counts = self.n_factors
        ax = axes(ax, rows=len(counts))
        at = name_rows(ax, [n.replace("_", " ") for n in counts.index], what="rule")
        rest = [name not in _TRUSTED for name in counts.index]
        words = ("found accurate in simulations", "for information")
        bars(ax, at, counts, flags=rest, words=words)
        for place, count in zip(at, counts):
            ax.text(count, place, f"  {count}", va="center", fontsize=9)
        ax.set_xticks(range(counts.max() + 2))
        title = f"Factors of {self.n_items} items by each rule, n = {self.n_persons}"
        return finish(ax, title, x="number of factors", key=True)


def retention(
    responses: pd.DataFrame,
    *,
    corr: str = "polychoric",
    n_replications: int | None = None,
    rng: Rng = 0,
    executor: Executor | None = None,
) -> Retention:
    """Ask every rule how many factors there are, and say what the answers mean.

    Several rules beside each other, as Auerswald & Moshagen (2019) advise.

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole numbers, NaN where unanswered.
    corr : {"polychoric", "pearson", "spearman"}
        For parallel analysis, Hull and minimum average partial. The empirical Kaiser
        criterion, comparison data and chi-square are made for Pearson's.
    n_replications : int, optional
        Random data sets of parallel analysis, and samples of comparison data; 100 and
        200 unless said.
    rng, executor
        As in `parallel_analysis`.

    Returns
    -------
    Retention
        A row a rule; `reading` says what they amount to.

    Raises
    ------
    InvalidOption
        Another kind of correlation.
    InvalidResponses
        Answers that cannot be used.

    Examples
    --------
    >>> from psychometrics import retention, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 6, thresholds=(-1, 1))
    >>> found = retention(made.responses, n_replications=10)
    >>> int(found.n_factors["parallel"])
    1
    """
    checked = check_responses(responses, ordinal=corr == "polychoric")
    frame = checked.to_frame()
    random: _Random = {"rng": rng, "executor": executor}
    if n_replications is not None:
        random["n_replications"] = n_replications
    parallel = parallel_analysis(frame, corr=corr, **random)
    pearson = parallel
    if corr != "pearson":
        pearson = parallel_analysis(frame, corr="pearson", **random)
    return Retention(
        parallel=parallel,
        parallel_pearson=pearson,
        empirical_kaiser=empirical_kaiser(frame),
        hull=hull(frame, corr=corr, rng=rng),
        comparison=comparison_data(frame, **random),
        map_original=minimum_average_partial(frame, corr=corr),
        map_revised=minimum_average_partial(frame, corr=corr, power=4),
        chi_square=sequential_chi_square(frame),
        acceleration=acceleration(frame, corr=corr),
        n_persons=checked.n_persons,
        n_items=checked.n_items,
    )


def _reading(counts: pd.Series, n_persons: int, n_items: int) -> Iterator[str]:
    trusted = counts[list(_TRUSTED)]
    low, high = int(trusted.min()), int(trusted.max())
    if low == high:
        factors = "factor" if low == 1 else "factors"
        yield f"The rules to trust most agree on {low} {factors}."
    else:
        votes = trusted.value_counts()
        named = ", ".join(f"{m} ({v} of {len(trusted)})" for m, v in votes.items())
        yield (
            f"The rules to trust most disagree: {named}. Extract each number from "
            f"{low} to {high}, and keep what can be named and found again."
        )
    if counts[["parallel", "parallel_pearson"]].min() <= 1:
        yield (
            "One factor from parallel analysis neither refutes several nor proves one "
            "dimension: where six factors correlate by .7 or more it hardly ever finds "
            "them. Compare one-factor, correlated and bifactor models."
        )
    if counts["empirical_kaiser"] > counts["parallel_pearson"]:
        yield (
            "The empirical Kaiser criterion finds more than parallel analysis, as it "
            "does when factors are real but strongly correlated."
        )
    if n_persons < 500:
        yield (
            f"With {n_persons} persons correlated factors are easily missed: six of "
            "five items, correlating .5, need 500 for parallel analysis and 250 for "
            "the empirical Kaiser criterion."
        )
    if n_items < 3 * high:
        yield (
            f"{n_items} items are fewer than three a factor for {high} factors: no "
            "rule is safe there."
        )
    if counts["chi_square"] > high:
        yield (
            f"Chi-square asks for {counts['chi_square']}: with many persons it rejects "
            "models whose misfit does not matter."
        )
