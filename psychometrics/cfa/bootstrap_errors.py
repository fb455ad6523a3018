"""Errors from resampling persons, or whole clusters (Efron, 1979)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..annotations import Axes, PerPerson, Rng
from ..errors import PsychometricsError, PsychometricsWarning
from ..figures import dots, finish, name_rows, spread
from ..options import streams
from ..parallel import run_all
from ..resampling import cells_of, drawn_until, keeps_cells, redrawn_note
from ..results import Result, axes
from .confirm import ORDINAL, estimate, prepared
from .result_tables import estimates_table

if TYPE_CHECKING:
    from numpy.random.bit_generator import SeedSequence

_KEY = ["lhs", "op", "rhs", "group"]
_SIGNED = ("=~", "~~", "~1")


@dataclass(frozen=True, eq=False, kw_only=True)
class BootstrapErrors(Result):
    """Bootstrapped errors of a confirmatory model.

    Attributes
    ----------
    table : DataFrame
        One row a parameter: lhs, op, rhs, group, est, se, ci_lower, ci_upper (95 %,
        percentiles), and the same of the standardised value with std_ before.
    n_replications, n_failed : int
    n_redrawn : int
        Samples drawn again because a category had nobody in them.
    """

    _headline = ("se=table.se", "n_replications", "n_failed")

    _whole = 1000  # rows of items, not of persons

    table: pd.DataFrame
    n_replications: int
    n_failed: int
    n_redrawn: int = 0

    def to_frame(self) -> pd.DataFrame:
        return self.table

    def _about(self) -> Sequence[str]:
        return [f"{self.n_replications} bootstrap samples, {self.n_failed} not fitted."]

    def _caveats(self) -> Sequence[str]:
        if not self.n_redrawn:
            return ()
        return (redrawn_note(self.n_redrawn, self.n_replications),)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw loadings, paths and covariances with their percentile intervals."""
        table = self.table[(self.table["se"] > 0) & (self.table["op"] != "|")]
        table = table[table["lhs"] != table["rhs"]]
        names = [f"{row.lhs} {row.op} {row.rhs}" for row in table.itertuples()]
        ax = axes(ax, rows=len(table))
        reach = spread(table["est"], table["ci_lower"], table["ci_upper"])
        dots(ax, name_rows(ax, names, what="parameter"), table["est"], reach)
        ax.axvline(0, linewidth=0.8, color="0.25")
        title = f"Estimates with intervals from {self.n_replications} bootstrap samples"
        return finish(ax, title, x="estimate, 95 % percentile interval")


def bootstrap_errors(
    model: str,
    responses: pd.DataFrame,
    *,
    n_replications: int = 1000,
    rng: Rng = 1,
    clusters: str | PerPerson | None = None,
    executor: Executor | None = None,
    **options: object,
) -> BootstrapErrors:
    """Resample persons (clusters, where given), refit, and take the spread.

    Efron's (1979) bootstrap, with percentile intervals of 95 %.

    Parameters
    ----------
    model : str
        As in `confirm`.
    responses : DataFrame, shape (n_persons, n_columns)
        As in `confirm`, NaN where unanswered; a row without an answer is left out.
    n_replications : int
        Samples drawn with replacement.
    rng : Generator or int
        An int seeds the same streams each time, one a replication, whatever the
        executor.
    clusters : str or Series, shape (n_persons,), optional
        A label for each row, or the column with it: whole clusters are drawn.
    executor : concurrent.futures.Executor, optional
        Where the fits run.
    **options
        Of `confirm`; groups as a column's name.

    Returns
    -------
    BootstrapErrors
        A row a parameter; samples that could not be fitted are counted.

    Raises
    ------
    PsychometricsError
        The model cannot be fitted to the whole sample (see `confirm`), or to fewer than
        two of those drawn.

    Notes
    -----
    A factor whose sign is free is turned, sample by sample, to the sign it has in the
    whole sample.

    Examples
    --------
    >>> from psychometrics import bootstrap_errors, simulate
    >>> made = simulate.responses(200, rng=1, loadings=[[0.7]] * 4)
    >>> found = bootstrap_errors(
    ...     "f =~ i1 + i2 + i3 + i4", made.responses, estimator="ml", n_replications=20
    ... )
    >>> found.n_failed, bool((found.table["se"] >= 0).all())
    (0, True)
    """
    whole = _estimates(model, responses, options)
    items = [
        name for name in responses if name in set(whole["rhs"]) | set(whole["lhs"])
    ]
    answered = responses[items].notna().any(axis=1).to_numpy()
    if clusters is not None:
        labels = responses[clusters] if isinstance(clusters, str) else clusters
        clusters = pd.factorize(np.asarray(labels)[answered])[0]
    responses = responses[answered]
    cells = _cells(responses, items, options)
    one = partial(_resampled, model, responses, clusters, cells, options)
    seeds = streams(rng, n_replications)
    drawn = [part for part in run_all(one, seeds, executor) if part is not None]
    found = [table for table, _ in drawn]
    if len(found) < 2:
        raise PsychometricsError("fewer than two bootstrap samples could be fitted")
    table = whole[_KEY].copy()
    for name, prefix in (("est", ""), ("std", "std_")):
        values = np.array([_turned(part, whole)[name] for part in found])
        low, high = np.quantile(values, [0.025, 0.975], axis=0)
        table[name] = whole[name]
        table[f"{prefix}se"] = values.std(axis=0, ddof=1)
        table[f"{prefix}ci_lower"], table[f"{prefix}ci_upper"] = low, high
    n_redrawn = sum(tries for _, tries in drawn)
    n_failed = n_replications - len(found)
    return BootstrapErrors(
        table=table,
        n_replications=n_replications,
        n_failed=n_failed,
        n_redrawn=n_redrawn,
    )


