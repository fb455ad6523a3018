"""From an open link to a receipt in a real browser, in every way of using one."""

import pandas as pd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import psychometrics
from surveyapp.extensions import db
from surveyapp.models import Assessment, Score

from .looking import check
from .person import Person

pytestmark = pytest.mark.browser


def stored_scores(served, campaign):
    with served[0].app_context(), Session(db.engine) as session:
        query = select(Score.scale, Score.value).join(Assessment)
        found = query.where(Assessment.campaign_id == campaign.id)
        return dict(session.execute(found).all())


def scores_of(person):
    responses = pd.DataFrame([person.answers])
    ranges = {item: (0, 4) for item in person.answers}
    scored = psychometrics.score(responses, person.instrument.scales, categories=ranges)
    return scored.values.iloc[0].to_dict()


def press_until(page, key, condition, most=60):
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate(
            f"(() => {{ const e = document.activeElement; {condition} }})()"
        ):
            return
    raise AssertionError(f"{key} never led to: {condition}")


def test_by_keyboard_alone(served, campaign, link, new_page):
    page = new_page()
    page.goto(link)
    n = 0
    while "/done" not in page.url and n < 80:
        n += 1
        press_by_keyboard(page)
    assert set(stored_scores(served, campaign).values()) == {0.0}


FOCUSED = "wanted => document.activeElement.matches(wanted)"
RADIO = (
    "return e.type === 'radio' && (!e.form.querySelector('[name='+e.name+']:checked'))"
)
ACTION = "return e.matches('main .nhsuk-button')"


def press_by_keyboard(page):
    """Choose the first answer of each question with the space bar, then go on."""
    here = page.url
    n_groups = page.evaluate(
        "new Set([...document.querySelectorAll('main [type=radio]')]"
        ".map(e => e.name)).size"
    )
    for _ in range(n_groups):
        press_until(page, "Tab", RADIO)
        page.keyboard.press("Space")
    press_until(page, "Tab", ACTION)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != here)


def test_the_focus_goes_to_what_is_wrong(link, new_page):
    page = new_page()
    person = Person(page, link)
    for here in person.begin():
        if here == "consent":
            person.press("Continue")
            page.wait_for_function(FOCUSED, arg=".nhsuk-error-summary")
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.name").startswith("consent_")
    person.press("Continue")
    page.wait_for_function(FOCUSED, arg="#ask-again")


def test_the_link_of_the_personal_code_is_copied_and_its_page_printed(link, new_page):
    person = Person(new_page(), link)
    for here in person.begin():
        if here == "your-code":
            break
    page = person.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = page.locator("[data-copy]").get_attribute("data-copy")
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert "/r/" in shown and shown in page.inner_text("main")
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print this page").click()
    assert page.evaluate("window.printed")
    check(page, "the page with the personal code")
