"""The record of who did what, as auditors and administrators read it."""

import ast
import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

import surveyapp
from surveyapp import audit
from surveyapp.admin import audit_reading, audit_words
from surveyapp.models import AuditEvent

from ..factories import make_campaign, make_staff, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

PAGE = "/admin/audit"


@pytest.fixture
def events(app, client, session):
    """Two people's events about a campaign, in winter and in summer."""
    campaign = make_campaign(session, title="Spring survey")
    first = make_staff(session, trust=campaign.trust, name="=Robin Reader")
    second = make_staff(session, trust=campaign.trust, name="Sam Second")
    sign_in(client, session, "auditor", campaign.trust)
    with app.app_context():
        for who, action, at in (
            (first, "campaign.made", datetime(2026, 1, 31, 23, 30, tzinfo=UTC)),
            (first, "answers.exported", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
            (second, "answers.exported", datetime(2026, 6, 30, 23, 30, tzinfo=UTC)),
        ):
            given = {"actor": who, "action": action, "subject": campaign, "rows": 12}
            audit.record(session, **given, at=at)
        session.commit()
    return first, second


def rows_of(page):
    return page.split("<tbody", 1)[1].split("</tbody>")[0]


def test_events_are_read_in_words_with_names(client, events):
    page = rows_of(client.get(PAGE).text)
    assert "=Robin Reader" in page and "Spring survey" in page
    assert "Exported answers" in page and "rows 12" in page
    assert "30 June 2026, 11:30pm" in page and "answers.exported" not in page


def test_who_what_and_when_are_chosen_by_the_day_in_london(client, events):
    first, _ = events

    def shown(**query):
        page = rows_of(client.get(PAGE, query_string=query).text)
        return page.count("Made a campaign"), page.count("Exported answers")

    assert shown() == (1, 2)
    assert shown(who=f"staff:{first.id}") == (1, 1)
    assert shown(kind="answers") == (0, 2)
    assert shown(first="2026-07-01") == (0, 1)
    assert shown(first="2026-06-30", last="2026-06-30") == (0, 1)
    assert shown(last="2026-01-31") == (1, 0)
    assert shown(first="no day", kind="", who="") == (1, 2)


@pytest.mark.parametrize(
    "asked",
    [
        {"last": "9999-12-31"},
        {"first": "0001-01-01"},
        {"kind": "q" * 60_000},
        {"who": "q" * 60_000},
    ],
    ids=["last day", "first day", "kind", "who"],
)
def test_what_no_event_can_be_is_no_error(client, events, asked):
    assert client.get("/admin/audit", query_string=asked).status_code == 200


def test_pages_lead_from_the_newest_to_the_oldest_event(
    client, session, events, monkeypatch
):
    monkeypatch.setattr(audit_reading, "PAGE", 2)
    n, address = 0, PAGE
    while address:
        page = client.get(address).text
        n += rows_of(page).count("<tr")
        older = re.search(r'href="([^"]*before=[0-9]+)"', page)
        address = older and older[1]
    assert n == session.query(AuditEvent).count() > 2


def test_what_was_chosen_is_downloaded_and_the_download_is_recorded(
    client, session, events
):
    answer = client.post(f"{PAGE}/download?kind=answers")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["who"] for row in rows] == ["Sam Second", "'=Robin Reader"]
    assert {row["seal_holds"] for row in rows} == {"yes"}
    assert rows[0]["time_utc"] == "2026-06-30T23:30:00+00:00"
    newest = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)
    assert session.scalar(newest).action == "audit.exported"


def test_an_event_that_was_changed_is_seen_on_the_page_and_by_the_whole_check(
    client, session, events
):
    assert "The seals of this page hold" in client.get(PAGE).text
    assert "Every seal holds" in client.get(f"{PAGE}/seals").text
    session.execute(
        text("UPDATE audit_event SET actor = 'x' WHERE action = 'campaign.made'")
    )
    session.commit()
    page = client.get(PAGE).text
    assert "1 event of this page changed" in page
    assert rows_of(page).count("Changed after it was recorded") == 1
    assert "It does not hold" in client.get(f"{PAGE}/seals").text
    assert "no" in {
        row["seal_holds"]
        for row in csv.DictReader(io.StringIO(client.post(f"{PAGE}/download").text))
    }


def test_an_auditor_reads_the_record_of_their_own_trust_alone(client, session, events):
    client.post("/staff/sign-out")
    sign_in(client, session, "auditor", make_trust(session, "Southvale"))
    page = client.get(PAGE).text
    assert "Spring survey" not in page and "Robin Reader" not in page
    assert "Robin" not in client.post(f"{PAGE}/download").text


@pytest.mark.one_database
def test_every_action_that_is_recorded_is_read_in_words():
    actions = _actions()
    assert len(actions) > 50
    for action in actions:
        said = audit_words.words_of(action)
        assert said[0].isupper() and not {".", "_"} & set(said), action
    of_accounts = {a for a in actions if audit_words.kind_of(a) in ("staff", "team")}
    assert of_accounts <= audit_words.WORDS.keys()


def _actions():
    """Texts like staff.reset that stand as an action in the source."""
    found = set()
    for path in Path(surveyapp.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "action":
                found |= set(_texts(node.value))
    return {action for action in found if not action.endswith(".")}


def _texts(node):
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def test_an_action_without_words_is_still_readable():
    assert audit_words.words_of("plan.put_off") == "Plan: put off"
    assert audit_words.thing("printed_form", "7") == "Printed form 7"
