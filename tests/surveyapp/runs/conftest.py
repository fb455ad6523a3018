"""A campaign of the demonstration trust, and runs on its made-up answers."""

from hashlib import sha256

import pytest
from flask import request
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.jobs import worker
from surveyapp.models import Campaign, RunFile

from ...factories import make_run
from ..demonstration import built_once
from ..signing_in import sign_in

SIZES = {"service_user": 120}


@pytest.fixture(scope="module")
def demonstration(migrated_app):
    with built_once(migrated_app, SIZES) as put_back:
        yield put_back


@pytest.fixture(autouse=True)
def worker_at_hand(app):
    """What a request that was granted asks for is done when its answer is there."""

    def work(response):
        if request.method == "POST" and response.status_code == 303:
            db.session.rollback()  # the request is over; its lock is not held
            worker.run_due()
        return response

    hooks = app.after_request_funcs.setdefault(None, [])
    hooks.append(work)
    yield
    hooks.remove(work)


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
