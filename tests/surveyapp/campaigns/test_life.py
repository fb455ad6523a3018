"""A campaign is opened, paused, closed, opened again, archived, cloned and changed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.calendar import LONDON
from surveyapp.campaigns import check_list, life
from surveyapp.database import utc_now
from surveyapp.models import (
    AuditEvent,
    Campaign,
    CommentProtocol,
    Contact,
    ContactImport,
    Message,
)
from surveyapp.models.campaign import STATES

from ... import factories
from ..signing_in import sign_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(client, session):
    """A draft that a coordinator looks at, with its notices filled in."""
    made = factories.make_campaign(session, is_draft=True)
    factories.make_invitation(session, made, is_open=True)
    user = sign_in(client, session, "coordinator", made.trust)
    factories.make_comment_protocol(session, made, user)
    return made


def do(client, session, campaign, act, status=303, **fields):
    sent = client.post(f"/campaigns/{campaign.id}/life/{act}", data=fields)
    assert sent.status_code == status, sent.text[-900:]
    session.expire_all()
    return sent.text


def day(days):
    return (utc_now().astimezone(LONDON) + timedelta(days=days)).date().isoformat()


def settings(campaign, **changes):
    """What the page of settings sends when nothing was changed, and changes to it."""
    held = {
        "title": campaign.title,
        "headline": campaign.headline,
        "teams": [team.id for team in campaign.teams],
        "modes": campaign.modes,
        "languages": campaign.languages,
        "item_order": campaign.item_order,
        "opens": campaign.opens_at.astimezone(LONDON).date().isoformat(),
        "return_address": campaign.return_address,
        "contact": campaign.contact,
    }
    return {**held, **changes}


def save(client, session, campaign, status=303, **changes):
    address = f"/campaigns/{campaign.id}/settings/"
    sent = client.post(address, data=settings(campaign, **changes))
    assert sent.status_code == status, sent.text[-900:]
    session.expire_all()
    return sent.text


def admits(client):
    return client.get("/s/a-token").status_code


def test_a_campaign_lets_people_in_only_while_it_is_open(client, session, campaign):
    seen = []
    for act in ("open", "pause", "resume", "close", "reopen", "close", "archive"):
        do(client, session, campaign, act, reason="More answers are wanted")
        state = campaign.state(utc_now())
        seen.append(state)
        assert admits(client) == (200 if state == "open" else 410), act
    assert seen == "open paused open closed open closed archived".split()
    do(client, session, campaign, "restore")
    assert campaign.state(utc_now()) == "closed"
    actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
    assert [a for a in actions if a.startswith("campaign.")] == [
        "campaign.opened",
        "campaign.paused",
        "campaign.resumed",
        "campaign.closed",
        "campaign.reopened",
        "campaign.closed",
        "campaign.archived",
        "campaign.restored",
    ]
    page = client.get(f"/campaigns/{campaign.id}/life/").text
    assert "More answers are wanted" in page


def test_every_state_offers_exactly_the_acts_that_are_lawful_in_it(
    client, session, campaign
):
    now = utc_now()
    later, before = now + timedelta(days=2), now - timedelta(days=2)
    is_so = {
        "draft": {},
        "ready": {"is_draft": False, "opens_at": later},
        "open": {"is_draft": False},
        "paused": {"is_draft": False, "paused_at": before},
        "closed": {"is_draft": False, "closes_at": before},
        "archived": {"is_draft": False, "closes_at": before, "archived_at": before},
    }
    assert tuple(is_so) == STATES
    for state, changes in is_so.items():
        for name, value in changes.items():
            setattr(campaign, name, value)
        session.commit()
        assert campaign.state(now) == state
        for act in life.MAY:
            if act not in life.may(campaign, now):
                do(client, session, campaign, act, 422, reason="Why")
        campaign.is_draft, campaign.opens_at = True, before
        campaign.paused_at = campaign.closes_at = campaign.archived_at = None


def test_it_opens_and_closes_by_itself_on_its_days(client, session, campaign):
    save(client, session, campaign, opens=day(1), closes=day(2))
    do(client, session, campaign, "open")
    midnight = campaign.opens_at
    moment = timedelta(seconds=1)
    assert campaign.state(utc_now()) == "ready"
    assert campaign.is_open(midnight) and not campaign.is_open(midnight - moment)
    assert campaign.is_open(campaign.closes_at - moment)
    assert campaign.state(campaign.closes_at) == "closed"
    assert campaign.closes_at - midnight == timedelta(days=2)


def test_it_does_not_open_before_every_line_of_its_list_is_done(
    app, client, session, campaign
):
    save(client, session, campaign, asks_contacts="on")
    says = do(client, session, campaign, "open", 422)
    for lack in ("Nobody in the campaign", "No list of the last 30 days", "test mess"):
        assert lack in says
    trust, now = campaign.trust, utc_now()
    held = {"retain_until": now + timedelta(days=90), "team": campaign.teams[0]}
    with app.app_context():
        session.add(Contact(trust=trust, name="Ada Example", **held))
        for kind in ("deceased", "do_not_contact"):
            of = {"kind": kind, "stage": "done", "as_of": now.date()}
            session.add(ContactImport(trust=trust, **of))
        session.commit()
        lines = check_list.lines(session, campaign, now=now)
        assert [line.name for line in lines if not line.is_done] == ["message"]
        old = check_list.lines(session, campaign, now=now + timedelta(days=31))
        assert [line.name for line in old if not line.is_done] == ["lists", "message"]
    campaign.test_message_seen_at = now
    session.commit()
    do(client, session, campaign, "open")


def test_each_line_of_the_list_leads_to_the_page_where_it_is_mended(
    client, session, campaign
):
    campaign.asks_contacts, campaign.notices = True, []
    session.delete(session.get(CommentProtocol, campaign.id))
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/life/").text
    for address in ("notices/", "settings/", "comments/"):
        assert f'<a href="/campaigns/{campaign.id}/{address}">' in page
    assert f'<a href="/contacts/trust/{campaign.trust_id}">' in page
    assert page.count(">To&nbsp;do<") == 5
    assert "Open the campaign" not in page and "once every line above is done" in page


def test_what_can_be_opened_has_a_button_for_it(client, campaign):
    page = client.get(f"/campaigns/{campaign.id}/life/").text
    assert "Open the campaign" in page and "To&nbsp;do" not in page


def test_it_opens_again_with_a_reason_only(client, session, campaign):
    do(client, session, campaign, "open")
    do(client, session, campaign, "close")
    assert "Say why" in do(client, session, campaign, "reopen", 422)
    do(client, session, campaign, "reopen", 422, reason="Why", closes=day(-1))
    do(client, session, campaign, "reopen", reason="The post was late", closes=day(7))
    assert campaign.is_open(utc_now() + timedelta(days=7))
    assert not campaign.is_open(utc_now() + timedelta(days=9))


def test_what_people_could_read_is_kept_when_it_changes(client, session, campaign):
    save(client, session, campaign, headline="A draft's", contact="The team")
    assert campaign.versions == []
    do(client, session, campaign, "open")
    assert "A draft&#39;s" in client.get("/s/a-token").text
    save(client, session, campaign, headline="Your say")
    assert [v.shown["headline"] for v in campaign.versions] == ["A draft's"]
    assert campaign.versions[0].shown["contact"] == "The team"
    page = client.get("/s/a-token").text
    assert "Your say" in page and campaign.title not in page
    save(client, session, campaign, title="Internal, wave 1")
    assert len(campaign.versions) == 1


def test_what_others_have_begun_with_stays(client, session, campaign):
    second = factories.make_team(session, campaign.trust, "Moorside team")
    do(client, session, campaign, "open")
    teams = [campaign.teams[0].id, second.id]
    save(client, session, campaign, teams=teams, item_order="rotated")
    factories.make_assessment(session, campaign, team=second)
    session.commit()
    refused = {
        "item_order": {"item_order": "as_printed"},
        "People were asked about these teams already": {"teams": teams[:1]},
        "It has opened already": {"opens": day(3)},
        "Choose how people may answer": {"modes": []},
        "Enter today or a later day": {"closes": day(-3)},
        "Enter a title": {"title": " "},
        "validated in": {"languages": ["xx"]},
    }
    for says, change in refused.items():
        assert says in save(
            client, session, campaign, 422, **{"teams": teams, **change}
        )
    assert {team.name for team in campaign.teams} >= {"Moorside team"}


def test_the_next_wave_is_a_draft_with_the_same_choices(app, client, session, campaign):
    do(client, session, campaign, "open")
    save(client, session, campaign, n_wanted="200", contact="The team")
    answer = client.post(
        f"/campaigns/{campaign.id}/life/clone", data={"title": "Wave 2"}
    )
    made = session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()
    assert answer.location == f"/campaigns/{made.id}/settings/"
    assert (made.title, made.state(utc_now())) == ("Wave 2", "draft")
    assert (made.n_wanted, made.contact, made.notices) == (200, "The team", [])
    assert made.teams == campaign.teams and made.previous_id == campaign.id
    assert {c.instrument for c in made.instruments} == {
        c.instrument for c in campaign.instruments
    }
    with app.app_context():
        lines = check_list.lines(session, made, now=utc_now())
    assert [line.name for line in lines if not line.is_done] == ["notices"]
    assert "Wave 2" in client.get(f"/campaigns/{campaign.id}/life/").text


def test_a_draft_is_deleted_after_a_second_word_and_one_that_was_used_stays(
    client, session, campaign
):
    number = campaign.id
    page = client.get(f"/campaigns/{number}/life/delete/confirm").text
    assert "cannot be brought back" in page
    factories.make_import(session, campaign)
    session.commit()
    assert "was used already" in do(client, session, campaign, "delete", 422)
    other = factories.make_campaign(session, campaign.teams[0], is_draft=True)
    factories.make_invitation(session, other, "another-token", is_open=True)
    test = {"channel": "email", "template": "usual", "idempotency_key": "test.1"}
    session.add(Message(campaign_id=other.id, status="sent", **test))
    session.commit()
    title = other.title
    do(client, session, other, "delete")
    assert session.scalars(select(Campaign.id)).all() == [number]
    assert f"The draft {title} was deleted." in client.get("/campaigns/").text


def test_a_form_that_chooses_its_order_takes_the_usual_choice(client, session):
    trust = factories.make_trust(session, is_demonstration=True)
    factories.make_team(session, trust)
    sign_in(client, session, "coordinator", trust)
    page = client.get("/campaigns/").text
    assert bank.instrument("short_service_user.v2").title in page
    form = {"title": "A", "form": "demonstration_adaptive", "item_order": "rotated"}
    assert client.post("/campaigns/", data=form).status_code == 303
    assert session.scalars(select(Campaign)).one().item_order == "as_printed"
