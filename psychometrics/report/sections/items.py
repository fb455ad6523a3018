"""What each item does on its own: its distribution and its tie to the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ...figures import heatmap, stacked_bars
from ...items.descriptives import describe_items
from ..document import Figure, Section, Table
from ..words import span

if TYPE_CHECKING:
    from ..study import Study


def items(study: Study, earlier: Sequence[Section]) -> Section:
    """Distribution, floor, ceiling and item-rest correlation of every item."""
    table = _by_scale(study)
    low, high = study.categories
    flagged = table.index[(table["floor"] > 0.8) | (table["ceiling"] > 0.8)].tolist()
    return Section(
        key="items",
        title="Items one by one",
        plain=f"{_reading(table, flagged)}{_against(table)}",
        tables=(
            Table(
                name="Item statistics",
                caption=f"Items after reversal, codes {low} to {high}. Floor and "
                "ceiling are "
                "the shares at the lowest and the highest category; item_rest is the "
                "correlation with the sum of the other items of its scale, of pairs "
                "where few answered all.",
                frame=table,
            ),
        ),
        figures=(_distribution(study), _correlations(study)),
        notes=(
            "No item is removed for its distribution alone: items that few people "
            "endorse are the ones that tell low involvement apart.",
        ),
    )


def _by_scale(study: Study) -> pd.DataFrame:
    low, high = study.categories
    frames = [
        describe_items(study.scale_frame(scale), lowest=low, highest=high).to_frame()
        for scale in study.scales
    ]
    table = pd.concat(frames)
    return table[~table.index.duplicated()].rename_axis("item")


def _reading(table: pd.DataFrame, flagged: Sequence[object]) -> str:
    if flagged:
        return f"More than 80 % chose one end of {', '.join(map(str, flagged))}."
    used = table["sd"]
    return (
        "No item has more than 80 % of its answers at one end; standard deviations: "
        f"{span(used)}."
    )


def _against(table: pd.DataFrame) -> str:
    """Items that go against the others of their scale; nothing where none does."""
    rest = table["item_rest"]
    items = [f"{item} ({value:.2f})" for item, value in rest[rest < 0].items()]
    if not items:
        return ""
    go = "go" if len(items) > 1 else "goes"
    return (
        f" {', '.join(items)} {go} against the other items of the scale: all that "
        "follows takes such an item as it stands, so reverse what is worded the other "
        "way round, and read this report anew."
    )


def _distribution(study: Study) -> Figure:
    shares = study.responses.apply(
        lambda answers: 100 * answers.value_counts(normalize=True)
    ).T.fillna(0.0)
    shares.columns = [f"{code:g}" for code in shares.columns]
    first, last = shares.columns[0], shares.columns[-1]
    return Figure(
        name="distribution",
        caption="How the answers spread over the categories.",
        alt=f"One bar an item, light for {first} to dark for {last}. The lowest "
        f"category takes {span(shares[first], 0, ' %')}, the highest "
        f"{span(shares[last], 0, ' %')}.",
        draw=lambda ax: stacked_bars(ax, shares),
        height=max(3.5, 0.24 * len(shares) + 1.2),
        data=shares,
    )


def _correlations(study: Study) -> Figure:
    corr = study.polychoric.corr
    apart = corr.where(~(corr == 1.0)).stack()
    (one, other), strongest = apart.abs().idxmax(), apart.abs().max()
    return Figure(
        name="correlations",
        caption="Polychoric correlations between the items.",
        alt=f"A square of {len(corr)} by {len(corr)} items, a bar across the cell "
        f"where two go against each other; the strongest pair is {one} with {other}, "
        f"{strongest:.2f} in size.",
        draw=lambda ax: heatmap(ax, corr, label="polychoric correlation"),
        height=6.0,
        data=corr,
    )
