"""Whom the sample stands for: its make-up beside the population's, and response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from ...annotations import Axes
from ...errors import InvalidResponses
from ...figures import BLUE, GREY
from ...scores.cell_suppression import MINIMUM_N
from ..criteria import OURS, Criteria, rate
from ..document import Figure, Section, Table, Verdict
from ..group_labels import as_labels
from ..words import beside, named_span

if TYPE_CHECKING:
    from ..study import Study

NEEDED = ("variable", "group", "count")


def representativeness(study: Study, earlier: Sequence[Section]) -> Section | None:
    """Shares of each group in the sample and in the population it should stand for."""
    if study.population is None:
        return None
    table, absent = _compared(_checked(study.population), study.background)
    if table.empty:
        return _nothing(absent)
    gaps = table["gap, points"].dropna()
    worst = gaps.abs().idxmax() if len(gaps) else None
    return Section(
        key="representativeness",
        title="Whom the sample stands for",
        plain=_reading(table, gaps, worst),
        verdicts=_verdicts(gaps, worst, study.criteria),
        tables=(
            Table(
                name="Sample and population",
                caption="Share of each group among those who answered and in the "
                "population, and how many of those invited answered. Groups of 1 to "
                f"{MINIMUM_N - 1} people are not shown.",
                frame=_shown(table),
                digits=1,
            ),
            *_tests(table),
        ),
        figures=(_figure(gaps, table),) if len(gaps) else (),
        notes=tuple(f"No column {name} in the answers." for name in absent),
    )


def _checked(population: pd.DataFrame) -> pd.DataFrame:
    for name in NEEDED:
        if name not in population:
            raise InvalidResponses(
                f"the population table has no column {name}; it needs "
                f"{', '.join(NEEDED)}, and may have invited"
            )
    table = population.assign(
        variable=as_labels(population["variable"]),
        group=as_labels(population["group"]),
        count=pd.to_numeric(population["count"], errors="coerce"),
    )
    if table.duplicated(["variable", "group"]).any():
        twice = table[table.duplicated(["variable", "group"])].iloc[0]
        raise InvalidResponses(
            f"the population table has {twice['variable']} {twice['group']} twice"
        )
    invited = table.get("invited", pd.Series(np.nan, table.index))
    return table.assign(invited=pd.to_numeric(invited, errors="coerce"))


def _compared(
    population: pd.DataFrame, background: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    parts, absent = [], []
    for variable, rows in population.groupby("variable", sort=False):
        if background is None or variable not in background:
            absent.append(variable)
            continue
        parts.append(_one(variable, rows.set_index("group"), background[variable]))
    return (pd.concat(parts) if parts else pd.DataFrame()), absent


def _one(variable: str, rows: pd.DataFrame, column: pd.Series) -> pd.DataFrame:
    labels = as_labels(column)
    counts = labels.value_counts()
    groups = [*rows.index, *sorted(set(counts.index) - set(rows.index))]
    people = counts.reindex(groups, fill_value=0).astype(int)
    expected = rows["count"].reindex(groups).astype(float)
    invited = rows["invited"].reindex(groups).astype(float)
    share = 100 * people / max(people.sum(), 1)
    of_all = 100 * expected / expected.sum() if expected.notna().any() else expected
    table = pd.DataFrame(
        {
            "variable": variable,
            "group": groups,
            "people": people.to_numpy(),
            "sample, %": share.to_numpy(),
            "population, %": of_all.to_numpy(),
            "gap, points": (share - of_all).to_numpy(),
            "invited": invited.to_numpy(),
            "response, %": (100 * people / invited).to_numpy(),
        }
    )
    table.index = pd.Index([f"{variable}: {g}" for g in groups], name="group")
    return table


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Hide what is known of groups so small that they could name a person."""
    shown = table.drop(columns=["variable", "group"]).astype(
        {"people": "Int64", "invited": "Int64"}
    )
    small = _hidden(table)
    columns = ["people", "sample, %", "gap, points", "response, %"]
    shown.loc[small, columns] = pd.NA
    return shown


