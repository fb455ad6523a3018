"""One attempt at one job: its result is kept whole, by the attempt that holds it."""

from sqlalchemy.orm import Session

from .. import logs
from ..database import utc_now
from ..errors import WorkRefused
from ..extensions import db, read_only_session
from ..models import Job
from . import lifecycle
from .lifecycle import Stopped
from .registry import KINDS

OUR_MISTAKE = (
    "Something went wrong that the choices do not explain. Start again; if it comes "
    "back, tell whoever runs the service the number of this run."
)


def run_attempt(job_id, number):
    """Do the work of a job, and keep its result or why there is none."""
    with Session(db.engine, expire_on_commit=False) as session:
        try:
            _do(session, job_id, number)
        except Stopped:
            session.rollback()
        except Exception as problem:
            session.rollback()
            _log(job_id, problem)
            lifecycle.fail(session, job_id, number, _sentence(problem), now=utc_now())


def _do(session, job_id, number):
    job = read_record(Job, job_id)

    def at_step(name, done, total):
        with Session(db.engine) as aside:
            lifecycle.reach(aside, job_id, number, name, done, total)

    KINDS[job.name](session, job, at_step)
    lifecycle.finish(session, job_id, number, now=utc_now())
    session.commit()


def read_record(kind, record_id):
    """One record, in a transaction of its own that is over when this returns."""
    with read_only_session() as session:
        return session.get(kind, record_id)


def _sentence(problem):
    """What the person who asked is told; never the text of an unforeseen error."""
    return str(problem) if isinstance(problem, WorkRefused) else OUR_MISTAKE


def _log(job_id, problem):
    if isinstance(problem, WorkRefused):
        logs.line().warning("job", job=job_id, kind="WorkRefused")
    else:
        logs.broken(problem, event="job", job=job_id)
