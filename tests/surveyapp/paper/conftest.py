"""A campaign with two people who key its paper forms, and a third who looks."""

import pytest

from ... import factories
from .keyers import Keyer


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


@pytest.fixture
def keyers(app, client, session, campaign):
    """Three coordinators of the campaign's trust, each with a browser."""
    browsers = [client, type(client)(app), type(client)(app)]
    return [Keyer(browser, session, campaign.trust) for browser in browsers]
