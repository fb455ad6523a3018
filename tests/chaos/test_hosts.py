"""Two hosts behind one PostgreSQL, with no file in common."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from surveyapp.jobs import worker
from surveyapp.models import Answer, Assessment, Job, WorkerBeat

from ..processes import moments
from ..surveyapp.served import Caller, environment, free_port
from . import people

# SQLite is for one machine.
ONLY = {"argvalues": ["postgresql"], "indirect": True, "scope": "session"}
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", **ONLY),
]


@pytest.fixture
def hosts(config, tmp_path):
    """The environments of two machines: the same secrets, a folder for each."""
    return [
        environment(replace(config, instance=tmp_path / name)) for name in ("a", "b")
    ]


def test_a_visit_goes_on_at_the_other_host_also_when_one_is_killed(
    app, session, link, hosts
):
    first, second = free_port(), free_port()
    with people.host(hosts[0], first, "--no-worker") as one:
        with people.host(hosts[1], second, "--no-worker"):
            with people.people(3, first, second) as everyone:
                people.until_acknowledged(everyone, 60)
                for pid in people.family(one.pid):
                    people.kill(pid)
                people.until_acknowledged(everyone, 30)
            caller = Caller(second)
            caller.cookies = everyone[0].caller.cookies
            assert caller.call("GET", "/survey/1")[0] == 200
    missing, half = people.lost(session, everyone), people.half_written(session)
    people.tell("two hosts", everyone, lost=len(missing), half=len(half))
    assert (missing, half) == ([], [])
    assert session.scalar(select(func.count()).select_from(Assessment)) == 3
    assert session.scalar(select(func.count()).select_from(Answer)) <= 3 * len(
        people.ITEMS
    )


def test_a_job_that_comes_back_is_done_once_by_the_workers_of_two_hosts(
    app, session, hosts
):
    """Once at each time that it was due: some come back while the test waits."""
    recurring = {*worker.RECURRING}
    done = select(Job.name).where(Job.status == "done")
    with people.host(hosts[0], free_port()), people.host(hosts[1], free_port()):
        for _ in moments():
            session.rollback()
            over = {*session.scalars(done)}
            if session.query(WorkerBeat).count() == 2 and over >= recurring:
                break
    asked = select(Job.name, Job.scheduled_for, Job.attempts)
    rows = session.execute(asked.where(Job.status == "done")).all()
    print(f"jobs of two hosts: {rows}")
    assert {row.name for row in rows} == recurring
    assert len({(row.name, row.scheduled_for) for row in rows}) == len(rows)
    assert {row.attempts for row in rows} == {1}
