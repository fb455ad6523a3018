"""Whether items scale without a parametric model: H, monotone curves, order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...errors import InvalidResponses
from ...figures import BLUE, ORANGE, spread
from ...mokken import invariant_ordering, monotonicity, scalability
from ..criteria import COSMIN, OURS, rate
from ..document import Figure, Section, Table, Verdict
from ..words import beside, named_span

if TYPE_CHECKING:
    from ...mokken.scalability import Scalability
    from ..study import Study

DOUBTFUL = 80  # MSP5's criterion above which curves are not taken for monotone


def scaling(study: Study, earlier: Sequence[Section]) -> Section:
    """Mokken's coefficients and checks for each scale of three items or more."""
    scales = [scale for scale in study.scales if len(study.scales[scale]) >= 3]
    if not scales:
        return None
    found = {scale: scalability(study.scale_frame(scale)) for scale in scales}
    items = pd.concat({scale: _items(study, scale, found[scale]) for scale in scales})
    items = items.reset_index(level=0, names="scale").rename_axis("item")
    whole = pd.DataFrame([_whole(study, scale, found[scale]) for scale in scales])
    whole = whole.set_index("scale")
    return Section(
        key="scaling",
        title="Scaling without a parametric model",
        plain=_reading(items, whole, study.criteria.h),
        verdicts=tuple(_verdicts(items, whole, study.criteria.h)),
        tables=(
            Table(
                name="Mokken scales",
                caption="H of each scale with its 95 % interval (Kuijpers, Van der Ark "
                "& Croon, 2013), and H^T of its item order (Ligtvoet et al., 2010), a "
                "dash where too few people answered every item.",
                frame=whole.rename(columns={"h": "H", "ht": "H^T"}),
            ),
            Table(
                name="Mokken items",
                caption="H of each item with its interval, its lowest pair, and the "
                "criterion of the monotonicity check (above 80: doubtful).",
                frame=items,
            ),
        ),
        figures=(_figure(items, study.criteria.h),),
        measures="Structural validity",
    )


def _items(study: Study, scale: str, found: Scalability) -> pd.DataFrame:
    table = found.to_frame()[["h_item", "lower", "upper", "lowest_pair"]]
    try:
        checked = monotonicity(study.scale_frame(scale)).table
    except InvalidResponses:  # too few persons answered everything
        return table.assign(monotonicity=np.nan)
    return table.assign(monotonicity=checked["criterion"].reindex(table.index))


def _whole(study: Study, scale: str, found: Scalability) -> dict[str, float | str]:
    lower, upper = found.interval()
    row = {"scale": scale, "h": found.h, "lower": lower, "upper": upper}
    try:
        order = invariant_ordering(study.scale_frame(scale))
    except InvalidResponses:
        return row | {"ht": np.nan, "out_of_order": ""}
    return row | {"ht": order.ht, "out_of_order": ", ".join(map(str, order.removed))}


def _verdicts(
    items: pd.DataFrame, whole: pd.DataFrame, bound: float
) -> Iterator[Verdict]:
    for scale, row in whole.iterrows():
        own = items[items["scale"] == scale]
        worst, passed = own["monotonicity"].max(), row["h"] > bound
        shown = f"worst criterion {beside(worst, DOUBTFUL, 0)}"
        if np.isnan(worst):
            shown = "too few people answered everything to see whether curves rise"
        elif not passed:
            passed = worst <= DOUBTFUL
        yield rate(
            COSMIN,
            f"{scale}: monotone item curves, or H above {bound:.2f}",
            f"H {beside(row['h'], bound)}, {shown}",
            None if np.isnan(worst) and not passed else passed,
        )
        yield rate(
            OURS,
            f"{scale}: every item at H of {bound:.2f} or more",
            f"lowest {beside(own['h_item'].min(), bound)} ({own['h_item'].idxmin()})",
            own["h_item"].min() >= bound,
        )


def _reading(items: pd.DataFrame, whole: pd.DataFrame, bound: float) -> str:
    weak = items.index[items["h_item"] < bound].tolist()
    strong = whole.index[whole["h"] >= 0.5].tolist()
    text = f"H: {named_span(whole['h'])}."
    if strong:
        text += f" Strong scales (.50 or more): {', '.join(map(str, strong))}."
    if weak:
        names = ", ".join(map(str, weak))
        text += f" Items below {bound:.2f} do not scale with their set: {names}."
    return text


def _figure(items: pd.DataFrame, bound: float) -> Figure:
    height = max(3.0, 0.22 * len(items) + 1.2)
    below = items["h_item"] < bound

    def draw(ax: Axes) -> None:
        at = np.arange(len(items))[::-1]
        for chosen, colour, mark in ((~below, BLUE, "o"), (below, ORANGE, "X")):
            own, rows = items[chosen], at[chosen.to_numpy()]
            reach = spread(own["h_item"], own["lower"], own["upper"])
            ax.errorbar(own["h_item"], rows, xerr=reach, fmt=mark, color=colour)
        ax.axvline(bound, color="black", linestyle="--", linewidth=1)
        ax.set_yticks(at, [str(item) for item in items.index])
        ax.set_xlabel("H of the item")

    return Figure(
        name="scalability",
        caption="Scalability of each item with its 95 % interval; the line is at "
        f"{bound:.2f}, crosses lie below it.",
        alt=f"{int((~below).sum())} of {len(items)} items lie at {bound:.2f} or above; "
        "the lowest "
        f"is {items['h_item'].idxmin()} at {items['h_item'].min():.2f}, the highest "
        f"{items['h_item'].idxmax()} at {items['h_item'].max():.2f}.",
        draw=draw,
        height=height,
        data=items[["h_item", "lower", "upper"]],
    )
