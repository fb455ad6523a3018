"""The real server, with every log it has: whatever dies, none of them sings.

Each secret and each thing that a person says is a canary. They are looked for in the
bytes of standard output and error, and of gunicorn's error and access logs.
"""

import json
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest

from surveyapp import create_app
from surveyapp.config import Config
from surveyapp.extensions import db
from surveyapp.headers import FIXED

from .. import conftest, databases
from ..factories import make_invitation
from ..processes import end, start, when
from .served import ROOT, Caller, environment, free_port, wait_until_it_answers, workers
from .test_guard import AFTERWARDS, ELSEWHERE, IN_PLACE, OF_CAUSE

CANARY = "canary"
COMMENT = "canary-comment <&>"
LINK = "canary-link-77"
WHOLE = {*FIXED, "Content-Security-Policy", "Cache-Control"}
WAYS = [*dict.fromkeys(IN_PLACE + OF_CAUSE + ELSEWHERE + AFTERWARDS)]
WAYS.append(("view", "thread"))
BROKEN = [
    b"GET /s/canary HTTP/9.9\r\n\r\n",
    b"canary /s/canary\r\n\r\n",
    b"C@NARY-canary /s/canary HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /s/canary HTTP/1.1\r\ncanary header: canary\r\n\r\n",
    b"GET /s/canary HTTP/1.1\r\nHost: x\r\nx: canary\0\r\n\r\n",
    b"GET /s/" + b"canary" * 1000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nx: " + b"canary" * 10000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: canary\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: canary\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nExpect: canary\r\n\r\n",
    b"GET http://[canary HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: canary canary\r\n\r\n",
    b"GET /s/canary%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /?canary=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01canary\r\n\r\n",
]


@pytest.fixture
def link(session):
    make_invitation(session, token=LINK, is_open=True)
    session.commit()


@pytest.fixture
def env(config, tmp_path):
    """The installation of the tests, with a folder of this test's own."""
    return {**environment(config), "PROM_INSTANCE": str(tmp_path)}


@contextmanager
def mortal_server(env):
    """The server of `dying`, and its port; its output goes into the folder."""
    folder, port = Path(env["PROM_INSTANCE"]), free_port()
    with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
        process = start(
            [sys.executable, "-m", "tests.surveyapp.dying", str(port)],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=err,
        )
        try:
            wait_until_it_answers(process, port)
            yield process, port
        finally:
            end(process)


def person(port, token=LINK):
    """Someone who has come as far as the page for a comment."""
    caller = Caller(port)
    caller.begin(token)
    assert caller.call("GET", "/survey/comment")[0] == 200
    caller.headers = {"Referer": f"/s/{token}", "User-Agent": COMMENT}
    return caller


def send(caller, place=None, cause=None):
    """Send the comment, to die on its way; status and page."""
    said = COMMENT + "." * 5000 * (place == "template")
    dies = {"Dies-At": place, "Dies-Of": cause} if place else {}
    caller.headers |= dies
    try:
        status, _, page = caller.persist(
            "POST", f"/survey/comment?from={LINK}", comment=said
        )
        return status, page
    finally:
        for name in dies:
            del caller.headers[name]


def assert_ours(caller, status, page, kept=COMMENT):
    assert status in (500, 503)
    assert WHOLE <= set(caller.received)
    assert caller.received["Cache-Control"] == "no-store"
    assert kept is None or f'name="comment" value="{escaped(kept)}' in page


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def assert_silent(folder):
    """No log holds a canary, and each line of each is one JSON object."""
    for name in ("stdout", "stderr", "error.log", "access.log"):
        written = (folder / name).read_bytes()
        assert CANARY.encode() not in written.lower(), name
        lines = [json.loads(line) for line in written.splitlines()]
        assert all(isinstance(line, dict) and line["event"] for line in lines)
        assert lines or name == "stdout"
    told = (folder / "stderr").read_text()
    assert '"frames"' in told and '"event": "request"' in told