def _cells(
    responses: pd.DataFrame, items: Sequence[str], options: Mapping[str, Any]
) -> np.ndarray | None:
    """What each sample has to have: every category of an ordinal item, by group."""
    if options.get("estimator", "wlsmv") not in ORDINAL:
        return None
    groups = options.get("groups")
    if groups is not None:
        groups = pd.factorize(responses[groups])[0]
    return cells_of(responses[items].to_numpy(float), groups)


def _estimates(
    model: str, responses: pd.DataFrame, options: Mapping[str, Any]
) -> pd.DataFrame:
    estimator = options.get("estimator", "wlsmv")
    table, structures, data = prepared(model, responses, **options)
    fitted = estimate(table, structures, data, estimator, detail="test")
    return estimates_table(fitted, table, structures)


def _resampled(
    model: str,
    responses: pd.DataFrame,
    clusters: np.ndarray | None,
    cells: np.ndarray | None,
    options: Mapping[str, Any],
    seed: SeedSequence,
) -> tuple[pd.DataFrame, int] | None:
    rng = np.random.default_rng(seed)
    try:
        rows, n_redrawn = drawn_until(
            lambda: _rows(rng, len(responses), clusters),
            lambda rows: cells is None or keeps_cells(cells, rows),
        )
        sample = responses.iloc[rows].reset_index(drop=True)
        with warnings.catch_warnings():
            # the fit to all persons has said what there is to say
            warnings.simplefilter("ignore", PsychometricsWarning)
            return _estimates(model, sample, options), n_redrawn
    except PsychometricsError:
        return None


def _rows(rng: np.random.Generator, n: int, clusters: np.ndarray | None) -> np.ndarray:
    if clusters is None:
        return rng.integers(n, size=n)
    n_clusters = clusters.max() + 1
    drawn = rng.integers(n_clusters, size=n_clusters)
    return np.concatenate([np.flatnonzero(clusters == c) for c in drawn])


def _turned(part: pd.DataFrame, whole: pd.DataFrame) -> dict[str, np.ndarray]:
    """`part` with each factor's sign as in `whole`; thresholds are left alone."""
    loads = (whole["op"] == "=~").to_numpy()
    same = np.sign(part["std"].to_numpy() * whole["std"].to_numpy())
    votes = {}
    for i in np.flatnonzero(loads):
        key = (whole["lhs"].iat[i], whole["group"].iat[i])
        votes[key] = votes.get(key, 0.0) + same[i]
    sign = {key: -1.0 for key, total in votes.items() if total < 0}
    rows = zip(whole["op"], whole["lhs"], whole["rhs"], whole["group"])
    turn = np.array(
        [
            sign.get((lhs, g), 1.0) * sign.get((rhs, g), 1.0) if op in _SIGNED else 1.0
            for op, lhs, rhs, g in rows
        ]
    )
    return {name: part[name].to_numpy() * turn for name in ("est", "std")}
