"""Bootstrap intervals of loadings: resample persons, refit, align, take percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes, Progress, Rng
from ..correlation.nearest_positive_definite import smoothed
from ..correlation.two_step_polychoric import fit_pairs
from ..errors import ConvergenceError, NotIdentified
from ..figures import finish, mark_style, name_rows, spread
from ..options import check_level, check_option, streams
from ..parallel import run_all
from ..resampling import consecutive, redrawn_note, usable_rows
from ..responses import check_responses
from ..results import Result, axes
from .exploratory import ExploratoryFactors, explore
from .gradient_projection import descend, settle
from .ml_newton import LOWEST, loadings_from, minimise
from .rotation import NORMALISED, promax, surface

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

_CHUNK = 10  # resamples drawn by one task
_ROTATED: tuple[str, ...]
_ROTATED = ("oblimin", "quartimin", "varimax", "quartimax", "geomin", "promax", "none")
_ROTATED += ("geomin_orthogonal", "equamax", "equamax_oblique")
_ROTATED += ("bifactor", "bifactor_oblique")


@dataclass(frozen=True, eq=False, kw_only=True)
class BootstrappedFactors(Result):
    """Standard errors and percentile intervals of an exploratory solution.

    Attributes
    ----------
    solution : ExploratoryFactors
        Of all persons.
    intervals : DataFrame
        One row a loading: `loading`, `se`, `low`, `high`.
    correlations : DataFrame
        The same of the factor correlations; empty for orthogonal factors.
    congruence : Series
        Median congruence of each factor with the same factor of the resamples: below
        .95 a factor is not found again, and its intervals mean little.
    n_replications, n_failed, n_heywood, n_redrawn : int
        Resamples drawn, those that could not be fitted, those with a Heywood case, and
        how often one was drawn again because an item did not vary in it.
    level : float
    """

    _headline = ("congruence", "n_replications", "n_failed")

    _whole = 1000  # rows of items, not of persons

    solution: ExploratoryFactors
    intervals: pd.DataFrame
    correlations: pd.DataFrame
    congruence: pd.Series
    n_replications: int
    n_failed: int
    n_heywood: int
    level: float
    n_redrawn: int = 0

    def to_frame(self) -> pd.DataFrame:
        return self.intervals

    def _about(self) -> Sequence[str]:
        return (
            f"{self.n_replications} resamples, {100 * self.level:g} % percentile "
            "intervals.",
            "Median congruence: "
            + ", ".join(f"{k} {v:.3f}" for k, v in self.congruence.items()),
        )

    def _caveats(self) -> Sequence[str]:
        notes = []
        if self.n_redrawn:
            notes.append(redrawn_note(self.n_redrawn, self.n_replications))
        if self.n_failed:
            notes.append(f"{self.n_failed} resamples could not be fitted.")
        if self.n_heywood:
            notes.append(f"{self.n_heywood} resamples had a Heywood case.")
        weak = self.congruence.index[self.congruence < 0.95]
        if len(weak):
            notes.append(
                f"{', '.join(weak)} is not found again reliably (congruence below .95)."
            )
        return tuple(notes)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each loading with its interval, one mark a factor."""
        factors = list(self.congruence.index)
        items = self.intervals.index.unique("item")
        ax = axes(ax, rows=len(items) * max(1.0, 0.35 * len(factors)))
        at = name_rows(ax, items)
        for k, factor in enumerate(factors):
            part = self.intervals.xs(factor, level="factor")
            place = at + 0.7 * ((k + 0.5) / len(factors) - 0.5)
            reach = spread(part["loading"], part["low"], part["high"])
            style = mark_style(k, 4) | {"linestyle": "none", "elinewidth": 1}
            ax.errorbar(
                part["loading"], place, xerr=reach.clip(0), label=factor, **style
            )
        ax.axvline(0, color="0.25", linewidth=0.8)
        title = f"Loadings of {len(items)} items over {self.n_replications} resamples"
        x = f"loading, {100 * self.level:g} % interval"
        return finish(ax, title, x=x, key=True)


