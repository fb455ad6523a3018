"""Fixtures of the application's tests."""

import pytest
from flask import request

from surveyapp.extensions import db
from surveyapp.jobs import worker


@pytest.fixture
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


@pytest.fixture(autouse=True)
def nothing_comes_back(monkeypatch):
    """What is due every night is done by the tests of it alone."""
    for kind in [*worker.RECURRING]:
        monkeypatch.delitem(worker.RECURRING, kind)
