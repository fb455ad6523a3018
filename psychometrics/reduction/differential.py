"""Whether items of each domain work alike in every group of every grouping."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..annotations import Label, Scales
from ..differential_item_functioning import dif
from ..differential_item_functioning.cells import join_categories
from ..differential_item_functioning.groups import as_groups
from ..errors import InvalidResponses
from ..responses import Responses
from .assessment import Assessment, assess, joined, not_assessed

ALPHA = 0.01
FEWEST = 100  # persons of a group that is compared
MIN_CELL = 5


def largest_effects(
    responses: pd.DataFrame, domains: Scales, groups: pd.DataFrame
) -> Assessment:
    """McFadden's delta R2 of each item, the largest over groupings; 0 where p >= .01.

    A grouping that cannot be compared, or an item that a grouping does not allow,
    costs nothing but itself: `partial` says of an item which groupings are not in
    its value, and an item without any is absent.
    """
    items = list(responses.columns)
    by_grouping = {
        name: _by_grouping(responses, domains, groups[name]) for name in groups
    }
    values = pd.DataFrame({n: a.values.reindex(items) for n, a in by_grouping.items()})
    absent: dict[Label, str] = {}
    partial: dict[Label, str] = {}
    for item in items:
        why = {n: a.absent[item] for n, a in by_grouping.items() if item in a.absent}
        said = "; ".join(f"by {name}: {reason}" for name, reason in why.items())
        if len(why) == len(by_grouping):
            absent[item] = said
        elif why:
            partial[item] = f"not {said}"
        few = {n: a.partial[item] for n, a in by_grouping.items() if item in a.partial}
        if few and item not in absent:
            left = "; ".join(f"by {name} {reason}" for name, reason in few.items())
            partial[item] = "; ".join(filter(None, [partial.get(item), left]))
    return Assessment(values.max(axis=1), absent, partial)


def _as_given(answers: pd.DataFrame) -> Responses:
    return Responses(answers.to_numpy(float), answers.columns, answers.index)


def _by_grouping(
    responses: pd.DataFrame, domains: Scales, group: pd.Series
) -> Assessment:
    known = group.notna()
    answers, group = responses[known], group[known]
    sizes = group.value_counts()
    few = sizes.index[sizes < FEWEST]
    if len(sizes) - len(few) < 2:
        few = few[:0]  # then all are named as too small
    kept = ~group.isin(few)
    answers, group = answers[kept], group[kept]
    try:
        codes = as_groups(group, _as_given(answers)).codes
    except InvalidResponses as problem:
        return not_assessed(list(responses.columns), str(problem))
    parts = [
        _in_domain(answers[items], group, codes) for items in domains.values() if items
    ]
    found = joined(parts, list(responses.columns))
    if len(few):
        listed = ", ".join(f"{level} ({sizes[level]})" for level in few)
        said = f"without {listed}, of fewer than {FEWEST} persons"
        found = replace(found, partial=dict.fromkeys(responses.columns, said))
    return found


def _in_domain(
    answers: pd.DataFrame, group: pd.Series, codes: np.ndarray
) -> Assessment:
    """The items of one domain; those that a group hardly answers stand aside."""
    aside: dict[Label, str] = {}
    for item in answers:
        column = answers[item].to_numpy()
        given = ~np.isnan(column)
        try:
            _in_each_group(codes, given, item)
            join_categories(column[given], codes[given], MIN_CELL, item)
        except InvalidResponses as problem:
            aside[item] = str(problem)
    found = assess(
        lambda left: _effects(left, group), answers.drop(columns=list(aside))
    )
    return joined([found, Assessment(pd.Series(dtype=float), aside)], list(answers))


def _in_each_group(codes: np.ndarray, given: np.ndarray, item: Label) -> None:
    if len(np.unique(codes[given])) < codes.max() + 1:
        raise InvalidResponses(f"a group has no answers to item {item}")


def _effects(answers: pd.DataFrame, group: pd.Series) -> pd.Series:
    frame = dif(answers, group, min_cell=MIN_CELL).to_frame()
    return frame["mcfadden_total"].where(frame["p_total"] < ALPHA, 0.0)
