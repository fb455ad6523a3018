"""IRT likelihood ratio: graded models with an item's parameters equal and not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ..errors import NotIdentified
from ..irt.calibration import nodes_for, starting_block
from ..irt.estimation import estimate
from ..irt.latent_distribution import Normal, grid
from ..irt.parameter_map import Block, Design, spread
from ..irt.patterns import Patterns, find_patterns
from ..responses import Responses
from .cells import join_categories
from .screen import Screening, Task, flag

if TYPE_CHECKING:
    from ..irt.result import IrtResult


@dataclass(frozen=True, eq=False)
class _Study:
    """The data and the starting values that all models of one analysis share."""

    patterns: Patterns
    block: Block
    nodes: np.ndarray
    n_groups: int

    def fit(
        self, is_equal: np.ndarray, loose_item: int | None = None
    ) -> list[IrtResult]:
        """Fit with the items of `is_equal` equal over groups.

        Of `loose_item` the slope is equal over groups too, and the intercepts
        are not. Theta is standard normal in the reference group, free in the others.
        """
        block = self.block
        if loose_item is not None:
            slope = (block.owners == loose_item) & block.is_slope
            block = replace(block, owners=np.where(slope, -1, block.owners))
        blocks = spread(block, np.asarray(is_equal), self.n_groups)
        free = Normal(self.nodes, is_mean_free=True, is_sd_free=True)
        latents = (Normal(self.nodes), *[free] * (self.n_groups - 1))
        plan = Design("graded", self.nodes, blocks, latents)
        return estimate(plan, self.patterns, se=False)


def compare_groups(task: Task, clean: np.ndarray) -> Screening:
    """Test all items once, those of `clean` being the anchors of one another.

    Each item is tested against the same base model, in which anchors are equal over
    groups and all other items are not: an anchor by freeing it, another by
    constraining it.
    """
    study = _study(task)
    base = study.fit(clean)
    rows, gaps = [], []
    for item in range(len(clean)):
        others = clean & (np.arange(len(clean)) != item)
        if not others.any():
            raise NotIdentified(
                f"item {task.responses.items[item]} is the only anchor; without "
                "another the groups' thetas have no common scale"
            )
        held = clean | (np.arange(len(clean)) == item)
        equal = base if clean[item] else study.fit(held)
        free = study.fit(others) if clean[item] else base
        loose = study.fit(others, loose_item=item)
        gaps.append(_differences(free, item))
        furthest = max(gaps[-1], key=lambda gap: gap["unsigned_difference"])
        rows.append(_test_row(equal, loose, free) | furthest)
    items, focal = task.responses.items, task.groups.levels[1:]
    signed, unsigned = (
        pd.DataFrame([[gap[name] for gap in row] for row in gaps], items, focal)
        for name in ("signed_difference", "unsigned_difference")
    )
    table = flag(pd.DataFrame(rows, index=items), task)
    return Screening(table, None, signed, unsigned)


def shared_model(task: Task) -> list[IrtResult]:
    """Fit a graded model whose items are equal over groups; one result a group."""
    return _study(task).fit(np.ones(task.responses.n_items, bool))


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


def _study(task: Task) -> _Study:
    kept, labels = joined_answers(task).responses, tuple(task.groups.levels)
    patterns = find_patterns(kept, groups=(task.groups.codes, labels))
    nodes = grid(nodes_for(kept.n_items))
    return _Study(patterns, starting_block("graded", patterns), nodes, len(labels))


def _test_row(
    equal: Sequence[IrtResult], loose: Sequence[IrtResult], free: Sequence[IrtResult]
) -> dict[str, float]:
    row = {}
    pairs = {"uniform": (equal, loose), "nonuniform": (loose, free)}
    for name, (small, large) in (pairs | {"total": (equal, free)}).items():
        chi2 = 2 * (large[0].log_likelihood - small[0].log_likelihood)
        df = large[0].n_parameters - small[0].n_parameters
        row[f"chi2_{name}"], row[f"df_{name}"] = chi2, df
        row[f"p_{name}"] = float(chdtrc(df, max(chi2, 0.0)))
    return row


def _differences(results: Sequence[IrtResult], item: int) -> list[dict[str, float]]:
    """Return how far apart the expected-score curves of an item are, by focal group.

    Signed and unsigned areas between the curves of focal and reference group: plain
    over theta (Cohen, Kim & Baker, 1993), and weighted by the focal distribution of
    theta (Meade, 2010, SIDS and UIDS).
    """
    rows = []
    for focal in results[1:]:
        theta, weights = focal.latent.nodes[:, 0], focal.latent.weights
        curves = [
            one.expected_scores(theta).iloc[:, item] for one in (focal, results[0])
        ]
        gap = (curves[0] - curves[1]).to_numpy()
        share = weights / weights.sum()
        rows.append(
            {
                "signed_difference": share @ gap,
                "unsigned_difference": share @ np.abs(gap),
                "signed_area": np.trapezoid(gap, theta),
                "unsigned_area": np.trapezoid(np.abs(gap), theta),
            }
        )
    return rows
