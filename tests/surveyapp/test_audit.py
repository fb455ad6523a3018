"""The audit chain: whole as it is, and broken by every kind of tampering."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from surveyapp import audit
from surveyapp.errors import AuditBroken

from ..factories import LONG_AGO


@pytest.fixture
def chain(app, session):
    """A session in the application's context, with five events kept."""
    with app.app_context():
        for n in range(5):
            audit.record(
                session,
                actor="staff:1",
                action="export.made",
                subject=f"campaign:{n}",
                at=LONG_AGO,
                rows=n,
            )
        session.commit()
        yield session


def test_an_untouched_chain_holds(chain):
    assert audit.verify(chain) == 5


def test_no_events_are_a_chain_too(app, session):
    with app.app_context():
        assert audit.verify(session) == 0


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_event SET actor = 'staff:2' WHERE id = 3",
        "UPDATE audit_event SET detail = '{\"rows\": 7}' WHERE id = 2",
        "DELETE FROM audit_event WHERE id = 1",
        "DELETE FROM audit_event WHERE id = 3",
        "DELETE FROM audit_event WHERE id = 5",
        "DELETE FROM audit_event",
        "UPDATE audit_event SET id = id + 100 WHERE id = 2",
        "DELETE FROM audit_head",
    ],
)
def test_tampering_is_found(chain, tampering):
    first = chain.scalar(text("SELECT min(id) FROM audit_event")) - 1
    for n in (1, 2, 3, 5):
        tampering = tampering.replace(f"id = {n}", f"id = {n + first}")
    chain.execute(text(tampering))
    chain.commit()
    with pytest.raises(AuditBroken):
        audit.verify(chain)


def test_a_clock_set_back_leaves_the_order_as_it_was(chain):
    event = {"actor": "system", "action": "job.done", "subject": "job:1"}
    audit.record(chain, **event, at=LONG_AGO - timedelta(hours=1))
    chain.commit()
    assert audit.verify(chain) == 6


def test_an_event_whose_work_failed_leaves_no_trace(chain):
    audit.record(chain, actor="system", action="job.done", subject="job:1")
    chain.rollback()
    assert audit.verify(chain) == 5
