"""The page of paper in a real browser: by keyboard, without scripts, on a phone."""

import re

import pypdf
import pytest
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.models import Campaign

from ..paper.test_letters import LIST
from .test_accessibility import check

pytestmark = pytest.mark.browser


@pytest.fixture
def paper(served, campaign, sign_in):
    """The page of paper of a campaign that has its addresses."""
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        kept = session.get(Campaign, campaign.id)
        kept.return_address, kept.contact = "Freepost NORTHMOOR", "Call 01632 960001"
        session.commit()
    page = sign_in("coordinator")
    page.goto(f"{address}/campaigns/{campaign.id}/paper/")
    return page


def make_forms(page, n):
    """Choose for whom and which edition, then make so many; what is downloaded."""
    page.get_by_role("link", name="Print forms", exact=True).press("Enter")
    page.get_by_role("link", name="Service users").press("Enter")
    page.get_by_role("link", name="Standard print").press("Enter")
    page.get_by_label("How many copies?").fill(str(n))
    page.get_by_label("How many copies?").press("Enter")
    return get_forms(page)


def get_forms(page):
    with page.expect_download() as made:
        page.get_by_role("link", name=re.compile(r"^Get the .+ \(PDF\)$")).click()
    return made.value


def letters_to(paper, people):
    paper.get_by_role("link", name="Print letters").click()
    paper.get_by_role("link", name="Service users").click()
    paper.get_by_role("link", name="Standard print").click()
    paper.get_by_label("The list of names and addresses").set_input_files(people)


def pages_of(download):
    return len(pypdf.PdfReader(download.path()).pages)


def test_forms_are_printed_by_keyboard_alone(paper):
    check(paper, "paper")
    start = paper.url
    assert pages_of(make_forms(paper, 2)) == 36
    check(paper, "forms that were made")
    paper.goto(start)
    assert paper.locator("table tbody tr").count() == 1
    check(paper, "paper with forms")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_lost_forms_are_printed_again_by_keyboard(
    served, campaign, sign_in, has_scripts
):
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        kept = session.get(Campaign, campaign.id)
        kept.return_address, kept.contact = "Freepost NORTHMOOR", "Call 01632 960001"
        session.commit()
    page = sign_in("coordinator", java_script_enabled=has_scripts)
    page.goto(f"{address}/campaigns/{campaign.id}/paper/")
    start = page.url
    make_forms(page, 1)
    page.goto(start)
    page.get_by_role("link", name="Print again what was lost").press("Enter")
    if has_scripts:
        check(page, "which forms were lost")
    page.get_by_role("link", name="standard, printed").press("Enter")
    page.get_by_role("button", name="Close the old codes").press("Enter")
    if has_scripts:
        check(page, "paper with what is wrong")
    page.get_by_label("The old paper is lost").press("Space")
    page.get_by_role("button", name="Close the old codes").press("Enter")
    assert pages_of(get_forms(page)) == 18


def test_letters_are_printed_from_a_list(paper, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text(LIST, encoding="utf-8")
    letters_to(paper, people)
    paper.get_by_role("button", name="Make the letters").press("Enter")
    assert pages_of(get_forms(paper)) == 4


def test_a_mistake_is_told_at_the_top_and_beside_its_field(paper, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("name,address_1,address_2\nA,,B\n", encoding="utf-8")
    letters_to(paper, people)
    paper.get_by_role("button", name="Make the letters").click()
    told = paper.get_by_role("alert")
    assert "Row 2, address_1: is empty" in told.inner_text()
    assert paper.title().startswith("Error: ")
    check(paper, "letters refused")
    told.get_by_role("link").first.click()
    focused = paper.evaluate("document.activeElement.id")
    assert focused == "letters-file"


def test_everything_works_without_scripts(paper, new_page):
    plain = new_page(
        java_script_enabled=False, storage_state=paper.context.storage_state()
    )
    plain.goto(paper.url)
    plain.goto(f"{plain.url}forms?perspective=service_user&edition=standard")
    plain.get_by_label("How many copies?").fill("0")
    plain.get_by_role("button", name="Make the forms").click()
    assert "Choose a number from 1 to 50" in plain.locator("main").inner_text()
    plain.get_by_label("How many copies?").fill("1")
    plain.get_by_role("button", name="Make the forms").click()
    assert pages_of(get_forms(plain)) == 18
