"""Whether single items favour one group: differential item functioning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...differential_item_functioning import dif_screen
from ...errors import PsychometricsError
from ...figures import BLUE, ORANGE
from ..adequacy import smallest_group
from ..criteria import COSMIN, OURS, rate
from ..document import Figure, Section, Table, Verdict
from ..words import beside
from .comparability import SMALLEST_GROUP, compared_groups

if TYPE_CHECKING:
    from ..study import Study

QUARTER = 0.25  # of an answer step


def differential(study: Study, earlier: Sequence[Section]) -> Section | None:
    """Ordinal logistic DIF of every item within its scale, over the groups."""
    if study.groups is None:
        return None
    name = str(study.groups.name or "group")
    tables, refused = {}, []
    for scale, items in study.scales.items():
        if len(items) < 3:
            continue
        try:
            found = dif_screen(
                study.scale_frame(scale),
                study.groups.to_frame(name),
                min_group=SMALLEST_GROUP,
            )
        except PsychometricsError as problem:
            refused.append(f"{scale}: {problem}")
            continue
        tables[scale] = found.table.droplevel("column")
        refused += [f"{scale}: {note}" for note in found._caveats()]
    if not tables:
        return _not_judged(name, refused)
    table = pd.concat(tables).reset_index(level=0, names="scale").rename_axis("item")
    return Section(
        key="differential",
        title=f"Single items over {name}",
        plain=_reading(table, name),
        verdicts=_verdicts(table, study.criteria.dif_r2),
        tables=(
            Table(
                name="Differential item functioning",
                caption="Ordinal logistic regression on the purified scale total "
                "(Zumbo, 1999): effect is McFadden's R2 change; signed and unsigned "
                "differences are expected answer steps at equal totals, "
                f"{_who_less_whom(study)}.",
                frame=table,
                digits=3,
            ),
            _on_the_score(table, study),
        ),
        figures=(_figure(table),),
        notes=tuple(refused),
        measures="Measurement invariance",
        adequacy=smallest_group(_smallest(study, tables)),
    )


def _who_less_whom(study: Study) -> str:
    """Between which groups differences are: `user minus carer`."""
    first, *others = compared_groups(study)
    if len(others) == 1:
        return f"{others[0]} minus {first}"
    return f"the group that differs most minus {first}"


def _on_the_score(table: pd.DataFrame, study: Study) -> Table:
    """What the items' differences come to in a scale's score, in points of 0 to 100."""
    low, high = study.categories
    steps = table.groupby("scale", sort=False)[
        ["signed_difference", "unsigned_difference"]
    ].mean()
    points = (100 / (high - low) * steps).set_axis(["signed", "unsigned"], axis=1)
    return Table(
        name="Effect on the score",
        caption="What these differences come to in each scale's score, in points of 0 "
        "to 100, "
        f"from the fitted proportional odds models: signed ({_who_less_whom(study)}; "
        "differences in opposite directions cancel) and unsigned (none cancels).",
        frame=points,
    )


def _smallest(study: Study, scales: Iterable[str]) -> int:
    """The fewest persons of a group that was compared, with an answer in the scale."""
    sizes = []
    for scale in scales:
        answered = study.scale_frame(scale).notna().any(axis=1)
        counts = study.groups[answered].value_counts()
        sizes.append(int(counts[counts >= SMALLEST_GROUP].min()))
    return min(sizes)


def _verdicts(table: pd.DataFrame, bound: float) -> tuple[Verdict, ...]:
    return (
        rate(
            COSMIN,
            f"McFadden R2 change below {bound:g} for every item",
            f"largest {beside(table['effect'].max(), bound, 4)} "
            f"({table['effect'].idxmax()})",
            table["effect"].max() < bound,
        ),
        rate(
            OURS,
            "at equal totals no item is a quarter of a step apart",
            f"largest {beside(table['unsigned_difference'].max(), QUARTER)} steps "
            f"({table['unsigned_difference'].idxmax()})",
            table["unsigned_difference"].max() < QUARTER,
            "Small R2 changes can hide a difference that adds up over items.",
        ),
    )


def _reading(table: pd.DataFrame, name: str) -> str:
    flagged = table.index[table["flagged"]].tolist()
    if flagged:
        return f"Work differently over {name}: {', '.join(map(str, flagged))}."
    certain = table.index[table["p_total"] < 0.01].tolist()
    text = f"No item works differently enough over {name} to matter by COSMIN's rule."
    if certain:
        text += (
            f" Differences beyond chance, but small: {', '.join(map(str, certain))}."
        )
    return text


def _not_judged(name: str, refused: Sequence[str]) -> Section:
    return Section(
        key="differential",
        title=f"Single items over {name}",
        plain=f"The items could not be compared over {name}.",
        verdicts=(rate(OURS, f"two groups of {SMALLEST_GROUP}", "no result", None),),
        notes=tuple(refused),
        measures="Measurement invariance",
    )


def _figure(table: pd.DataFrame) -> Figure:
    gap = table["signed_difference"]
    flagged = (table["unsigned_difference"] >= 0.25).to_numpy()

    def draw(ax: Axes) -> None:
        at = np.arange(len(gap))[::-1]
        ax.barh(at[~flagged], gap[~flagged], color=BLUE)
        ax.barh(at[flagged], gap[flagged], color=ORANGE, hatch="//", edgecolor="white")
        ax.axvline(0, color="black", linewidth=1)
        ax.set_yticks(at, [str(item) for item in gap.index])
        ax.set_xlabel("expected difference in answer steps")

    return Figure(
        name="differential",
        caption="Expected difference of each item's answer between groups at equal "
        "totals.",
        alt=f"One bar an item; the largest is {gap.abs().idxmax()} with "
        f"{gap[gap.abs().idxmax()]:+.2f} steps, and {int(flagged.sum())} of {len(gap)} "
        "reach a quarter of a step.",
        draw=draw,
        height=max(3.0, 0.22 * len(gap) + 1.2),
        data=gap.to_frame(),
    )
