"""Rows of an import as records, many at a time, and gone again."""

import hashlib
import hmac
from dataclasses import dataclass
from types import SimpleNamespace

from flask import current_app
from sqlalchemy import delete, insert, select, update

from ..assessments.questions import whole_form
from ..assessments.start import columns_of, new_pseudonym
from ..models import (
    Answer,
    AnswerHistory,
    Assessment,
    BackgroundAnswer,
    Comment,
    ImportedAssessment,
    Respondent,
    Score,
)
from ..scoring import score_sittings

GIVEN = (Answer, AnswerHistory, BackgroundAnswer, Comment, Score)
MANY = 500  # numbers in one question
AT_ONCE = 50  # rows that are deleted in one transaction


@dataclass(frozen=True)
class Sitting:
    """What scoring needs of an assessment."""

    instrument: str
    arrangement: str | None
    care_plan: str | None
    answers: list
    wants_plan: str | None = None
    wave: int = 1  # later ones are asked more, but scored alike


@dataclass(frozen=True)
class Prepared:
    """A row as records without numbers: all that can be made before writing."""

    line: int
    person_key: str | None
    row_key: str | None
    assessment: dict
    answers: list
    background: list
    scores: list


def prepare(campaign, rows, *, now):
    """Rows as records, scored as submission would score them. Reads nothing."""
    scores = _scores(campaign, rows, now)
    return [
        Prepared(
            line=row.line,
            person_key=person_key(campaign, row.person),
            row_key=row_key(campaign, row),
            assessment=_assessment(campaign, row),
            answers=[*_answers(row)],
            background=[*_background(row)],
            scores=scores[row.line],
        )
        for row in rows
    ]


def write(session, made, prepared):
    """Insert rows that are not in the campaign yet; they do not count so far."""
    known = held(session, ImportedAssessment.row_key, [p.row_key for p in prepared])
    new = [each for each in prepared if each.row_key not in known]
    if not new:
        return
    people = _respondents(session, new)
    numbers = session.scalars(
        insert(Assessment).returning(Assessment.id, sort_by_parameter_order=True),
        [each.assessment | {"respondent_id": people[each.line]} for each in new],
    ).all()
    came = [
        {
            "answer_import_id": made.id,
            "person_key": each.person_key,
            "row_key": each.row_key,
        }
        for each in new
    ]
    for kind, records in (
        (ImportedAssessment, [[each] for each in came]),
        (Answer, [each.answers for each in new]),
        (BackgroundAnswer, [each.background for each in new]),
        (Score, [each.scores for each in new]),
    ):
        _insert(session, kind, numbers, records)


def _insert(session, kind, numbers, records):
    """Records of each assessment, in one statement."""
    rows = [
        {"assessment_id": number, **record}
        for number, some in zip(numbers, records)
        for record in some
    ]
    if rows:
        session.connection().execute(insert(kind.__table__), rows)


def _respondents(session, prepared):
    """Line -> respondent; a person of the trust who is known from before, or new."""
    by_line = {each.line: each.person_key for each in prepared}
    keys = {key for key in by_line.values() if key}
    known = dict(_known_people(session, keys))
    new = [*(keys - set(known)), *(n for n, key in by_line.items() if key is None)]
    made = (
        session.scalars(
            insert(Respondent).returning(Respondent.id, sort_by_parameter_order=True),
            [{"pseudonym": new_pseudonym()} for _ in new],
        ).all()
        if new
        else []
    )
    known |= dict(zip(new, made))
    return {line: known[key if key else line] for line, key in by_line.items()}


def _known_people(session, keys):
    for some in _chunks(sorted(keys)):
        query = (
            select(ImportedAssessment.person_key, Assessment.respondent_id)
            .join(Assessment, Assessment.id == ImportedAssessment.assessment_id)
            .where(ImportedAssessment.person_key.in_(some))
        )
        yield from session.execute(query).all()


def held(session, column, values):
    """Which of these values, of those that are not None, a column has already."""
    found = set()
    for some in _chunks([value for value in values if value is not None]):
        found.update(session.scalars(select(column).where(column.in_(some))))
    return found


