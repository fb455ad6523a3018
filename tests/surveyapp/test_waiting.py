"""Nobody's answer waits for a file to be read: whatever is sent, and however long.

Each scenario is made twice, with a file and with one twice as long. What is done while
rows are locked must not grow with it, and nothing is read, set or rendered then.
"""

import io

import pytest

from surveyapp.campaigns import import_rows, import_work
from surveyapp.models import RoleGrant

from .. import factories
from .campaigns.earlier import csv_of, row
from .lock_watch import watching
from .signing_in import sign_in

SHORT, LONG = 60, 120
BATCH = 20
MOST_STATEMENTS = 60
# Where a file is parsed, nothing may be open either: PostgreSQL would keep it so.
PARSERS = (
    "yaml.",
    "surveyapp.delimited",
    "surveyapp.campaigns.import_table.Reader",
    "surveyapp.campaigns.import_table._Checker",
)


class World:
    """A coordinator and researcher, a campaign, and a browser."""

    def __init__(self, client, session):
        self.client, self.session = client, session
        self.campaign = factories.make_campaign(session)
        trust = self.campaign.trust
        user = sign_in(client, session, "coordinator", trust)
        user.grants.append(RoleGrant(role="researcher", trust=trust))
        session.commit()

    def send(self, address, raw=None, status=303, **fields):
        """Post a form, with a file where there is one."""
        file = {} if raw is None else {"file": (io.BytesIO(raw), "file.csv")}
        response = self.client.post(
            address, data={**fields, **file}, content_type="multipart/form-data"
        )
        assert response.status_code == status, response.text
        return response


@pytest.fixture
def world(client, session, worker_at_hand, monkeypatch):
    monkeypatch.setattr(import_work, "BATCH", BATCH)
    monkeypatch.setattr(import_rows, "AT_ONCE", BATCH)
    return World(client, session)


def earlier_answers(world, n):
    """From the file to the end, and away again; another is given up."""
    rows = [row(n * 1000 + k) for k in range(n)]
    sent = world.send(f"/imports/campaign/{world.campaign.id}", csv_of(*rows))
    world.send(f"{sent.location}/confirm", agreed="on")
    assert f"{n} rows were brought in" in world.client.get(sent.location).text
    world.send(f"{sent.location}/undo")
    assert "its answers are deleted" in world.client.get(sent.location).text
    bad = csv_of(*(each | {"mode": "pigeon"} for each in rows))
    sent = world.send(f"/imports/campaign/{world.campaign.id}", bad)
    assert f"0 of {n} rows are well" in world.client.get(sent.location).text
    world.send(f"{sent.location}/cancel")


SCENARIOS = {"importing.check": earlier_answers}


@pytest.mark.parametrize("endpoint", SCENARIOS)
def test_what_is_done_while_rows_are_locked_does_not_grow_with_a_file(world, endpoint):
    seen = []
    for n in (SHORT, LONG):
        with watching() as watch:
            SCENARIOS[endpoint](world, n)
        assert watch.long == {}
        assert {name for name in watch.idle if name.startswith(PARSERS)} == set()
        assert watch.most_statements <= MOST_STATEMENTS
        seen.append(watch.most_calls)
    short, long = seen
    assert 0 < long <= 1.2 * short
