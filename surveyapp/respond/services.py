"""What the journey stores. Each call commits once, and what it took is then on disk."""

from dataclasses import dataclass

from .. import bank
from ..assessments import adaptive, gate, notices
from ..assessments.consent import forget_consent, keep_consent
from ..assessments.journey import SINCE, WANTS_PLAN, journey_of
from ..assessments.labels import CHOOSE_ONE
from ..assessments.questions import questions_of
from ..assessments.submission import keep_background
from ..errors import InvalidAnswers, NotFound
from ..models import Assessment, Comment
from . import forms, visit_rows
from .visit_rows import AssessmentRecord


@dataclass(frozen=True)
class NextStop:
    """Where a page that was stored leads.

    `is_amid` says that an adaptive form has questions to come; `leaves_out` that an
    item of the page has no answer.
    """

    stop: str
    is_amid: bool
    leaves_out: bool = False


def keep_display(session, assessment_id, chosen, language):
    """Store how this person wants to see the pages, and in which language."""
    assessment = Assessment.locked(session, assessment_id)
    assessment.presentation, assessment.language = dict(chosen), language
    session.commit()


def pass_stop(session, assessment_id, stop):
    """Keep that a page which stores nothing of the answers was read; the next stop."""
    assessment = Assessment.locked_open(session, assessment_id)
    return move_on(session, assessment, journey_of(assessment), stop)


def save_care_plan(session, assessment_id, given, *, now):
    """Store whether there is a care plan; the question may be left out."""
    assessment = Assessment.locked_open(session, assessment_id)
    options = questions_of(assessment).instrument.gate.options
    if given is not None and given not in options:
        raise InvalidAnswers({"care_plan": CHOOSE_ONE})
    assessment.care_plan = given or assessment.care_plan
    adaptive.pass_settled(assessment, now=now)
    journey = journey_of(assessment)
    return move_on(session, assessment, journey, journey.gate_stop)


def save_wants_plan(session, assessment_id, given, *, now):
    """Store whether who has no plan would want one; it may be left out."""
    assessment = Assessment.locked_open(session, assessment_id)
    instrument = questions_of(assessment).instrument
    if not gate.asks_wanted(assessment, instrument):
        raise NotFound()
    if given is not None and given not in instrument.gate.follow_up.options:
        raise InvalidAnswers({"wants_plan": CHOOSE_ONE})
    assessment.wants_plan = given or assessment.wants_plan
    adaptive.pass_settled(assessment, now=now)
    return move_on(session, assessment, journey_of(assessment), WANTS_PLAN)


def save_page(session, asked, number, formdata, *, now):
    """Store one page of answers; each is on disk when this returns.

    `asked` is the assessment, as its model, or as the record of its visit; then
    `session` is the connection that it was read by. Returns the NextStop. Raises
    AssessmentClosed after submission, and InvalidAnswers when a value is not a
    category of its item; in both cases nothing is stored. What was sent counts
    wherever it would be asked now: the pages may have been laid out anew, in another
    tab, since this one was shown.
    """
    if isinstance(asked, AssessmentRecord):
        return _save_rows(session, asked, number, formdata, now=now)
    assessment = Assessment.locked_open(session, asked.id)
    journey = journey_of(assessment)
    items, place = page_sent(journey, number, formdata)
    assessment.record(forms.replies_sent(items, formdata), now=now)
    if bank.instrument(assessment.instrument).adaptive:
        adaptive.go_on(assessment, items, is_sure="asked" in formdata, now=now)
        journey = journey_of(assessment)  # a page longer, or none to come
    answered = {answer.item_id for answer in assessment.answers}
    leaves_out = any(item.id not in answered for item in journey.page(number) or ())
    return move_on(session, assessment, journey, str(place), leaves_out=leaves_out)


