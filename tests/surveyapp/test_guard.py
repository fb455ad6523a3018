"""However a request ends, it ends with a page of ours, and no log tells its words."""

import html
import json
import re

import pytest
from sqlalchemy import exc, text
from werkzeug.test import EnvironBuilder

from surveyapp.extensions import db
from surveyapp.guard import BrokenOff
from surveyapp.headers import FIXED

from ..factories import make_invitation
from . import dying
from .respond.visitor import TOKEN, Visitor

SAID = "canary-comment & <canary>"
ANSWER = "canary-background"
LINK = "canary-token-5e1f"
WHOLE = {*FIXED, "Content-Security-Policy", "Cache-Control"}
FIELD = re.compile('<input type="hidden" name="([^"]+)" value="([^"]*)">')
# Where what was sent cannot be stored any more, and where nobody knows.
IN_PLACE = [(place, "value") for place in dying.PLACES]
# These are matters of a whole process: see test_canaries.
OF_PROCESS = {"thread", "waiting", "stuck"}
OF_CAUSE = [("view", cause) for cause in dying.CAUSES if cause not in OF_PROCESS]
AWAY = [
    "full",
    "locked",
    "lost",
    "disk",
    "damaged",
    "driver",
    "aftermath",
    "sealed",
    "leaving",
]
ELSEWHERE = [
    (place, cause)
    for place in ("before_request", "template", "before_commit")
    for cause in ("integrity", "lost", "leaving")
]
# The answer is stored by then: a lost connection hurts nobody.
AFTERWARDS = [
    (place, cause)
    for place in ("session", "after_request", "teardown_request")
    for cause in ("integrity", "leaving")
]


@pytest.fixture
def mortal(app_with):
    """An application whose requests can be made to die."""
    return dying.make_mortal(app_with())


@pytest.fixture
def visitor(mortal, session):
    """Someone on the page for a comment, by a link that is a secret."""
    make_invitation(session, is_open=True, token=LINK)
    session.commit()
    someone = Visitor(mortal.test_client())
    someone.begin(token=LINK)
    someone.get("/survey/comment")
    return someone


def died(visitor, place, cause, **changes):
    """What the server gets from a comment that dies: status, headers, body, and after.

    Asked as a server asks, since some of it would end the process of a test.
    """
    said = SAID if place != "template" else SAID + "." * 5000  # shown again: too long
    builder = EnvironBuilder(
        path="/survey/comment",
        method="POST",
        data={
            "comment": said,
            "csrf_token": TOKEN.search(visitor.page)[1],
            "x": ANSWER,
        },
        headers={
            "Dies-At": place,
            "Dies-Of": cause,
            "Referer": f"/s/{LINK}",
            "User-Agent": SAID,
        },
        query_string={"from": LINK},
        **changes,
    )
    environ = builder.get_environ()
    visitor.client._add_cookies_to_wsgi(environ)
    told = {}

    def start_response(status, headers, exc_info=None):
        told.update(status=int(status[:3]), headers=dict(headers))

    body = visitor.client.application.wsgi_app(environ, start_response)
    told["body"] = b"".join(body).decode()
    try:
        body.close()
    except BaseException as problem:
        told["after"] = type(problem)
    return told


@pytest.mark.parametrize(
    ("place", "cause"), IN_PLACE + OF_CAUSE + ELSEWHERE + AFTERWARDS
)
def test_a_request_that_dies_keeps_what_was_typed_and_tells_no_log(
    visitor, capfd, place, cause
):
    capfd.readouterr()
    response = died(visitor, place, cause)
    assert response["status"] in (500, 503)
    assert WHOLE <= set(response["headers"])
    assert response["headers"]["Cache-Control"] == "no-store"
    assert (
        'name="comment" value="canary-comment &amp; &lt;canary&gt;' in response["body"]
    )
    assert f'name="x" value="{ANSWER}"' in response["body"]
    assert_nothing_told(capfd.readouterr())


def assert_nothing_told(output):
    """No line of what the process wrote holds a canary, and each is JSON."""
    written = output.out + output.err
    assert "canary" not in written
    lines = [json.loads(line) for line in output.err.splitlines()]
    assert [line for line in lines if line["event"] == "request"]
    assert [line for line in lines if "kind" in line and line.get("frames")]


@pytest.mark.parametrize("cause", AWAY)
def test_what_may_work_again_is_told_apart_from_a_mistake(visitor, database_url, cause):
    if cause == "lost" and database_url.startswith("sqlite"):
        return  # a file is never lost in this way
    away = died(visitor, "view", cause)
    assert (away["status"], away["headers"]["Retry-After"]) == (503, "10")
    mistaken = died(visitor, "view", "value")
    assert mistaken["status"] == 500 and "Retry-After" not in mistaken["headers"]


def test_what_was_kept_in_the_page_can_be_sent_again(visitor):
    page = died(visitor, "before_commit", "lost")["body"]
    kept = {name: html.unescape(value) for name, value in FIELD.findall(page)}
    assert kept["comment"] == SAID
    assert visitor.client.post("/survey/comment", data=kept).status_code == 303
    visitor.get("/survey/comment")
    assert "canary-comment &amp; &lt;canary&gt;" in visitor.page


def test_the_process_ends_only_after_the_page_was_sent(visitor):
    response = died(visitor, "view", "leaving")
    assert response["after"] is SystemExit
    assert died(visitor, "view", "interrupt")["after"] is KeyboardInterrupt
    assert "after" not in died(visitor, "view", "value")


def test_a_response_that_dies_in_its_midst_ends_there(visitor, capfd):
    with pytest.raises(BrokenOff) as broken:
        died(visitor, "midst", "value")
    assert "canary" not in str(broken.value)
    assert broken.value.__suppress_context__
    assert_nothing_told(capfd.readouterr())


def test_a_head_request_that_dies_has_no_body(mortal):
    died = {"Dies-At": "view", "Dies-Of": "value"}
    response = mortal.test_client().head("/about/privacy", headers=died)
    assert (response.status_code, response.data) == (500, b"")
    assert int(response.headers["Content-Length"]) > 0


def test_no_page_repeats_a_password(mortal):
    client = mortal.test_client()
    form = {"email": "a@example.org", "password": "canary-password"}
    page = client.get("/staff/sign-in").text
    token = re.search('name="csrf_token"[^>]* value="([^"]+)"', page)[1]
    for place in ("before_request", "view", "after_request", "teardown_request"):
        response = client.post(
            "/staff/sign-in",
            data={**form, "csrf_token": token},
            headers={"Dies-At": place, "Dies-Of": "value"},
        )
        assert response.status_code == 500
        assert "canary" not in response.text


@pytest.mark.parametrize("cause", ["integrity", "lost", "full"])
def test_a_failed_transaction_holds_nothing_while_its_page_is_made(visitor, cause):
    held = []
    mortal = visitor.client.application
    looked = mortal.template_context_processors[None]
    looked.append(lambda: held.append(db.session().in_transaction()) or {})
    died(visitor, "view", cause)
    assert held and not any(held)


def test_after_a_restart_of_the_database_nobody_meets_its_old_connections(visitor):
    for _ in range(2):
        died(visitor, "after_request", "lost")
        assert visitor.get("/survey/comment").status_code == 200


def test_no_error_of_the_database_shows_what_was_stored(app):
    with app.app_context(), pytest.raises(exc.SQLAlchemyError) as broken:
        db.session.execute(text("SELECT :said FROM nowhere"), {"said": SAID})
    assert "canary" not in str(broken.value)
