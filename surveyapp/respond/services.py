"""What the journey stores. Each call commits once, and what it took is then on disk."""

from sqlalchemy import select

from ..assessments import adaptive, recontact
from ..assessments.adaptive_journey import AdaptiveJourney
from ..assessments.journey import SINCE, Journey
from ..assessments.questions import chosen, plan_of
from ..errors import AssessmentClosed, InvalidAnswers, NotFound
from ..links import new_receipt
from ..models import Assessment, BackgroundAnswer, Comment
from ..scoring import score_assessment
from . import forms
from .presenter import HELPERS


def find_open(session, assessment_id):
    """The assessment, held until the commit; AssessmentClosed once it was sent."""
    assessment = Assessment.locked(session, assessment_id)
    if assessment is None:
        raise NotFound()
    if not assessment.is_open:
        raise AssessmentClosed()
    return assessment


def journey_of(assessment):
    """The order of pages for this person, as they asked to see them."""
    shown = assessment.presentation or {}
    per_page = int(shown.get("per_page") or assessment.campaign.items_per_page)
    plan = plan_of(assessment)
    if plan.given is None:
        return Journey(plan.instrument, per_page, plan.follow_up)
    goes_on = assessment.sitting is not None and assessment.sitting.stop_reason is None
    return AdaptiveJourney(
        plan.instrument,
        follow_up=plan.follow_up,
        given=plan.given,
        at_most=plan.whole.adaptive.max_items if goes_on else None,
        n_all=len(chosen(plan.whole.ref, plan.given, True).items),
    )


def keep_display(session, assessment_id, chosen, language):
    """Store how this person wants to see the pages, and in which language."""
    assessment = Assessment.locked(session, assessment_id)
    assessment.presentation, assessment.language = dict(chosen), language
    session.commit()


def save_care_plan(session, assessment_id, given):
    """Store whether there is a care plan; the question may be left out."""
    assessment = find_open(session, assessment_id)
    gate = plan_of(assessment).instrument.gate
    if given is not None and given not in gate.options:
        raise InvalidAnswers({"care_plan": forms.CHOOSE_ONE})
    assessment.care_plan = given or assessment.care_plan
    return move_on(session, assessment, "care-plan")


def save_page(session, assessment_id, number, formdata, *, now):
    """Store one page of answers; each is on disk when this returns.

    Returns the next stop. Raises AssessmentClosed after submission, and
    InvalidAnswers when a value is not a category of its item; in both cases
    nothing is stored. What was sent counts wherever it would be asked now: the
    pages may have been laid out anew, in another tab, since this one was shown.
    """
    assessment = find_open(session, assessment_id)
    journey = journey_of(assessment)
    sent = items_sent(journey, formdata)
    if "stays" not in formdata:
        number = journey.page_of(number, [item.id for item in sent])
    page = journey.page(number)
    if page is None:
        raise NotFound()
    items = [*page, *(item for item in sent if item not in page)]
    form = forms.make_form(forms.item_fields(journey.instrument, items), formdata)
    assessment.record(forms.replies(items, checked(form)), now=now)
    adaptive.go_on(assessment, items, is_sure="asked" in formdata, now=now)
    return move_on(session, assessment, str(number))


def items_sent(journey, formdata):
    """The instrument's items that a form has something for, in order."""
    return [item for item in journey.instrument.items if item.id in formdata]


def save_more(session, assessment_id, number, formdata, *, now):
    """Store one page of the questions beside the items; the next stop."""
    assessment = find_open(session, assessment_id)
    more = journey_of(assessment).more
    if not 1 <= number <= len(more):
        raise NotFound()
    asked = more[number - 1]
    return _save_beside(session, assessment, asked, f"more-{number}", formdata, now=now)


def save_follow_up(session, assessment_id, formdata, *, now):
    """Store whether things have changed, of who comes back; the next stop."""
    assessment = find_open(session, assessment_id)
    asked = journey_of(assessment).follow_up
    if not asked:
        raise NotFound()
    return _save_beside(session, assessment, asked, SINCE, formdata, now=now)


def _save_beside(session, assessment, asked, stop, formdata, *, now):
    instrument = journey_of(assessment).instrument
    form = forms.make_form(forms.question_fields(instrument, asked), formdata)
    keep_background(assessment, asked, checked(form), now=now)
    return move_on(session, assessment, stop)


def keep_background(assessment, questions, form, *, now):
    """Each answer in one row; codes of many are parted by semicolons."""
    stored = {row.question_id: row for row in assessment.background}
    for question in questions:
        given = form[question.id].data or ""
        value = given if isinstance(given, str) else ";".join(given)
        row = stored.get(question.id)
        if not value:
            if row is not None:
                assessment.background.remove(row)
            continue
        if row is None:
            row = BackgroundAnswer(question_id=question.id)
            assessment.background.append(row)
        row.value, row.question_version, row.answered_at = value, question.version, now


def save_helped(session, assessment_id, given):
    """Store who helped; the question may be left out."""
    assessment = find_open(session, assessment_id)
    if given is not None and given not in HELPERS:
        raise InvalidAnswers({"helped": forms.CHOOSE_ONE})
    assessment.assisted_by = given or assessment.assisted_by
    return move_on(session, assessment, "helped")


def save_comment(session, assessment_id, formdata, *, now):
    """Store the comment, or take away one that was emptied."""
    assessment = find_open(session, assessment_id)
    form = checked(forms.make_form(forms.comment_fields(), formdata))
    written = (form.comment.data or "").strip()
    if not written:
        assessment.comments.clear()
    elif assessment.comments:
        assessment.comments[0].text = written
        assessment.comments[0].written_at = now
    else:
        assessment.comments.append(Comment(text=written, written_at=now))
    return move_on(session, assessment, "comment")


def checked(form):
    """The form itself, or InvalidAnswers with what is wrong, by field."""
    if not form.validate():
        raise InvalidAnswers({name: said[0] for name, said in form.errors.items()})
    return form


def move_on(session, assessment, stop):
    """Keep how far the person has come, commit, and say where to go next.

    Going back to change an answer does not lose the place further on.
    """
    journey = journey_of(assessment)
    following = journey.after(stop)
    reached = journey.stop(assessment.position)
    if journey.stops.index(following) > journey.stops.index(reached):
        assessment.position = journey.position(following)
    session.commit()
    return following


def submit(session, assessment_id, *, now):
    """Close the assessment and score it, in one transaction; once and for all.

    A second call, from another tab or after a lost connection, changes nothing.
    """
    assessment = Assessment.locked(session, assessment_id)
    if assessment is None or assessment.withdrawn_at is not None:
        raise AssessmentClosed()
    if assessment.submitted_at is None:
        close(session, assessment, now=now)
    session.commit()
    return assessment.receipt_code


def close(session, assessment, *, now, at=None):
    """Close a locked assessment, give it its receipt and score it; the caller commits.

    `at` is when the answers count as given, where that was before they came in.
    """
    assessment.submitted_at = at or now
    assessment.receipt_code = receipt_for(session, assessment.invitation)
    assessment.position = "done"
    adaptive.finish(assessment)
    session.add_all(score_assessment(assessment, now=now))
    if assessment.invitation is not None and not assessment.invitation.is_open:
        assessment.invitation.status = "answered"
    recontact.invite(session, assessment)


def receipt_for(session, invitation):
    """The receipt that paper promised to this person if still free, or a new one."""
    promised = invitation.promised_receipt if invitation is not None else None
    taken = promised and session.scalar(
        select(Assessment.id).where(Assessment.receipt_code == promised)
    )
    return promised if promised and not taken else new_receipt()
