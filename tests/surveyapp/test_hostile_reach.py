"""What nobody sends who means well reaches every route, as whoever there is.

Other tests send more of it to whom a route is open; this one counts, by what the
application itself was asked, that no route and nobody is left out. Routes that are
refused by their names alone are tried as marked slow.
"""

import pytest
from flask import request

from surveyapp.auth import permissions
from surveyapp.models import RoleGrant
from surveyapp.models.staff import ROLES

from .. import factories
from .crawler import addresses
from .hostile import MARK, TEXTS
from .respond.visitor import Visitor
from .signing_in import sign_in
from .test_access import world  # noqa: F401
from .test_hostile_input import (  # noqa: F401
    QUERY,
    Sender,
    as_before,
    several,
    strict,
    strict_app,
    unclean,
    words_of,
)

# What ends a visit or a session is tried when all else was.
ENDS = ("security.logout", "entry.finish", "own_account.end", "staff.", "security.")
SENT = [name for name in TEXTS if name not in ("empty", "space", "wide")]


@pytest.fixture
def people(strict, session, world):  # noqa: F811
    """Name -> (a browser, a page that is theirs), of everybody who may come."""
    factories.make_invitation(session, token="open", is_open=True)
    elsewhere = factories.make_trust(session, "Southvale")
    found = {}

    def come(name, page):
        found[name] = strict(), page
        return found[name][0]

    come("anyone", "/").get("/")
    for role in ROLES:
        sign_in(come(role, "/staff/account/"), session, role, world.trust)
    user = sign_in(
        come("of another trust", "/staff/account/"), session, ROLES[0], elsewhere
    )
    user.grants += [RoleGrant(role=role, trust=elsewhere) for role in ROLES[1:]]
    Visitor(come("newcomer", "/survey/consent")).open_link("open")
    Visitor(come("respondent", "/survey/1")).begin(token="open")
    done = Visitor(come("who sent all", "/survey/done"))
    done.begin(token="open")
    done.submit()
    session.commit()
    return found


def is_for(name, endpoint):
    """Whether a page of that name is looked at, as far as its name decides."""
    if name in ROLES and name in permissions.roles_for(endpoint):
        return True
    return name == "of another trust" or permissions.is_open(endpoint)


def in_turn(app, numbers):
    """(Endpoint, method, address) of every route, with what ends things last."""
    every = [
        (endpoint, method, address)
        for method in ("GET", "POST")
        for endpoint, address in addresses(app, numbers, method=method)
    ]
    return sorted(every, key=lambda each: each[0].startswith(ENDS))


@pytest.mark.one_database
def test_every_route_meets_something_hostile_as_everybody(
    app,
    people,
    session,
    world,  # noqa: F811
    several,  # noqa: F811
    capfd,
):
    routes, is_all = in_turn(app, world.numbers), several(1) is None
    asked, wrong = set(), set()
    with as_before(app, session) as again:
        for n, (name, (browser, own)) in enumerate(people.items()):
            hooks = browser.application.before_request_funcs[None]
            hooks.insert(0, lambda: asked.add((name, request.endpoint, request.method)))
            sender = Sender(browser)
            assert browser.get(own).status_code == 200, name
            for k, (endpoint, method, address) in enumerate(routes):
                if not (is_all or is_for(name, endpoint)):
                    continue
                text = TEXTS[SENT[(n + k) % len(SENT)]]
                if method == "POST":
                    fields = words_of(app.view_functions[endpoint])
                    sender.ask(method, address, name, data=dict.fromkeys(fields, text))
                else:
                    query = dict.fromkeys(QUERY, text.encode("utf-8", "replace"))
                    sender.ask(method, address, name, query_string=query)
                if endpoint.startswith(ENDS) and browser.get(own).status_code != 200:
                    again()
            wrong |= sender.wrong
            wrong |= {("stored", "", name, each) for each in unclean(session)}
            hooks.pop(0)
            again()
    every = {(endpoint, method) for endpoint, method, _ in routes}
    for name in people:
        reached = {(endpoint, method) for who, endpoint, method in asked if who == name}
        missed = {each for each in every - reached if is_all or is_for(name, each[0])}
        assert missed == set(), name
    assert {each[1:] for each in asked} == every
    rules = app.url_map.iter_rules()
    beside = {r.endpoint for r in rules} - {endpoint for endpoint, _ in every}
    assert beside == {"static"}
    assert sorted(wrong) == []
    assert MARK not in capfd.readouterr().err
