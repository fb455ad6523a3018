"""What scale scores look like, and how far a score of one person can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...annotations import Axes
from ...figures import BLUE
from ...reliability.alpha import cronbach_alpha
from ...reliability.retest import sdc
from .. import criteria
from ..adequacy import persons
from ..document import Figure, Section, Table
from ..words import named_span

if TYPE_CHECKING:
    from ..study import Study


def interpretation(study: Study, earlier: Sequence[Section]) -> Section:
    """Spread of the scores, floor and ceiling, and the error around one score."""
    totals = study.totals
    rows = {s: _row(study, s, totals[s].dropna()) for s in totals}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "scale"
    bounds = study.criteria
    return Section(
        key="interpretation",
        title="Scores and their meaning",
        plain=(
            "A score is the mean of the items a person answered, when at least half "
            "of them are there. Two scores of one person closer than the smallest "
            "detectable change may differ by chance alone."
        ),
        verdicts=(
            *(
                criteria.floor_ceiling(s, row["floor, %"], row["ceiling, %"], bounds)
                for s, row in table.iterrows()
            ),
            *(criteria.change_that_shows(s, row) for s, row in table.iterrows()),
        ),
        tables=(
            Table(
                name="Scores",
                caption="Scale scores on the metric of the codes. SEM is the standard "
                "error of "
                "measurement, SD times the root of 1 - alpha; SDC is the smallest "
                "detectable change of one person, 1.96 times root two times SEM; MIC, "
                "where it is given, is the smallest change that people call important.",
                frame=table,
            ),
        ),
        figures=(_histograms(study, totals),),
        notes=_notes(study),
        measures="Interpretability",
        adequacy=persons(int(table["people scored"].min())),
    )


def _notes(study: Study) -> tuple[str, ...]:
    if study.retest is not None:
        return (
            "SEM and SDC rest on internal consistency here; see Measurement error.",
        )
    return ("SEM and SDC rest on internal consistency here; a retest is better.",)


def _row(study: Study, scale: str, scores: pd.Series) -> dict[str, float]:
    low, high = study.categories
    alpha = cronbach_alpha(study.scale_frame(scale)).alpha
    sem = scores.std() * np.sqrt(max(1 - alpha, 0.0))
    return {
        "people scored": len(scores),
        "mean": scores.mean(),
        "SD": scores.std(),
        "median": scores.median(),
        "skew": scores.skew(),
        "floor, %": 100 * (scores == low).mean(),
        "ceiling, %": 100 * (scores == high).mean(),
        "sem": sem,
        "sdc": sdc(sem),
    } | _important(study, scale)


def _important(study: Study, scale: str) -> dict[str, float]:
    """The change that matters beside the one that shows, where an anchor told it."""
    found = study.important[0].get(scale)
    return {} if found is None else {"MIC": found.mic}


def _histograms(study: Study, totals: pd.DataFrame) -> Figure:
    low, high = study.categories

    def draw(ax: Axes) -> None:
        violins = ax.violinplot(
            [totals[s].dropna() for s in totals], orientation="horizontal"
        )
        for body in violins["bodies"]:
            body.set_facecolor(BLUE)
        means = totals.mean()
        ax.plot(means, range(1, len(means) + 1), "o", color="black", label="mean")
        ax.set_yticks(range(1, len(means) + 1), totals.columns)
        ax.set_xlim(low, high)
        ax.set_xlabel("mean of the items")
        ax.invert_yaxis()

    means = totals.mean()
    return Figure(
        name="scores",
        caption="How the scale scores spread; the dot is the mean.",
        alt=f"One shape a scale on codes {low} to {high}; means: {named_span(means)}.",
        draw=draw,
        height=max(2.5, 0.55 * len(means) + 1.2),
        data=totals.describe().T,
    )
