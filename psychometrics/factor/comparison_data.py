"""Comparison data: which number of factors makes data like these (Ruscio & Roche)."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from scipy.special import ndtr

from ..annotations import Rng
from ..correlation.polychoric import pearson
from ..errors import NotIdentified
from ..options import streams
from ..parallel import run_all
from ..resampling import drawn_until, pairs_vary, redrawn_note
from ..responses import check_responses
from .factor_count import FactorCount, numbered
from .factor_fit import degrees_of_freedom
from .ml_newton import loadings_from, minimise

if TYPE_CHECKING:
    import pandas as pd
    from numpy.random.bit_generator import SeedSequence

_CLASSES = 2000  # equally wide, of the numbers that are ranked


def comparison_data(
    responses: pd.DataFrame,
    *,
    n_max: int | None = None,
    n_replications: int = 200,
    population: int = 10_000,
    alpha: float = 0.30,
    rng: Rng = 0,
    executor: Executor | None = None,
) -> FactorCount:
    """Add factors while data made from one more reproduce the eigenvalues better.

    Ruscio & Roche (2012), Psychological Assessment 24, 282-292. Populations keep the
    items' own distributions (Ruscio & Kaczetow, 2008), so that skew and few categories
    do not pass for factors. Pearson correlations; samples have the gaps of the data.

    Parameters
    ----------
    responses : DataFrame, persons x items
    n_max : int, optional
        Most factors tried; by default a third of the items.
    n_replications, population : int
        Samples drawn from each population, and its size.
    alpha : float
        Level of the one-sided Mann-Whitney test; the authors recommend .30.
    rng, executor
        As in `parallel_analysis`.

    Returns
    -------
    FactorCount
        `n_factors`, with the misfit of the eigenvalues for each number in `curve`.

    Raises
    ------
    InvalidResponses
        As `check_responses`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(200, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = comparison_data(
    ...     made.responses, n_max=2, n_replications=20, population=1000, rng=1
    ... )
    >>> found.n_factors
    1
    """
    checked = check_responses(responses)
    pearson(checked.to_frame())  # refuses items that nobody answered together
    values = checked.values
    p = checked.n_items
    most = max(m for m in range(p) if degrees_of_freedom(p, m) >= 0)
    if most < 1:
        raise NotIdentified(f"{p} items determine no factor")
    n_max = min(n_max or max(1, p // 3), most)
    observed = np.linalg.eigvalsh(pairwise_corr(values))[::-1]
    errors, p_values, kept, n_redrawn = [], [], 1, 0
    for m, stream in enumerate(streams(rng, n_max), start=1):
        task = (values, m, population, n_replications, observed, stream)
        ((found, again),) = run_all(_errors_with, [task], executor)
        errors.append(found)
        n_redrawn += again
        if m == 1:
            p_values.append(np.nan)
            continue
        p_values.append(chance_of_less(errors[-1], errors[-2]))
        if p_values[-1] > alpha:
            break
        kept = m
    means = [e.mean() for e in errors]
    curve = numbered({"rmsr_eigenvalues": means, "p": p_values}, name="n_factors")
    notes = (
        [f"{kept} is the most that was tried: there may be more."]
        if kept == n_max
        else []
    )
    if n_redrawn:
        notes.append(redrawn_note(n_redrawn, n_replications * len(errors)))
    return FactorCount(
        n_factors=kept,
        curve=curve,
        rule=f"comparison data (alpha {alpha:g})",
        note=" ".join(notes),
        shown=("rmsr_eigenvalues",),
    )


def chance_of_less(x: np.ndarray, y: np.ndarray) -> float:
    """p of Mann & Whitney's (1947) test that x tends to be less than y.

    Normal, corrected for ties and continuity; exact with up to eight values of either.
    """
    if min(len(x), len(y)) <= 8:
        from scipy import stats  # slow to load: not where the normal form serves

        return float(stats.mannwhitneyu(x, y, alternative="less").pvalue)
    n, pairs = len(x) + len(y), len(x) * len(y)
    ordered = np.sort(y)
    above = sum(ordered.searchsorted(x, side).sum() for side in ("left", "right")) / 2
    _, ties = np.unique(np.concatenate([x, y]), return_counts=True)
    tied = (ties**3 - ties).sum() / (n * (n - 1))
    if tied == n + 1:
        return 1.0
    spread = np.sqrt(pairs / 12 * (n + 1 - tied))
    return float(ndtr((above - pairs / 2 + 0.5) / spread))


def _errors_with(
    task: tuple[np.ndarray, int, int, int, np.ndarray, SeedSequence],
) -> tuple[np.ndarray, int]:
    """Root mean square differences of eigenvalues; how many samples were redrawn."""
    values, n_factors, population, n_replications, observed, stream = task
    rng = np.random.default_rng(stream)
    made = near_nought(make_population(values, n_factors, population, rng), values)
    answered = ~np.isnan(values)
    gaps = _Gaps.of(answered)
    errors, n_redrawn = np.empty(n_replications), 0

    def draw() -> np.ndarray:
        return rng.integers(population, size=len(values))

    def is_usable(rows: np.ndarray) -> bool:
        few = made[rows[gaps.whole[:100]]]  # mostly enough to see that all items vary
        if len(few) and (few != few[0]).any(axis=0).all():
            return True
        return pairs_vary(np.where(answered, made[rows], np.nan))

    for k in range(n_replications):
        rows, again = drawn_until(draw, is_usable)
        n_redrawn += again
        corr = gaps.corr(made[rows[gaps.whole]], made[rows[gaps.others]])
        errors[k] = np.sqrt(((np.linalg.eigvalsh(corr)[::-1] - observed) ** 2).mean())
    return errors, n_redrawn


def near_nought(made: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Shift each item to lie about nought, where sums of products lose nothing.

    In single precision sums of whole numbers below 2**24 are exact.
    """
    shifted = made - np.round(made.mean(axis=0))
    is_whole = (shifted == np.round(shifted)).all()
    largest = np.abs(shifted).max() ** 2 * max(len(made), len(values))
    exact = is_whole and largest < 2**24
    return np.ascontiguousarray(shifted, dtype=np.float32 if exact else float)


def pairwise_corr(values: np.ndarray) -> np.ndarray:
    """Pearson correlations; with gaps, means over all who answered the item."""
    answered = ~np.isnan(values)
    filled = np.where(answered, values - np.nanmean(values, axis=0), 0.0)
    gaps = _Gaps.of(answered)
    return gaps.corr(filled[gaps.whole], filled[gaps.others])


@dataclass(frozen=True, eq=False)
class _Gaps:
    """Where answers are missing: few persons have gaps, and few need weighing.

    Attributes
    ----------
    whole, others : int arrays
        Persons who answered everything, and the others.
    answered : float array, others x items
        One, or nought where unanswered.
    n, n_both : float arrays, (items,) and items x items
        How many answered each item, and both of two.
    """

    whole: np.ndarray
    others: np.ndarray
    answered: np.ndarray
    n: np.ndarray
    n_both: np.ndarray

    @classmethod
    def of(cls, answered: np.ndarray) -> _Gaps:
        is_whole = answered.all(axis=1)
        others = np.flatnonzero(~is_whole)
        n = answered.sum(axis=0).astype(float)
        some = answered[others].astype(float)
        n_both = is_whole.sum() + some.T @ some
        return cls(np.flatnonzero(is_whole), others, some, n, n_both)

    def corr(self, whole: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Correlate; means are over all who answered an item, spreads over both.

        `whole` and `others` are the two kinds of persons' numbers, each item's about
        nought; whatever stands where none counts.
        """
        rest = others * self.answered
        total = np.ones(len(whole), whole.dtype) @ whole
        products = (whole.T @ whole).astype(float)
        sums = total.astype(float)[:, None] + rest.T @ self.answered  # of who has both
        squares = np.diag(products)[:, None] + (rest * rest).T @ self.answered
        products += rest.T @ rest
        mean = np.diag(sums) / self.n
        shift = sums * mean
        products -= shift + shift.T - np.outer(mean, mean) * self.n_both
        squares += mean[:, None] * (mean[:, None] * self.n_both - 2 * sums)
        return products / np.sqrt(squares * squares.T)


def make_population(
    values: np.ndarray, n_factors: int, size: int, rng: Generator, *, patience: int = 5
) -> np.ndarray:
    """Return data with the items' distributions and nearly their correlations.

    Ruscio & Kaczetow (2008), Multivariate Behavioral Research 43, 355-381: loadings
    of an intermediate matrix make normal data, whose ranks take on the observed
    values; what the correlations then lack is added to the intermediate matrix.
    """
    wanted = pairwise_corr(values)
    drawn = [_varying(column[~np.isnan(column)], size, rng) for column in values.T]
    marginals = [np.unique(own, return_counts=True) for own in drawn]
    shared = rng.standard_normal((size, n_factors))
    unique = rng.standard_normal((size, values.shape[1])).T.copy()  # a row an item
    intermediate, best = wanted, None
    lowest, lack, trials = np.inf, np.zeros_like(wanted), 0
    while trials < patience:
        made = _ranked(intermediate, n_factors, shared, unique, marginals)
        gap = wanted - np.corrcoef(made, rowvar=False)
        error = np.sqrt((gap[np.triu_indices_from(gap, 1)] ** 2).mean())
        if error < lowest:
            lowest, best, lack, base, trials = error, made, gap, intermediate, 0
            intermediate = base + lack
        else:
            trials += 1
            intermediate = base + 0.5**trials * lack
    return np.ascontiguousarray(best)  # persons are drawn from it by row


def _varying(answers: np.ndarray, size: int, rng: Generator) -> np.ndarray:
    """Draw answers to one item until not all are alike."""
    return drawn_until(
        lambda: rng.choice(answers, size), lambda drawn: drawn.min() < drawn.max()
    )[0]


def _ranked(
    intermediate: np.ndarray,
    n_factors: int,
    shared: np.ndarray,
    unique: np.ndarray,
    marginals: list[tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:
    """Make normal data from a matrix's loadings and give them the items' values."""
    corr = np.clip(intermediate, -0.99, 0.99)
    np.fill_diagonal(corr, 1.0)
    psi = minimise(corr, n_factors, "minres", tol=1e-6)
    loadings = loadings_from(corr, psi, n_factors, "minres")
    left = np.sqrt(np.clip(1 - (loadings**2).sum(axis=1), 0, 1))
    normal = loadings @ shared.T
    normal += unique * left[:, None]
    made = np.empty_like(normal)
    for row, x, own in zip(made, normal, marginals):
        row[:] = in_order_of(x, *own)
    return made.T


def in_order_of(x: np.ndarray, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Give ascending values, each so many times, to the numbers x by their ranks."""
    begins = counts.cumsum()[:-1]  # ranks where a new value begins
    if not len(begins):
        return np.full(len(x), values[0])
    if len(begins) > 100:
        ranks = np.empty(len(x), np.intp)
        ranks[x.argsort()] = np.arange(len(x))
        return np.repeat(values, counts)[ranks]
    place = np.zeros(len(x), np.int8)
    for cut in _of_ranks(x, begins):
        place += x >= cut
    return values.take(place)


def _of_ranks(x: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """The numbers that have these ranks: only their own classes are put in order."""
    lowest, highest = x.min(), x.max()
    if not lowest < highest:
        return np.full(len(ranks), lowest)
    bins = ((x - lowest) * (_CLASSES / (highest - lowest))).astype(np.int16)
    below = np.bincount(bins, minlength=_CLASSES + 1).cumsum()
    found = np.empty(len(ranks))
    for k, (rank, own) in enumerate(zip(ranks, below.searchsorted(ranks, "right"))):
        members = np.sort(x[bins == own])
        found[k] = members[rank - below[own] + len(members)]
    return found