def test_whatever_dies_has_our_page_and_no_log_sings(app, env, tmp_path, link):
    with mortal_server(env) as (process, port):
        someone = person(port)
        for place, cause in WAYS:
            status, page = send(someone, place, cause)
            assert_ours(someone, status, page)
        type_secrets(port)
        for request in BROKEN:
            answer = raw(port, request)
            assert b"Content-Security-Policy: default-src 'none'" in answer, request
            assert CANARY.encode() not in answer.lower(), request
        break_off(port, someone)
        hurt(process, someone, tmp_path)
        assert send(someone)[0] == 303
    assert_silent(tmp_path)


@pytest.mark.postgres
def test_a_restart_of_the_database_in_the_midst_costs_nobody_their_words(tmp_path):
    with databases.own_postgresql() as (address, restart):
        app, env = installation(address, tmp_path)
        with app.app_context():
            flask_migrate.upgrade()
            make_invitation(db.session, token=LINK, is_open=True)
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        with mortal_server(env) as (_, port):
            someone, other = person(port), person(port)
            with ThreadPoolExecutor(1) as pool:
                sent = pool.submit(send, someone, "view", "waiting")
                when((tmp_path / "waiting").exists)
                restart()
                (tmp_path / "go on").touch()
                status, page = sent.result()
            assert status == 503
            assert_ours(someone, status, page)
            assert other.call("GET", "/survey/comment")[0] == 200
            assert send(someone)[0] == 303
        assert_silent(tmp_path)


def installation(address, folder):
    """An application on a database, and the same as settings of another process."""
    config = Config(
        environment="test", database_url=address, instance=folder, **conftest.KEYS
    )
    return create_app(config), environment(config)


def type_secrets(port):
    """Every box in which someone types a secret, at a place that then dies."""
    caller = Caller(port)
    for address in ("/", "/withdraw", "/staff/sign-in", "/staff/link/canary"):
        caller.headers = {"Dies-At": "view", "Dies-Of": "value"}
        form = {"email": "canary@example.org", "password": "canary-password"}
        for path in (address, f"{address}?next=canary"):
            caller.call("GET", path)
            caller.call("POST", path, code="CANARY", receipt="canary", **form)
        caller.headers = {}
        caller.call("GET", "/" if address.startswith("/staff/l") else address)
        caller.call("POST", address, code="CANARY", receipt="canary", **form)


def raw(port, request):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def break_off(port, someone):
    """A body that dies in its midst is cut off, and so seen to be."""
    cookies = "; ".join(f"{k}={v}" for k, v in someone.cookies.items())
    answer = raw(
        port,
        b"GET /survey/comment?canary HTTP/1.1\r\nHost: x\r\nDies-At: midst\r\n"
        b"Dies-Of: value\r\nCookie: " + cookies.encode() + b"\r\n\r\n",
    )
    assert b"some of it" in answer and b"the rest" not in answer
    assert not answer.endswith(b"0\r\n\r\n")


def hurt(process, someone, folder):
    """What a system or a master does to workers, and what it does to the logs."""
    someone.headers |= {"Dies-At": "view", "Dies-Of": "stuck"}
    with pytest.raises(OSError):
        interrupted(process, someone, folder)
    del someone.headers["Dies-At"], someone.headers["Dies-Of"]
    for number in (signal.SIGUSR1, signal.SIGTTIN, signal.SIGTTOU, signal.SIGHUP):
        process.send_signal(number)
        someone.persist("GET", "/survey/comment")
    for pid in workers(process):
        os.kill(pid, signal.SIGKILL)
    someone.persist("GET", "/survey/comment")


def interrupted(process, someone, folder):
    """A worker is ended while it works on a request, as after a timeout."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(someone.call, "POST", "/survey/comment", comment=COMMENT)
        pid = int(when(lambda: (folder / "stuck").exists() and text_of(folder)))
        os.kill(pid, signal.SIGABRT)
        when(lambda: os.kill(pid, signal.SIGKILL) or True)
        answer.result()


def text_of(folder):
    return (folder / "stuck").read_text()
