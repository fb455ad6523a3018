"""Metrics tell of machines, to machines, and never of people."""

import os
import re
import signal
from dataclasses import replace

import pytest

from surveyapp.operations.counters import ROWS, Counters, Rows

from ... import factories
from ..served import Caller, environment, prom, server, workers

pytestmark = pytest.mark.one_database
TOKEN = "3f9c1a7e5d2b8046e1c7a95d30b2f864"
AWAY = {"REMOTE_ADDR": "192.0.2.1"}
LINE = re.compile(r'\w+(\{(\w+="[\w+. /-]*",?)+\})? -?\d+(\.\d+)?')


def numbers(page):
    """Name with labels -> number, of every line that has one."""
    lines = [line for line in page.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {name: float(n) for name, n in (line.rsplit(" ", 1) for line in lines)}


def requests(told, feature):
    """How many requests a feature answered, of whatever status."""
    counts = [
        n
        for name, n in told.items()
        if name.startswith("prom_requests_total") and f'feature="{feature}"' in name
    ]
    return sum(counts)


def test_requests_are_counted_by_feature_and_never_by_address(client, session):
    factories.make_invitation(session, token="canary-4711", is_open=True)
    before = numbers(client.get("/api/metrics").text)
    for address in ("/s/canary-4711", "/staff/sign-in", "/canary-4711"):
        client.get(address)
    page = client.get("/api/metrics").text
    told = numbers(page)
    for feature in ("entry", "security", "unknown"):
        assert requests(told, feature) - requests(before, feature) == 1
    count = 'prom_request_seconds_count{feature="entry"}'
    assert told[count] == told['prom_request_seconds_bucket{feature="entry",le="+Inf"}']
    assert "canary" not in page
    assert "person" not in page.replace('feature="person"', "")  # a folder's name


def test_every_metric_says_what_it_is(client):
    page = client.get("/api/metrics").text
    named = {re.match(r"\w+", line)[0] for line in page.splitlines() if line[0] != "#"}
    described = set(re.findall(r"^# TYPE (\w+)", page, re.M))
    family = {re.sub("_(bucket|sum|count)$", "", n) for n in named}
    assert family == described
    assert set(re.findall(r"^# HELP (\w+) \w", page, re.M)) == described


def test_metrics_are_for_this_machine_or_whoever_has_the_token(app_with, client):
    assert client.get("/api/metrics").status_code == 200
    assert client.get("/api/metrics", environ_overrides=AWAY).status_code == 404
    through = {"X-Forwarded-For": "192.0.2.1"}
    assert client.get("/api/metrics", headers=through).status_code == 404
    browser = app_with(metrics_token=TOKEN).test_client()

    def status(sent):
        headers = {"Authorization": sent}
        asked = browser.get("/api/metrics", headers=headers, environ_overrides=AWAY)
        return asked.status_code

    assert status(f"Bearer {TOKEN}") == 200
    refused = ("", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xff")
    assert {status(sent) for sent in refused} == {404}


def test_workers_count_in_rows_of_their_own_that_the_next_one_inherits():
    counters, rows = Counters(["entry"]), Rows()
    first, second = object(), object()
    assert [rows.take(first), rows.take(second)] == [0, 1]
    counters.count("entry", 200, 0.004)
    counters.use_row(1)
    counters.count("entry", 503, 20.0)
    counters.count("of nobody", 404, 0.3)
    rows.give_back(second)
    assert rows.take(object()) == 1
    totals = counters.totals()
    assert sum(totals["entry"][:5]) == 2 and totals["entry"][-1] == 20.004
    assert totals["unknown"][3] == 1
    assert ROWS >= 64


def test_what_a_killed_worker_counted_is_not_lost(config, tmp_path):
    own = replace(
        config, database_url=f"sqlite:///{tmp_path / 'own.sqlite'}", instance=tmp_path
    )
    env = environment(own)
    assert prom("migrate", env=env).returncode == 0
    with server(env, "serve", "--no-worker") as (process, port):
        for _ in range(6):
            Caller(port).persist("GET", "/about/privacy")
        for pid in workers(process):
            os.kill(pid, signal.SIGKILL)
        told = numbers(Caller(port).persist("GET", "/api/metrics")[2])
    assert requests(told, "about") == 6


def test_each_response_has_the_number_that_its_line_in_the_log_has(client, capfd):
    number = client.get("/about/privacy").headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", number)
    assert f'"id": "{number}"' in capfd.readouterr().err
    sent = {"X-Request-Id": "of-somebody-else"}
    assert client.get("/none", headers=sent).headers["X-Request-Id"] != sent


def test_robots_are_asked_to_stay_away_from_every_page(client):
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"
    assert client.get("/").headers["X-Robots-Tag"] == "noindex, nofollow"


def test_whoever_finds_a_weakness_is_told_whom_to_write_to(app_with, client):
    address = "/.well-known/security.txt"
    assert client.get(address).status_code == 404
    root = {"base_url": "https://survey.example.org"}
    app = app_with(security_contact="security@example.org", **root)
    text = app.test_client().get(address).text
    assert text.startswith("Contact: mailto:security@example.org\n")
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", text, re.M)
    assert f"Canonical: https://survey.example.org{address}\n" in text
