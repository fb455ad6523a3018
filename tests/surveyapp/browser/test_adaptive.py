"""An adaptive form in a real browser: by keyboard, without scripts, on a phone."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.models import Assessment, Score

from ...factories import make_campaign, make_invitation, make_team, make_trust
from .person import Person
from .test_accessibility import check
from .test_answering import press_by_keyboard

pytestmark = pytest.mark.browser


@pytest.fixture
def campaign(served):
    """A campaign of a demonstration whose form chooses, with an open link."""
    app, _ = served
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        team = make_team(session, make_trust(session, is_demonstration=True))
        given = {p: f"demonstration_adaptive_{p}.v1" for p in ("service_user", "carer")}
        campaign = make_campaign(session, team, given)
        make_invitation(session, campaign, f"open-{campaign.id}", is_open=True)
        session.commit()
        yield campaign


class Chooser(Person):
    """Answers whatever question the page asks."""

    def answer(self, value="2"):
        while (here := self.where()) != "more-1":
            yield here
            if here.startswith("pause"):
                self.press("Go on")
                continue
            self.page.locator(f'main input[type="radio"][value="{value}"]').check()
            self.press("Continue")


def stored(served, campaign):
    with served[0].app_context(), Session(db.engine) as session:
        mine = Assessment.campaign_id == campaign.id
        assessment = session.scalars(select(Assessment).where(mine)).one()
        query = select(Score).where(Score.assessment_id == assessment.id)
        return assessment.sitting.given, session.scalars(query).all()


def test_no_page_has_a_violation_on_a_small_phone_and_it_ends_in_twelve(
    served, campaign, link, new_page
):
    person = Chooser(new_page(), link)
    pages = [*person.begin()]
    person.page.goto(served[1] + "/survey/before-you-start")
    check(person.page, "before-you-start")
    person.page.goto(served[1] + "/survey/1")
    for here in person.answer():
        pages.append(here)
        if here in ("1", "6", "pause-1"):
            check(person.page, here)
    person.page.goto(served[1] + "/survey/check")
    check(person.page, "check")
    person.press("Send my answers")
    given, scores = stored(served, campaign)
    assert 6 <= len(given) <= 12
    assert [score.scale for score in scores] == ["involvement_theta"]


def test_all_questions_can_be_seen_without_scripts(served, campaign, link, new_page):
    person = Chooser(new_page(java_script_enabled=False), link, "carer")
    assert [*person.begin()][-1] == "your-code"
    person.page.get_by_role("link", name="See all").click()
    person.page.wait_for_url("**/all-questions")
    person.press("Show me all the questions")
    said = person.page.inner_text(".app-progress")
    assert "of at most" not in said and said.endswith(("30", "31"))
    n_pages = sum(here.isdigit() for here in person.answer())
    assert n_pages >= 30
    assert len(stored(served, campaign)[0]) == 1


def test_the_page_that_offers_all_questions_has_no_violation(link, new_page):
    person = Chooser(new_page(), link)
    [*person.begin()]
    person.page.get_by_role("link", name="See all").click()
    person.page.wait_for_url("**/all-questions")
    check(person.page, "all-questions")
    person.press("Keep the short way")
    assert person.where() == "1"


def test_by_keyboard_alone_to_the_receipt(served, campaign, link, new_page):
    page = new_page()
    page.goto(link)
    n = 0
    while "/done" not in page.url and n < 60:
        n += 1
        press_by_keyboard(page)
    given, (score,) = stored(served, campaign)
    assert 6 <= len(given) <= 12 and score.value < -1
