"""When two readings agree, at once or after a third look, the form becomes answers.

Until then there is no assessment: nothing is scored and nothing counts.
"""

from datetime import UTC, datetime, time

from sqlalchemy import select

from .. import audit, bank
from ..assessments import notices, recontact, start
from ..assessments.consent import keep_consent
from ..assessments.labels import HELPERS
from ..assessments.submission import close, keep_background
from ..calendar import LONDON
from ..errors import InvalidAnswers, NotAllowed, NotFound
from ..models import (
    Assessment,
    Comment,
    KeyedForm,
    Reply,
)
from ..models.assessment import CARE_PLANS, UNCLEAR_MARKS
from . import reading_comparison as readings
from .keying_sheet import (
    BLANK,
    CARE_PLAN,
    COMMENT,
    COMPLETED,
    HELPED,
    MARKS,
    WANTS_PLAN,
    sheet_of,
)

REASONS = {
    "slip": "One of the readings slipped",
    "mark": "The mark can be read in two ways",
    "other": "Something else; the note says what",
}
CHOOSE = "Choose what is on the paper"
CHOOSE_WHY = "Choose why the readings differ"
NOTE_NEEDED = "Write a note: you read this form yourself"
NOTE_LENGTH = 1000


def finish_reading(session, form, sheet, *, now):
    """After the last page: on to the second reading, or compare; the caller commits."""
    who = f"staff:{form.reader()}"
    if form.stage == "first":
        form.stage = "second"
        audit.record(session, actor=who, action="keying.first_done", subject=form)
        return
    differing = readings.differences(sheet, form.first, form.second)
    counted = readings.compared_fields(sheet)
    form.n_fields = len(counted)
    form.n_differences = sum(field in counted for field in differing)
    form.compared_at = now
    audit.record(
        session, actor=who, action="keying.second_done", subject=form, n=len(differing)
    )
    if differing:
        form.stage = "differences"
    else:
        accept_reading(session, form, sheet, who=who, now=now)


def adjudicate(session, form_id, formdata, *, resolver_id, now):
    """Settle what two readings differ in, after a third look at the paper.

    Somebody who keyed the form may do so with a note. Raises InvalidAnswers with
    what is missing, and stores nothing.
    """
    form = KeyedForm.locked(session, form_id)
    if form is None:
        raise NotFound()
    if form.stage != "differences":
        raise NotAllowed("there is nothing to resolve")
    sheet = sheet_of(form)
    differing = readings.differences(sheet, form.first, form.second)
    note = (formdata.get("note") or "").strip()[:NOTE_LENGTH]
    form.resolved = _resolved(differing, formdata, form, note, resolver_id)
    form.resolver_id, form.note = resolver_id, note
    who = f"staff:{resolver_id}"
    audit.record(
        session, actor=who, action="keying.resolved", subject=form, n=len(differing)
    )
    accept_reading(session, form, sheet, who=who, now=now)
    session.commit()
    return form


def _resolved(differing, formdata, form, note, resolver_id):
    """Field -> [code, why]; InvalidAnswers names every field without either."""
    problems, resolved = {}, {}
    for field in differing:
        code = _chosen(field, formdata, form)
        why = formdata.get(f"{field.name}-why")
        if code is None:
            problems[field.name] = CHOOSE
        elif why not in REASONS:
            problems[f"{field.name}-why"] = CHOOSE_WHY
        resolved[field.name] = [code, why]
    keyers = (form.first_keyer_id, form.second_keyer_id)
    needs_note = resolver_id in keyers or any(
        w == "other" for _, w in resolved.values()
    )
    if needs_note and not note:
        problems["note"] = NOTE_NEEDED
    if problems:
        raise InvalidAnswers(problems)
    return resolved


def _chosen(field, formdata, form):
    """The first reading, the second, or another code that the field can hold."""
    choice = formdata.get(field.name)
    if choice in ("first", "second"):
        return getattr(form, choice).get(field.name, "")
    if choice == "other" and field.kind in readings.WORDS:
        return (formdata.get(f"{field.name}-other") or "").strip()
    other = (choice or "").removeprefix("other:")
    return other if field.kind == "one" and other in field.codes else None


def accept_reading(session, form, sheet, *, who, now):
    """Turn the reading that stands into a submitted assessment; the caller commits.

    Without the consent that taking part needs, nothing of the form is kept. Another
    paper of the same person and wave stands where one was keyed before.
    """
    standing = readings.agreed_reading(sheet, form.first, form.second, form.resolved)
    form.settled_at = now
    if not _agreed_to_take_part(sheet, standing):
        return _without_assessment(session, form, "no_consent", who)
    assessment = _assessment(session, form, standing, now=now)
    if assessment is None:
        return _without_assessment(session, form, "superseded", who)
    _fill(assessment, sheet, standing)
    form.assessment, form.stage = assessment, "agreed"
    if assessment.wave > 1:  # the same code opens the next wave
        form.invitation = None
    at = completed_at(standing, now)
    close(session, assessment, now=now, at=at)
    audit.record(
        session,
        actor=who,
        action="keying.agreed",
        subject=form,
        assessment=assessment.id,
        n=form.n_fields,
    )


