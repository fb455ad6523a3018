"""Where few were asked, no page of staff changes when one of them answers."""

import re

import pytest
from sqlalchemy import select

from surveyapp.assessments import reminders
from surveyapp.database import utc_now
from surveyapp.models import Invitation, RoleGrant
from surveyapp.tracking import break_off

from .. import factories
from .crawler import crawl
from .messaging.making import make_contact, make_message, make_plan
from .signing_in import sign_in

pytestmark = pytest.mark.one_database
# What differs from one look at a page to the next, whoever has answered.
PASSING = re.compile(
    r'name="(?:csrf_token|once)" value="[^"]*"|nonce="[^"]*"|\d+ \w+ \d{4}, \d+:\d\d'
)
LEAVES = ("/preview/", "/staff/", "/about/", "/static/", "/tracking/")


@pytest.fixture
def campaign(app, client, session):
    """One person of a list was written to, and one has a link in the hand."""
    made = factories.make_campaign(session, asks_contacts=True)
    user = sign_in(client, session, "coordinator", made.trust)
    user.grants.append(RoleGrant(role="researcher", trust=made.trust))
    make_plan(session, made)
    factories.make_invitation(session, made, label="1-1")
    with app.app_context():  # names are encrypted
        sent = {"status": "sent", "sent_at": utc_now()}
        make_message(session, make_contact(session, made), made, **sent)
        session.commit()
    return made


def answer(app, session, campaign):
    """Both send answers that count, and a night passes."""
    for invitation in session.scalars(select(Invitation)).all():
        sent = {"submitted_at": utc_now(), "invitation": invitation}
        factories.make_assessment(session, campaign, **sent)
        invitation.status = "answered"
    session.commit()
    with app.app_context():
        reminders.note_who_needs_none(session, None, None)
        break_off.count_anew(session, campaign, now=utc_now())
        session.commit()


def told(client, campaign):
    """Address -> what every page of staff says, but for what passes anyway."""
    pages = crawl(client, ["/campaigns/", f"/campaigns/{campaign.id}", "/research/"])
    return {
        address: PASSING.sub("", page.text)
        for address, page in pages.items()
        if page.mimetype in ("text/html", "text/csv") and not address.startswith(LEAVES)
    }


def test_no_page_tells_whether_one_of_few_has_answered(app, client, session, campaign):
    before = told(client, campaign)
    answer(app, session, campaign)
    after = told(client, campaign)
    assert len(before) > 40 and set(before) == set(after)
    changed = {address for address in before if before[address] != after[address]}
    assert changed == set()