def bootstrap_loadings(
    responses: pd.DataFrame,
    n_factors: int,
    *,
    extraction: str = "minres",
    rotation: str = "oblimin",
    corr: str = "polychoric",
    normalize: bool | None = None,
    n_replications: int = 500,
    level: float = 0.95,
    rng: Rng = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> BootstrappedFactors:
    """Give percentile intervals to loadings and factor correlations.

    Persons are drawn with replacement, again where an item does not vary among those
    drawn; a category that nobody drawn used is closed up. Each resample is
    correlated, extracted and rotated again, starting from the rotation of all
    persons; its factors are then put into the order and signs of the solution by
    congruence (Zhang, 2014).

    Parameters
    ----------
    responses, n_factors, corr, normalize
        As in `explore`.
    extraction : {"minres", "ml"}
        As in `explore`.
    rotation : str
        Any of `rotate` that needs no target.
    n_replications : int
        Resamples of persons.
    level : float
        Coverage of the intervals, between 0 and 1.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    executor, progress
        See `psychometrics.parallel.run_all`.

    Returns
    -------
    BootstrappedFactors
        The solution, and the interval of each loading and factor correlation.

    Raises
    ------
    ConvergenceError
        If more than one resample in ten could not be fitted.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = bootstrap_loadings(
    ...     made.responses, 1, corr="pearson", n_replications=20, rng=1
    ... )
    >>> found.n_replications
    20
    """
    check_level(level)
    check_option("extraction", extraction, ("minres", "ml"))
    check_option("rotation", rotation, _ROTATED)
    solution = explore(
        responses,
        n_factors,
        extraction=extraction,
        rotation=rotation,
        corr=corr,
        normalize=normalize,
    )
    checked = check_responses(responses, ordinal=corr == "polychoric")
    values = checked.codes if corr == "polychoric" else checked.values
    normalised = rotation in NORMALISED if normalize is None else normalize
    plan = ResamplePlan(
        extraction, rotation, corr, normalised, solution.loadings.to_numpy()
    )
    seeds = streams(rng, -(-n_replications // _CHUNK))
    sizes = np.diff([*range(0, n_replications, _CHUNK), n_replications])
    tasks = [(plan, values, s, int(k)) for s, k in zip(seeds, sizes)]
    drawn = [
        one for part in run_all(_resample, tasks, executor, progress) for one in part
    ]
    return _summarise(solution, drawn, n_replications, level)


@dataclass(frozen=True)
class ResamplePlan:
    """What every resample repeats."""

    extraction: str
    rotation: str
    corr: str
    normalised: bool
    loadings: np.ndarray


def _resample(
    task: tuple[ResamplePlan, np.ndarray, SeedSequence, int],
) -> list[tuple[np.ndarray, np.ndarray, bool, int]]:
    """Return [(loadings, factor correlations, Heywood, redrawn)], one a resample."""
    plan, values, seed, size = task
    rng = np.random.default_rng(seed)
    fitted = []
    for _ in range(size):
        rows, n_redrawn = usable_rows(rng, values)
        try:
            fitted.append((*fit_resample(plan, values[rows]), n_redrawn))
        except (ConvergenceError, NotIdentified, np.linalg.LinAlgError):
            continue
    return fitted


def fit_resample(
    plan: ResamplePlan, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return loadings, factor correlations and any Heywood case, lined up."""
    corr = correlations_of(plan.corr, values)
    m = plan.loadings.shape[1]
    psi = minimise(corr, m, plan.extraction, tol=1e-8)
    raw = loadings_from(corr, psi, m, plan.extraction)
    pattern, phi = _rotated_from(plan, raw)
    pattern, phi = align(pattern, phi, plan.loadings)
    return pattern, phi, bool((psi <= LOWEST + 1e-9).any())


def correlations_of(kind: str, values: np.ndarray) -> np.ndarray:
    """Correlate codes (polychoric, -1 or NaN where missing) or values, as an array.

    Raises
    ------
    NotIdentified
        Where an item does not vary.
    """
    if kind == "polychoric":
        codes = np.where(np.isnan(values), -1, values).astype(np.int16)
        codes = consecutive(codes)
        corr = fit_pairs(codes, codes.max(axis=0) + 1).corr
    else:
        table = pd.DataFrame(values)
        is_pearson = kind == "pearson"
        corr = (table.corr() if is_pearson else table.corr("spearman")).to_numpy()
    if np.isnan(corr).any():
        raise NotIdentified("an item of this resample does not vary")
    return smoothed(corr)[0]


def _rotated_from(plan: ResamplePlan, raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotate from the position nearest to the whole sample's solution."""
    m = raw.shape[1]
    if plan.rotation == "none" or m == 1:
        return raw, np.eye(m)
    size = np.sqrt((raw**2).sum(axis=1)) if plan.normalised else np.ones(len(raw))
    weights = np.maximum(size, 1e-8)[:, None]
    method = "varimax" if plan.rotation == "promax" else plan.rotation
    over = surface(method, raw / weights)
    start = np.linalg.lstsq(raw, plan.loadings, rcond=None)[0]
    # pattern = raw inv(T)', so the start's inverse transpose is the turn looked for
    turn = np.linalg.inv(start).T if over.is_oblique else start
    turns, _ = descend(over, over.retract(turn)[None])
    turn, _ = settle(over, turns[0], tol=1e-7)
    pattern, phi = over.loadings(turn)
    if plan.rotation == "promax":
        pattern, phi = promax(pattern)
    return pattern * weights, phi


def congruences(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Tucker's (1951) congruence of every column of one with every of the other."""
    product = first.T @ second
    return product / np.outer(
        np.linalg.norm(first, axis=0), np.linalg.norm(second, axis=0)
    )


def align(
    pattern: np.ndarray, phi: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Order and reflect factors so that they are most congruent with `wanted`."""
    from scipy.optimize import (  # slow to load: not where nothing asks for it
        linear_sum_assignment,
    )

    similar = congruences(wanted, pattern)
    _, order = linear_sum_assignment(-abs(similar))
    signs = np.where(similar[np.arange(len(order)), order] < 0, -1.0, 1.0)
    turned = phi[np.ix_(order, order)] * np.outer(signs, signs)
    return pattern[:, order] * signs, turned


def _summarise(
    solution: ExploratoryFactors,
    drawn: Sequence[tuple[np.ndarray, np.ndarray, bool, int]],
    n_replications: int,
    level: float,
) -> BootstrappedFactors:
    if len(drawn) < 0.9 * n_replications:
        raise ConvergenceError(
            f"{n_replications - len(drawn)} of {n_replications} resamples could not be "
            "fitted although every item varied in them; fewer factors would do",
            solution,
        )
    patterns, phis, heywood, redrawn = (np.array(part) for part in zip(*drawn))
    loadings = solution.loadings
    index = pd.MultiIndex.from_product(
        [loadings.index, loadings.columns], names=["item", "factor"]
    )
    table = _intervals(loadings.to_numpy().ravel(), patterns, level, "loading")
    found = [np.diag(congruences(loadings.to_numpy(), p)) for p in patterns]
    return BootstrappedFactors(
        solution=solution,
        intervals=table.set_axis(index),
        correlations=_between(solution.factor_corr, phis, level),
        congruence=pd.Series(np.median(found, axis=0), loadings.columns),
        n_replications=n_replications,
        n_failed=n_replications - len(drawn),
        n_heywood=int(heywood.sum()),
        level=level,
        n_redrawn=int(redrawn.sum()),
    )


def _between(factor_corr: pd.DataFrame, phis: np.ndarray, level: float) -> pd.DataFrame:
    rows, columns = np.triu_indices(len(factor_corr), 1)
    if not abs(phis[:, rows, columns]).max(initial=0.0):
        rows, columns = rows[:0], columns[:0]  # orthogonal by construction
    names = factor_corr.index
    index = pd.MultiIndex.from_arrays([names[rows], names[columns]])
    estimate = factor_corr.to_numpy()[rows, columns]
    table = _intervals(estimate, phis[:, rows, columns], level, "correlation")
    return table.set_axis(index)


def _intervals(
    estimate: np.ndarray, drawn: np.ndarray, level: float, name: str
) -> pd.DataFrame:
    flat = drawn.reshape(len(drawn), -1)
    low, high = np.percentile(flat, [50 * (1 - level), 50 * (1 + level)], axis=0)
    columns = {name: estimate, "se": flat.std(axis=0, ddof=1), "low": low, "high": high}
    return pd.DataFrame(columns)
