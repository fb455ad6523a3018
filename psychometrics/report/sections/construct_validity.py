"""Construct validity: what was expected beforehand, beside what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...annotations import Axes
from ...figures import BLUE, GREY, ORANGE, spread
from ..adequacy import Adequacy, persons
from ..criteria import COSMIN, OURS, rate
from ..document import Figure, Section, Table, Verdict

if TYPE_CHECKING:
    import pandas as pd

    from ..study import Study


def hypotheses(study: Study, earlier: Sequence[Section]) -> Section | None:
    """Each hypothesis of the plan about one occasion, confirmed or not."""
    table = study.tested[0]
    if table.empty:
        return None
    return Section(
        key="hypotheses",
        title="Hypotheses about the construct",
        plain=reading(table),
        verdicts=judged(table, study.criteria.hypotheses, len(table)),
        tables=(Table(name="Hypotheses", caption=CAPTION, frame=shown(table)),),
        figures=(forest(table, "hypotheses"),) if table["found"].notna().any() else (),
        measures="Hypotheses testing",
        adequacy=smallest_sample(table),
    )


CAPTION = (
    "What was expected and found, with its 95 % interval: a Pearson correlation "
    "(Fisher's z), or Hedges' g of the first group over the last."
)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table for readers."""
    kept = ["statement", "n", "found", "low", "high", "confirmed", "problem"]
    frame = table[kept].rename(columns={"statement": "expected"})
    words = {True: "yes", False: "no"}
    confirmed = [words.get(value, "not tested") for value in frame["confirmed"]]
    frame = frame.assign(confirmed=confirmed).astype({"n": "Int64"})
    frame = frame.astype({"found": float, "low": float, "high": float})
    return frame if (table["problem"] != "").any() else frame.drop(columns="problem")


def judged(table: pd.DataFrame, share: float, n_planned: int) -> tuple[Verdict, ...]:
    """COSMIN's rule on those tested; ours counts untested ones as not confirmed."""
    known = table[table["confirmed"].notna()]
    confirmed = int(known["confirmed"].astype(bool).sum())
    found = f"{confirmed} of {len(known)} tested"
    yes = confirmed / len(known) >= share if len(known) else None
    verdicts = [rate(COSMIN, f"at least {share:.0%} confirmed", found, yes)]
    verdicts.append(
        rate(
            OURS,
            f"at least {share:.0%} of all planned confirmed beyond chance",
            f"{_certain(known)} of {n_planned} planned have the whole interval in "
            "the expected direction and are confirmed",
            _certain(known) / n_planned >= share if len(known) else None,
            "An interval that reaches across nought, or a hypothesis that could not "
            "be tested, confirms nothing.",
        )
    )
    return tuple(verdicts)


def _certain(known: pd.DataFrame) -> int:
    """Confirmed, and the interval does not cross nought where a size was asked for."""
    rows = known[known["confirmed"].astype(bool)]
    both = (rows["expected low"] < 0) & (rows["expected high"] > 0)
    one_side = np.sign(rows["low"].astype(float)) == np.sign(rows["high"].astype(float))
    within = (rows["low"] >= rows["expected low"]) & (
        rows["high"] <= rows["expected high"]
    )
    return int((one_side & ~both).sum() + (both & within).sum())


def reading(table: pd.DataFrame) -> str:
    """How many were confirmed, and which were not, in words."""
    known = table[table["confirmed"].notna()]
    wrong = known.index[~known["confirmed"].astype(bool)].tolist()
    text = f"{len(known) - len(wrong)} of {len(known)} hypotheses were confirmed."
    if not len(known):
        text = "No hypothesis could be tested on these data."
    if wrong:
        text += f" Not confirmed: {', '.join(map(str, wrong))}."
    left = table.index[table["confirmed"].isna()].tolist()
    if left:
        text += f" Could not be tested: {', '.join(map(str, left))}."
    return text


def smallest_sample(table: pd.DataFrame) -> Adequacy:
    """The sample of the smallest test."""
    sizes = table["n"].dropna()
    return persons(int(sizes.min())) if len(sizes) else None


def forest(table: pd.DataFrame, name: str) -> Figure:
    """Draw each figure found with its interval over the range that was expected."""
    rows = table[table["found"].notna()]
    low = rows["expected low"].astype(float)
    top = max(1.0, float(rows["high"].max()))
    high = rows["expected high"].astype(float).fillna(top)
    yes = rows["confirmed"].astype(bool).to_numpy()

    def draw(ax: Axes) -> None:
        at = np.arange(len(rows))[::-1]
        ax.barh(at, high - low, left=low, color=GREY, alpha=0.25, label="expected")
        marks = ((yes, "o", BLUE, "confirmed"), (~yes, "X", ORANGE, "not confirmed"))
        for chosen, mark, colour, label in marks:
            own = rows[chosen]
            ax.errorbar(
                own["found"].astype(float),
                at[chosen],
                xerr=spread(own["found"], own["low"], own["high"]),
                fmt=mark,
                color=colour,
                capsize=3,
                label=label if chosen.any() else None,
            )
        ax.axvline(0, color="black", linewidth=1)
        ax.set_yticks(at, rows.index, fontsize=8)
        ax.set_xlabel("correlation or Hedges' g, with 95 % interval")
        ax.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)

    furthest = (rows["found"].astype(float) - (low + high) / 2).abs().idxmax()
    return Figure(
        name=name,
        caption="What was found over the range that was expected.",
        alt=f"{int(yes.sum())} of {len(rows)} points lie in the range expected of "
        f"them; {furthest} is furthest from the middle of its own, at "
        f"{rows.loc[furthest, 'found']:.2f}.",
        draw=draw,
        height=max(2.5, 0.36 * len(rows) + 1.6),
        data=rows[["expected low", "expected high", "found", "low", "high"]].astype(
            float
        ),
    )
