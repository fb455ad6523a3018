"""Who answered, how much is missing, and whether that is enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...counted import counted
from ...figures import BLUE, SHADES
from ..document import Figure, Section, Table
from ..words import named_span

if TYPE_CHECKING:
    from ..study import Study


def sample(study: Study, earlier: Sequence[Section]) -> Section:
    """Counts of people and answers, by group, and what is missing."""
    missing = study.responses.isna()
    share = 100 * missing.to_numpy().mean()
    n_complete = len(study.complete)
    return Section(
        key="sample",
        title="Sample and missing answers",
        plain=(
            f"{counted(study.n_persons, 'person', 'people')} answered "
            f"{len(study.items)} items; {_missing(share)}, and "
            f"{counted(n_complete, 'person', 'people') if n_complete else 'nobody'} "
            "answered every item."
        ),
        tables=(_per_person(missing), *_groups(study), *_reasons(study)),
        figures=(*((_per_item(missing),) if share else ()), *_reason_figure(study)),
        notes=(
            *_nobody(study),
            "Nobody was left out for a missing answer: estimates use every pair.",
        ),
    )


def _missing(share: float) -> str:
    """What share of the answers is missing; never nought of what is there."""
    if not share:
        return "no answer is missing"
    figure = "less than 0.1 %" if share < 0.05 else f"{share:.1f} %"
    return f"{figure} of the answers are missing"


def _nobody(study: Study) -> tuple[str, ...]:
    if not study.n_empty:
        return ()
    rows = "1 row holds" if study.n_empty == 1 else f"{study.n_empty} rows hold"
    return (f"{rows} no answer to any of the items and counted as nobody.",)


def _per_person(missing: pd.DataFrame) -> Table:
    counts = missing.sum(axis=1).value_counts().sort_index()
    frame = pd.DataFrame({"people": counts, "share, %": 100 * counts / len(missing)})
    frame.index.name = "items unanswered"
    return Table(
        name="Missing by person",
        caption="How many items people left out.",
        frame=frame,
        digits=1,
    )


def _groups(study: Study) -> tuple[Table, ...]:
    if study.groups is None:
        return ()
    counts = study.groups.value_counts(dropna=False).sort_index()
    frame = pd.DataFrame({"people": counts, "share, %": 100 * counts / counts.sum()})
    frame.index.name = str(study.groups.name or "group")
    return (
        Table(
            name="Groups",
            caption="How many people each group has.",
            frame=frame,
            digits=1,
        ),
    )


def _reasons(study: Study) -> tuple[str, ...]:
    if study.missing_reasons is None:
        return ()
    frame = study.missing_reasons
    return (
        Table(
            name="Reasons",
            caption="Why an answer is not a category, as the people themselves said.",
            frame=frame,
            digits=0,
        ),
    )


def _per_item(missing: pd.DataFrame) -> Figure:
    shares = 100 * missing.mean()

    def draw(ax: Axes) -> None:
        ax.bar(range(len(shares)), shares, color=BLUE)
        ax.set_xticks(range(len(shares)), shares.index, rotation=90, fontsize=8)
        ax.set_ylabel("missing, %")

    return Figure(
        name="missing_by_item",
        caption="Missing answers by item.",
        alt=f"Bars, one an item, of what is missing: {named_span(shares, 1, ' %')}.",
        draw=draw,
        data=shares.to_frame("missing, %"),
    )


def _reason_figure(study: Study) -> tuple[str, ...]:
    """Shares of all answers that are a reason, stacked, a bar an item."""
    if study.missing_reasons is None:
        return ()
    shares = 100 * study.missing_reasons / study.n_persons
    total, by_reason = shares.sum(axis=1), shares.sum()
    if not total.any():
        return ()

    def draw(ax: Axes) -> None:
        at, left = np.arange(len(shares)), np.zeros(len(shares))
        for k, reason in enumerate(shares):
            shade, hatch = SHADES[k % len(SHADES)]
            ax.barh(
                at,
                shares[reason],
                left=left,
                color=shade,
                hatch=hatch,
                edgecolor="white",
                label=reason,
            )
            left = left + shares[reason].to_numpy()
        ax.set_yticks(at, shares.index, fontsize=8)
        ax.invert_yaxis()
        ax.set_xlabel("share of people, %")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), frameon=False, fontsize=8)

    return (
        Figure(
            name="reasons",
            caption="Why answers are not a category, by item.",
            alt=f"One bar an item: the most frequent reason is {by_reason.idxmax()}, "
            f"and {total.idxmax()} has the most reasons, from {total.max():.1f} % of "
            "people.",
            draw=draw,
            height=max(3.0, 0.24 * len(shares) + 1.6),
            data=shares,
        ),
    )
