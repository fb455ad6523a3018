"""A person with an open link to a campaign for service users and carers."""

import pytest

from ...factories import make_campaign, make_invitation
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
