"""How far fit changes by chance when a step of invariance holds: simulated limits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..annotations import Rng
from ..cfa.confirm import estimate, prepared
from ..cfa.population import Population, population_of
from ..errors import InvalidOption, PsychometricsError, SparseCategoryWarning
from ..options import streams
from ..parallel import run_all
from ..resampling import redrawn_note

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

    from ..cfa.result import ConfirmedModel
    from .multigroup import Invariance

INDICES = ("cfi", "rmsea", "srmr")


def invariance_cutoffs(
    found: Invariance,
    step: str,
    *,
    n_replications: int = 200,
    rng: Rng = 1,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Simulate the changes of fit that equal groups would show (Cao & Liang, 2022).

    Samples are drawn from the fitted model of `step`, in which the step's equality is
    true, with the groups' sizes; that model and the one before are fitted to each.

    Parameters
    ----------
    found : Invariance
        From `invariance` or `longitudinal_invariance`.
    step : str
        Such as "loadings".
    n_replications : int
        Samples drawn.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    executor : concurrent.futures.Executor, optional
        Where the fits run.

    Returns
    -------
    DataFrame
        For cfi, rmsea and srmr (scaled versions where there are any): observed change,
        limit (5th percentile of changes in CFI, 95th of the others) and is_within.

    Warns
    -----
    SparseCategoryWarning
        Samples were drawn again, as a category had nobody in them.

    Raises
    ------
    InvalidOption
        No step of `found`, or its first.
    PsychometricsError
        No simulated sample could be fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import invariance, invariance_cutoffs, simulate
    >>> made = simulate.responses(300, rng=1, loadings=[[0.7]] * 4)
    >>> found = invariance(
    ...     "f =~ i1 + i2 + i3 + i4",
    ...     made.responses,
    ...     np.arange(300) % 2,
    ...     estimator="ml",
    ...     steps=["loadings"],
    ... )
    >>> invariance_cutoffs(found, "loadings", n_replications=5).index.tolist()
    ['cfi', 'rmsea', 'srmr']
    """
    place = found.place_of(step)
    if place == 0:
        raise InvalidOption(f"step is {step!r}, the first: it has none before it")
    smaller, larger = found.fitted[place], found.fitted[place - 1]
    populations = [population_of(smaller, group=g) for g in smaller.groups]
    seeds = streams(rng, n_replications)
    one = partial(_changes, populations, smaller, larger)
    rows = [row for row in run_all(one, seeds, executor) if row is not None]
    if not rows:
        raise PsychometricsError("no simulated sample could be fitted")
    n_redrawn = sum(again for _, again in rows)
    if n_redrawn:
        note = redrawn_note(n_redrawn, n_replications)
        warnings.warn(note, SparseCategoryWarning, stacklevel=2)
    changes = pd.DataFrame([row for row, _ in rows])
    steps = found.steps
    observed = pd.Series({n: float(steps[f"change_{n}"][step]) for n in INDICES})
    limit = changes.quantile(0.95)
    limit["cfi"] = changes["cfi"].quantile(0.05)
    within = observed <= limit
    within["cfi"] = observed["cfi"] >= limit["cfi"]
    return pd.DataFrame({"observed": observed, "limit": limit, "is_within": within})


def _changes(
    populations: Sequence[Population],
    smaller: ConfirmedModel,
    larger: ConfirmedModel,
    seed: SeedSequence,
) -> tuple[dict[str, float], int] | None:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(populations)), smaller.group_sizes)
    try:
        drawn = [
            population.draw_whole(n, rng)
            for population, n in zip(populations, smaller.group_sizes)
        ]
        frames, again = zip(*drawn)
        responses = pd.concat(frames, ignore_index=True)
        one, two = (_indices(fit, responses, labels) for fit in (larger, smaller))
    except PsychometricsError:
        return None
    return {name: two[name] - one[name] for name in INDICES}, sum(again)


def _indices(
    fitted: ConfirmedModel, responses: pd.DataFrame, labels: np.ndarray
) -> dict[str, float]:
    s = fitted.table.settings
    table, structures, data = prepared(
        fitted.model,
        responses,
        estimator=fitted.estimator,
        groups=labels,
        equal=s.equal,
        released=s.released,
        std_lv=s.std_lv,
        orthogonal=s.orthogonal,
        parameterization="theta" if s.theta else "delta",
        identification=s.identification,
        meanstructure=s.meanstructure,
    )
    fit = estimate(table, structures, data, fitted.estimator, detail="indices").fit
    return {name: fit.get(f"{name}_scaled", fit[name]) for name in INDICES}
