"""Another language or larger words in the middle of a page, as a person does it."""

import pytest
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.models import Campaign

from .looking import check
from .person import Person

pytestmark = pytest.mark.browser


@pytest.fixture
def languages(served, campaign):
    """The campaign in two more languages, one of them from right to left."""
    with served[0].app_context(), Session(db.engine) as session:
        session.get(Campaign, campaign.id).languages = ["en", "en-XA", "ar-XB"]
        session.commit()


def at_the_first_question(page, link):
    person = Person(page, link)
    for _ in person.begin():
        pass
    return person, person.instrument.items[0].id


def go(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def chosen(page):
    return page.evaluate("document.querySelector('main :checked')?.value")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_choice_outlives_language_and_looks(languages, link, new_page, has_scripts):
    page = new_page(java_script_enabled=has_scripts)
    person, item = at_the_first_question(page, link)
    person.choose(item, 3)
    tongues = page.locator(".app-languages__button")
    with page.expect_navigation():
        tongues.nth(2).click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    with page.expect_navigation():
        tongues.nth(0).click()
    go(page, "Bigger text")
    page.locator("input[name=size][value=larger]").check()
    go(page, "Save and go back")
    assert (person.where(), chosen(page)) == ("1", "3")
    assert "app-size-larger" in page.locator("html").get_attribute("class")
    page.get_by_role("button", name="Continue", exact=True).click()
    page.wait_for_url("**/survey/2")
    assert chosen(page) is None
    page.goto(page.url.replace("/2", "/1"))
    assert chosen(page) == "3"


def test_a_page_shown_with_a_choice_has_no_violation(languages, link, new_page):
    page = new_page()
    person, item = at_the_first_question(page, link)
    person.choose(item, 1)
    with page.expect_navigation():
        page.locator(".app-languages__button").nth(1).click()
    check(page, "a question in another language")
    with page.expect_navigation():
        page.locator("[name=carried]").click()
    check(page, "how the pages look")


def test_enter_goes_on_and_the_way_back_asks_nothing(languages, link, new_page):
    page = new_page()
    person, item = at_the_first_question(page, link)
    person.choose(item, 2)
    with page.expect_navigation():
        page.locator(".app-languages__button").nth(1).click()
    page.locator(":checked").press("Enter")
    page.wait_for_url("**/survey/2")
    assert page.locator("html").get_attribute("lang") == "en-XA"
    page.go_back()
    assert (person.where(), chosen(page)) == ("1", "2")


def test_it_is_all_done_by_keyboard(languages, link, new_page):
    page = new_page()
    person, _ = at_the_first_question(page, link)
    page.locator("main [type=radio]").first.focus()
    page.keyboard.press("Space")
    page.locator(".app-languages__button").nth(1).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert (person.where(), chosen(page)) == ("1", "0")
    page.locator("[name=carried]").focus()
    with page.expect_navigation():
        page.keyboard.press("Space")
    assert page.locator("input[type=hidden][value='0']").count() == 1
