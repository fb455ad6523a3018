"""Nothing that a person said, or that lets someone in, reaches a log."""

import json

import pytest
from sqlalchemy import text

from surveyapp.extensions import db

from ..factories import make_staff
from .signing_in import sign_in

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
    assert client.post(f"/admin/trusts/{trust}/staff", data=form).status_code == 200
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
