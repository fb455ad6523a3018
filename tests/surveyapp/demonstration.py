"""The demonstration, built once for many tests."""

from contextlib import contextmanager

from sqlalchemy.orm import Session

from surveyapp import demo
from surveyapp.database import utc_now
from surveyapp.extensions import db

from ..conftest import empty
from ..databases import kept_aside

KEY = "a key of the tests"


@contextmanager
def built_once(app, sizes, *, now=None):
    """A function that puts the demonstration into the empty tables."""
    with app.app_context():
        engine = db.engine
        with Session(engine) as session:
            demo.build(session, now=now or utc_now(), link_key=KEY, sizes=sizes)
    with kept_aside(engine) as put_back:
        with app.app_context():
            empty(engine)
        try:
            yield put_back
        finally:  # whoever put it back for a whole module leaves nothing behind
            with app.app_context():
                empty(engine)
