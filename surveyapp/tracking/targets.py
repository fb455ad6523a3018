"""Targets and step changes of a chart: set, changed, closed and undone by a person.

Nothing is rebased by itself: a step needs a day and a reason, and is undone the same
way. Who did it, and when, stays.
"""

from datetime import date

from sqlalchemy import select

from .. import audit
from ..errors import InvalidAnswers, NotFound
from ..models import ChartStep, ScoreTarget, Trust
from .charts import LEAST, may_begin, place_of_step

LONGEST = 400  # letters of a reason


def target_of(session, trust_id, perspective, team_id):
    """The target that stands, or None; of the trust where there is no team."""
    open_ones = _of(ScoreTarget, trust_id, perspective, team_id).where(
        ScoreTarget.closed_at.is_(None)
    )
    return session.scalar(open_ones.order_by(ScoreTarget.id.desc()).limit(1))


def targets_of(session, trust_id, perspective, team_id):
    """Every target that there was, the newest first."""
    every = _of(ScoreTarget, trust_id, perspective, team_id)
    return session.scalars(every.order_by(ScoreTarget.id.desc())).all()


def steps_of(session, trust_id, perspective, team_id, *, standing=True):
    """Steps in the order of their days; with `standing` those not undone."""
    query = _of(ChartStep, trust_id, perspective, team_id)
    if standing:
        query = query.where(ChartStep.undone_at.is_(None))
    return session.scalars(query.order_by(ChartStep.starts_on, ChartStep.id)).all()


def _of(kind, trust_id, perspective, team_id):
    found = select(kind).filter_by(trust_id=trust_id, perspective=perspective)
    is_team = kind.team_id.is_(None) if team_id is None else kind.team_id == team_id
    return found.where(is_team)


def set_target(session, place, *, value, reason, user, now):
    """Set a target in place of the one that stands. Commits.

    `place` is (trust, perspective, team or None). Raises InvalidAnswers by field.
    """
    number, problems = _number(value), _reason_problems(reason)
    if number is None:
        problems["value"] = "Enter a number above 0 and below 100"
    if problems:
        raise InvalidAnswers(problems)
    _one_at_a_time(session, place)
    before = target_of(session, *place)
    if before is not None:
        before.closed_at, before.closed_by_id = now, user.id
    target = ScoreTarget(
        **_named(place),
        value=number,
        reason=reason.strip(),
        set_by_id=user.id,
        set_at=now,
    )
    session.add(target)
    _keep(session, target, user, "target.set", value=number)


def close_target(session, place, number, *, user, now):
    """Let a target stand no more. Commits; once."""
    _one_at_a_time(session, place)
    target = _find(session, ScoreTarget, place, number)
    if target.closed_at is None:
        target.closed_at, target.closed_by_id = now, user.id
        _keep(session, target, user, "target.closed", value=target.value)


def set_step(session, place, *, starts_on, reason, user, now, line):
    """Make limits anew from a day on. Commits.

    `line` is the chart as it stands. Raises InvalidAnswers by field, also where no
    limits could be made before or after the day.
    """
    day, problems = _day(starts_on), _reason_problems(reason)
    if day is None:
        problems["starts_on"] = "Enter a day, such as 2026-04-01"
    elif told := step_problem(line, day):
        problems["starts_on"] = told
    if problems:
        raise InvalidAnswers(problems)
    step = ChartStep(
        **_named(place),
        starts_on=day,
        reason=reason.strip(),
        set_by_id=user.id,
        set_at=now,
    )
    session.add(step)
    _keep(session, step, user, "step.set", starts_on=day.isoformat())


def undo_step(session, place, number, *, user, now):
    """Make limits without this step again. Commits; once."""
    step = _find(session, ChartStep, place, number)
    if step.undone_at is None:
        step.undone_at, step.undone_by_id = now, user.id
        _keep(session, step, user, "step.undone", starts_on=step.starts_on.isoformat())


def find(session, kind, place, number):
    """A target or a step of this place; else NotFound."""
    return _find(session, kind, place, number)


def step_problem(line, day):
    """Why limits cannot be made anew from a day, in words; empty where they can."""
    standing = (*line.steps, *line.waiting_steps)
    if not line.limits:
        return "The chart has no limits yet"
    if any(step.starts_on == day for step in standing):
        return "A step stands at this day already"
    at = place_of_step(line.marks, day)
    if at is None:
        return "No point of the chart is at this day or after it"
    if not may_begin(line.marks, at):
        return f"{LEAST} points or more have to come before the step, two in a row"
    if any(place_of_step(line.marks, step.starts_on) == at for step in standing):
        return "Another step begins with the same point"
    return ""


def _find(session, kind, place, number):
    found = session.get(kind, number)
    if found is None or (found.trust_id, found.perspective, found.team_id) != place:
        raise NotFound()
    return found


def _one_at_a_time(session, place):
    """Two who set a target at once do so one after the other."""
    session.scalar(select(Trust.id).where(Trust.id == place[0]).with_for_update())


def _named(place):
    return dict(zip(("trust_id", "perspective", "team_id"), place))


def _keep(session, record, user, action, **detail):
    given = {"actor": user, "action": action, "subject": record}
    audit.record(session, **given, team=record.team_id, **detail)
    session.commit()


def _number(text):
    try:
        value = round(float(text), 1)
    except ValueError:
        return None
    return value if 0 < value < 100 else None


def _day(text):
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _reason_problems(reason):
    if not reason.strip():
        return {"reason": "Say why"}
    if len(reason) > LONGEST:
        return {"reason": f"Use {LONGEST} letters at most"}
    return {}
