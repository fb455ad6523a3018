"""Whom an invitation to come back is of, and which contact is tied to it."""

import pytest

from surveyapp.assessments import recontact
from surveyapp.database import utc_now
from surveyapp.models import Consent, Contact, Message

from ... import factories

pytestmark = pytest.mark.one_database
ALL = ("taking_part", "retest", "contact")


def yes(*names):
    return [
        Consent(statement_id=f"consent_{name}", statement_version=1, given=True)
        for name in names
    ]


@pytest.fixture
def campaign(app, session):
    made = factories.make_campaign(session)
    factories.make_wave(session, made)
    with app.app_context():  # where codes are derived, and names are locked
        yield made


def written_to(session, campaign, name):
    """An invitation by which the trust wrote to somebody."""
    kept = Contact(trust=campaign.trust, name=name, retain_until=utc_now())
    return factories.make_invitation(session, campaign, name, contact=kept)


def answered(session, campaign, said=ALL, **given):
    made = factories.make_assessment(
        session,
        campaign,
        submitted_at=factories.LONG_AGO,
        consents=yes(*said),
        **given,
    )
    recontact.invite(session, made)
    session.commit()
    return made


@pytest.mark.parametrize(
    "said, came_by_contact, is_tied",
    [
        (ALL, True, True),
        (("taking_part", "retest"), True, False),
        (ALL, False, False),
    ],
)
def test_a_contact_is_tied_where_there_is_one_and_both_were_agreed_to(
    session, campaign, said, came_by_contact, is_tied
):
    came_by = written_to(session, campaign, "Ada") if came_by_contact else None
    first = answered(session, campaign, said, invitation=came_by)
    back = recontact.invitation_of(session, first)
    assert (back.contact is not None) is is_tied


@pytest.mark.parametrize("lacks", ["retest", "first sending", "waves"])
def test_nobody_is_invited_who_is_not_to_be_asked_again(session, campaign, lacks):
    given = {}
    if lacks == "waves":
        campaign = factories.make_campaign(session)
    if lacks == "first sending":
        given = {"duplicate_number": 2}
    said = ("taking_part",) if lacks == "retest" else ALL
    first = answered(session, campaign, said, **given)
    assert recontact.invitation_of(session, first) is None


def test_an_invitation_is_of_one_person_campaign_and_perspective(session, campaign):
    first = answered(session, campaign)
    other_campaign = factories.make_campaign(session)
    factories.make_wave(session, other_campaign)
    others = [
        answered(session, campaign),
        answered(session, campaign, perspective="carer", respondent=first.respondent),
        answered(session, other_campaign, respondent=first.respondent),
    ]
    found = [recontact.invitation_of(session, each) for each in (first, *others)]
    assert len({back.id for back in found}) == 4
    assert [(b.campaign, b.respondent_id, b.perspective) for b in found] == [
        (each.campaign, each.respondent_id, each.perspective)
        for each in (first, *others)
    ]


def test_the_contact_is_the_one_that_the_first_answers_came_from(session, campaign):
    later = answered(  # which was taken in before
        session, campaign, wave=2, invitation=written_to(session, campaign, "D")
    )
    person = later.respondent
    first = answered(
        session,
        campaign,
        respondent=person,
        invitation=written_to(session, campaign, "A"),
    )
    answered(session, campaign, invitation=written_to(session, campaign, "B"))
    answered(
        session,
        campaign,
        perspective="carer",
        respondent=person,
        invitation=written_to(session, campaign, "C"),
    )
    assert recontact.contact_of(session, first).name == "A"
    assert recontact.contact_of(session, later).name == "A"


@pytest.mark.parametrize("taken_back", ["retest", "contact"])
def test_only_messages_to_who_takes_it_back_are_stopped(session, campaign, taken_back):
    people = [
        answered(session, campaign, invitation=written_to(session, campaign, name))
        for name in ("A", "B")
    ]
    messages = []
    for person in people:
        back = recontact.invitation_of(session, person)
        due = {"channel": "email", "template": "retest"}
        messages.append(Message(invitation=back, idempotency_key=f"{back.id}", **due))
    session.add_all(messages)
    session.commit()
    for consent in people[0].consents:
        consent.given = consent.statement_id != f"consent_{taken_back}"
    recontact.settle(session, people[0])
    session.commit()
    for each in messages:
        session.refresh(each)
    assert [message.status for message in messages] == ["cancelled", "due"]
    backs = [recontact.invitation_of(session, person) for person in people]
    assert [back.contact is not None for back in backs] == [False, True]


def test_settling_invites_who_agrees_only_now_and_nobody_else(session, campaign):
    first = answered(session, campaign, ("taking_part",))
    recontact.settle(session, first)
    assert recontact.invitation_of(session, first) is None
    first.consents += yes("retest")
    recontact.settle(session, first)
    assert recontact.invitation_of(session, first) is not None


def test_whoever_took_part_twice_has_one_invitation(session, campaign):
    first = answered(session, campaign)
    back = recontact.invitation_of(session, first)
    recontact.invite(session, first)
    session.commit()
    assert recontact.invitation_of(session, first).id == back.id
