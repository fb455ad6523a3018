"""How many persons a factor analysis needs: answered by simulating the very study."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypedDict

import numpy as np
import pandas as pd

from ..annotations import Axes, Progress, Rng
from ..errors import ConvergenceError, NotIdentified
from ..figures import bound, finish, mark_style
from ..options import streams
from ..parallel import run_all
from ..results import Result, axes
from ..simulate import responses as simulate_responses
from .bootstrap_loadings import align, correlations_of
from .gradient_projection import descend, settle
from .ml_newton import LOWEST, loadings_from, minimise
from .rotation import surface

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

_CHUNK = 10  # studies simulated by one task


# loadings, omega total, whether it is a Heywood case
Study: TypeAlias = tuple[np.ndarray, float, bool]


class _Model(TypedDict):
    """What answers are drawn from."""

    loadings: pd.DataFrame
    factor_corr: np.ndarray
    thresholds: Sequence[float] | None
    missing: float


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleSize(Result):
    """Precision of loadings and of reliability at each sample size tried.

    Attributes
    ----------
    table : DataFrame, one row a size
        `loading_half_width` and `omega_half_width`: 1.96 standard deviations over the
        simulated studies, of the least certain salient loading and of omega total;
        `loading_bias` (largest, of salient loadings) and `omega_bias`; `congruent`
        (share of studies in which every factor's congruence with its own is .95 or
        more); `failed` and `heywood` (shares).
    n : float
        Smallest size tried that reaches both precisions; NaN if none does.
    interpolated : float
        The size at which both are reached if half-widths fall as 1 / sqrt(n).
    """

    _headline = ("n", "loading_precision", "omega_precision")

    table: pd.DataFrame
    n: float
    interpolated: float
    loading_precision: float
    omega_precision: float
    n_replications: int

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        wanted = (
            f"loadings within {self.loading_precision:g} and omega within "
            f"{self.omega_precision:g}, 95 % of the time"
        )
        if np.isnan(self.n):
            return (f"No size tried reaches {wanted}.",)
        return (f"{self.n:.0f} persons reach {wanted}.",)

    def _caveats(self) -> Sequence[str]:
        return (
            f"{self.n_replications} simulated studies a size; about "
            f"{self.interpolated:.0f} persons by interpolation. The answer is only as "
            "good as the model stated.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both half-widths against the number of persons."""
        ax = axes(ax)
        wanted = {"loading": self.loading_precision, "omega": self.omega_precision}
        for k, (name, size) in enumerate(wanted.items()):
            style = mark_style(k) | {"linestyle": "-"}
            found = self.table[f"{name}_half_width"]
            ax.plot(self.table.index, found, label=name, **style)
            bound(ax, size, f"{name}: {size:g} wanted", axis="y", k=k)
        enough = (
            "no size tried is enough" if np.isnan(self.n) else f"{self.n:.0f} persons"
        )
        title = f"Precision by sample size: {enough}"
        return finish(
            ax, title, x="persons", y="half-width of a 95 % interval", key=True
        )


