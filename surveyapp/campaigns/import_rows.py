"""Rows of an import as records, many at a time, and gone again."""

import hashlib
import hmac
from dataclasses import dataclass
from types import SimpleNamespace

from flask import current_app
from sqlalchemy import delete as delete_from
from sqlalchemy import insert, select, update

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
MANY = 500


@dataclass(frozen=True)
class Sitting:
    """What scoring needs of an assessment."""

    instrument: str
    arrangement: str | None
    care_plan: str | None
    answers: list
    wave: int = 1  # later ones are asked more, but scored alike


def write(session, made, rows, *, now):
    """Insert rows that are not in the campaign yet; they do not count so far."""
    campaign = made.campaign
    keys = {row.line: row_key(campaign, row) for row in rows}
    known = held(session, ImportedAssessment.row_key, [k for k in keys.values() if k])
    rows = [row for row in rows if keys[row.line] not in known]
    if not rows:
        return
    people = _respondents(session, campaign, rows)
    assessments = [_assessment(campaign, row, people[row.line]) for row in rows]
    ids_ = session.scalars(
        insert(Assessment).returning(Assessment.id, sort_by_parameter_order=True),
        assessments,
    ).all()
    _insert(
        session,
        ImportedAssessment,
        [
            {
                "assessment_id": number,
                "answer_import_id": made.id,
                "person_key": person_key(campaign, row.person),
                "row_key": keys[row.line],
            }
            for number, row in zip(ids_, rows)
        ],
    )
    _insert(session, Answer, [*_answers(ids_, rows)])
    _insert(session, BackgroundAnswer, [*_background(ids_, rows)])
    _insert(session, Score, [*_scores(campaign, ids_, rows, now)])


def _insert(session, kind, rows):
    if rows:
        session.connection().execute(insert(kind.__table__), rows)


def _respondents(session, campaign, rows):
    """Line -> respondent; a person of the trust who is known from before, or new."""
    by_line = {row.line: person_key(campaign, row.person) for row in rows}
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
    """Which of these values a column has already."""
    found = set()
    for some in _chunks(values):
        found.update(session.scalars(select(column).where(column.in_(some))))
    return found


def _chunks(values):
    return [values[at : at + MANY] for at in range(0, len(values), MANY)]


def _assessment(campaign, row, respondent_id):
    """Started when it was answered; `submitted_at` comes when all rows are there."""
    return columns_of(
        whole_form(campaign, row.perspective).ref,
        row.perspective,
        respondent_id=respondent_id,
        campaign_id=campaign.id,
        team_id=row.team_id,
        mode=row.mode,
        assisted_by=row.assisted_by,
        language=row.language,
        care_plan=row.care_plan,
        arrangement=row.arrangement,
        wave=row.wave,
        position="done",
        is_synthetic=row.is_synthetic,
        started_at=row.at,
    )


def _answers(ids_, rows):
    for number, row in zip(ids_, rows):
        for item, (version, value, reason) in row.replies.items():
            yield {
                "assessment_id": number,
                "item_id": item,
                "item_version": version,
                "value": value,
                "reason": reason,
                "answered_at": row.at,
                "source": "import",
                "version": 1,
            }


def _background(ids_, rows):
    for number, row in zip(ids_, rows):
        for question, (version, value) in row.background.items():
            yield {
                "assessment_id": number,
                "question_id": question,
                "question_version": version,
                "value": value,
                "answered_at": row.at,
            }


def _scores(campaign, ids_, rows, now):
    """The scores of each perspective, as submission would compute them."""
    for perspective in {row.perspective for row in rows}:
        ref = whole_form(campaign, perspective).ref
        mine = [
            (n, row) for n, row in zip(ids_, rows) if row.perspective == perspective
        ]
        sittings = [
            Sitting(ref, row.arrangement, row.care_plan, [*_replies(row)])
            for _, row in mine
        ]
        for (number, _), scores in zip(mine, score_sittings(sittings, now=now)):
            for score in scores:
                yield {"assessment_id": number, **score}


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


def delete(session, made):
    """Take every row away as if it had never been there."""
    mine = session.scalars(ids(made)).all()
    for some in _chunks(mine):
        people = session.scalars(
            select(Assessment.respondent_id).where(Assessment.id.in_(some))
        ).all()
        _forget(session, some)
        _run(session, delete_from(Assessment).where(Assessment.id.in_(some)))
        others = select(Assessment.respondent_id)
        alone = Respondent.id.in_(people) & Respondent.id.not_in(others)
        _run(session, delete_from(Respondent).where(alone))


def withdraw(session, made, *, now):
    """Delete what the rows hold and mark each as withdrawn; how many there were."""
    mine = session.scalars(ids(made)).all()
    for some in _chunks(mine):
        _forget(session, some)
        _run(
            session,
            update(Assessment)
            .where(Assessment.id.in_(some))
            .values(withdrawn_at=now, care_plan=None),
        )
    return len(mine)


def _forget(session, numbers):
    for kind in (*GIVEN, ImportedAssessment):
        _run(session, delete_from(kind).where(kind.assessment_id.in_(numbers)))


def _run(session, statement):
    """Execute in bulk; no object of these rows is in the session."""
    session.execute(statement, execution_options={"synchronize_session": False})
