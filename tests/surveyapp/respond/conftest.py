"""A person with an open link to a campaign for service users and carers."""

import pytest

from ...factories import make_campaign, make_invitation, make_team, make_trust
from .adaptive_visitor import AdaptiveVisitor
from .visitor import Visitor


@pytest.fixture
def campaign(session):
    return make_campaign(session)


@pytest.fixture
def open_link(session, campaign):
    return make_invitation(session, campaign, is_open=True)


@pytest.fixture
def visitor(client, open_link):
    return Visitor(client)


@pytest.fixture
def another_device(app):
    """A second browser with cookies of its own."""
    return Visitor(app.test_client())


@pytest.fixture
def adaptive_campaign(session):
    """One of the demonstration, whose form chooses the next question."""
    team = make_team(session, make_trust(session, is_demonstration=True))
    given = {p: f"demonstration_adaptive_{p}.v1" for p in ("service_user", "carer")}
    return make_campaign(session, team, given)


@pytest.fixture
def chooser(client, session, adaptive_campaign):
    """Someone with an open link to it, page after page."""
    make_invitation(session, adaptive_campaign, is_open=True)
    return AdaptiveVisitor(client)
