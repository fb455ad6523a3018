"""Fixtures of the tests in which things break."""

import pytest

from .. import factories


@pytest.fixture
def link(session):
    """An open link to a campaign, with the token `open`."""
    invitation = factories.make_invitation(session, token="open", is_open=True)
    session.commit()
    return invitation
