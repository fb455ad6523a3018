"""No page that is only looked at makes anybody wait: a GET takes no lock."""

from datetime import timedelta

import pytest
from flask import url_for

from surveyapp.auth import sessions
from surveyapp.models import RoleGrant
from surveyapp.models.staff import ROLES

from .. import factories
from .lock_watch import watching
from .respond.visitor import Visitor
from .signing_in import sign_in
from .test_access import world  # noqa: F401  (a fixture)

# Ends the session of somebody who is signed in already, in one statement.
SIGNS_OUT = {"security.two_factor_token_validation"}


def addresses(app, numbers):
    """Endpoint and address of each page, its numbers filled in."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in rule.methods and rule.endpoint not in SIGNS_OUT:
                values = {n: numbers.get(n, "en") for n in rule.arguments}
                yield rule.endpoint, url_for(rule.endpoint, **values)


def lockers(app, client, pages):
    """The pages that locked something, of those that do not say that they write."""
    found = {}
    for endpoint, address in pages:
        with watching() as watch:
            client.get(address)
        if watch.holds and not getattr(app.view_functions[endpoint], "writes", False):
            found[endpoint] = [hold.statements for hold in watch.holds]
    return found


@pytest.fixture
def held(world):  # noqa: F811
    """Something of one trust for every kind of number in an address."""
    world.numbers |= {"page": 1, "number": 2}
    return world


def test_no_page_of_staff_takes_a_lock(app, client, session, held, monkeypatch):
    # That somebody is there is noted each minute, which a walk on a busy machine takes.
    monkeypatch.setattr(sessions, "NOTE_EVERY", timedelta(days=1))
    user = sign_in(client, session, ROLES[0], held.trust)
    user.grants += [RoleGrant(role=role, trust=held.trust) for role in ROLES[1:]]
    session.commit()
    assert lockers(app, client, [*addresses(app, held.numbers)]) == {}


def test_no_page_of_a_respondent_takes_a_lock(app, client, session, held):
    factories.make_invitation(session, token="of-the-walk", is_open=True)
    Visitor(client).begin(token="of-the-walk")
    pages = [*addresses(app, held.numbers | {"token": "of-the-walk"})]
    assert lockers(app, client, pages) == {}