def _chunks(values):
    return [values[at : at + MANY] for at in range(0, len(values), MANY)]


def _assessment(campaign, row):
    """Started when it was answered; `submitted_at` comes when all rows are there."""
    return columns_of(
        whole_form(campaign, row.perspective).ref,
        row.perspective,
        campaign_id=campaign.id,
        team_id=row.team_id,
        mode=row.mode,
        assisted_by=row.assisted_by,
        language=row.language,
        care_plan=row.care_plan,
        wants_plan=row.wants_plan,
        arrangement=row.arrangement,
        wave=row.wave,
        position="done",
        is_synthetic=row.is_synthetic,
        started_at=row.at,
    )


def _answers(row):
    for item, (version, value, reason) in row.replies.items():
        yield {
            "item_id": item,
            "item_version": version,
            "value": value,
            "reason": reason,
            "answered_at": row.at,
            "source": "import",
            "version": 1,
        }


def _background(row):
    for question, (version, value) in row.background.items():
        yield {
            "question_id": question,
            "question_version": version,
            "value": value,
            "answered_at": row.at,
        }


def _scores(campaign, rows, now):
    """Line -> scores; a perspective's rows are scored together."""
    made = {}
    for perspective in {row.perspective for row in rows}:
        ref = whole_form(campaign, perspective).ref
        mine = [row for row in rows if row.perspective == perspective]
        sittings = [
            Sitting(
                ref, row.arrangement, row.care_plan, [*_replies(row)], row.wants_plan
            )
            for row in mine
        ]
        for row, scores in zip(mine, score_sittings(sittings, now=now)):
            made[row.line] = scores
    return made


def _replies(row):
    for item, (_, value, reason) in row.replies.items():
        yield SimpleNamespace(item_id=item, value=value, reason=reason)


def person_key(campaign, person):
    """A file's name for a person as a keyed hash, the same throughout a trust."""
    return _hash(f"{campaign.trust_id}:{person}") if person else None


def row_key(campaign, row):
    """What a person says once in a campaign: from one perspective, in one wave."""
    if not row.person:
        return None
    return _hash(f"{campaign.id}:{row.perspective}:{row.wave}:{row.person}")


def _hash(text):
    key = current_app.config["PROM"].derived_key("imports").encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def ids(made):
    """The assessments of an import, as a query."""
    return select(ImportedAssessment.assessment_id).where(
        ImportedAssessment.answer_import_id == made.id
    )


def delete_some(session, made):
    """Take some rows away as if they had never been there; how many."""
    some = session.scalars(ids(made).limit(AT_ONCE)).all()
    people = select(Assessment.respondent_id).where(Assessment.id.in_(some))
    people = session.scalars(people).all()
    _forget(session, some)
    _run(session, delete(Assessment).where(Assessment.id.in_(some)))
    others = select(Assessment.respondent_id)
    alone = Respondent.id.in_(people) & Respondent.id.not_in(others)
    _run(session, delete(Respondent).where(alone))
    return len(some)


def submit(session, made):
    """Make every row count from its day, in one statement."""
    mine = Assessment.id.in_(ids(made))
    _run(
        session,
        update(Assessment).where(mine).values(submitted_at=Assessment.started_at),
    )


def withdraw(session, made, *, now):
    """Mark every row as withdrawn, so that none counts any more, in one statement."""
    mine = Assessment.id.in_(ids(made))
    _run(session, update(Assessment).where(mine).values(withdrawn_at=now))


def forget_some(session, made):
    """Delete what some withdrawn rows hold; of how many."""
    some = session.scalars(ids(made).limit(AT_ONCE)).all()
    _forget(session, some)
    mine = Assessment.id.in_(some)
    _run(
        session, update(Assessment).where(mine).values(care_plan=None, wants_plan=None)
    )
    return len(some)


def _forget(session, numbers):
    for kind in (*GIVEN, ImportedAssessment):
        _run(session, delete(kind).where(kind.assessment_id.in_(numbers)))


def _run(session, statement):
    """Execute in bulk; no object of these rows is in the session."""
    session.execute(statement, execution_options={"synchronize_session": False})
