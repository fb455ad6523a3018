"""What is kept of consent, changed, copied and taken away, statement by statement."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from surveyapp.assessments import consent
from surveyapp.database import utc_now
from surveyapp.errors import AssessmentClosed, InvalidAnswers
from surveyapp.models import AuditEvent, Consent

from ... import factories

pytestmark = pytest.mark.one_database


def said(statement_id, given=True, **more):
    return Consent(
        statement_id=statement_id,
        statement_version=more.pop("version", 1),
        given=given,
        notice_version=more.pop("notice", 1),
        **more,
    )


def kept(assessment):
    return {c.statement_id: c.given for c in assessment.consents}


@pytest.fixture
def assessment(session):
    consents = [said("one"), said("two", False), said(consent.COMMENT)]
    made = factories.make_assessment(session, consents=consents)
    session.commit()
    return made


def test_one_statement_is_forgotten_and_the_others_stay(assessment, session):
    consent.forget_consent(assessment, consent.COMMENT)
    session.commit()
    session.refresh(assessment)
    assert kept(assessment) == {"one": True, "two": False}


def test_what_was_agreed_to_is_copied_as_it_was_but_for_the_comment(
    assessment, session
):
    now = utc_now()
    first = next(c for c in assessment.consents if c.statement_id == "one")
    first.statement_version, first.notice_version = 3, 2
    other = factories.make_assessment(session, assessment.campaign)
    other.consents = [said("earlier")]
    consent.copy_consents(assessment, other, now=now)
    session.commit()
    assert kept(other) == {"earlier": True, "one": True, "two": False}
    copy = next(c for c in other.consents if c.statement_id == "one")
    assert (copy.statement_version, copy.notice_version) == (3, 2)
    assert copy.at == now
    assert len(assessment.consents) == 3


def test_a_statement_without_an_answer_is_named_by_its_place(app):
    with app.test_request_context(), pytest.raises(InvalidAnswers) as wrong:
        consent.check_complete({"one": "yes", "two": None, "three": ""})
    assert {*wrong.value.problems} == {"two", "three"}
    assert "2" in wrong.value.problems["two"] and "3" in wrong.value.problems["three"]
    assert consent.check_complete({"one": "yes", "two": "no"}) is None


def test_whoever_said_yes_to_this_very_statement_has_agreed(assessment):
    agreed = {s: consent.has_agreed(assessment, s) for s in ("one", "two", "three")}
    assert agreed == {"one": True, "two": False, "three": False}


@pytest.mark.parametrize("needed, says", [("one", True), ("two", False)])
def test_a_no_to_what_is_needed_is_a_no_to_taking_part(needed, says):
    statements = [
        SimpleNamespace(id="one", required=needed == "one"),
        SimpleNamespace(id="two", required=needed == "two"),
    ]
    form = SimpleNamespace(statements=statements)
    assert consent.refuses(form, {"one": "no", "two": "yes"}) is says


def changed(app, session, assessment_id, given):
    statement = SimpleNamespace(id="two", version=4)
    with app.app_context():
        consent.change(session, assessment_id, [statement], given, now=utc_now())


def test_a_change_is_kept_and_recorded_with_how_many_statements(
    app, session, assessment
):
    changed(app, session, assessment.id, {"two": "yes", "unknown": "yes"})
    session.rollback()  # what was done is kept
    session.refresh(assessment)
    assert kept(assessment) == {"one": True, "two": True, consent.COMMENT: True}
    event = session.scalars(select(AuditEvent)).one()
    assert (event.actor, event.action) == ("respondent", "consent.changed")
    assert event.subject == f"assessment:{assessment.id}"
    assert event.detail == {"n": 1}


def test_nobody_changes_what_was_withdrawn_or_is_not_there(app, session, assessment):
    assessment.withdrawn_at = utc_now()
    session.commit()
    for number in (assessment.id, assessment.id + 1000):
        with pytest.raises(AssessmentClosed):
            changed(app, session, number, {"two": "yes"})
        session.rollback()
    assert kept(assessment)["two"] is False
    assert session.scalars(select(AuditEvent)).all() == []
