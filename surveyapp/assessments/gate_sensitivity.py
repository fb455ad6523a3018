"""How far a mean rests on the question about the care plan: the same scores, thrice.

Who is not sure of a plan counts as the lowest on the items about it, like those who
have none. Beside a mean of the living document, or of everything, stand therefore
the means without these items of those who are not sure, and of all whom the gate
answered for. What is let out of them follows the rules for any other mean.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from statistics import fmean
from typing import TypeAlias

from .. import bank
from ..bank import Instrument
from ..scoring import THETA, score_sittings
from . import gate
from .questions import Sitting

# How many people are scored, and their mean; None where nobody is.
Mean: TypeAlias = tuple[int, float | None]

LINES = {
    "as_scored": "As scored",
    "without_unsure": "Without the care plan's questions of those who are not sure",
    "without_gate": "Without the care plan's questions of all who have no plan",
}


def touched_scales(instrument: Instrument) -> tuple[str, ...]:
    """The scales with items that the gate settles, and theta where there is one."""
    settled = set(instrument.gate.when_no) if instrument.gate else set()
    touched = [s for s, items in instrument.scales.items() if settled & set(items)]
    return (*touched, THETA) if settled else ()


def scores_by_line(
    assessments: Sequence[Sitting], *, now: datetime
) -> dict[str, dict[str, list[float | None]]]:
    """Line -> scale -> a value for each assessment, None where there is no score.

    The assessments are of one instrument and may be in no database. Only the scales
    that the gate touches are there; `as_scored` holds what scoring stores.
    """
    instrument = bank.instrument(assessments[0].instrument)
    scales = touched_scales(instrument)
    found = {}
    for line in LINES:
        rows = score_sittings(assessments, now=now, outcome=_rule(line))
        values = [{row["scale"]: row["value"] for row in each} for each in rows]
        held = [s for s in scales if any(s in each for each in values)]
        found[line] = {s: [each.get(s) for each in values] for s in held}
    return found


def means_by_line(
    assessments: Sequence[Sitting], *, now: datetime
) -> dict[str, dict[str, Mean]]:
    """Scale -> line -> (people scored, mean), the mean None where nobody is."""
    lines = scores_by_line(assessments, now=now)
    return {
        scale: {line: _mean(found[scale]) for line, found in lines.items()}
        for scale in lines["as_scored"]
    }


def _mean(values: Iterable[float | None]) -> Mean:
    held = [value for value in values if value is not None]
    return len(held), (fmean(held) if held else None)


def _rule(line: str) -> Callable[[Sitting, Instrument], str]:
    """The gate's rule of a line: what no longer counts as the lowest is left out."""

    def outcome(sitting: Sitting, instrument: Instrument) -> str:
        found = gate.outcome(sitting, instrument)
        if line == "as_scored" or found != gate.LOWEST:
            return found
        stays = line == "without_unsure" and not gate.is_uncertain(sitting, instrument)
        return found if stays else gate.STRUCTURAL

    return outcome
