"""Coming back in a real browser: the code for next time, the day, the second time."""

import pytest
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.models import Campaign

from ...factories import days_pass, make_wave
from .person import Person
from .test_accessibility import check

pytestmark = pytest.mark.browser


@pytest.fixture
def asked_again(served, campaign):
    """The campaign asks again after two weeks, in blocks that take turns."""
    with served[0].app_context(), Session(db.engine) as session:
        kept = session.get(Campaign, campaign.id)
        kept.item_order = "rotated"
        make_wave(session, kept)
        session.commit()
    return campaign


def wait(served, days):
    with served[0].app_context(), Session(db.engine) as session:
        days_pass(session, days)


def come(person, served):
    """From the link to the thanks, by the check page alone."""
    for _ in person.begin():
        pass
    person.page.goto(f"{served[1]}/survey/check")
    person.press("Send my answers")


@pytest.mark.parametrize("scripts", [True, False])
def test_someone_comes_back_on_the_day_and_may_withdraw_both(
    served, asked_again, link, new_page, scripts
):
    person = Person(new_page(java_script_enabled=scripts), link)
    page = person.page
    come(person, served)
    inspect = check if scripts else lambda page, where: None
    inspect(page, "thanks with a code for next time")
    first_code = page.locator(".app-code").first.inner_text()
    following = page.get_by_role("link", name="your link for next time")
    back = served[1] + following.get_attribute("href")
    page.goto(back)
    assert "too early" in page.title()
    inspect(page, "too early")
    wait(served, 14)
    page.goto(f"{served[1]}/survey/done")
    inspect(page, "thanks on the day")
    page.goto(back)
    person.press("Start")
    person.press("Continue")
    person.agree()
    person.press("Continue")
    person.press("Start the questions")
    assert person.where() == "since-last-time"
    inspect(page, "since last time")
    person.choose("stability", "no")
    person.press("Continue")
    assert person.where() == "care-plan"
    page.goto(f"{served[1]}/survey/check")
    person.press("Send my answers")
    page.goto(f"{served[1]}/withdraw")
    page.get_by_label("Your personal code").fill(first_code)
    person.press("Delete my answers")
    assert "Which answers" in page.title()
    inspect(page, "which answers")
    person.press("Delete all my answers, from each time")
    assert page.url.endswith("/withdrawn")


def test_a_coordinator_asks_again_by_keyboard_on_a_small_screen(
    served, campaign, sign_in
):
    page = sign_in("coordinator")
    address = f"{served[1]}/campaigns/{campaign.id}/waves/"
    page.goto(address)
    check(page, "asking again, before")
    page.get_by_label("How many days after the first answers?").press("Enter")
    page.wait_for_url(address)
    page.get_by_text("Retest after 14 days, open for 14").wait_for()
    check(page, "asking again")
    with page.expect_navigation():
        page.get_by_role("link", name="List for the retest").click()
    check(page, "whom to ask again")
    page.goto(f"{served[1]}/campaigns/")
    check(page, "campaigns, with the order of questions")
