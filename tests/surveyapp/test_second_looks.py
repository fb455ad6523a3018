"""What cannot be undone is looked at twice: no list has a button that does it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import inspect

from surveyapp.database import utc_now
from surveyapp.models import Contact, Invitation

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.one_database
FORMS = re.compile(r'<form method="post" action="([^"]+)"')


@pytest.fixture
def acts(app, client, session):
    """Name -> page of the list, page that asks once more, address, what it is about."""
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    poster = factories.make_invitation(session, campaign, "poster", is_open=True)
    personal = factories.make_invitation(session, campaign, "personal", label="1-1")
    waiting = factories.make_message(session, Invitation(campaign=campaign))
    kept = {"retain_until": utc_now() + timedelta(days=90), "name": "Ada Moor"}
    with app.app_context():  # names are encrypted
        ada = factories.added(
            session,
            Contact(trust=campaign.trust, postal_address="1 High Street", **kept),
        )
    to_ada = Invitation(campaign=campaign, contact=ada)
    letter = factories.make_message(session, to_ada, channel="print", status="sent")
    mailing = factories.make_mailing(session, campaign)
    session.commit()
    here = f"/campaigns/{campaign.id}"
    links, outbox = f"{here}/links/", f"{here}/outbox"
    chosen, made = f"confirm?link={personal.id}", f"{outbox}/mailings/{mailing.id}"
    poster_list = f"{here}/open-links/{poster.id}"
    poster_at, letter_at = f"{poster_list}/close", f"{outbox}/{letter.id}/anew"
    cancel, give_up = f"{outbox}/cancel", f"{made}/given-up"
    return {
        "poster": (poster_list, poster_at, poster_at, poster),
        "close": (
            f"{links}?find=1",
            f"{links}close/{chosen}",
            f"{links}close",
            personal,
        ),
        "anew": (f"{links}?find=1", f"{links}anew/{chosen}", f"{links}anew", personal),
        "letter": (f"{outbox}/?status=sent", letter_at, letter_at, letter),
        "cancel": (f"{outbox}/?status=due", cancel, cancel, waiting),
        "mailing": (made, give_up, give_up, mailing),
    }


NAMES = ("poster", "close", "anew", "letter", "cancel", "mailing")


def state_of(session, record):
    session.expire_all()
    return {c.name: getattr(record, c.key) for c in inspect(type(record)).columns}


@pytest.mark.parametrize("name", NAMES)
def test_what_closes_for_good_is_asked_once_more(client, session, acts, name):
    assert set(acts) == set(NAMES)
    listed, look, address, record = acts[name]
    before = state_of(session, record)
    page = client.get(listed).text
    assert address not in FORMS.findall(page) and address in page
    asked = client.get(look)
    assert address in FORMS.findall(asked.text) and "Leave" in asked.text
    assert state_of(session, record) == before  # a look changes nothing
    fields = dict(re.findall(r'name="(link|once)" value="([^"]+)"', asked.text))
    assert client.post(address, data=fields).status_code in (200, 303)


def test_a_second_look_at_what_is_of_another_trust_is_not_found(client, session, acts):
    sign_in(client, session, "coordinator", factories.make_trust(session, "Southmoor"))
    assert {client.get(look).status_code for _, look, _, _ in acts.values()} == {404}


def test_a_second_look_at_no_link_says_so(client, acts):
    look = acts["close"][1].partition("?")[0]
    reply = client.get(look)
    assert reply.status_code == 422 and "Tick the links" in reply.text
