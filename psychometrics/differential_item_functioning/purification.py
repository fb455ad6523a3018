"""Differential item functioning: screen each item, purify the matching score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ..annotations import Label, PerPerson
from ..errors import InvalidResponses
from ..options import check_option
from ..responses import Responses, check_groups_vary, check_responses
from .groups import Groups, as_groups
from .likelihood_ratio import GroupModels
from .result import EFFECT, DifResult
from .screen import Screening, Task, screen_items

if TYPE_CHECKING:
    from .cutoffs import DifCutoffs

MATCHING = ("total", "rest", "eap")
DEFAULT_EFFECT = {"ordinal_logistic": 0.02, "mantel": 0.17, "likelihood_ratio": 0.2}
CRITERIA = ("both", "p", "effect")


def dif(
    responses: pd.DataFrame,
    groups: PerPerson,
    *,
    method: str = "ordinal_logistic",
    matching: str | pd.Series = "total",
    anchors: Sequence[str] | None = None,
    purify: bool = True,
    criterion: str = "both",
    alpha: float = 0.01,
    min_effect: float | None = None,
    cutoffs: DifCutoffs | None = None,
    reference: Label | None = None,
    min_group: int = 100,
    min_cell: int = 5,
    max_rounds: int = 10,
) -> DifResult:
    """Test every item for differential functioning between groups.

    Persons of different groups who are alike on a matching score should answer an
    item alike. Flagged items are taken out of the matching score and everything is
    tested again until the flags stand still (purification).

    Parameters
    ----------
    responses : DataFrame, shape (n_persons, n_items)
        Whole-number codes, NaN where unanswered.
    groups : Series or array, shape (n_persons,)
        Any labels: perspective, mode, age band, sex, ethnicity, language. A Series is
        matched by index; persons without a label are left out.
    method : {"ordinal_logistic", "mantel", "likelihood_ratio"}
        Nested proportional odds models (Zumbo, 1999; Choi, Gibbons & Crane, 2011),
        Mantel's test (uniform DIF only), or graded response models with and without
        an item's parameters equal (Thissen, Steinberg & Wainer, 1993).
    matching : {"total", "rest", "eap"} or Series
        Sum of the unflagged items and the studied one, the same without it, EAP theta
        of a graded model for the unflagged items, or a given score, shape
        (n_persons,). Sums are standardised and prorated over gaps. "likelihood_ratio"
        needs none.
    anchors : sequence of item labels, optional
        Items declared free of DIF: the matching score is made of these (and the
        studied one) and nothing is purified.
    purify : bool
        Match again without the flagged items; False tests once, on all items.
    criterion : {"both", "p", "effect"}
        What flags an item: p below `alpha`, an effect of `min_effect`, or both.
    alpha : float in (0, 1)
        Level of each test.
    min_effect : float, optional
        McFadden's R2 change of 0.02, standardised mean difference of 0.17, or unsigned
        expected difference of 0.2 answer steps, by method.
    cutoffs : DifCutoffs, optional
        Bounds for each item from `dif_cutoffs`, in place of `min_effect`.
    reference : label, optional
        The reference group; without it the first in order.
    min_group, min_cell : int
        Persons a group must have, and answers a group must have in a category (else
        neighbouring categories are joined).
    max_rounds : int
        Rounds of purification at most.

    Returns
    -------
    DifResult
        `table` has one row an item: tests, effect size, whether it is flagged and how.

    Raises
    ------
    InvalidResponses
        A group below `min_group`, fewer than two groups, or an unknown option.

    Examples
    --------
    >>> import numpy as np
    >>> from psychometrics import simulate
    >>> loadings, _ = simulate.simple_structure(1, 4, loading=0.7)
    >>> made = simulate.responses(400, rng=1, loadings=loadings, thresholds=(-1, 0, 1))
    >>> groups = np.repeat(["ward", "home"], 200)
    >>> found = dif(made.responses, groups)
    >>> found.flagged
    []
    """
    _check_options(method, matching, criterion)
    checked = check_responses(responses)
    found = as_groups(groups, checked, reference=reference, min_group=min_group)
    kept = Responses(
        checked.values[found.kept], checked.items, checked.persons[found.kept]
    )
    check_groups_vary(kept.values, found.codes, found.levels, kept.items)
    task = Task(
        kept,
        found,
        method,
        _given_matching(matching, checked, found),
        criterion,
        alpha,
        DEFAULT_EFFECT[method] if min_effect is None else min_effect,
        min_cell,
        None if cutoffs is None else cutoffs.table,
    )
    clean = np.ones(kept.n_items, bool)
    if anchors is not None:
        clean = kept.items.isin(list(anchors))
        if not clean.any():
            raise InvalidResponses("none of the anchors is an item of the responses")
        purify = False
    n_rounds = max_rounds if purify else 1
    if method != "likelihood_ratio":
        return _purified(task, partial(screen_items, task), clean, n_rounds)
    with threadpool_limits(1):  # its matrices are too small to be shared out
        return _purified(task, GroupModels.of(task).compare, clean, n_rounds)


def _check_options(method: str, matching: pd.Series | str, criterion: str) -> None:
    check_option("method", method, EFFECT)
    if isinstance(matching, str):
        check_option("matching", matching, MATCHING)
    check_option("criterion", criterion, CRITERIA)


def _given_matching(
    matching: pd.Series | str, checked: Responses, found: Groups
) -> np.ndarray | str:
    if isinstance(matching, str):
        return matching
    given = checked.of_persons(matching, what="matching scores")
    return given.to_numpy(float)[found.kept]


def _purified(
    task: Task, screen: Callable, clean: np.ndarray, max_rounds: int
) -> DifResult:
    rounds, seen = [], []
    while True:
        result = screen(clean)
        flags = result.table["flagged"].to_numpy()
        rounds.append(result.table.index[flags].tolist())
        seen.append(clean)
        clean = _least_affected(result.table, task, flags)
        settled = max_rounds == 1 or (clean == seen[-1]).all()
        if settled or len(rounds) == max_rounds:
            return _finished(task, result, rounds, settled)


def _least_affected(table: pd.DataFrame, task: Task, flags: np.ndarray) -> np.ndarray:
    """Return which items to match on next: the unflagged, and never fewer than two.

    Where nearly all are flagged, a fifth of the items, those with the smallest
    effects, still has to hold the scale.
    """
    effect = table[EFFECT[task.method]].abs().fillna(np.inf)
    order = np.argsort(np.where(flags, 1e6, 0.0) + effect.to_numpy(), kind="stable")
    least = max(2, -(-len(flags) // 5), int((~flags).sum()))
    clean = np.zeros(len(flags), bool)
    clean[order[:least]] = True
    return clean


def _finished(
    task: Task, result: Screening, rounds: list[list[str]], settled: bool
) -> DifResult:
    effect = None
    if result.signed is not None and result.unsigned is not None:
        flagged = result.table["flagged"]
        effect = pd.DataFrame(
            {
                "signed_all": result.signed.sum(),
                "unsigned_all": result.unsigned.sum(),
                "signed_flagged": result.signed[flagged].sum(),
                "unsigned_flagged": result.unsigned[flagged].sum(),
            }
        )
    return DifResult(
        table=result.table,
        models=result.models,
        scale_effect=effect,
        method=task.method,
        matching=_matching_name(task),
        levels=task.groups.levels,
        sizes=task.groups.sizes,
        rounds=rounds,
        settled=bool(settled),
        alpha=task.alpha,
        min_effect=task.min_effect,
        cutoffs=task.cutoffs,
    )


def _matching_name(task: Task) -> str:
    if task.method == "likelihood_ratio":
        return "a graded model"
    return task.matching if isinstance(task.matching, str) else "a given score"
