"""The clock jumps an hour, either way, in the midst of a survey."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from surveyapp import audit, database
from surveyapp.models import Assessment, AuditEvent

from .. import factories
from ..surveyapp.served import STATEMENTS
from .people import ITEMS

JUMPS = [timedelta(hours=1), -timedelta(hours=1), -timedelta(days=3650)]


@pytest.fixture
def clock(monkeypatch):
    """A clock of this application's own, that can be set."""

    class Clock(datetime):
        off = timedelta(0)

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + cls.off

    monkeypatch.setattr(database, "datetime", Clock)
    return Clock


@pytest.mark.parametrize("jump", JUMPS, ids=["forward", "back", "years back"])
def test_nothing_is_lost_or_sent_before_it_began_when_the_clock_jumps(
    app, client, session, clock, jump
):
    factories.make_invitation(session, token="open", is_open=True)
    client.post("/s/open")
    client.post("/survey/consent", data={f"consent_{n}": "yes" for n in STATEMENTS})
    client.post("/survey/role", data={"role": "service_user"})
    half = len(ITEMS) // 2
    for number, item in enumerate(ITEMS, start=1):
        if number == half:
            clock.off = jump
        kept = client.post(f"/survey/{number}", data={item: "3"})
        assert kept.status_code == 303
    assert client.post("/survey/submit").status_code == 303
    assessment = session.scalars(select(Assessment)).one()
    assert {a.item_id: a.value for a in assessment.answers} == dict.fromkeys(ITEMS, 3)
    assert assessment.submitted_at >= assessment.started_at
    with app.app_context():
        numbers = session.scalars(select(AuditEvent.id)).all()
        assert audit.verify(session) == len(numbers)
