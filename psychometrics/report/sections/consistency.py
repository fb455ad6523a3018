"""Whether the items of a scale agree with one another."""

import numpy as np
import pandas as pd

from ...errors import PsychometricsError
from ...reliability import cronbach_alpha
from .. import criteria
from ..document import Figure, Section, Table, is_sufficient
from ..figures import BLUE


def consistency(study, earlier):
    """Alpha with its interval for each scale, and what each item adds."""
    structure_ok = is_sufficient(earlier, "structure")
    found = {scale: cronbach_alpha(study.scale_frame(scale)) for scale in study.scales}
    rows = {scale: _row(study, scale, a) for scale, a in found.items()}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "scale"
    weakest = table["alpha"].idxmin()
    return Section(
        key="consistency",
        title="Internal consistency",
        plain=(
            f"Alpha runs from {table['alpha'].min():.2f} ({weakest}) to "
            f"{table['alpha'].max():.2f}. It says how far items agree, not that they "
            "measure one thing."
        ),
        verdicts=tuple(
            criteria.internal_consistency(scale, "alpha", a.alpha, structure_ok)
            for scale, a in found.items()
        ),
        tables=(
            Table(
                "Reliability",
                "Alpha with its 95 % interval, ordinal alpha (of the polychoric "
                "correlations), and the mean correlation between items.",
                table,
            ),
            _dropped(found),
        ),
        figures=(_intervals(table),),
    )


def _row(study, scale, alpha):
    low, high = alpha.ci
    try:
        ordinal = cronbach_alpha(study.scale_frame(scale), ordinal=True).alpha
    except PsychometricsError:
        ordinal = np.nan
    return {
        "items": len(study.scales[scale]),
        "alpha": alpha.alpha,
        "lower": low,
        "upper": high,
        "ordinal alpha": ordinal,
        "mean r": alpha.average_r,
    }


def _dropped(found):
    rows = pd.concat(
        {scale: a.if_dropped["alpha"] for scale, a in found.items()}, names=["scale"]
    )
    frame = rows.rename("alpha if dropped").reset_index()
    frame.columns = ["scale", "item", "alpha if dropped"]
    frame["alpha"] = [found[scale].alpha for scale in frame["scale"]]
    return Table(
        "If an item is dropped",
        "Alpha of the scale without the item, beside alpha of the whole scale.",
        frame.set_index("item"),
    )


def _intervals(table):
    def draw(ax):
        y = np.arange(len(table))
        spread = [table["alpha"] - table["lower"], table["upper"] - table["alpha"]]
        ax.errorbar(table["alpha"], y, xerr=spread, fmt="o", color=BLUE, capsize=3)
        ax.set_yticks(y, table.index)
        ax.axvline(0.7, color="black", linestyle="--", linewidth=1)
        ax.set_xlabel("alpha, with 95 % interval; the dashed line is .70")
        ax.set_xlim(min(0.4, table["lower"].min() - 0.02), 1.0)
        ax.invert_yaxis()

    below = table.index[table["alpha"] < 0.7].tolist()
    said = f"{', '.join(below)} fall below .70" if below else "all reach .70"
    return Figure(
        "alpha",
        "Alpha of each scale.",
        f"One point a scale with its interval, from {table['alpha'].min():.2f} to "
        f"{table['alpha'].max():.2f}; {said}.",
        draw,
        height=max(2.2, 0.4 * len(table) + 1.2),
    )