def sample_size(
    loadings: pd.DataFrame,
    *,
    factor_corr: pd.DataFrame | None = None,
    thresholds: Sequence[float] | None = None,
    sizes: Sequence[int] = (100, 200, 300, 500, 800, 1200),
    loading_precision: float = 0.10,
    omega_precision: float = 0.03,
    corr: str | None = None,
    rotation: str = "oblimin",
    salient: float = 0.3,
    missing: float = 0.0,
    n_replications: int = 100,
    rng: Rng = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> SampleSize:
    """Simulate studies of a stated model to find the sample that it needs.

    The Monte Carlo planning of Muthen & Muthen (2002), Structural Equation Modeling 9,
    599-620, for minres factors and for omega total of the sum of all items.

    Parameters
    ----------
    loadings : DataFrame, shape (n_items, n_factors)
        Standardised; what the study is expected to find.
    factor_corr, thresholds, missing
        As in `simulate.responses`.
    sizes : sequence of int
        Numbers of persons to try.
    loading_precision, omega_precision : float
        Wanted half-widths of 95 % intervals.
    corr : {"polychoric", "pearson"}, optional
        How the study will correlate; by default polychoric where there are thresholds.
    rotation : str
        How the study will rotate; as in `explore`.
    salient : float
        Loadings of this size and more have to be precise.
    n_replications : int
        Studies simulated at each size.
    rng, executor, progress
        As in `bootstrap_loadings`.

    Returns
    -------
    SampleSize
        The least of `sizes` that is precise enough, and a row a size.

    Raises
    ------
    InvalidOption
        Loadings that give an item a communality above 1; another correlation or
        rotation.

    Examples
    --------
    >>> import pandas as pd
    >>> from psychometrics import sample_size
    >>> expected = pd.DataFrame({"F1": [0.7] * 5}, index=list("abcde"))
    >>> found = sample_size(expected, sizes=(100, 400), n_replications=20)
    >>> bool(found.table["loading_half_width"].is_monotonic_decreasing)
    True
    """
    corr = corr or ("pearson" if thresholds is None else "polychoric")
    loadings = pd.DataFrame(loadings)
    phi = np.eye(loadings.shape[1]) if factor_corr is None else np.array(factor_corr)
    model: _Model = {
        "loadings": loadings,
        "factor_corr": phi,
        "thresholds": thresholds,
        "missing": missing,
    }
    sizes = sorted(sizes)
    seeds = streams(rng, len(sizes))
    counts = np.diff([*range(0, n_replications, _CHUNK), n_replications])
    tasks = [
        (model, n, corr, rotation, part, int(k))
        for n, stream in zip(sizes, seeds)
        for part, k in zip(stream.spawn(len(counts)), counts)
    ]
    parts = run_all(_studies, tasks, executor, progress)
    by_size: dict[int, list[Study | None]] = {n: [] for n in sizes}
    for (_, n, *_), part in zip(tasks, parts):
        by_size[n].extend(part)
    truth = loadings.to_numpy(float)
    rows = [_row(by_size[n], truth, _omega_of(truth, phi), salient) for n in sizes]
    table = pd.DataFrame(rows, index=pd.Index(sizes, name="persons"))
    return _answer(table, loading_precision, omega_precision, n_replications)


def _studies(
    task: tuple[_Model, int, str, str, SeedSequence, int],
) -> list[Study | None]:
    """Return [(loadings, omega total, Heywood), or None] of simulated studies."""
    model, n_persons, corr, rotation, stream, size = task
    rng = np.random.default_rng(stream)
    return [_study(model, n_persons, corr, rotation, rng) for _ in range(size)]


def _study(
    model: _Model,
    n_persons: int,
    corr: str,
    rotation: str,
    rng: np.random.Generator,
) -> Study | None:
    data = simulate_responses(n_persons, rng=rng, lowest=0, **model).responses
    truth = model["loadings"].to_numpy(float)
    m = truth.shape[1]
    try:
        found = correlations_of(corr, data.to_numpy())
        psi = minimise(found, m, "minres", tol=1e-8)
        raw = loadings_from(found, psi, m, "minres")
        pattern = raw
        if m > 1 and rotation != "none":
            over = surface(rotation, raw)
            start = np.linalg.inv(np.linalg.lstsq(raw, truth, rcond=None)[0]).T
            turns, _ = descend(over, over.retract(start)[None])
            pattern, _ = over.loadings(settle(over, turns[0], tol=1e-7)[0])
    except (ConvergenceError, NotIdentified, np.linalg.LinAlgError):
        return None
    pattern, _ = align(pattern, np.eye(m), truth)
    omega = 1 - psi.sum() / found.sum()
    return pattern, omega, bool(psi.min() <= LOWEST + 1e-9)


def _omega_of(loadings: np.ndarray, factor_corr: np.ndarray) -> float:
    common = loadings @ factor_corr @ loadings.T
    unique = (1 - np.diag(common)).sum()
    return common.sum() / (common.sum() + unique)


def _row(
    studies: Sequence[Study | None],
    truth: np.ndarray,
    omega: float,
    salient: float,
) -> dict[str, float]:
    fitted = [s for s in studies if s is not None]
    if len(fitted) < 2:
        return {"failed": 1.0}
    patterns, omegas, heywood = (np.array(part) for part in zip(*fitted))
    wanted = abs(truth) >= salient
    bias = (patterns.mean(axis=0) - truth)[wanted]
    norms = np.linalg.norm(patterns, axis=1) * np.linalg.norm(truth, axis=0)
    congruence = (patterns * truth).sum(axis=1) / norms
    return {
        "loading_half_width": 1.96 * patterns.std(axis=0, ddof=1)[wanted].max(),
        "omega_half_width": 1.96 * omegas.std(ddof=1),
        "loading_bias": bias[abs(bias).argmax()],
        "omega_bias": omegas.mean() - omega,
        "congruent": (congruence >= 0.95).all(axis=1).mean(),
        "failed": 1 - len(fitted) / len(studies),
        "heywood": heywood.mean(),
    }


def _answer(
    table: pd.DataFrame,
    loading_precision: float,
    omega_precision: float,
    n_replications: int,
) -> SampleSize:
    reached = (table["loading_half_width"] <= loading_precision) & (
        table["omega_half_width"] <= omega_precision
    )
    root = np.sqrt(table.index.to_numpy())
    needed = [
        np.nanmedian(table[name] * root / wanted) ** 2
        for name, wanted in (
            ("loading_half_width", loading_precision),
            ("omega_half_width", omega_precision),
        )
    ]
    n = float(table.index[reached][0]) if reached.any() else np.nan
    return SampleSize(
        table=table,
        n=n,
        interpolated=float(max(needed)),
        loading_precision=loading_precision,
        omega_precision=omega_precision,
        n_replications=n_replications,
    )
