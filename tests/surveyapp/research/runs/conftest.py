"""A campaign of the demonstration trust, and runs on its made-up answers."""

from hashlib import sha256

import pytest
from sqlalchemy import select

from surveyapp.models import Campaign, RunFile

from ....factories import make_run
from ...demonstration import built_once
from ...signing_in import sign_in

SIZES = {"service_user": 120}


@pytest.fixture(scope="module")
def demonstration(migrated_app):
    with built_once(migrated_app, SIZES) as put_back:
        yield put_back


@pytest.fixture(autouse=True)
def at_hand(worker_at_hand):
    """Every run that is asked for is made."""


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
