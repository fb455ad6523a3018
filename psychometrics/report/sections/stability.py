"""The same people again, unchanged: reliability over time and measurement error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...figures import BLUE, GREY, spread
from ..adequacy import persons
from ..criteria import COSMIN, rate
from ..document import Figure, Section, Table, Verdict
from ..words import beside, named_span, span

if TYPE_CHECKING:
    from ...reliability.retest import RetestResult
    from ...scores.minimal_important_change import MICResult
    from ..study import Study

ASSUMED = (
    "Nobody was asked whether anything had changed: true change counts as error here, "
    "and the figures are at best lower bounds of reliability."
)


def reliability(study: Study, earlier: Sequence[Section]) -> Section | None:
    """ICC of agreement of each scale over two occasions."""
    if study.retest is None:
        return None
    found, problems = study.retests
    if not found:
        return _nothing("reliability", "Reliability over time", problems)
    table = pd.DataFrame({s: _reliability(r) for s, r in found.items()}).T
    table = table.rename_axis("scale").astype({"people": int, "left out": int})
    return Section(
        key="reliability",
        title="Reliability over time",
        plain=(
            f"ICC of the scores of {study.n_stable} people over two occasions: "
            f"{named_span(table['ICC'])}; 1 would be scores that never move."
        ),
        verdicts=tuple(_icc_verdict(s, r, study) for s, r in found.items()),
        tables=(
            Table(
                name="Retest",
                caption="ICC(2,1), absolute agreement, with its 95 % interval; people "
                "without "
                "both scores, or not stable by their own account, are left out.",
                frame=table,
            ),
        ),
        figures=(_icc_figure(table, study.criteria.icc),),
        notes=_notes(study, problems),
        measures="Reliability over time",
        adequacy=persons(int(table["people"].min()), "people retested"),
    )


def measurement_error(study: Study, earlier: Sequence[Section]) -> Section | None:
    """SEM, smallest detectable change and limits of agreement of each scale."""
    if study.retest is None:
        return None
    found, problems = study.retests
    if not found:
        return _nothing("measurement_error", "Measurement error", problems)
    important, _ = study.important
    table = pd.DataFrame({s: _error(r, important.get(s)) for s, r in found.items()}).T
    return Section(
        key="measurement_error",
        title="Measurement error",
        plain=(
            "By how many points one person's score must move before it is beyond "
            f"chance: {named_span(table['SDC'])}; the mean of {study.n_stable} people "
            "by much less."
        ),
        verdicts=tuple(error_verdict(s, table.loc[s]) for s in table.index),
        tables=(
            Table(
                name="Error",
                caption="Standard error of measurement (agreement), smallest "
                "detectable change "
                "of a person and of the mean of all retested, limits of agreement, and "
                "the minimal important change where an anchor told it.",
                frame=table.rename_axis("scale"),
            ),
        ),
        figures=tuple(_bland_altman(s, r) for s, r in found.items()),
        notes=_notes(study, problems),
        measures="Measurement error",
        adequacy=persons(min(r.n for r in found.values()), "people retested"),
    )


def _reliability(found: RetestResult) -> dict[str, float]:
    low, high = found.ci
    row = found.reliability.table.loc["ICC3", "icc"]
    return {
        "people": found.n,
        "left out": found.n_left_out,
        "ICC": found.icc,
        "lower": low,
        "upper": high,
        "ICC, consistency": float(row),
    }


def _error(found: RetestResult, important: MICResult | None) -> dict[str, float]:
    limits = found.limits.table["estimate"]
    return {
        "SEM": found.sem,
        "SDC": found.sdc,
        "SDC of the mean": found.sdc_group,
        "mean difference": limits["mean difference"],
        "lower limit": limits["lower limit"],
        "upper limit": limits["upper limit"],
        "MIC": np.nan if important is None else important.mic,
    }


def _icc_verdict(scale: str, found: RetestResult, study: Study) -> Verdict:
    low, high = found.ci
    bound = study.criteria.icc
    return rate(
        COSMIN,
        f"{scale}: ICC at least {bound:.2f}",
        f"{beside(found.icc, bound)} ({low:.2f} to {high:.2f}), {found.n} people",
        found.icc >= bound,
        "" if study.retest.stable is not None else ASSUMED,
    )


def error_verdict(scale: str, row: pd.Series) -> Verdict:
    """Whether error stays below the change that matters to people."""
    limit = max(abs(row["lower limit"]), abs(row["upper limit"]))
    known, least = np.isfinite(row["MIC"]), min(row["SDC"], limit)
    mic = f"MIC {beside(row['MIC'], least)}" if known else "MIC not known"
    return rate(
        COSMIN,
        f"{scale}: SDC or limits of agreement below the minimal important change",
        f"SDC {beside(row['SDC'], row['MIC'])}, limits to "
        f"{beside(limit, row['MIC'])}, {mic}",
        least < row["MIC"] if known else None,
        "" if known else "No anchor told what change matters.",
    )


def _notes(study: Study, problems: Mapping[str, str]) -> tuple[str, ...]:
    said = () if study.retest.stable is not None else (ASSUMED,)
    return (*said, *(f"{scale}: {why}" for scale, why in problems.items()))


def _nothing(key: str, title: str, problems: Mapping[str, str]) -> Section:
    why = "; ".join(f"{scale}: {said}" for scale, said in problems.items())
    return Section(
        key=key,
        title=title,
        plain="The second occasion could not be set beside the first.",
        verdicts=(rate(COSMIN, "both occasions have scores", "no result", None, why),),
        measures="Measurement error" if key == "measurement_error" else title,
    )


def _icc_figure(table: pd.DataFrame, bound: float) -> Figure:
    def draw(ax: Axes) -> None:
        at = np.arange(len(table))[::-1]
        reach = spread(table["ICC"], table["lower"], table["upper"])
        ax.errorbar(table["ICC"], at, xerr=reach, fmt="o", color=BLUE, capsize=3)
        ax.axvline(bound, color="black", linestyle="--", linewidth=1)
        ax.set_yticks(at, [str(name) for name in table.index])
        ax.set_xlim(min(0.4, table["lower"].min() - 0.02), 1.0)
        ax.set_xlabel(f"ICC, with 95 % interval; the dashed line is {bound:.2f}")

    met = int((table["ICC"] >= bound).sum())
    return Figure(
        name="icc",
        caption="Agreement of each scale over two occasions.",
        alt=f"One point a scale with its interval: {met} of {len(table)} reach "
        f"{bound:.2f}; ICC {span(table['ICC'])}.",
        draw=draw,
        height=max(2.2, 0.4 * len(table) + 1.2),
        data=table,
    )


def _bland_altman(scale: str, found: RetestResult) -> Figure:
    points, limits = found.limits.points, found.limits.table

    def draw(ax: Axes) -> None:
        ax.plot(
            points["mean"],
            points["difference"],
            "o",
            color=BLUE,
            markersize=4,
            markeredgecolor="white",
            markeredgewidth=0.5,
        )
        for name, row in limits.iterrows():
            style = "-" if name == "mean difference" else "--"
            ax.axhline(row["estimate"], color="black", linewidth=1, linestyle=style)
            ax.axhspan(row["low"], row["high"], color=GREY, alpha=0.2, linewidth=0)
        ax.set_xlabel(f"{scale}: mean of the two occasions")
        ax.set_ylabel("second minus first")

    low, middle, high = limits["estimate"]
    return Figure(
        name=f"limits_{scale}",
        caption=f"{scale}: differences between the occasions, with limits of "
        "agreement.",
        alt=f"A cloud of {found.n} people; second minus first is {middle:+.2f} on "
        "average, "
        f"and {100 * found.limits.within_limits:.0f} % lie between {low:.2f} and "
        f"{high:.2f}"
        + (
            "; differences grow or shrink with the score."
            if found.limits.slope_p < 0.05
            else "."
        ),
        draw=draw,
        height=3.2,
        data=limits,
    )
