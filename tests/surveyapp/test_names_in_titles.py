"""A name that somebody gave stands in the title of a page as text, whatever it is."""

import pytest

from .. import factories
from .hostile import wrongs
from .signing_in import sign_in

NAME = "</title><script>q7x()</script><q7x>"


@pytest.mark.one_database
@pytest.mark.parametrize("role", ["administrator", "coordinator", "lead"])
def test_no_name_leaves_its_title(client, session, role):
    campaign = factories.make_campaign(session, title=NAME, headline=NAME)
    campaign.trust.name = campaign.teams[0].name = NAME
    user = sign_in(client, session, role, campaign.trust)
    user.name = NAME
    session.commit()
    pages = {
        "administrator": (f"/admin/trusts/{campaign.trust_id}/staff", "/admin/"),
        "coordinator": (
            f"/campaigns/{campaign.id}",
            f"/campaigns/{campaign.id}/life/",
            f"/campaigns/{campaign.id}/settings/",
        ),
        "lead": (f"/tracking/{campaign.trust_id}/service_user",),
    }
    for address in pages[role]:
        reply = client.get(address)
        assert reply.status_code == 200 and [*wrongs(reply)] == [], address
        assert reply.text.count("</title>") == 1
