"""What was planned before the data were read, and where it was departed from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ..deviations import deviations
from ..document import Section, Table

if TYPE_CHECKING:
    from ..study import Study

EXPLORATORY = (
    "No plan was given before the data were read, so every analysis here is "
    "exploratory: confirm what it suggests on other people."
)


def registration(study: Study, earlier: Sequence[Section]) -> Section:
    """The plan's fingerprint, its own bounds, and where it was departed from."""
    if study.plan is None:
        return Section(key="plan", title="Plan", plain=EXPLORATORY)
    found = deviations(study, earlier)
    tables = (
        Table(name="Deviations", caption="As planned, and as done.", frame=found),
    )
    return Section(
        key="plan",
        title="Plan and deviations",
        plain=_reading(found),
        tables=(*(tables if len(found) else ()), *_bounds(study), *_expected(study)),
        notes=_notes(study),
    )


def _reading(found: pd.DataFrame) -> str:
    start = "The plan was fingerprinted before the data were read. "
    if not len(found):
        return start + "Nothing departs from it."
    things = "thing departs" if len(found) == 1 else "things depart"
    return start + f"{len(found)} {things} from it; all are listed here."


def _notes(study: Study) -> tuple[str, ...]:
    plan = study.plan
    said = [f"Plan fingerprint (SHA-256): {plan.fingerprint or 'none was taken'}."]
    if plan.registered:
        said.append(f"Registered: {plan.registered}.")
    if plan.attached:
        said.append(f"Attached: {plan.attached}.")
    return tuple(said)


def _bounds(study: Study) -> tuple[Table, ...]:
    changed = study.criteria.departures()
    if not changed:
        return ()
    frame = pd.DataFrame(changed, index=["this plan", "published"]).T
    return (
        Table(
            name="Criteria of the plan",
            caption="Bounds that the plan sets otherwise than the published ones.",
            frame=frame.rename_axis("criterion"),
            digits=3,
        ),
    )


def _expected(study: Study) -> tuple[Table, ...]:
    hypotheses = [*study.plan.hypotheses, *study.plan.change_hypotheses]
    if not hypotheses:
        return ()
    frame = pd.DataFrame(
        {
            "expected": [h.statement for h in hypotheses],
            "because": [h.because or "–" for h in hypotheses],
        },
        index=pd.Index([h.name for h in hypotheses], name="hypothesis"),
    )
    return (
        Table(
            name="Hypotheses planned",
            caption="Stated before the data were read.",
            frame=frame,
        ),
    )
