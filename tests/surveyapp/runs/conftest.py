"""A campaign of the demonstration trust, and runs on its made-up answers."""

from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp import demo
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign, RunFile

from ...conftest import empty
from ...databases import kept_aside
from ...factories import make_run
from ..signing_in import sign_in

SIZES = {"service_user": 120}


@pytest.fixture(scope="module")
def demonstration(migrated_app):
    """Puts back the demonstration, which is built once."""
    with migrated_app.app_context():
        engine = db.engine
        with Session(engine) as session:
            demo.build(session, now=utc_now(), link_key="of the tests", sizes=SIZES)
    with kept_aside(engine) as put_back:
        empty(engine)
        yield put_back


@pytest.fixture
def campaign(app, demonstration, session):
    """A campaign with made-up answers of service users."""
    demonstration()
    return session.scalars(select(Campaign).order_by(Campaign.id)).first()


@pytest.fixture
def researcher(client, session, campaign):
    """A researcher of the campaign's trust, signed in to the client."""
    return sign_in(client, session, "researcher", campaign.trust)


@pytest.fixture
def kept_run(session):
    """Makes a run that is over, with files that are not a real report's."""

    def make(campaign, files=None, **given):
        kept = [_file(name, text) for name, text in (files or {}).items()]
        run = make_run(session, campaign, files=kept, **given)
        session.commit()
        return run

    return make


def _file(name, text):
    content = text.encode()
    digest = sha256(content).hexdigest()
    return RunFile(name=name, content=content, sha256=digest, n_bytes=len(content))