def _agreed_to_take_part(sheet, standing):
    needed = [s.id for s in sheet.statements if s.required]
    return all(standing[name] == "yes" for name in needed)


def _without_assessment(session, form, stage, who):
    form.forget()
    form.stage, form.invitation = stage, None  # a fresh form can be keyed
    audit.record(session, actor=who, action=f"keying.{stage}", subject=form)


def _assessment(session, form, standing, *, now):
    """The answers on this paper, as an assessment of its own; None for a second paper.

    What was begun or sent online by the same code stands beside it: nobody can tell
    whether that was the same person, and `close` settles which of them counts.
    """
    invitation, at = form.invitation, completed_at(standing, now)
    first, wave = None, 1
    if invitation is not None and invitation.asks_again:
        first, wave = _asked_again(session, invitation, at)
    if _is_keyed(session, invitation, wave):
        return None
    assessment = start.new_assessment(
        form.campaign,
        form.perspective,
        form=form.instrument,
        respondent=first.respondent if first else start.new_respondent(),
        invitation=invitation,
        team=form.team,
        arrangement=invitation and invitation.arrangement,
        mode="paper",
        language=form.language,
        presentation=words_of(form),
        wave=wave,
        started_at=at,
    )
    session.add(assessment)
    session.flush()
    return assessment


def words_of(form):
    """In which edition's words a form was printed, as answers online keep it."""
    printed = form.printed_form and form.printed_form.edition
    written = {edition.ref for edition in bank.editions(form.instrument).values()}
    return {"words": printed} if printed in written else {}


def _asked_again(session, invitation, at):
    """Who came back, and the wave that was open when the form was filled in.

    A form filled in between two waves belongs to the one before.
    """
    held = recontact.standing_of(session, invitation, now=at)
    waves, sent = invitation.campaign.waves, held.first.submitted_at
    opened = [wave for wave in waves if wave.opens_at(sent) <= at]
    wave = held.wave or (opened[-1] if opened else waves[0])
    return held.first, wave.number


def _is_keyed(session, invitation, wave):
    """Whether a paper of this invitation and wave was keyed before."""
    if invitation is None:
        return False
    of_paper = select(Assessment.id).where(
        Assessment.invitation_id == invitation.id,
        Assessment.wave == wave,
        Assessment.mode == "paper",
        Assessment.withdrawn_at.is_(None),
    )
    return session.scalar(of_paper.limit(1)) is not None


def _fill(assessment, sheet, standing):
    """Consent, answers and what stands beside them; a box left blank adds nothing."""
    at, instrument = assessment.started_at, sheet.instrument
    said = {s.id: standing[s.id] for s in sheet.statements}
    told = notices.version_of(assessment.campaign) if sheet.layout else None
    keep_consent(assessment, sheet.statements, said, now=at, notice_version=told)
    if standing.get(CARE_PLAN) in CARE_PLANS:
        assessment.care_plan = standing[CARE_PLAN]
    if standing.get(WANTS_PLAN) in CARE_PLANS:
        assessment.wants_plan = standing[WANTS_PLAN]
    if standing[HELPED] in HELPERS:
        assessment.assisted_by = standing[HELPED]
    replies = [_reply(item, standing[item.id]) for item in instrument.items]
    assessment.record([r for r in replies if r], now=at, source="paper")
    beside = _beside(sheet.questions, standing)
    keep_background(assessment, beside, now=at)
    if standing[COMMENT]:
        assessment.comments = [Comment(text=standing[COMMENT], written_at=at)]


def _reply(item, code):
    """A category, a reason, or the code of a mark that is neither; None if blank."""
    if code in ("", BLANK):
        return None
    if code in item.reasons or code in UNCLEAR_MARKS:
        return Reply(item.id, item.version, reason=code)
    return Reply(item.id, item.version, value=int(code))


def _beside(questions, standing):
    """Each question beside the items with its code; paper may ask fewer."""
    for question in questions:
        code = standing.get(question.id, "")
        if code not in ("", BLANK):
            yield question, code


def completed_at(standing, now):
    """Noon of the day written on the form, or `now` where no day can be read."""
    written = standing.get(COMPLETED, "")
    if written == "" or written in MARKS:
        return now
    noon = datetime.combine(datetime.fromisoformat(written), time(12), LONDON)
    return min(noon.astimezone(UTC), now)
