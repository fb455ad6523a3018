"""Parallel analysis: eigenvalues against those of unrelated items (Horn, 1965)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from ..annotations import Axes, Progress, Rng
from ..correlation.two_step_polychoric import fit_pairs
from ..counted import counted
from ..errors import InvalidResponses
from ..figures import BLUE, ORANGE, finish
from ..options import check_option, streams
from ..parallel import run_all
from ..resampling import consecutive, drawn_until, pairs_vary, redrawn_note
from ..responses import check_responses
from ..results import axes
from .correlation_input import Correlations, correlate
from .factor_count import FactorCount, leading, numbered
from .ml_newton import minimise

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

_CHUNK = 10  # random data sets drawn by one task


@dataclass(frozen=True, eq=False, kw_only=True)
class ParallelAnalysis(FactorCount):
    """Observed eigenvalues beside those of unrelated items.

    Attributes
    ----------
    curve : DataFrame
        `components` and `factors`: eigenvalues of the correlations, and of the same
        with communalities of one minres factor on the diagonal; with `_mean`, `_sd`
        and `_percentile` of the random ones.
    counts : DataFrame, (components, factors) x (mean, percentile)
        The number of leading eigenvalues above each reference.
    n_replications : int
    percentile : float
    """

    counts: pd.DataFrame
    n_replications: int = 0
    percentile: float = 95.0

    def _about(self) -> Sequence[str]:
        return (
            *super()._about(),
            f"{self.n_replications} random data sets; percentile {self.percentile:g}.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw observed eigenvalues, and the random percentile dashed."""
        ax, number = axes(ax), self.curve.index
        for kind, mark, colour in (("components", "o", BLUE), ("factors", "s", ORANGE)):
            style: dict[str, Any]
            style = {"marker": mark, "color": colour, "markersize": 5}
            ax.plot(number, self.curve[kind], "-", label=kind, **style)
            chance = self.curve[f"{kind}_percentile"]
            style |= {"markerfacecolor": "white", "label": f"{kind}, unrelated items"}
            ax.plot(number, chance, "--", **style)
        title = f"{self.rule}: {counted(self.n_factors, 'factor')}"
        return finish(ax, title, x="number of the factor", y="eigenvalue", key=True)


