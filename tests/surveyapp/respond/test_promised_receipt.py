"""The personal code that was printed on paper before there were any answers."""

import pytest
from sqlalchemy import func, select

from surveyapp.links import grouped, new_receipt
from surveyapp.models import Answer, Assessment, AuditEvent, Invitation

from ...factories import make_invitation
from .visitor import Visitor

pytestmark = pytest.mark.any_database


@pytest.fixture
def letter(session, campaign):
    """A personal invitation whose paper promises a receipt."""
    return make_invitation(
        session, campaign, "on-paper", promised_receipt=new_receipt()
    )


@pytest.fixture
def person(client, letter):
    return Visitor(client)


def withdraw(visitor, receipt):
    visitor.get("/withdraw")
    return visitor.post("/withdraw", receipt=receipt)


def test_answers_sent_online_get_a_code_that_is_not_on_the_paper(person, letter):
    person.begin(token="on-paper")
    person.submit()
    assert person.receipt != grouped(letter.promised_receipt)


def test_a_second_perspective_gets_a_code_of_its_own(person):
    person.begin(token="on-paper")
    person.submit()
    first = person.receipt
    person.post("/survey/again", role="carer")
    person.submit()
    assert person.receipt != first


def test_withdrawing_before_the_paper_is_keyed_closes_the_invitation(
    person, letter, session
):
    withdraw(person, grouped(letter.promised_receipt))
    assert person.path == "/withdrawn"
    session.expire_all()
    assert session.get(Invitation, letter.id).status == "withdrawn"
    withdraw(person, letter.promised_receipt)
    noted = select(func.count()).where(AuditEvent.action == "invitation.withdrawn")
    assert session.scalar(noted) == 1


def test_withdrawing_by_paper_touches_nothing_that_was_begun_online(
    person, letter, session
):
    person.begin(token="on-paper")
    person.get("/survey/1")
    person.post(parity_asked="2")
    withdraw(person, letter.promised_receipt)
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Answer)) == 1
    assert session.scalars(select(Assessment)).one().is_open
