"""Monte Carlo cut-offs: how large effects get where there is no DIF."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Axes, Label, PerPerson, Progress, Rng
from ..figures import finish, mark_style, name_rows
from ..irt.models import category_probabilities
from ..options import check_option, streams
from ..parallel import run_all
from ..resampling import drawn_until, redrawn_note
from ..responses import Responses, check_groups_vary, check_responses
from ..results import Result, axes
from .groups import as_groups
from .likelihood_ratio import joined_answers, shared_model
from .purification import DEFAULT_EFFECT
from .screen import Task, screen_items

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

EFFECTS = {
    "ordinal_logistic": ["mcfadden_total", "mcfadden_uniform", "mcfadden_nonuniform"],
    "mantel": ["smd"],
}


@dataclass(frozen=True, eq=False, kw_only=True)
class DifCutoffs(Result):
    """Effect sizes exceeded by chance alone with probability `alpha`, by item."""

    _headline = ("cutoffs=table", "alpha", "n_replications")

    table: pd.DataFrame
    method: str
    alpha: float
    n_replications: int
    n_redrawn: int = 0

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _caveats(self) -> Sequence[str]:
        if not self.n_redrawn:
            return ()
        return (redrawn_note(self.n_redrawn, self.n_replications),)

    def _about(self) -> Sequence[str]:
        return (
            f"Cut-offs at {self.alpha:g} from {self.n_replications} data sets without "
            f"DIF, {self.method.replace('_', ' ')}.",
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each effect size's cut-off, item by item."""
        table = self.table
        ax = axes(ax, rows=len(table))
        at = name_rows(ax, table.index)
        for k, name in enumerate(table):
            label = str(name).replace("_", " ")
            ax.plot(table[name], at, label=label, **mark_style(k))
        title = f"Effects exceeded by chance in {self.alpha:g} of samples without DIF"
        return finish(ax, title, x="cut-off of the effect size", key=True)


def dif_cutoffs(
    responses: pd.DataFrame,
    groups: PerPerson,
    *,
    method: str = "ordinal_logistic",
    matching: str = "total",
    alpha: float = 0.01,
    n_replications: int = 100,
    rng: Rng = 0,
    reference: Label | None = None,
    min_group: int = 100,
    min_cell: int = 5,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> DifCutoffs:
    """Simulate cut-offs for effect sizes of DIF (Choi, Gibbons & Crane, 2011).

    Data without DIF are drawn from a graded response model with equal items in all
    groups and each group's own mean and spread of theta, with the gaps of the
    real data, and screened like these.

    Parameters
    ----------
    responses, groups, method, matching, reference, min_group, min_cell
        As in `dif`; "ordinal_logistic" or "mantel", "total" or "rest".
    alpha : float in (0, 1)
        Share of data sets without DIF whose effect lies above the cut-off.
    n_replications : int
        Data sets drawn; below 10 / alpha the cut-offs are rough.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    executor : concurrent.futures.Executor, optional
        Where the data sets are screened.
    progress : callable, optional
        Called with what is done and the total.

    Returns
    -------
    DifCutoffs
        A row an item: the cut-off for each effect size of the method; give it to `dif`.

    Raises
    ------
    InvalidOption
        Another method or matching.
    InvalidResponses
        Answers that cannot be used, a group below `min_group`, or an item that all
        in a group answered alike.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import dif_cutoffs, simulate
    >>> made = simulate.responses(400, rng=1, loadings=[[0.7]] * 4, thresholds=(-1, 1))
    >>> found = dif_cutoffs(
    ...     made.responses,
    ...     np.arange(400) % 2,
    ...     method="mantel",
    ...     alpha=0.5,
    ...     n_replications=20,
    ... )
    >>> list(found.table), bool((found.table > 0).all(axis=None))
    (['smd'], True)
    """
    check_option("method", method, EFFECTS)
    check_option("matching", matching, ("total", "rest"))
    checked = check_responses(responses)
    found = as_groups(groups, checked, reference=reference, min_group=min_group)
    kept = Responses(
        checked.values[found.kept], checked.items, checked.persons[found.kept]
    )
    check_groups_vary(kept.values, found.codes, found.levels, kept.items)
    bound = DEFAULT_EFFECT[method]
    task = Task(kept, found, method, matching, "p", alpha, bound, min_cell)
    task = joined_answers(task)
    draw = partial(_replicate, task, *_model(task))
    seeds = streams(rng, n_replications)
    parts = run_all(draw, seeds, executor, progress)
    drawn = np.array([effects for effects, _ in parts])
    n_redrawn = sum(again for _, again in parts)
    table = pd.DataFrame(
        np.quantile(np.abs(drawn), 1 - alpha, axis=0),
        index=kept.items,
        columns=EFFECTS[method],
    )
    return DifCutoffs(
        table=table,
        method=method,
        alpha=alpha,
        n_replications=n_replications,
        n_redrawn=n_redrawn,
    )


def _model(task: Task) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return slopes, intercepts, and each group's mean and sd of theta."""
    results = shared_model(task)
    mean = np.array([one.latent.mean[0] for one in results])
    sd = np.array([one.latent.sd[0] for one in results])
    return *results[0].parameters.arrays, mean, sd


def _replicate(
    task: Task,
    slopes: np.ndarray,
    intercepts: np.ndarray,
    mean: np.ndarray,
    sd: np.ndarray,
    seed: SeedSequence,
) -> tuple[np.ndarray, int]:
    rng = np.random.default_rng(seed)
    codes = task.groups.codes

    def draw() -> np.ndarray:
        theta = mean[codes] + sd[codes] * rng.normal(size=len(codes))
        chances = category_probabilities("graded", theta, slopes, intercepts)
        chance = rng.random((len(slopes), 1, len(theta)))
        values = (chance > chances.cumsum(axis=1)[:, :-1]).sum(axis=1).T.astype(float)
        values[task.responses.missing] = np.nan
        return values

    def varies_in_each_group(values: np.ndarray) -> bool:
        parts = (values[codes == g] for g in np.unique(codes))
        return all((np.nanmin(p, axis=0) < np.nanmax(p, axis=0)).all() for p in parts)

    values, n_redrawn = drawn_until(draw, varies_in_each_group)
    drawn = Responses(values, task.responses.items, task.responses.persons)
    again = replace(task, responses=drawn)
    table = screen_items(again, np.ones(drawn.n_items, bool)).table
    return table[EFFECTS[task.method]].to_numpy(), n_redrawn
