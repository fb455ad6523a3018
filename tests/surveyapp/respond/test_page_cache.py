"""A page that was made once for all is the page that would be made for this person."""

from datetime import timedelta
from itertools import product

import pytest
from flask import g, session

from surveyapp import bank, wording
from surveyapp.database import utc_now
from surveyapp.models import Campaign, Invitation, RespondentSession
from surveyapp.respond import blueprint, locale, page_cache, question_views
from surveyapp.respond.visit_rows import (
    AssessmentRecord,
    CampaignRecord,
    InvitationRecord,
    TrustRecord,
    VisitRecord,
)

from .visitor import without_tokens

pytestmark = pytest.mark.one_database
FIXED = [form for form in bank.instruments() if form.adaptive is None]
LOOKS = [
    ("en", {}),
    ("en-XA", {"colours": "soft"}),
    ("ar-XB", {"colours": "dark", "size": "larger"}),
    ("en", {"words": "easy_read.v1"}),
]


def visit_to(form, per_page, sent=()):
    """A visit of somebody who is asked a form and has sent these replies."""
    now, later = utc_now(), utc_now() + timedelta(hours=1)
    trust = TrustRecord("Northmoor & Son's <b>")
    campaign = CampaignRecord(["en"], per_page, [], now, None, None, None, False, trust)
    identifier, version = form.ref.split(".v")
    assessment = AssessmentRecord(
        *(1, identifier, int(version), None, "yes", None, {}, "en", 1, "web"),
        *(None, None, None, campaign, (), tuple(sent)),
    )
    return VisitRecord("web", later, None, None, InvitationRecord(campaign), assessment)


def first_sent(form, n):
    """A reply to every item: categories and reasons in turns, the n-th of each."""
    for number, item in enumerate(form.items, start=n):
        offered = [*item.responses.labels, *item.reasons]
        yield f"{item.id}={offered[number % len(offered)]}"


def shown(app, visit, address, look):
    """A page of questions as its view makes it for a visit."""
    tag, display = look
    with app.test_request_context(address):
        session["display"] = display
        g.visit, g.assessment, g.journey = visit, visit.assessment, None
        g.offered = ["en", tag]
        wording.speak(tag)
        if locale.edition():
            wording.ease(locale.EASIER)
        number = int(address.partition("?")[0].rpartition("/")[2])
        return without_tokens(question_views.show_page(number))


def n_pages(app, visit):
    with app.test_request_context("/"):
        g.assessment, g.journey, g.visit = visit.assessment, None, visit
        g.offered = ["en"]
        return len(blueprint.journey().pages)


@pytest.fixture
def made_anew(monkeypatch):
    """Makes a page without what is kept."""

    def show(*asked):
        with monkeypatch.context() as changed:
            changed.setattr(page_cache, "serves", lambda *_: False)
            return shown(*asked)

    return show


@pytest.mark.parametrize("form", FIXED, ids=lambda form: form.ref)
def test_each_page_of_a_form_is_kept_as_it_is_made(app, form, made_anew):
    plain, answered = visit_to(form, 1), visit_to(form, 1, first_sent(form, 0))
    for number in range(1, n_pages(app, plain) + 1):
        for visit in (plain, answered):
            asked = (app, visit, f"/survey/{number}", LOOKS[0])
            assert shown(*asked) == made_anew(*asked)


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("form", FIXED, ids=lambda form: form.ref)
def test_it_is_so_in_every_language_and_look(app, form, look, made_anew):
    visits = [visit_to(form, 12, first_sent(form, n)) for n in range(2)]
    queries = ("", "?from=check", "?ask=1", "?from=check&ask=1")
    for number in range(1, n_pages(app, visits[0]) + 1):
        asked = [(app, v, f"/survey/{number}", look) for v in visits]
        for each in asked:
            assert shown(*each) == made_anew(*each)
    for query in queries:
        asked = (app, visits[0], f"/survey/1{query}", look)
        assert shown(*asked) == made_anew(*asked)


def test_what_is_kept_holds_nothing_of_a_person(app, monkeypatch):
    kept, of = [], page_cache.KeptPage.of
    keep = lambda *made: kept.append(of(*made)) or kept[-1]  # noqa: E731
    monkeypatch.setattr(page_cache.KeptPage, "of", keep)
    page_cache.kept_page.cache_clear()
    form = FIXED[0]
    asked = (app, visit_to(form, 1, first_sent(form, 0)), "/survey/1", LOOKS[0])
    first, second = shown(*asked), shown(*asked)
    assert first == second
    (page,) = kept
    for own in (" checked", "Northmoor", 'csrf_token" value="I', page_cache.EDGE):
        assert own not in "".join(page.pieces)
    assert " checked" in first and "Northmoor" in first


def test_a_page_that_one_person_has_alone_is_not_kept(app):
    page_cache.kept_page.cache_clear()
    visit = visit_to(FIXED[0], 1)
    for query in ("?from=elsewhere", "?ask=1&from=1", "?x=1"):
        shown(app, visit, f"/survey/1{query}", LOOKS[0])
    shown(app, visit, "/survey/001", LOOKS[0])
    assert page_cache.kept_page.cache_info().currsize == 0


def test_all_questions_beside_those_that_were_chosen_for_one_are_not_kept(chooser):
    chooser.begin()
    chooser.answer_on(most=3)
    chooser.get("/survey/all-questions")
    chooser.post()
    page_cache.kept_page.cache_clear()
    assert chooser.get("/survey/1").status_code == 200
    assert page_cache.kept_page.cache_info().currsize == 0


def test_a_record_of_a_visit_lives_as_long_as_its_row():
    now, hour = utc_now(), timedelta(hours=1)
    times = (None, now - hour, now + hour)
    for expires, ended, own, closes in product(times[1:], times, (None, 1, 0), times):
        visit = visit_to(FIXED[0], 1)
        dates = {"opens_at": now - hour, "closes_at": closes}
        campaign = visit.invitation.campaign._replace(**dates)
        told = {"expires_at": expires, "ended_at": ended, "is_own_device": own}
        record = visit._replace(invitation=InvitationRecord(campaign), **told)
        row = RespondentSession(**told, mode="web")
        row.invitation = Invitation(campaign=Campaign(**dates, is_draft=False))
        assert record.is_live(now) == row.is_live(now)
