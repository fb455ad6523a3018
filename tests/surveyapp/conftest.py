"""Fixtures of the application's tests."""

import pytest
from flask import request, request_finished

from surveyapp import sqlite_log
from surveyapp.extensions import db
from surveyapp.jobs import worker
from surveyapp.table_files import apart

from ..processes import PATIENCE


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
def no_file_is_given_up_on_a_busy_machine(monkeypatch):
    """How long a page waits for a file's reader is looked at by the tests of it."""
    monkeypatch.setattr(apart, "WAIT", PATIENCE)


@pytest.fixture(autouse=True)
def no_log_that_is_read_is_waited_for(monkeypatch):
    """The test's own session may read; test_sqlite_log.py waits for it to end."""
    monkeypatch.setattr(sqlite_log, "SHORTLY", 10)
    monkeypatch.setattr(sqlite_log, "PAUSE", 0)


@pytest.fixture(autouse=True)
def nothing_comes_back(monkeypatch):
    """What is due every night is done by the tests of it alone."""
    for kind in [*worker.RECURRING]:
        monkeypatch.delitem(worker.RECURRING, kind)


# Files of what is there already, which a browser keeps and no reload asks for again.
FILES = {"audit.download", "research.download"}
# Whose pages show a form again with what was typed, and make nothing by it; machines.
SHOW_AGAIN = {"respond", "entry", "display", "opt_out", "security", "callbacks"}


@pytest.fixture(autouse=True)
def no_post_of_staff_is_answered_with_what_a_reload_repeats():
    """Whatever a test sends is answered by a way to go on, or by what is wrong."""
    answered = set()

    def note(sender, response):
        is_ours = sender.import_name == "surveyapp"
        if is_ours and request.method == "POST" and response.status_code < 300:
            answered.add(request.endpoint)

    request_finished.connect(note)
    yield
    request_finished.disconnect(note)
    by_staff = {e for e in answered if e and e.partition(".")[0] not in SHOW_AGAIN}
    assert by_staff <= FILES