def _save_rows(connection, asked, number, formdata, *, now):
    """The same by statements alone, for a form that does not choose as it goes."""
    with connection.begin():
        assessment = visit_rows.locked_open(connection, asked)
        journey = journey_of(assessment)
        items, place = page_sent(journey, number, formdata)
        replies = forms.replies_sent(items, formdata)
        answered = visit_rows.record(connection, assessment.id, replies, now=now)
        leaves_out = any(item.id not in answered for item in journey.page(number) or ())
        following, position = further(journey, assessment.position, str(place))
        if position != assessment.position:
            visit_rows.move(connection, assessment.id, position)
    return NextStop(following, bool(journey.at_most), leaves_out)


def page_sent(journey, number, formdata):
    """The items that a form is about, and the number of the page they are on now."""
    sent, place = items_sent(journey, formdata), number
    if "stays" not in formdata:
        place = journey.page_of(number, [item.id for item in sent])
    page = journey.page(place)
    if page is None:
        raise NotFound()
    return [*page, *(item for item in sent if item not in page)], place


def items_sent(journey, formdata):
    """The instrument's items that a form has something for, in order."""
    return [item for item in journey.instrument.items if item.id in formdata]


def save_more(session, assessment_id, number, formdata, *, now):
    """Store one page of the questions beside the items; the next stop."""
    assessment = Assessment.locked_open(session, assessment_id)
    journey = journey_of(assessment)
    if not 1 <= number <= len(journey.more):
        raise NotFound()
    asked = journey.more[number - 1]
    _keep_beside(assessment, journey, asked, formdata, now=now)
    return move_on(session, assessment, journey, f"more-{number}")


def save_follow_up(session, assessment_id, formdata, *, now):
    """Store whether things have changed, of who comes back; the next stop."""
    assessment = Assessment.locked_open(session, assessment_id)
    journey = journey_of(assessment)
    if not journey.follow_up:
        raise NotFound()
    _keep_beside(assessment, journey, journey.follow_up, formdata, now=now)
    return move_on(session, assessment, journey, SINCE)


def _keep_beside(assessment, journey, asked, formdata, *, now):
    fields = forms.question_fields(journey.instrument, asked)
    form = checked(forms.make_form(fields, formdata))
    keep_background(assessment, forms.side_answers(asked, form), now=now)


def save_last_words(session, assessment_id, formdata, *, now):
    """Store who helped, and the comment with who may read it; either may be left out.

    A comment that was emptied is taken away.
    """
    assessment = Assessment.locked_open(session, assessment_id)
    statement = notices.comment_statement()
    fields = [
        *forms.helped_fields(),
        *forms.comment_fields(),
        *forms.statement_fields([statement]),
    ]
    form = checked(forms.make_form(fields, formdata))
    assessment.assisted_by = form.helped.data or assessment.assisted_by
    written, said = (form.comment.data or "").strip(), form[statement.id].data
    if written and said:
        keep_consent(assessment, [statement], {statement.id: said}, now=now)
    else:
        forget_consent(assessment, statement.id)
    if not written:
        assessment.comments.clear()
    elif assessment.comments:
        assessment.comments[0].text = written
        assessment.comments[0].written_at = now
    else:
        assessment.comments.append(Comment(text=written, written_at=now))
    return move_on(session, assessment, journey_of(assessment), "comment")


def checked(form):
    """The form itself, or InvalidAnswers with what is wrong, by field."""
    if not form.validate():
        raise InvalidAnswers({name: said[0] for name, said in form.errors.items()})
    return form


def move_on(session, assessment, journey, stop, *, leaves_out=False):
    """Keep how far the person has come, commit, and say where to go next.

    Going back to change an answer does not lose the place further on.
    """
    following, assessment.position = further(journey, assessment.position, stop)
    session.commit()
    return NextStop(following, bool(journey.at_most), leaves_out)


def further(journey, position, stop):
    """The stop after one that is done, and how far the person has come by it."""
    following = journey.after(stop)
    reached = journey.stop(position)
    if journey.stops.index(following) > journey.stops.index(reached):
        position = journey.position(following)
    return following, position