def parallel_analysis(
    responses: pd.DataFrame | None,
    *,
    corr: str | pd.DataFrame = "polychoric",
    n_obs: float | None = None,
    method: str = "permutation",
    eigenvalues: str = "components",
    reference: str = "percentile",
    percentile: float = 95.0,
    n_replications: int = 100,
    rng: Rng = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> ParallelAnalysis:
    """Keep the leading eigenvalues that unrelated items would hardly reach.

    Horn (1965), Psychometrika 30, 179-185; the percentile is Glorfeld's (1995).

    Parameters
    ----------
    responses : DataFrame, persons x items, or None
        None when `corr` is a correlation matrix.
    corr : {"polychoric", "pearson", "spearman"} or DataFrame
        With a matrix, random data are normal and `n_obs` persons strong.
    n_obs : float, optional
        Persons behind a matrix that was given.
    method : {"permutation", "normal"}
        Shuffle each item's answers, or draw independent normal ones (cut at the
        items' own thresholds for polychoric correlations).
    eigenvalues : {"components", "factors"}
        Which give `n_factors`; `counts` has both.
    reference : {"percentile", "mean"}
        What they have to exceed.
    percentile : float in (0, 100)
        Of the random eigenvalues, with "percentile".
    n_replications : int
        Random data sets.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    executor, progress
        See `psychometrics.parallel.run_all`.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    InvalidResponses
        As `explore`.
    InvalidOption
        An unknown `method`, `eigenvalues` or `reference`.

    Examples
    --------
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(300, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> found = parallel_analysis(
    ...     made.responses, corr="pearson", n_replications=20, rng=1
    ... )
    >>> found.n_factors
    1
    """
    _check_choices(method, eigenvalues, reference)
    found = correlate(responses, corr, n_obs)
    draw, payload = _source(responses, found, method)
    seeds = streams(rng, -(-n_replications // _CHUNK))
    sizes = np.diff([*range(0, n_replications, _CHUNK), n_replications])
    tasks = [(draw, payload, s, int(k)) for s, k in zip(seeds, sizes)]
    parts = run_all(_random_eigenvalues, tasks, executor, progress)
    drawn = np.concatenate([eigenvalues for eigenvalues, _ in parts])
    n_redrawn = sum(again for _, again in parts)
    again = f" {redrawn_note(n_redrawn, n_replications)}" if n_redrawn else ""
    curve = _curve(eigenvalues_of(found.array), drawn, percentile)
    counts = _counts(curve)
    n_factors = int(counts[reference][eigenvalues])
    alone = "one factor here neither proves one dimension nor refutes several"
    caution = alone if n_factors == 1 else "there may be more than these"
    return ParallelAnalysis(
        n_factors=n_factors,
        curve=curve,
        rule=f"parallel analysis ({found.kind} correlations, {eigenvalues}, {method}, "
        f"{reference})",
        note=f"Strongly correlated factors are easily missed: {caution}.{again}",
        counts=counts,
        n_replications=n_replications,
        percentile=percentile,
    )


def _check_choices(method: str, eigenvalues: str, reference: str) -> None:
    check_option("method", method, ("permutation", "normal"))
    check_option("eigenvalues", eigenvalues, ("components", "factors"))
    check_option("reference", reference, ("percentile", "mean"))


def eigenvalues_of(corr: np.ndarray) -> np.ndarray:
    """Return eigenvalues, largest first: of the whole, and of the reduced matrix."""
    whole = np.linalg.eigvalsh(corr)[::-1]
    reduced = corr - np.diag(minimise(corr, 1, "minres", tol=1e-7))
    return np.array([whole, np.linalg.eigvalsh(reduced)[::-1]])


def _curve(observed: np.ndarray, drawn: np.ndarray, percentile: float) -> pd.DataFrame:
    columns = {}
    for k, kind in enumerate(("components", "factors")):
        columns[kind] = observed[k]
        columns[f"{kind}_mean"] = drawn[:, k].mean(axis=0)
        columns[f"{kind}_sd"] = drawn[:, k].std(axis=0, ddof=1)
        columns[f"{kind}_percentile"] = np.percentile(drawn[:, k], percentile, axis=0)
    return numbered(columns)


def _counts(curve: pd.DataFrame) -> pd.DataFrame:
    kinds, references = ("components", "factors"), ("mean", "percentile")
    table = {
        ref: [leading(curve[kind] > curve[f"{kind}_{ref}"]) for kind in kinds]
        for ref in references
    }
    return pd.DataFrame(table, index=kinds)


def _source(
    responses: pd.DataFrame | None, found: Correlations, method: str
) -> tuple[str, tuple[int, int] | np.ndarray]:
    """Choose how random correlations are drawn, and from what."""
    is_normal = method == "normal" and found.kind != "polychoric"
    if responses is None or found.kind == "given" or is_normal:
        return "wishart", (len(found.frame), int(round(found.n_obs)))
    checked = check_responses(responses, ordinal=found.kind == "polychoric")
    if found.kind == "polychoric":
        return f"polychoric {method}", checked.codes
    if found.kind == "spearman":
        return "moment", checked.to_frame().rank().to_numpy()
    return "moment", checked.values


def _random_eigenvalues(
    task: tuple[str, tuple[int, int] | np.ndarray, SeedSequence, int],
) -> tuple[np.ndarray, int]:
    """Eigenvalues of `size` random matrices, (size, 2, n_items); how many redrawn."""
    draw, payload, seed, size = task
    rng = np.random.default_rng(seed)
    drawn = [DRAWS[draw](payload, rng) for _ in range(size)]
    return np.array([eigenvalues_of(c) for c, _ in drawn]), sum(n for _, n in drawn)


def wishart_corr(payload: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Correlations of independent normal items, without drawing the persons.

    Bartlett's (1933) decomposition of a Wishart matrix.
    """
    n_items, n_persons = payload
    if n_persons <= n_items:
        raise InvalidResponses(f"{n_persons} persons and {n_items} items: too few")
    factor = np.tril(rng.standard_normal((n_items, n_items)), -1)
    degrees = n_persons - 1 - np.arange(n_items)
    factor += np.diag(np.sqrt(rng.chisquare(degrees)))
    product = factor @ factor.T
    scale = np.sqrt(np.diag(product))
    return product / np.outer(scale, scale)


def _wishart(
    payload: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    return wishart_corr(payload, rng), 0


def _moment(values: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    if not np.isnan(values).any():
        return np.corrcoef(rng.permuted(values, axis=0), rowvar=False), 0
    shuffled, again = drawn_until(lambda: rng.permuted(values, axis=0), pairs_vary)
    return corr_of_pairs(shuffled), again


def corr_of_pairs(values: np.ndarray) -> np.ndarray:
    """Pearson correlations, each of the persons who answered both items."""
    seen = ~np.isnan(values)
    answered = seen.astype(float)
    centred = np.where(seen, values - np.nanmean(values, axis=0), 0.0)
    n, total = answered.T @ answered, centred.T @ answered
    spread = (centred**2).T @ answered - total**2 / n
    return (centred.T @ centred - total * total.T / n) / np.sqrt(spread * spread.T)


def _polychoric_permuted(
    codes: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    shuffled, again = drawn_until(lambda: rng.permuted(codes, axis=0), pairs_vary)
    return _polychoric(shuffled), again


def _polychoric_normal(
    codes: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    fresh, again = drawn_until(lambda: _cut_normal(codes, rng), pairs_vary)
    return _polychoric(fresh), again


def _cut_normal(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Independent normal answers, cut where the items' own are, with their gaps."""
    drawn = rng.standard_normal(codes.shape)
    fresh = np.empty_like(codes)
    for j, column in enumerate(codes.T):
        share = np.bincount(column[column >= 0]).cumsum()[:-1] / (column >= 0).sum()
        fresh[:, j] = np.searchsorted(ndtri(share), drawn[:, j])
    return np.where(codes < 0, -1, fresh)


def _polychoric(codes: np.ndarray) -> np.ndarray:
    codes = consecutive(codes)
    return fit_pairs(codes, codes.max(axis=0) + 1).corr


DRAWS: dict[str, Callable[..., tuple[np.ndarray, int]]] = {
    "wishart": _wishart,
    "moment": _moment,
    "polychoric permutation": _polychoric_permuted,
    "polychoric normal": _polychoric_normal,
}
