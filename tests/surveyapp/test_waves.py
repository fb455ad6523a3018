"""The coordinator's page about asking again: dates, few numbers, whom to write to."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp.assessments import recontact, reminders
from surveyapp.campaigns import asking_again
from surveyapp.database import utc_now
from surveyapp.links import token_hash
from surveyapp.models import (
    AuditEvent,
    CampaignWave,
    Consent,
    Contact,
    ContactKey,
    Invitation,
    InvitationToken,
    Suppression,
)

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

ASKED = {"kind": "retest", "after_days": "14", "window_days": "14"}


@pytest.fixture
def campaign(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    return campaign


def first_answers(session, campaign, days_ago, *agreed_to, contact=None):
    """Someone who sent answers `days_ago`, and what they agreed to besides."""
    first = factories.make_assessment(
        session,
        campaign,
        submitted_at=utc_now() - timedelta(days=days_ago),
        consents=[
            Consent(statement_id=f"consent_{name}", statement_version=1, given=True)
            for name in ("taking_part", *agreed_to)
        ],
        invitation=factories.make_invitation(
            session, campaign, token=f"personal-{contact}-{days_ago}", contact=contact
        ),
    )
    return first


def answers_again(session, first, wave=2, agreed=True):
    consent = Consent(statement_id="consent_retest", statement_version=1, given=agreed)
    factories.make_assessment(
        session,
        first.campaign,
        respondent=first.respondent,
        wave=wave,
        submitted_at=utc_now(),
        consents=[consent],
    )


def counted(session, campaign, minimum=5):
    return asking_again.counts(session, campaign, now=utc_now(), minimum=minimum)


def test_a_wave_is_added_in_the_audit_and_shown(client, session, campaign):
    address = f"/campaigns/{campaign.id}/waves/"
    assert client.post(address, data=ASKED).status_code == 303
    wave = session.scalars(select(CampaignWave)).one()
    assert (wave.number, wave.kind, wave.after_days) == (2, "retest", 14)
    assert "Retest after 14 days, open for 14" in client.get(address).text
    event = session.scalars(select(AuditEvent).filter_by(action="wave.added")).one()
    assert event.subject == f"campaign:{campaign.id}"


@pytest.mark.parametrize(
    "changed, says",
    [
        ({"kind": "again"}, "Choose what asking again is for"),
        ({"after_days": "0"}, "Choose a number from 1 to 1100"),
        ({"after_days": "soon"}, "Choose a number from 1 to 1100"),
        ({"window_days": "91"}, "Choose a number from 1 to 90"),
    ],
)
def test_a_wave_that_makes_no_sense_is_shown_again(client, campaign, changed, says):
    response = client.post(f"/campaigns/{campaign.id}/waves/", data=ASKED | changed)
    assert response.status_code == 422
    assert says in response.text


def test_a_further_wave_begins_when_the_one_before_is_over(client, session, campaign):
    factories.make_wave(session, campaign)
    address = f"/campaigns/{campaign.id}/waves/"
    follow_up = ASKED | {"kind": "follow_up", "after_days": "27"}
    response = client.post(address, data=follow_up)
    assert "Choose a number from 28 to 1100" in response.text
    assert (
        client.post(address, data=follow_up | {"after_days": "180"}).status_code == 303
    )
    numbers = session.scalars(select(CampaignWave.number).order_by("number"))
    assert [*numbers] == [2, 3]


def test_who_agreed_before_there_was_a_wave_is_invited(client, session, campaign):
    first_answers(session, campaign, 3, "retest")
    first_answers(session, campaign, 4)
    client.post(f"/campaigns/{campaign.id}/waves/", data=ASKED)
    back = select(Invitation).where(Invitation.respondent_id.is_not(None))
    assert len(session.scalars(back).all()) == 1


@pytest.fixture
def going_on(app, session, campaign):
    """Agreed: 6 not yet due, 7 whose time is now, 8 who answered, 9 who missed it."""
    factories.make_wave(session, campaign)
    with app.app_context():
        for n, days in ((6, 3), (7, 15), (8, 20), (9, 40)):
            for k in range(n):
                first = first_answers(session, campaign, days + k / 1000, "retest")
                recontact.invite(session, first)
                if days == 20:
                    answers_again(session, first)
        first_answers(session, campaign, 15)
    session.commit()
    return campaign


def test_a_coordinator_sees_how_asking_again_is_going(session, going_on):
    (count,) = counted(session, going_on)
    assert count.agreed == 30
    assert count.states == {"due": 6, "open": 7, "answered": 8, "missed": 9}


def test_few_people_are_not_counted_out_nor_given_away_by_the_sum(session, going_on):
    (count,) = counted(session, going_on, minimum=7)
    assert count.agreed == 30
    assert count.states == {"due": None, "open": None, "answered": 8, "missed": 9}
    (count,) = counted(session, going_on, minimum=31)
    assert count.agreed is None and set(count.states.values()) == {None}


def test_where_nobody_agreed_every_count_is_nought(session, campaign):
    factories.make_wave(session, campaign)
    (count,) = counted(session, campaign)
    assert (count.agreed, set(count.states.values())) == (0, {0})


@pytest.mark.parametrize("states", [(0, 3, 20, 0), (4, 4, 11, 12), (1, 10, 10, 10)])
def test_no_hidden_number_can_be_worked_out(states):
    given = dict(zip(asking_again.STATES, states))
    shown = asking_again.masked(None, *[asking_again.Counter(given)] * 2, 10).states
    hidden = [state for state in shown if shown[state] is None]
    assert len(hidden) >= 2
    assert sum(given[state] for state in hidden) >= 10


def test_who_said_no_when_asked_again_is_not_counted_for_the_next(session, going_on):
    factories.make_wave(session, going_on, 3, "follow_up", 180)
    for first in asking_again.first_assessments(session, going_on)[:5]:
        answers_again(session, first, agreed=False)
    session.commit()
    assert [count.agreed for count in counted(session, going_on)] == [30, 25]


def test_the_list_holds_who_may_be_written_to_with_their_days(
    app, client, session, campaign
):
    contact = Contact(trust=campaign.trust, name="Ada Example", retain_until=utc_now())
    factories.make_wave(session, campaign)
    with app.app_context():
        first = first_answers(
            session, campaign, 3, "retest", "contact", contact=contact
        )
        recontact.invite(session, first)
        unasked = first_answers(session, campaign, 4, "retest", contact=contact)
        recontact.invite(session, unasked)
        session.commit()
        page = client.get(f"/campaigns/{campaign.id}/waves/2/list").text
    assert page.count("Ada Example") == 1
    token = re.search(r"/s/([0-9a-f]{48})", page)[1]
    back = InvitationToken.invitation_by(session, token_hash=token_hash(token))
    assert back.respondent_id == first.respondent_id
    actions = session.scalars(select(AuditEvent.action)).all()
    assert "wave.listed" in actions


def test_a_wave_that_does_not_exist_has_no_list(client, campaign):
    assert client.get(f"/campaigns/{campaign.id}/waves/9/list").status_code == 404


def test_those_asked_again_do_not_count_as_new_personal_links(client, going_on):
    page = client.get(f"/campaigns/{going_on.id}/links/").text
    assert re.findall(r"(\d+) of (\d+) open", page) == [("31", "31")]


def test_nobody_is_listed_who_has_died_since(client, session, campaign):
    kept = {"retain_until": utc_now() + timedelta(days=99), "trust": campaign.trust}
    keys = [ContactKey(digest="d" * 32, kind="nhs")]
    contact = Contact(name="Ada Moor", keys=keys, **kept)
    first_answers(session, campaign, 20, "retest", "contact", contact=contact)
    client.post(f"/campaigns/{campaign.id}/waves/", data=ASKED)
    address = f"/campaigns/{campaign.id}/waves/2/list"
    assert "Ada Moor" in client.get(address).text
    of = {"trust_id": campaign.trust_id, "kind": "deceased"}
    session.add(Suppression(digest="d" * 32, as_of=utc_now().date(), **of))
    session.commit()
    assert "Ada Moor" not in client.get(address).text


@pytest.fixture
def asked_again(app, session, campaign):
    """Ten people who agreed to be written to again, and whose days are now."""
    factories.make_wave(session, campaign)
    kept = {"retain_until": utc_now() + timedelta(days=99), "trust": campaign.trust}
    firsts = []
    with app.app_context():
        for k in range(10):
            contact = Contact(name=f"Person {k}", perspective="service_user", **kept)
            agreed = 15 + k / 1000, "retest", "contact"
            first = first_answers(session, campaign, *agreed, contact=contact)
            recontact.invite(session, first)
            firsts.append(first)
    session.commit()
    return firsts


def on_the_list(client, session, campaign, wave=2):
    """Names on it after a night."""
    reminders.note_who_needs_none(session, None, None)
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/waves/{wave}/list").text
    return {*re.findall(r">(Person \d+)<", page)}


def test_a_name_leaves_the_list_with_nine_others_and_not_when_its_person_answers(
    client, session, campaign, asked_again
):
    everybody = {f"Person {k}" for k in range(10)}
    for first in asked_again[:9]:
        answers_again(session, first)
    assert on_the_list(client, session, campaign) == everybody
    answers_again(session, asked_again[9])
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/waves/2/list").text
    assert "Person 9" in page and "may have answered already" in page
    assert on_the_list(client, session, campaign) == set()


def test_what_is_told_of_a_wave_is_not_told_of_the_next(
    client, session, campaign, asked_again
):
    factories.make_wave(session, campaign, 3, "follow_up", 180)
    for first in asked_again:
        answers_again(session, first)
    session.commit()
    assert on_the_list(client, session, campaign) == set()
    answers_again(session, asked_again[0], wave=3)
    session.commit()
    assert len(on_the_list(client, session, campaign, wave=3)) == 10


def test_who_came_back_makes_no_first_answer_known(
    client, session, campaign, asked_again
):
    personal = select(Invitation).where(Invitation.respondent_id.is_(None))
    back = select(Invitation).where(Invitation.respondent_id.is_not(None))
    session.scalars(personal).first().status = "answered"
    for invitation in session.scalars(back):
        invitation.status = "answered"
    session.commit()
    on_the_list(client, session, campaign)
    session.expire_all()
    assert not any(i.needs_no_reminder for i in session.scalars(select(Invitation)))
