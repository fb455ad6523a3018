"""One round of screening: every item tested once, against the items held clean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..annotations import Label
from ..irt.calibration import graded_response
from ..responses import Responses
from .cells import count_cells
from .groups import Groups, matching_scores
from .mantel import mantel_columns
from .ordinal_logistic import (
    ItemModels,
    comparison_columns,
    fit_item,
    score_differences,
)
from .result import EFFECT


@dataclass(frozen=True, eq=False)
class Task:
    """What every step of one analysis needs."""

    responses: Responses
    groups: Groups
    method: str
    matching: str | np.ndarray
    criterion: str
    alpha: float
    min_effect: float
    min_cell: int
    cutoffs: pd.DataFrame | None = None


@dataclass(frozen=True, eq=False)
class Screening:
    """One round: the table of items, and what goes with it."""

    table: pd.DataFrame
    models: pd.DataFrame | None
    signed: pd.DataFrame | None  # items x focal groups
    unsigned: pd.DataFrame | None


def screen_items(task: Task, clean: np.ndarray) -> Screening:
    """Test all items once, the matching score made of the `clean` ones."""
    answers = task.responses.values
    rows, models, signed, unsigned = [], [], [], []
    score = _matching_of(task, clean)
    n_groups = len(task.groups.levels)
    for item, label in enumerate(task.responses.items):
        cells = count_cells(
            answers[:, item],
            score(item),
            task.groups.codes,
            item=label,
            min_cell=task.min_cell,
        )
        fitted = fit_item(cells, n_groups)
        difference = score_differences(fitted, cells, n_groups)
        if task.method == "mantel":
            row = mantel_columns(cells, n_groups)
        else:
            row = comparison_columns(fitted)
        largest = np.argmax(difference[1])
        row["signed_difference"] = difference[0][largest]
        row["unsigned_difference"] = difference[1][largest]
        rows.append(row)
        models.append(_model_row(fitted, task.groups.levels))
        signed.append(difference[0])
        unsigned.append(difference[1])
    items, focal = task.responses.items, task.groups.levels[1:]
    return Screening(
        flag(pd.DataFrame(rows, index=items), task),
        pd.DataFrame(models, index=items),
        pd.DataFrame(signed, index=items, columns=focal),
        pd.DataFrame(unsigned, index=items, columns=focal),
    )


def _matching_of(task: Task, clean: np.ndarray) -> Callable:
    """Return a function from an item's position to everybody's matching score."""
    answers, kind = task.responses.values, task.matching
    if not isinstance(kind, str):
        return lambda item: kind
    if kind == "eap":
        chosen = task.responses.to_frame().loc[:, clean]
        theta = graded_response(chosen, se=False).persons().theta.to_numpy()
        return lambda item: theta
    positions = np.flatnonzero(clean)
    if kind == "rest":
        return lambda item: matching_scores(answers, positions[positions != item])
    return lambda item: matching_scores(answers, np.union1d(positions, item))


def _model_row(fitted: ItemModels, levels: Sequence[Label]) -> dict[str, float]:
    row = {
        f"log_likelihood_{k}": value for k, value in enumerate(fitted.log_likelihoods)
    }
    for k in (1, 2, 3):
        row[f"slope_{k}"] = fitted.fits[k].slopes[0]
    n_focal = len(levels) - 1
    for g, level in enumerate(levels[1:]):
        row[f"group_{level}"] = fitted.fits[3].slopes[1 + g]
        row[f"interaction_{level}"] = fitted.fits[3].slopes[1 + n_focal + g]
    for k, threshold in enumerate(fitted.fits[1].thresholds, start=1):
        row[f"threshold_{k}"] = threshold
    return row


def flag(table: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Add significant, large, flagged and kind to a table of tests."""
    significant = table["p_total"] < task.alpha
    bound: float | pd.Series = task.min_effect
    if task.cutoffs is not None:
        bound = task.cutoffs[EFFECT[task.method]].reindex(table.index)
    large = table[EFFECT[task.method]].abs() >= bound
    rule = {"both": significant & large, "p": significant, "effect": large}
    flagged = rule[task.criterion]
    kind = pd.Series("uniform", index=table.index)
    if "p_nonuniform" in table:
        kind = kind.where(table["p_nonuniform"] >= task.alpha, "nonuniform")
    return table.assign(
        significant=significant,
        large=large,
        flagged=flagged,
        kind=kind.where(flagged, "none"),
    )
