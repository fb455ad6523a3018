"""IRT likelihood ratio: graded models with an item's parameters equal and not.

Every model differs from the round's base by one item, so that its maximum lies near:
the search begins where the base's own gradient and information say it should be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..errors import NotIdentified
from ..irt.calibration import nodes_for
from ..irt.estimation import estimate, refuse_runaway, refuse_too_few_cells
from ..irt.latent_distribution import Normal, grid
from ..irt.models import expected_scores
from ..irt.parameter_map import Design, spread
from ..irt.patterns import Patterns, find_patterns
from ..irt.starting_values import starting_block
from ..optimise import quasi_newton
from ..responses import Responses
from .cells import join_categories
from .group_likelihood import GroupAnswers, GroupLikelihood, Local
from .screen import Screening, Task, flag

if TYPE_CHECKING:
    from ..irt.result import IrtResult

ENOUGH = 1e-4  # rise of a log-likelihood that is taken as predicted
LAST_NODE = 6.0
FINEST_GRID = 121
AREA = grid(61)  # where curves are compared
FOCAL = Normal(AREA, is_mean_free=True, is_sd_free=True)


@dataclass(frozen=True, eq=False)
class Fit:
    """A model at its maximum."""

    model: GroupLikelihood
    free: np.ndarray
    log_likelihood: float


@dataclass(eq=False)
class GroupModels:
    """The models of one analysis; none is fitted twice, whatever the round."""

    task: Task
    data: GroupAnswers
    start: np.ndarray  # items x parameters
    fits: dict[bytes, Fit] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, task: Task) -> GroupModels:
        patterns = _patterns(task)
        parts = tuple(
            patterns.select(patterns.group == g) for g in range(len(patterns.groups))
        )
        block = starting_block("graded", patterns)
        n_nodes = _n_nodes(block.start[block.is_slope])
        data = GroupAnswers(parts, grid(min(n_nodes, nodes_for(block.n_items))))
        full = block.matrix @ block.start + block.offset
        return cls(task, data, full.reshape(block.n_items, -1))

    def compare(self, clean: np.ndarray) -> Screening:
        """Test all items once, those of `clean` being the anchors of one another.

        Each item is tested against the same base model, in which anchors are equal over
        groups and all other items are not: an anchor by freeing it, another by
        constraining it. Of the model between, the slope alone is equal.
        """
        base = self._base(clean)
        near = base.model.local(base.free)
        rows, gaps = [], []
        for item in range(len(clean)):
            others = clean & (np.arange(len(clean)) != item)
            if not others.any():
                raise NotIdentified(
                    f"item {self.task.responses.items[item]} is the only anchor; "
                    "without another the groups' thetas have no common scale"
                )
            held = clean | (np.arange(len(clean)) == item)
            equal, free = self._fit(held, near), self._fit(others, near)
            loose = self._fit(others, near, loose_item=item)
            gaps.append(_differences(free, item))
            furthest = max(gaps[-1], key=lambda gap: gap["unsigned_difference"])
            rows.append(_test_row(equal, loose, free) | furthest)
        return self._screening(rows, gaps)

    def _base(self, clean: np.ndarray) -> Fit:
        """Fit the round's base; the first tells how many nodes all rounds need."""
        is_first = not self.fits
        base = self._fit(clean)
        tables = base.model.tables(base.free)
        n_nodes = max(_n_nodes(table[:, 0]) for table in tables)
        if is_first and n_nodes > len(self.data.nodes):
            self.data = replace(self.data, nodes=grid(n_nodes))
            self.fits.clear()
            base = self._fit(clean)
        return base

    def _screening(
        self, rows: list[dict[str, float]], gaps: list[list[dict[str, float]]]
    ) -> Screening:
        items, focal = self.task.responses.items, self.task.groups.levels[1:]
        signed, unsigned = (
            pd.DataFrame([[gap[name] for gap in row] for row in gaps], items, focal)
            for name in ("signed_difference", "unsigned_difference")
        )
        table = flag(pd.DataFrame(rows, index=items), self.task)
        return Screening(table, None, signed, unsigned)

    def _fit(
        self,
        is_equal: np.ndarray,
        near: Sequence[Local] | None = None,
        *,
        loose_item: int | None = None,
    ) -> Fit:
        columns = self.data.columns(is_equal, loose_item)
        key = columns.tobytes()
        if key not in self.fits:
            model = GroupLikelihood(self.data, columns)
            refuse_too_few_cells(model.n_free, self.data.n_groups, self.data.parts[0])
            self.fits[key] = self._cold(model) if near is None else _warm(model, near)
        return self.fits[key]

    def _cold(self, model: GroupLikelihood) -> Fit:
        """Search from the margins, as a calibration does."""
        start = np.zeros(model.n_free)
        there = model.columns[0] >= 0
        for columns in model.columns:
            start[columns[there]] = self.start[there]
        top = quasi_newton(model, start, model.complete, model.observed, enough=ENOUGH)
        return _finished(model, top.parameters, top.value)


