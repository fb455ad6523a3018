"""Service users beside carers, as far as the last validation run lets them be compared.

A run finds scale by scale whether both understand the items in the same way (scalar
invariance, in whole or in part). Only such means stand beside each other.
"""

from dataclasses import dataclass
from statistics import NormalDist

from sqlalchemy import func, or_, select

from ..assessments.labels import PERSPECTIVES
from ..bank import PREREQUISITES, SCALES
from ..calendar import local_date
from ..models import Job, Trust, ValidationRun
from . import groups
from .groups import Sums
from .presenter import TITLES, Cell, Row, between
from .profile import variance
from .release_queue import OVERALL
from .series import family_of

PAIR = ("service_user", "carer")
HEAD = ("Score", "Service users", "Carers", "Carers less service users", "Comparable")
HELD = ("scalar", "partial")
ERROR = 0.05  # of calling any difference more than chance, over all scores
NOT_COMPARED = "Not compared"
# A run's own words count people, as few as there are, and its errors name items.
UNKNOWN = "the run could not tell, such as from too few answers of either"


@dataclass(frozen=True)
class Beside:
    """Rows of scores, and in words what they say or why there are none."""

    finding: str
    rows: tuple = ()


def beside(session, trust_id):
    """The two perspectives of a trust beside each other, from what was let out."""
    run = last_run(session, trust_id)
    if run is None:
        return Beside(
            "Their means are not put beside each other: no validation run has tested"
            " yet whether both understand the questions in the same way (scalar"
            " invariance, at least in part). A run on a campaign that asks both does."
            " Until then a difference could be one of the questions and not of care."
        )
    verdicts = dict(run.perspectives["scales"])
    verdicts[OVERALL] = of_overall(verdicts)
    told = f"Run {run.id} of {local_date(run.asked_at)}"
    if not any(each["verdict"] in HELD for each in verdicts.values()):
        whys = dict.fromkeys(map(_why, verdicts.values()))
        return Beside(
            f"Their means are not put beside each other. {told} did not find that both"
            f" understand the questions in the same way: {'; '.join(whys)}."
        )
    series = {
        who: _series(session, trust_id, who, run.perspectives["instruments"][who])
        for who in PAIR
    }
    if None in series.values() or len({_metric(key) for key in series.values()}) > 1:
        return Beside(
            f"{told} compared two forms, of which no figures that were scored in the"
            " same way were let out for both."
        )
    figures = {who: _figures(session, trust_id, who, series[who]) for who in PAIR}
    compared = [compare(scale, verdicts[scale], figures) for scale in SCALES]
    return Beside(f"{told}: {_finding(compared)}", tuple(row for row, *_ in compared))


def last_run(session, trust_id):
    """The newest run that is over and has compared the two, or None.

    Made-up answers let nothing be compared but in a demonstration.
    """
    query = (
        select(ValidationRun)
        .join(Job, Job.id == ValidationRun.job_id)
        .join(Trust, Trust.id == ValidationRun.trust_id)
        .where(ValidationRun.trust_id == trust_id, Job.status == "done")
        .where(ValidationRun.perspectives.is_not(None))
        .where(
            or_(
                Trust.is_demonstration,
                func.coalesce(ValidationRun.n_synthetic, 0) == 0,
            )
        )
        .order_by(ValidationRun.id.desc())
    )
    return session.scalars(query.limit(1)).first()


def of_overall(verdicts):
    """The verdict on a score of every scale: it holds where each of them does."""
    every = [verdicts[scale] for scale in PREREQUISITES if scale in verdicts]
    kinds = {each["verdict"] for each in every}
    if not kinds <= {*HELD}:
        why = "not every prerequisite can be compared"
        return {"verdict": "none", "points": None, "why": why}
    points = [each["points"] for each in every]
    known = None not in points
    return {
        "verdict": "scalar" if kinds == {"scalar"} else "partial",
        "points": round(sum(points) / len(points), 1) if known else None,
        "why": "",
    }


def _series(session, trust_id, perspective, form):
    """The newest series of a form's family, or None."""
    family = family_of(form)
    every = groups.series_of(session, trust_id, perspective)
    keys = (each.key for each in every)
    return next((key for key in keys if key.rpartition(" ")[2] == family), None)


def _metric(series):
    return series.rpartition(" ")[0]


def _figures(session, trust_id, perspective, series):
    of = session, trust_id, perspective, series
    return groups.totals(*of), groups.spreads(*of)


def compare(scale, verdict, figures):
    """A row, and by how much carers differ where that is beyond chance, else None."""
    title = TITLES[scale]
    if verdict["verdict"] not in HELD:
        told = f"No: {_why(verdict)}"
        return Row(title, (*[Cell(NOT_COMPARED)] * 3, Cell(told))), None
    (own, sd), (other, other_sd) = (
        (totals.get(scale, Sums()), spreads.get(scale))
        for totals, spreads in (figures[who] for who in PAIR)
    )
    cells = [
        Cell(s.text or "Not yet", f"n = {s.n}" if s.n else "") for s in (own, other)
    ]
    step, interval = _difference(own, other, sd, other_sd)
    told = "" if step is None else f"{step:+.1f}"
    note = f"{between(interval)}, 95% interval" if interval else ""
    row = Row(title, (*cells, Cell(told, note), Cell(_words(verdict))))
    return row, step if interval and _is_beyond(step, interval) else None


def _why(verdict):
    """Why a score is not compared, as leads may read it: without a number of people."""
    return UNKNOWN if verdict["verdict"] == "unknown" else verdict["why"]


def _difference(own, other, sd, other_sd):
    """Carers less service users with its interval; None where something is unknown."""
    if not own.n or not other.n:
        return None, None
    step = other.mean - own.mean
    if sd is None or other_sd is None:
        return step, None
    half = groups.Z95 * (variance(own, sd) + variance(other, other_sd)) ** 0.5
    return step, (step - half, step + half)


def _is_beyond(step, interval):
    """Whether a difference is more than chance, the number of scores considered."""
    z = NormalDist().inv_cdf(1 - ERROR / len(SCALES) / 2)
    return abs(step) > z / groups.Z95 * (interval[1] - interval[0]) / 2


def _words(verdict):
    if verdict["verdict"] == "scalar":
        return "Yes"
    if verdict["points"] is None:
        return (
            "In part: some items differ, or are asked of one only; how far is not known"
        )
    return f"In part: items that differ move carers' mean by {verdict['points']:+.1f}"


def _finding(compared):
    n_held = sum(row.cells[0].value != NOT_COMPARED for row, _ in compared)
    told = f"{n_held} of {len(compared)} scores can be compared, in whole or in part."
    parts = [
        f"{word} on {', '.join(titles)}"
        for word, titles in (
            ("higher", [r.label for r, step in compared if step and step > 0]),
            ("lower", [r.label for r, step in compared if step and step < 0]),
        )
        if titles
    ]
    if not parts:
        return f"{told} Carers differ on none of them by more than chance."
    who = PERSPECTIVES["carer"].many
    return f"{told} By more than chance {who.lower()} are {'; '.join(parts)}."