def _hidden(table: pd.DataFrame) -> pd.Series:
    """Groups of 1 to 9, and where one alone is hidden the next smallest with it."""
    small = table["people"].between(1, MINIMUM_N - 1)
    for _, rows in table.groupby("variable"):
        if small[rows.index].sum() == 1:
            left = rows["people"][~small[rows.index] & (rows["people"] > 0)]
            if len(left):
                small[left.idxmin()] = True
    return small


def _tests(table: pd.DataFrame) -> tuple[Table, ...]:
    rows = {}
    for variable, part in table.groupby("variable", sort=False):
        known = part[part["population, %"] > 0]
        if len(known) < 2 or not known["people"].sum():
            continue
        share = known["population, %"] / known["population, %"].sum()
        expected = share * known["people"].sum()
        chi2 = float(((known["people"] - expected) ** 2 / expected).sum())
        rows[variable] = {
            "chi2": chi2,
            "df": len(known) - 1,
            "p": float(chdtrc(len(known) - 1, chi2)),
            "people": int(known["people"].sum()),
        }
    if not rows:
        return ()
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("variable")
    return (
        Table(
            name="Tests of the make-up",
            caption="Chi-square of the sample's counts against the population's "
            "shares.",
            frame=frame,
        ),
    )


def _verdicts(gaps: pd.Series, worst: str, bounds: Criteria) -> tuple[Verdict, ...]:
    if worst is None:
        return ()
    # shares of whole people: 35 % less 25 % are 10 points, whatever rounding leaves
    gap, sign = round(abs(gaps[worst]), 9), "-" if gaps[worst] < 0 else "+"
    return (
        rate(
            OURS,
            f"no group more than {bounds.population_gap:g} points from its share of "
            "the population",
            f"{worst} is {sign}{beside(gap, bounds.population_gap, 1)} points off",
            gap <= bounds.population_gap,
        ),
    )


def _reading(table: pd.DataFrame, gaps: pd.Series, worst: str) -> str:
    text = "The sample has the population's make-up as far as the table tells. "
    if worst is not None:
        word = "more" if gaps[worst] > 0 else "less"
        text = (
            f"Furthest from the population is {worst}: {abs(gaps[worst]):.0f} points "
            f"{word} of the sample than of the population. "
        )
    rates = table["response, %"].dropna()
    if len(rates):
        text += f"Response: {named_span(rates, 0, ' %')}."
    return text.strip()


def _nothing(absent: Sequence[str]) -> Section:
    return Section(
        key="representativeness",
        title="Whom the sample stands for",
        plain=f"The answers have no column {', '.join(absent)} to compare with the "
        "population.",
        verdicts=(
            rate(
                OURS, "the sample can be set beside the population", "no column", None
            ),
        ),
    )


def _figure(gaps: pd.Series, table: pd.DataFrame) -> Figure:
    shown = gaps[~_hidden(table)[gaps.index]]
    worst = gaps.abs().idxmax()

    def draw(ax: Axes) -> None:
        at = np.arange(len(shown))[::-1]
        ax.hlines(at, 0, shown, color=GREY, linewidth=2)
        ax.plot(shown, at, "o", color=BLUE)
        ax.axvline(0, color="black", linewidth=1)
        ax.set_yticks(at, shown.index, fontsize=8)
        ax.set_xlabel("share of the sample minus share of the population, points")

    return Figure(
        name="make_up",
        caption="How far each group's share of the sample is from its share of the "
        "population.",
        alt=f"One line a group from nought: {int((shown.abs() <= 5).sum())} of "
        f"{len(shown)} lie within 5 points, and {worst} is furthest off at "
        f"{gaps[worst]:+.1f}.",
        draw=draw,
        height=max(2.5, 0.26 * len(shown) + 1.2),
        data=shown.to_frame("gap, points"),
    )
