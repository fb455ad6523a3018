"""The columns of an export that stand before the items: whose answers, and when."""

import hmac

from flask import current_app

from ... import bank
from ...assessments import gate
from ...assessments.item_order import Arrangement
from ...assessments.labels import USUAL
from ...assessments.questions import questions_of
from ...calendar import LONDON

COLUMNS = {
    "person": "Stands for one person; the same in every row of theirs",
    "team": "Team, as a number that stands for it",
    "quarter": "Quarter of submission, in Europe/London",
    "wave": "1 for the first time, 2 for the retest, and so on",
    "days_since_first": "Days since this person first sent answers; empty in wave 1",
    "stability": "At a retest: has anything changed since last time",
    "transition": "At a follow-up: how much it has changed since last time",
    "transition_importance": "At a follow-up: whether that change matters",
    "item_order": "as_printed, rotated (blocks in turns), mixed, booklets, or adaptive",
    "first_part": "The prerequisite that was asked about first",
    "booklet": "Which part of the form the person got, where it came in booklets",
    "variant": "Where two variants of the form were given: a, as published, or another",
    "perspective": "Whose experience: service_user, carer or professional",
    "mode": "web, paper, telephone or face_to_face",
    "assisted_by": "Who helped, if anyone did",
    "language": "Language of the form",
    "words": "usual, or the edition in other words, such as easy_read.v1",
    "care_plan": "Is there a care plan: yes, no, not_sure",
    "wants_plan": "Of who has none: is one wanted: yes, no, not_sure",
    "in_spite": "Items about the plan answered although there is none; not scored",
    "synthetic": "1 where the answers are made up for a demonstration",
}


def about(assessment):
    """One assessment's cells in the order of COLUMNS; None where there is nothing."""
    here = assessment.submitted_at.astimezone(LONDON)
    said = {row.question_id: row.value for row in assessment.background}
    return (
        pseudonym(assessment.respondent),
        assessment.team_id,
        f"{here.year}Q{(here.month + 2) // 3}",
        assessment.wave,
        days_since_first(assessment),
        said.get("stability"),
        said.get("transition"),
        said.get("transition_importance"),
        *_order(assessment),
        assessment.perspective,
        assessment.mode,
        assessment.assisted_by,
        assessment.language,
        (assessment.presentation or {}).get("words", USUAL),
        assessment.care_plan,
        assessment.wants_plan,
        len(gate.uncounted(assessment, bank.instrument(assessment.instrument))),
        int(assessment.is_synthetic),
    )


def pseudonym(respondent):
    """A name for exports alone, which leads back to nothing without our key.

    The letter before it keeps spreadsheets from reading 123456789012 or 12345678e901
    as a number.
    """
    key = current_app.config["PROM"].derived_key("exports").encode()
    digest = hmac.new(key, respondent.pseudonym.encode(), "sha256").hexdigest()
    return f"p{digest[:12]}"


def days_since_first(assessment):
    """Whole days, by the calendar in London, since the same person's first answers."""
    if assessment.wave == 1:
        return None
    for other in assessment.respondent.assessments:
        is_first = other.wave == 1 and other.perspective == assessment.perspective
        stands = other.submitted_at is not None and other.withdrawn_at is None
        if is_first and stands and other.campaign_id == assessment.campaign_id:
            first, later = (
                each.submitted_at.astimezone(LONDON).date()
                for each in (other, assessment)
            )
            return (later - first).days
    return None


def _order(assessment):
    """How the items were ordered, what came first, which booklet and variant it was."""
    first = questions_of(assessment).blocks[0].prerequisite
    if assessment.arrangement is None:
        is_adaptive = bank.instrument(assessment.instrument).adaptive
        return "adaptive" if is_adaptive else "as_printed", first, None, None
    given = Arrangement.read(assessment.arrangement)
    booklet = given.booklet(assessment.instrument)
    return given.kind, first, booklet, given.variant


def codes(instrument):
    """Column, code and label of what is asked of those who come back."""
    for question in instrument.follow_up:
        for code, label in question.options.items():
            yield question.id, code, label
