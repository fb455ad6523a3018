"""What the pages of the survey itself promise, each by doing the act."""

import re

import pytest
from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.assessments import queries, submission
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Answer, Assessment, Consent, Score

from ...factories import (
    days_pass,
    make_assessment,
    make_campaign,
    make_invitation,
    make_wave,
)
from .test_eligibility import OK, SECOND, rows
from .test_recontact import token_of
from .visitor import Visitor

pytestmark = pytest.mark.one_database

FORM = bank.instrument("short_service_user.v1")
COOKIE = re.compile(r"<bdi><strong>([^<]+)</strong>")


def answers(session):
    session.rollback()
    return {a.item_id: a.value for a in session.scalars(select(Answer))}


@pytest.fixture
def begun(visitor):
    """Somebody with one answer."""
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    return visitor


def test_promise_answers_so_far_are_kept(begun, another_device, session):
    begun.get("/survey/pause-1")
    code = begun.code
    begun.client.delete_cookie("survey")
    assert begun.get("/survey/1").status_code == 403
    assert answers(session) == {"parity_asked": 3}
    another_device.go_on_with(code)
    another_device.get("/survey/check")
    assert "Agree" in another_device.page


def test_promise_what_there_is_can_be_sent(begun, session, campaign):
    begun.submit()
    assert begun.path == "/survey/done"
    (sent,) = queries.submitted(session, campaign, "service_user")
    assert [a.item_id for a in sent.answers] == ["parity_asked"]


def test_promise_sent_answers_cannot_be_changed(begun, session):
    begun.get("/survey/1")
    left_open = begun.page
    begun.submit()
    begun.page = left_open
    assert begun.send("/survey/1", parity_asked="0").status_code == 409
    assert answers(session) == {"parity_asked": 3}


def test_promise_all_questions_stay(chooser):
    chooser.begin()
    for _ in range(4):
        chooser.answer(2)
    chooser.get("/survey/all-questions")
    chooser.post()
    fixed = bank.fixed_form(bank.instrument("demonstration_adaptive_service_user.v1"))
    chooser.get("/survey/check")
    shown = [item for item in fixed.items if fixed.stem(item) in chooser.page]
    assert len(shown) == len(fixed.items)
    assert chooser.get("/survey/all-questions").status_code == 404


def test_promise_display_changes_no_answer(begun, session):
    for per_page in ("12", "1"):
        begun.get("/display/?back=/survey/2")
        begun.post(per_page=per_page)
        assert answers(session) == {"parity_asked": 3}


def test_promise_a_no_can_be_changed(visitor, session):
    visitor.open_link()
    visitor.consent(taking_part="no")
    assert 'href="/survey/consent"' in visitor.page
    visitor.consent()
    assert visitor.path == "/survey/role"
    session.rollback()
    assert session.scalar(select(func.count(Consent.id))) > 0


def test_promise_what_is_asked_first_is_not_kept(app, client, session):
    make_invitation(session, make_campaign(session, instruments=SECOND), is_open=True)
    visitor = Visitor(client)
    visitor.open_link()
    visitor.get("/survey/for-whom")
    before = rows(session)
    for said in (OK | {"adult": "no"}, OK):
        visitor.get("/survey/for-whom")
        visitor.post(**said)
        assert rows(session) == before
        cookie = client.get_cookie("session")
        assert cookie is None or "recent_contact" not in cookie.value


def cookies_of(response):
    """Names of the cookies that a page and those on the way to it set."""
    answers = (*response.history, response)
    set_ = [h for one in answers for h in one.headers.getlist("Set-Cookie")]
    return {header.partition("=")[0] for header in set_}


def test_promise_only_needed_cookies_are_set(visitor):
    """Those that the page on cookies names, and no other."""
    named = set(COOKIE.findall(visitor.client.get("/about/cookies").text))
    kept = cookies_of(visitor.get("/s/a-token"))
    kept |= cookies_of(visitor.send(follow=False))
    visitor.consent()
    visitor.post(role="service_user")
    for path in ("1", "comment", "check", "your-code", "stop"):
        kept |= cookies_of(visitor.get(f"/survey/{path}"))
    kept |= cookies_of(visitor.send("/survey/device", follow=False, device="own"))
    visitor.get("/display/")
    kept |= cookies_of(visitor.send(follow=False, size="large"))
    visitor.get("/survey/check")
    kept |= cookies_of(visitor.send("/survey/submit", follow=False))
    assert "survey" in kept and kept <= named


def test_promise_nothing_is_deleted_before_the_choice(visitor, session, campaign):
    make_wave(session, campaign)
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    visitor.submit()
    receipt = visitor.receipt
    days_pass(session, 15)
    visitor.open_link(token_of(visitor))
    visitor.consent()
    visitor.get("/survey/1")
    visitor.post(parity_asked="2")
    visitor.get("/withdraw")
    visitor.post(receipt=receipt)
    assert "Nothing has been deleted yet" in visitor.page
    session.rollback()
    assert session.scalar(select(func.count(Answer.id))) == 2


def test_promise_a_cleared_device_shows_nothing(begun):
    begun.get("/survey/stop")
    begun.post("/finish")
    assert begun.path == "/finished"
    for path in ("/survey/1", "/survey/check", "/survey/your-code"):
        assert begun.get(path).status_code == 403
        assert " checked" not in begun.page and "app-code" not in begun.page


def test_promise_the_code_is_known_to_nobody_else(begun, app):
    """No table has it, so nobody here could look it up or send it."""
    code = begun.code.replace("-", "")
    with app.app_context(), db.engine.connect() as connection:
        rows = [
            str(row)
            for table in db.metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    assert rows and [row for row in rows if code in row] == []


def test_promise_a_link_for_next_time_opens_on_its_day(
    visitor, another_device, session, campaign
):
    make_wave(session, campaign)
    visitor.begin()
    visitor.submit()
    link = f"/s/{token_of(visitor)}"
    assert "You can answer from" in another_device.client.get(link).text
    days_pass(session, 15)
    assert another_device.get(link).status_code == 200


def test_promise_all_ways_count_the_same(app, session, campaign):
    """The same answers by web, paper and telephone: one score, all of them counted."""
    ways = ("web", "paper", "telephone", "face_to_face")
    with app.app_context():
        for mode in ways:
            given = [
                Answer(item_id=item.id, item_version=item.version, value=n % 5)
                for n, item in enumerate(FORM.items)
            ]
            for answer in given:
                answer.answered_at, answer.source, answer.version = utc_now(), mode, 1
            one = make_assessment(session, campaign, mode=mode, answers=given)
            one.care_plan = "yes"
            session.commit()
            submission.submit(session, one.id, now=utc_now())
    found = queries.submitted(session, campaign, "service_user")
    assert sorted(a.mode for a in found) == sorted(ways)
    values = session.execute(select(Score.scale, Score.value)).all()
    assert len(set(values)) == len({scale for scale, _ in values}) == len(values) / 4
    assert session.scalar(select(func.count(Assessment.id))) == len(ways)
