"""The preview of a campaign: the whole journey, marked as one, stored nowhere."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveyapp.database import utc_now
from surveyapp.extensions import db

from ..factories import (
    make_campaign,
    make_invitation,
    make_team,
    make_trust,
    make_wave,
)
from .respond.visitor import Visitor
from .signing_in import sign_in

pytestmark = pytest.mark.one_database

STATEMENTS = {f"consent_{s}": "yes" for s in ("retest", "contact", "sharing")}
MARK = "Nothing is stored. Seen as:"


@pytest.fixture
def campaign(session):
    """A campaign that opens next week."""
    return make_campaign(session, opens_at=utc_now() + timedelta(days=7))


@pytest.fixture
def staff(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    return Visitor(client)


def rows(session):
    """How many rows every table has."""
    count = select(func.count())
    tables = db.metadata.sorted_tables
    return {t.name: session.scalar(count.select_from(t)) for t in tables}


def start(staff, campaign, perspective="service_user", **asked):
    chosen = "&".join(
        f"{n}={v}" for n, v in {"perspective": perspective, **asked}.items()
    )
    staff.get(f"/preview/{campaign.id}/?{chosen}")
    return staff


def walk(staff, role):
    """From the start to the thanks by the buttons of the pages; yields each path."""
    given = {"consent_taking_part": "yes", **STATEMENTS, "role": role}
    while not staff.path.endswith("/done"):
        yield staff.path
        link = re.search(
            r'<a[^>]*class="nhsuk-button[^"]*"[^>]*href="([^"]+)"', staff.page
        )
        link = link or re.search(r'href="([^"]+)"[^>]*role="button"', staff.page)
        if link:
            staff.get(link[1])
        else:
            action = re.search(
                r'<form method="post"(?: action="([^"]+)")? ?', main(staff)
            )
            staff.post(action[1] or staff.path, **given)
    yield staff.path


def main(staff):
    page = staff.page
    return page[page.index("<main") :].partition("app-tools")[2]


@pytest.mark.parametrize("role", ["service_user", "carer"])
def test_the_whole_journey_is_seen_and_not_one_row_is_written(
    staff, session, campaign, role, capfd
):
    before, campaign_id = rows(session), campaign.id
    start(staff, campaign, role)
    seen = []
    for path in walk(staff, role):
        assert MARK in staff.page, path
        assert "<title>Preview: " in staff.page, path
        assert 'href="/survey' not in staff.page, path
        seen.append(path.rpartition("/")[2])
    assert {"information", "consent", "role", "1", "30", "pause-1", "check"} <= set(
        seen
    )
    assert rows(session) == before
    logged = capfd.readouterr().err
    assert f"/preview/{campaign_id}" not in logged and role not in logged


def test_a_campaign_that_asks_again_and_printed_forms_has_a_preview_too(
    staff, session, campaign
):
    make_wave(session, campaign)
    for token in ("printed", "another"):
        make_invitation(session, campaign, token, perspective="service_user")
    session.commit()
    staff.get(f"/preview/{campaign.id}/?perspective=service_user")
    paths = [*walk(staff, "service_user")]
    assert paths[-1].endswith("/done")
    assert "Your personal code" in staff.page


@pytest.mark.parametrize("language, direction", [("en-XA", "ltr"), ("ar-XB", "rtl")])
def test_a_preview_is_in_the_language_that_was_chosen(
    staff, campaign, language, direction
):
    start(staff, campaign, language=language)
    for _ in range(3):
        assert f'<html lang="{language}" dir="{direction}"' in staff.page
        staff.post(consent_taking_part="yes") if "<form" in main(staff) else None


def test_a_preview_shows_easy_read_large_words_and_other_colours(staff, campaign):
    start(staff, campaign, words="easy_read.v1", size="larger", colours="dark")
    staff.get(staff.path.removesuffix("s") + "survey/1")
    assert "Staff asked about my body health." in staff.page
    assert "app-size-larger app-colours-dark app-easy-read" in staff.page


def test_the_language_can_be_changed_on_the_way(staff, campaign):
    start(staff, campaign)
    staff.get(staff.path.removesuffix("s") + "survey/2")
    switch = re.search(r'action="([^"]+/display/language[^"]*)"', staff.page)[1]
    staff.post(switch, language="ar-XB")
    assert staff.path.endswith("/ar-XB/usual/survey/2")


def test_saying_no_shows_what_somebody_who_says_no_sees(staff, campaign):
    start(staff, campaign)
    staff.get(staff.path.removesuffix("s") + "survey/consent")
    staff.post(consent_taking_part="no", **STATEMENTS)
    assert staff.path.endswith("/survey/disagree")


def test_a_preview_can_be_left_on_every_page(staff, campaign):
    start(staff, campaign)
    assert f'href="/preview/{campaign.id}/">Change or leave' in staff.page


@pytest.mark.parametrize(
    "path", ["survey/99", "survey/nothing", "admin/", "staff/", "x"]
)
def test_a_preview_has_the_pages_of_the_journey_alone(staff, campaign, path):
    start(staff, campaign)
    assert staff.get(staff.path.removesuffix("s") + path).status_code == 404


@pytest.mark.parametrize(
    "how",
    ["professional/en/usual", "carer/cy/usual", "carer/en/size:huge", "carer/en/x:y"],
)
def test_a_preview_is_refused_in_what_the_campaign_does_not_have(staff, campaign, how):
    assert staff.get(f"/preview/{campaign.id}/{how}/s").status_code == 404


def test_the_paper_form_of_each_perspective_is_one_step_away(staff, campaign):
    staff.get(f"/preview/{campaign.id}/")
    for who in ("service_user", "carer"):
        assert f"perspective={who}&amp;language=en&amp;edition=easy_read" in staff.page


def test_a_researcher_sees_the_pages_and_no_paper(client, session, campaign):
    sign_in(client, session, "researcher", campaign.trust)
    text = client.get(f"/preview/{campaign.id}/").text
    assert "Start the preview" in text and "The paper form" not in text


def test_a_visit_of_ones_own_is_left_as_it_was(staff, session, campaign):
    staff.get("/display/?back=/")
    staff.post(size="large", colours="usual", per_page="1")
    start(staff, campaign, size="larger")
    staff.get("/withdraw")
    assert "app-size-large" in staff.page and "app-size-larger" not in staff.page


def test_an_adaptive_form_shows_what_somebody_who_leaves_all_out_would_get(
    client, session
):
    team = make_team(session, make_trust(session, is_demonstration=True))
    given = {"service_user": "demonstration_adaptive_service_user.v1"}
    campaign = make_campaign(session, team, given, opens_at=utc_now())
    sign_in(client, session, "coordinator", campaign.trust)
    staff, before = start(Visitor(client), campaign), rows(session)
    paths = [*walk(staff, "service_user")]
    assert sum(path.rpartition("/")[2].isdigit() for path in paths) == 12
    session.rollback()
    assert rows(session) == before


def leads(staff, path):
    """Open another page of the preview that is being looked at."""
    base = re.match(r"/preview/\d+/[^/]+/[^/]+/[^/]+/", staff.path)[0]
    staff.get(base + path)


CHOSEN = re.compile(r'name="([^"]+)" type="radio" value="([^"]+)" checked')


def test_what_is_tried_is_there_on_the_way_back_and_on_the_check_page(
    staff, session, campaign
):
    before = rows(session)
    start(staff, campaign)
    staff.post()
    leads(staff, "survey/1")
    staff.post(parity_asked="3")
    leads(staff, "survey/care-plan")
    staff.post(care_plan="not_sure")
    leads(staff, "survey/more-1")
    staff.post(preferred_involvement="together")
    leads(staff, "survey/comment")
    staff.post(comment="They listened to me")
    leads(staff, "survey/1")
    assert CHOSEN.findall(staff.page) == [("parity_asked", "3")]
    leads(staff, "survey/check")
    for said in ("Agree</span>", "They listened to me", "not sure"):
        assert said.lower() in staff.page.lower()
    assert rows(session) == before


def test_another_language_keeps_what_is_tried_on_the_page(staff, campaign):
    start(staff, campaign)
    leads(staff, "survey/1")
    switch = re.search(r'formaction="([^"]+/display/language[^"]*)"', staff.page)[1]
    staff.post(switch, language="ar-XB", parity_asked="2")
    assert staff.path.endswith("/ar-XB/usual/survey/1")
    assert CHOSEN.findall(staff.page) == [("parity_asked", "2")]
    assert "parity_asked=2" not in staff.path


def test_another_look_leads_back_to_the_page_with_what_is_tried(staff, campaign):
    start(staff, campaign)
    leads(staff, "survey/1")
    look = re.search(r'formaction="([^"]+/display/choose[^"]*)"', staff.page)[1]
    staff.post(look, carried="yes", parity_asked="4")
    assert "Go back to the page" in staff.page and "at=survey/1" in staff.path
    staff.get(f"{staff.path}&perspective=service_user&language=en&size=larger")
    assert staff.path.endswith("/size:larger/survey/1")
    assert CHOSEN.findall(staff.page) == [("parity_asked", "4")]


@pytest.mark.parametrize("role, path", [("carer", "s"), ("service_user", "withdraw")])
def test_what_is_tried_goes_with_another_role_or_at_the_end(
    staff, campaign, role, path
):
    start(staff, campaign)
    leads(staff, "survey/1")
    staff.post(parity_asked="3")
    leads(staff, path)
    staff.post()
    start(staff, campaign, role)
    leads(staff, "survey/1")
    assert CHOSEN.findall(staff.page) == []


def test_a_long_comment_does_not_push_the_answers_out(staff, campaign):
    start(staff, campaign)
    leads(staff, "survey/1")
    staff.post(parity_asked="3")
    leads(staff, "survey/comment")
    letters = "".join(chr(0x4E00 + n % 3000) for n in range(4000))
    staff.post(comment=letters)
    assert len(staff.client.get_cookie("preview").value) < 4000
    leads(staff, "survey/1")
    assert CHOSEN.findall(staff.page) == [("parity_asked", "3")]


def test_a_cookie_that_somebody_made_is_passed_over(staff, campaign):
    start(staff, campaign)
    for made in ("nonsense", "W10.abc", ""):
        staff.client.set_cookie("preview", made)
        leads(staff, "survey/1")
        assert CHOSEN.findall(staff.page) == []


def test_staff_read_of_the_cookie_of_a_preview_and_others_do_not(app, staff):
    assert "what you try out in a preview" in staff.client.get("/about/cookies").text
    other = app.test_client().get("/about/cookies").text
    assert "preview" not in other