def _n_nodes(slopes: np.ndarray) -> int:
    """Return as many nodes as the narrowest posterior needs, 1.3 within its sd.

    A graded item's information is at most about .3 of its squared slope. The error of
    equally spaced nodes falls as exp(-2 pi^2 sd^2 / spacing^2).
    """
    narrowest = 1 / np.sqrt(1 + 0.3 * (slopes**2).sum())
    return min(max(2 * int(np.ceil(1.3 * LAST_NODE / narrowest)) + 1, 31), FINEST_GRID)


def _warm(model: GroupLikelihood, near: Sequence[Local]) -> Fit:
    """Search from where a neighbour says that the maximum is."""
    start, information = model.predicted(near)
    if not np.isfinite(model(start)[0]):
        start = model.averaged(near)
    top = quasi_newton(
        model,
        start,
        lambda _: information,
        model.observed,
        warm_up=0,
        enough=ENOUGH,
    )
    return _finished(model, top.parameters, top.value)


def _finished(model: GroupLikelihood, free: np.ndarray, value: float) -> Fit:
    refuse_runaway(model, free, model.labels())
    return Fit(model, free, value)


def _patterns(task: Task) -> Patterns:
    kept, labels = joined_answers(task).responses, tuple(task.groups.levels)
    return find_patterns(kept, groups=(task.groups.codes, labels))


def shared_model(task: Task) -> list[IrtResult]:
    """Fit a graded model whose items are equal over groups; one result a group."""
    patterns = _patterns(task)
    nodes = grid(nodes_for(task.responses.n_items))
    n_groups = len(patterns.groups)
    is_equal = np.ones(task.responses.n_items, bool)
    blocks = spread(starting_block("graded", patterns), is_equal, n_groups)
    free = Normal(nodes, is_mean_free=True, is_sd_free=True)
    latents = (Normal(nodes), *[free] * (n_groups - 1))
    return estimate(Design("graded", nodes, blocks, latents), patterns, se=False)


def joined_answers(task: Task) -> Task:
    """Return the task with categories joined that a group hardly uses."""
    columns = []
    for item, column in zip(task.responses.items, task.responses.values.T):
        known = ~np.isnan(column)
        joined = np.full(len(column), np.nan)
        joined[known], _ = join_categories(
            column[known], task.groups.codes[known], task.min_cell, item
        )
        columns.append(joined)
    kept = Responses(
        np.column_stack(columns), task.responses.items, task.responses.persons
    )
    return replace(task, responses=kept)


def _test_row(equal: Fit, loose: Fit, free: Fit) -> dict[str, float]:
    row = {}
    pairs = {"uniform": (equal, loose), "nonuniform": (loose, free)}
    for name, (small, large) in (pairs | {"total": (equal, free)}).items():
        chi2 = 2 * (large.log_likelihood - small.log_likelihood)
        df = large.model.n_free - small.model.n_free
        row[f"chi2_{name}"], row[f"df_{name}"] = chi2, df
        row[f"p_{name}"] = float(chdtrc(df, max(chi2, 0.0)))
    return row


def _differences(fit: Fit, item: int) -> list[dict[str, float]]:
    """Return how far apart the expected-score curves of an item are, by focal group.

    Signed and unsigned areas between the curves of focal and reference group: plain
    over theta (Cohen, Kim & Baker, 1993), and weighted by the focal distribution of
    theta (Meade, 2010, SIDS and UIDS).
    """
    table = fit.model.tables(fit.free)[:, item]
    theta = AREA[:, 0]
    curves = expected_scores("graded", theta, table[:, :1], table[:, 1:])
    rows = []
    for g in range(1, len(table)):
        weights = FOCAL.log_weights(fit.free[fit.model.latent_slice(g)])
        share, gap = np.exp(np.asarray(weights)), curves[g] - curves[0]
        rows.append(
            {
                "signed_difference": share @ gap,
                "unsigned_difference": share @ np.abs(gap),
                "signed_area": np.trapezoid(gap, theta),
                "unsigned_area": np.trapezoid(np.abs(gap), theta),
            }
        )
    return rows
