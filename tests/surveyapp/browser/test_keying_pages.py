"""Keying paper and bringing in files in a real browser: keys, axe, a narrow screen."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.campaigns import import_work
from surveyapp.extensions import db
from surveyapp.models import AnswerImport, Assessment

from ..campaigns.earlier import csv_of, row
from ..paper.keyers import SHEET
from .test_accessibility import check

pytestmark = pytest.mark.browser


def go(page, button):
    """Press a button and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).first.click()


def begin(page, address):
    """Open the form of somebody who had no number on it; its own number."""
    page.goto(f"{address}/keying/")
    page.locator("summary").first.click()
    page.get_by_label("Who filled it in?").select_option("service_user")
    page.locator("#team").select_option(index=1)
    go(page, "Key a form without a number")
    return int(page.url.split("/")[4])


def key_all(page, *, keys="1"):
    """Key every page from the keyboard alone."""
    for _ in SHEET.pages:
        for _ in range(page.locator("fieldset:has([type=radio])").count()):
            press(page, keys)
        with page.expect_navigation():
            page.locator("[data-keying] button").press("Enter")


def press(page, key):
    """Choose a box of the question that has the focus; pass over all others."""
    while not page.evaluate("document.activeElement.matches('[type=radio]')"):
        page.keyboard.press("Tab")
    page.keyboard.press(key)


def let_imports_go_on(served):
    """Do the work of every import, as a worker would."""
    with served[0].app_context(), Session(db.engine) as session:
        for import_id in session.scalars(select(AnswerImport.id)):
            import_work.carry_on(session, import_id, actor="worker")


def stages(served, campaign):
    with served[0].app_context(), Session(db.engine) as session:
        kept = select(Assessment).where(Assessment.campaign_id == campaign.id)
        return [(a.mode, len(a.answers)) for a in session.scalars(kept)]


def test_two_people_key_a_form_with_the_keyboard_alone(served, campaign, sign_in):
    first, second = sign_in("coordinator"), sign_in("coordinator")
    number = begin(first, served[1])
    key_all(first)
    assert "Waiting for the second keying" in first.locator("main").inner_text()
    assert stages(served, campaign) == []
    second.goto(f"{served[1]}/keying/")
    go(second, f"Key for the second time form {number}")
    key_all(second)
    assert "the answers were sent in" in second.locator("main").inner_text()
    assert stages(served, campaign) == [("paper", len(SHEET.instrument.items))]


def test_the_pages_of_keying_have_no_violation_on_a_small_screen(
    served, campaign, sign_in
):
    page, second = sign_in("coordinator"), sign_in("coordinator")
    number = begin(page, served[1])
    here = f"{served[1]}/keying/{number}"
    page.goto(f"{here}/page/3")
    go(page, "Save and go on")
    assert page.title().startswith("Error: ")
    check(page, "a page with something wrong")
    for path in ("/page/1", "/page/3", "/page/9", "/page/10", ""):
        page.goto(here + path)
        check(page, path)
    page.goto(f"{here}/page/1")
    key_all(page)
    second.goto(here)
    go(second, "Key it for the second time")
    key_all(second, keys="2")
    for path in (f"/keying/{number}", "/keying/", "/keying/rates"):
        second.goto(served[1] + path)
        check(second, path)
    second.goto(f"{here}/differences")
    check(second, "differences")
    go(second, "Settle and send the answers in")
    assert "Choose what is on the paper" in second.locator("main").inner_text()
    check(second, "differences with something wrong")


def test_a_form_is_keyed_without_scripts(served, campaign, sign_in):
    page = sign_in("coordinator", java_script_enabled=False)
    page.goto(f"{served[1]}/keying/")
    page.locator("summary").first.click()
    page.locator("#perspective").select_option("service_user")
    page.locator("#team").select_option(index=1)
    go(page, "Key a form without a number")
    for _ in SHEET.pages:
        for field in page.locator("fieldset:has([type=radio])").all():
            field.locator("input").first.check()
        go(page, "Save and")
    assert "Waiting for the second keying" in page.locator("main").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_earlier_answers_are_brought_in(served, campaign, sign_in, scripts, tmp_path):
    page = sign_in("coordinator", java_script_enabled=scripts)
    (tmp_path / "round.csv").write_bytes(csv_of(row(0), row(1, mode="pigeon")))
    page.goto(f"{served[1]}/imports/campaign/{campaign.id}")
    if scripts:
        check(page, "imports")
    page.locator("#file").set_input_files(tmp_path / "round.csv")
    go(page, "Look at this file")
    let_imports_go_on(served)
    page.goto(page.url)
    if scripts:
        check(page, "a file that was looked at")
    page.get_by_label("The people agreed").check()
    page.get_by_label("Leave out the row").check()
    go(page, "Bring in 1 row")
    let_imports_go_on(served)
    page.goto(page.url)
    assert "1 row was brought in" in page.locator("main").inner_text()
    if scripts:
        check(page, "brought in")
    assert stages(served, campaign) == [("paper", len(SHEET.instrument.items))]
