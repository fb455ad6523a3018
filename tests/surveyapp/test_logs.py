"""Nothing that a person said, or that lets someone in, reaches a log."""

import json
import logging
import subprocess
import sys

import pytest
from sqlalchemy import text

from surveyapp.extensions import db
from surveyapp.jobs import worker

from ..factories import make_staff
from .served import environment, prom
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

CANARY = "canary-4711-do-not-log"


def test_a_request_is_one_line_with_its_route_and_no_token(client, capfd):
    client.get(f"/staff/link/{CANARY}?name={CANARY}")
    line = capfd.readouterr().err.splitlines()[-1]
    told = json.loads(line)
    assert (told["route"], told["status"]) == ("/staff/link/<token>", 404)
    assert CANARY not in line


@pytest.mark.parametrize("address", ["/staff/sign-in", f"/{CANARY}", "/api/health"])
def test_no_form_address_or_header_is_logged(client, capfd, address):
    form = {"email": f"{CANARY}@example.org", "password": CANARY}
    client.post(address, data=form, headers={"User-Agent": CANARY})
    told = capfd.readouterr()
    assert CANARY not in told.err + told.out
    assert "request" in told.err


def test_a_name_that_someone_types_is_neither_logged_nor_audited(
    client, session, capfd
):
    user = sign_in(client, session, "administrator")
    trust = user.grants[0].trust_id
    form = {"name": CANARY, "email": f"{CANARY}@example.org", "role": "lead"}
    form["place"] = f"trust:{trust}"
    assert client.post(f"/admin/trusts/{trust}/staff", data=form).status_code == 303
    assert CANARY not in capfd.readouterr().err
    kept = session.execute(text("SELECT detail, subject, actor FROM audit_event")).all()
    assert CANARY not in str(kept)


def test_an_error_is_logged_by_place_and_kind_without_its_words(app_with, capfd):
    app = app_with()
    app.config["TESTING"] = app.testing = False

    @app.get("/breaks")
    def breaks():
        db.session.execute(text("SELECT :said FROM nowhere"), {"said": CANARY})

    @app.get("/fails")
    def fails():
        raise ValueError(CANARY)

    for address, status in (("/breaks", (500, 503)), ("/fails", (500,))):
        response = app.test_client().get(address)
        assert response.status_code in status
        assert CANARY not in response.text
    told = capfd.readouterr().err
    assert CANARY not in told
    assert '"kind": "ValueError"' in told and "test_logs.py" in told


def test_a_contact_is_unreadable_in_the_database(app, session):
    from surveyapp.database import utc_now
    from surveyapp.models import Contact

    trust = make_staff(session).grants[0].trust
    with app.app_context():
        session.add(
            Contact(trust=trust, name=CANARY, email=CANARY, retain_until=utc_now())
        )
        session.commit()
        stored = session.execute(text("SELECT name, email FROM contact")).one()
        assert CANARY.encode() not in bytes(stored.name) + bytes(stored.email)
        session.expire_all()
        assert session.query(Contact).one().name == CANARY


@pytest.fixture
def prepared(config, tmp_path):
    """A command's installation, on a database without any table."""
    address = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    return {**environment(config), "DATABASE_URL": address}


@pytest.mark.one_database
def test_a_command_that_breaks_says_why_and_nothing_of_its_arguments(prepared):
    broken = prom("create-admin", f"{CANARY}@example.org", env=prepared)
    assert broken.returncode == 2
    assert CANARY not in broken.stderr + broken.stdout
    (advice,) = broken.stderr.splitlines()
    assert advice.startswith("Error: the database lacks tables of this version")


@pytest.mark.one_database
def test_an_argument_that_cannot_be_kept_is_refused_by_its_place(prepared):
    name = b"Head\xff of \x07care"
    refused = prom("create-admin", "a@example.org", "--name", name, env=prepared)
    assert refused.returncode == 2
    assert "argument 4 holds the character U+DCFF" in refused.stderr


@pytest.mark.one_database
def test_a_process_of_ours_tells_no_words_whatever_ends_it(prepared):
    ends = (
        f"import threading, warnings; from surveyapp import logs; logs.take_over();"
        f"warnings.warn('{CANARY}');"
        f"t = threading.Thread(target=lambda: {{}}['{CANARY}']); t.start(); t.join();"
        f"class_ = type('C', (), {{'__del__': lambda _: {{}}['{CANARY}']}}); class_();"
        f"raise ValueError('{CANARY}')"
    )
    done = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True)
    assert CANARY not in done.stderr + done.stdout
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [each["event"] for each in told] == [
        "warning",
        "thread",
        "unraisable",
        "ended",
    ]
    assert [each["kind"] for each in told] == [
        "UserWarning",
        "KeyError",
        "KeyError",
        "ValueError",
    ]


def test_a_worker_says_what_broke_without_its_words(app, capfd, monkeypatch):
    def break_down(_attempt):
        worker.stopping.set()
        raise ValueError(CANARY)

    monkeypatch.setattr(worker, "take_next", break_down)
    worker.stopping.clear()
    worker.work_until_stopped(app)
    worker.stopping.clear()
    logging.getLogger("a.library").error(CANARY, exc_info=ValueError(CANARY))
    told = capfd.readouterr().err
    assert CANARY not in told
    events = [json.loads(line) for line in told.splitlines()]
    assert [each["event"] for each in events] == ["worker", "log"]
    assert {each["kind"] for each in events} == {"ValueError"}
