"""Who has answered, in numbers: the funnel equals the records, and tells of nobody."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from surveyapp.database import utc_now
from surveyapp.models import Contact, Message
from surveyapp.tracking import response_funnel as funnel

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(app, client, session):
    made = factories.make_campaign(session, asks_contacts=True)
    sign_in(client, session, "coordinator", made.trust)
    session.info["app"] = app
    return made


def ask(session, campaign, n, *, channel="email", status="sent", answers=0, **given):
    """Invite `n` people of one team by a message; of the first some have answered."""
    held = {"retain_until": utc_now() + timedelta(days=90), "perspective": "carer"}
    team = given.pop("team", campaign.teams[0])
    for k in range(n):
        contact = Contact(trust=campaign.trust, team=team, name=f"Person {k}", **held)
        with session.info["app"].app_context():  # names are encrypted
            factories.added(session, contact)
        token = f"{team.id}-{channel}-{status}-{k}"
        made = factories.make_invitation(
            session, campaign, token, contact=contact, team=team, **given
        )
        key = {"template": "first", "idempotency_key": token}
        session.add(Message(invitation=made, channel=channel, status=status, **key))
        if k < answers:
            factories.make_assessment(
                session,
                campaign,
                "carer",
                invitation=made,
                started_at=factories.LONG_AGO - timedelta(minutes=9 + k),
                submitted_at=factories.LONG_AGO,
            )
    session.commit()


def found(session, campaign):
    with session.info["app"].app_context():
        return funnel.funnel_of(session, campaign, now=utc_now())


def test_the_funnel_equals_the_records(session, campaign):
    ask(session, campaign, 20, answers=12)
    ask(session, campaign, 10, channel="sms", status="failed")
    ask(session, campaign, 10, channel="print", answers=2)
    total = found(session, campaign).total.counts
    assert total == {
        "asked": 40,
        "sent": 30,
        "delivered": 0,
        "opened": 14,
        "started": 14,
        "submitted": 14,
        "declined": 0,
        "undeliverable": 10,
    }
    by = found(session, campaign).by
    assert {row.name: row.counts["submitted"] for row in by["way"]} == {
        "E-mail": 12,
        "Letter": 2,
        "Text": 0,
    }
    assert set(by) == {"way"}  # one team, month, wave and perspective: no table
    assert found(session, campaign).rate == (35, 22, 50)


def test_withdrawn_and_second_sendings_are_no_answers_and_a_no_is_one(
    session, campaign
):
    ask(session, campaign, 12, answers=5)
    rows = session.query(factories.Assessment).order_by(factories.Assessment.id).all()
    rows[0].withdrawn_at = utc_now()
    rows[1].duplicate_number = 2
    last = select(func.max(Contact.id)).scalar_subquery()
    session.execute(
        update(Contact).where(Contact.id == last).values(opted_out_at=utc_now())
    )
    session.commit()
    seen = found(session, campaign)
    assert (seen.total.counts["submitted"], seen.total.counts["started"]) == (3, 5)
    assert seen.total.counts["declined"] == 1
    assert (seen.n_listed, seen.n_suppressed) == (12, 1)


def test_rows_of_few_people_do_not_tell_what_they_did(session, campaign):
    teams = [
        factories.make_team(session, campaign.trust, name) for name in ("Few", "More")
    ]
    ask(session, campaign, 20, answers=10)
    ask(session, campaign, 4, answers=1, team=teams[0])
    ask(session, campaign, 9, answers=3, team=teams[1])
    rows = {row.name: row for row in found(session, campaign).by["team"]}
    assert rows["Few"].counts["asked"] == 4 and not rows["Few"].is_shown
    assert not rows["More"].is_shown  # by which the few could be had from the total
    assert rows["Harbour team"].counts["submitted"] == 10


def test_links_that_many_use_are_counted_apart_and_have_no_rate(session, campaign):
    poster = factories.make_invitation(session, campaign, "poster", is_open=True)
    for sent in (None, factories.LONG_AGO):
        factories.make_assessment(
            session, campaign, invitation=poster, submitted_at=sent
        )
    session.commit()
    seen = found(session, campaign)
    assert (seen.n_open, seen.n_open_sent, seen.rate) == (2, 1, None)
    assert seen.total.counts["asked"] == 0


def test_where_people_stopped_and_how_long_it_took(session, campaign):
    ask(session, campaign, 9, answers=5)
    assert funnel.minutes(session, campaign) == (10, 11, 12)
    for position in ("role", "item:parity_asked", "item:parity_asked", "check"):
        factories.make_assessment(session, campaign, position=position)
    assert funnel.left_at(session, campaign) == []  # four are too few
    factories.make_assessment(session, campaign, position="check")
    places = dict(funnel.left_at(session, campaign))
    assert places["Before the statements"] == 1
    assert places["After the statements"] == 2
    assert sum(places.values()) == 5


def test_the_page_shows_the_numbers_as_picture_table_and_file(
    client, session, campaign
):
    campaign.n_wanted = 50
    ask(session, campaign, 20, answers=12)
    ask(session, campaign, 10, channel="print", answers=3)
    address = f"/campaigns/{campaign.id}/responses/"
    page = client.get(address).text
    assert "Asked 30" in page and "Sent answers 15" in page  # the picture's words
    assert "50 % of those asked" in page and "15 of 50 answers hoped" in page
    assert "Person" not in page
    text = client.get(f"{address}responses.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["which"], r["submitted"]) for r in rows] == [
        ("All", "15"),
        ("E-mail", "12"),
        ("Letter", "3"),
    ]


def test_pages_that_count_later_waves_say_so(client, session, campaign):
    for wave in (1, 1, 2):
        factories.make_assessment(
            session, campaign, wave=wave, submitted_at=factories.LONG_AGO
        )
    session.commit()
    assert (
        "1 more were sent when people" in client.get(f"/campaigns/{campaign.id}").text
    )
    sign_in(client, session, "researcher", campaign.trust)
    page = client.get("/research/").text
    assert "3 sent so far: 2 for the first time, 1 when asked again" in page
