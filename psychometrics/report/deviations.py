"""Where what was done is not what the plan says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ..counted import counted
from ..errors import PsychometricsError
from .rival_models import planned_models
from .settings import said

if TYPE_CHECKING:
    from .document import Section
    from .study import Study


def deviations(study: Study, sections: Sequence[Section]) -> pd.DataFrame:
    """One row each: what, as planned, as done. Empty without a plan."""
    rows = []
    if study.plan is not None:
        rows = [
            *study.departures,
            *_models(study, sections),
            *_hypotheses(study),
            *_occasions(study),
            *_tables(study),
            *_sections(study, sections),
        ]
    frame = pd.DataFrame(rows, columns=["what", "planned", "done"])
    return frame.set_index("what")


def _models(
    study: Study, sections: Sequence[Section]
) -> Iterator[tuple[str, str, str]]:
    if not any(section.key == "structure" for section in sections):
        return
    planned, _ = planned_models(study)
    for name in study.plan.models:
        if name not in planned:
            why = (
                f"not fitted: {counted(len(study.scales), 'scale')} cannot determine it"
            )
            yield "model", name, why
    for name, why in _unfitted(study).items():
        yield "model", name, f"not fitted: {why}"
    wanted = study.plan.intended
    if wanted and wanted not in planned:
        yield "intended model", wanted, study.intended


def _unfitted(study: Study) -> dict[str, str]:
    try:
        return study.rivals.problems
    except PsychometricsError as problem:
        return {"all": str(problem)}


def _hypotheses(study: Study) -> Iterator[tuple[str, str, str]]:
    for table in study.tested:
        for name, row in table.iterrows():
            if row["problem"]:
                yield (
                    f"hypothesis {name}",
                    row["statement"],
                    (f"not tested: {row['problem']}"),
                )


def _occasions(study: Study) -> Iterator[tuple[str, str, str]]:
    plan = study.plan
    when = plan.occasions
    if when and when.retest and study.retest is None:
        yield "retest", f"{when.column} {when.retest}", "no second answers"
    if when and when.follow_up and study.follow_up is None:
        yield "follow-up", f"{when.column} {when.follow_up}", "no later answers"
    if plan.stable and study.retest is not None and study.retest.stable is None:
        yield (
            "stability question",
            f"{plan.stable.column}: {said(plan.stable.values)}",
            "no such column: everybody retested was taken for stable",
        )
    if plan.anchor and study.follow_up is not None and study.follow_up.anchor is None:
        yield "transition question", plan.anchor.column, "no such column"


def _tables(study: Study) -> Iterator[tuple[str, str, str]]:
    if study.plan.population and study.population is None:
        yield "population table", study.plan.population, "not given"


def _sections(
    study: Study, sections: Sequence[Section]
) -> Iterator[tuple[str, str, str]]:
    planned = study.plan.sections
    found = {section.key for section in sections}
    for key in planned:
        if key not in found:
            yield "section", key, "left out: the data have nothing for it"
    if planned:
        for section in sections:
            if section.measures and section.key not in planned:
                yield "section", "not planned", f"{section.key} (exploratory)"
