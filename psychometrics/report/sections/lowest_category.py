"""Whether "it did not happen" lies below the lowest category, as it is scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ...errors import PsychometricsError
from ...irt.calibration import nominal_response
from ..document import Section, Table

if TYPE_CHECKING:
    from ..study import Study

# People who gave the reason, and who chose the lowest category: fewer say nothing.
LEAST = 20
NORMAL_95 = 1.959964


def lowest_category(study: Study, earlier: Sequence[Section]) -> Section | None:
    """Order of a reason that counts as lowest and the categories (Bock, 1972)."""
    if study.as_lowest is None:
        return None
    tables, problems = {}, []
    for scale, items in study.scales.items():
        apart = [item for item in items if _is_told_apart(study, item)]
        if not apart or len(items) < 3:
            continue
        try:
            tables[scale] = _ordered(study, list(items), apart)
        except PsychometricsError as problem:
            problems.append(f"{scale}: {problem}")
    if not tables and not problems:
        return None
    return Section(
        key="lowest_category",
        title="Where “it did not happen” stands",
        plain=_reading(tables),
        tables=_table(tables),
        notes=(
            "Scores count such a reason as the lowest category. Where its place is "
            "not below, a person who says that it did not happen is no less involved "
            "than one who chose that category.",
            *problems,
        ),
    )


def _is_told_apart(study: Study, item: str) -> bool:
    if item in study.reversed_items or item not in study.as_lowest:
        return False
    reason = _gave_it(study, item)
    lowest = _chosen(study, [item])[item].eq(study.categories[0]) & ~reason
    return bool(min(reason.sum(), lowest.sum()) >= LEAST)


def _gave_it(study: Study, item: str) -> pd.Series:
    return study.as_lowest[item].reindex(study.responses.index).eq(True)


def _chosen(study: Study, items: list[str]) -> pd.DataFrame:
    """The answers without those that a filter question gave and no person did."""
    if study.assumed is None:
        return study.responses[items].copy()
    ruled = study.assumed[items].reindex(study.responses.index).eq(True)
    return study.responses[items].mask(ruled)


def _ordered(study: Study, items: list[str], apart: Sequence[str]) -> pd.DataFrame:
    """Slopes of the nominal model with the reason as a category of its own.

    The reason is the first category, whose slope is nought, so the slope of the
    category after it says how far below that it lies.
    """
    frame = _chosen(study, items)
    for item in apart:
        frame.loc[~_gave_it(study, item), item] += 1
    fit = nominal_response(frame)
    slopes, errors = fit.parameters.slopes, fit.standard_errors
    rows = {}
    for item in apart:
        step = slopes.columns[0]
        found, error = slopes.at[item, step], errors.at[item, step]
        order = slopes.loc[item].dropna().sort_values().index
        low = study.categories[0]
        names = {column: str(low + n) for n, column in enumerate(slopes.columns)}
        ranked = [name for name in order if slopes.at[item, name] < 0]
        above = [name for name in order if slopes.at[item, name] >= 0]
        rows[item] = {
            "n reason": int(_gave_it(study, item).sum()),
            "slope of the lowest": found,
            "lower": found - NORMAL_95 * error,
            "upper": found + NORMAL_95 * error,
            "order": " < ".join(
                [*(names[n] for n in ranked), "reason", *(names[n] for n in above)]
            ),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")


def _table(tables: dict[str, pd.DataFrame]) -> tuple[Table, ...]:
    if not tables:
        return ()
    frame = pd.concat(tables, names=["scale"]).reset_index(level=0)
    return (
        Table(
            name="Place of the reason among the categories",
            caption="Nominal model of each scale (Bock, 1972), the reason as a "
            "category of "
            "its own with slope nought: above nought, the lowest category lies above "
            "the reason, in the order in which they are scored. 95 % intervals; "
            f"items where {LEAST} people at least gave each of the two.",
            frame=frame,
        ),
    )


def _reading(tables: dict[str, pd.DataFrame]) -> str:
    if not tables:
        return "The nominal model could not be fitted to these answers."
    every = pd.concat(tables)
    below = int((every["lower"] > 0).sum())
    above = int((every["upper"] < 0).sum())
    return (
        f"In {below} of {len(every)} items “it did not happen” lies surely below the "
        f"lowest category, in {above} surely above it, and in "
        f"{len(every) - below - above} neither is sure."
    )
