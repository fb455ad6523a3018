"""The page of paper in a real browser: by keyboard, without scripts, on a phone."""

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


def pages_of(download):
    return len(pypdf.PdfReader(download.path()).pages)


def test_forms_are_printed_by_keyboard_alone(paper):
    check(paper, "paper")
    paper.get_by_label("How many copies?").focus()
    paper.keyboard.type("2")
    with paper.expect_download() as made:
        paper.keyboard.press("Enter")
    assert pages_of(made.value) == 36
    paper.reload()
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
    page.get_by_label("How many copies?").fill("1")
    with page.expect_download():
        page.get_by_label("How many copies?").press("Enter")
    page.reload()
    with page.expect_navigation():
        page.get_by_role("button", name="Close the old codes").press("Enter")
    if has_scripts:
        check(page, "paper with what is wrong")
    page.get_by_label("Which forms?").select_option(index=2)
    page.get_by_label("The old paper is lost").press("Space")
    with page.expect_download() as made:
        page.get_by_role("button", name="Close the old codes").press("Enter")
    assert pages_of(made.value) == 18


def test_letters_are_printed_from_a_list(paper, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text(LIST, encoding="utf-8")
    paper.get_by_label("The list of names and addresses").set_input_files(people)
    with paper.expect_download() as made:
        paper.get_by_role("button", name="Make the letters (PDF)").press("Enter")
    assert pages_of(made.value) == 4


def test_a_mistake_is_told_at_the_top_and_beside_its_field(paper, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text("name,address_1,address_2\nA,,B\n", encoding="utf-8")
    paper.get_by_label("The list of names and addresses").set_input_files(people)
    paper.get_by_role("button", name="Make the letters (PDF)").click()
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
    plain.get_by_label("How many copies?").fill("0")
    plain.get_by_role("button", name="Make the forms (PDF)").click()
    assert "Choose a number from 1 to 50" in plain.locator("main").inner_text()
    plain.get_by_label("How many copies?").fill("1")
    with plain.expect_download() as made:
        plain.get_by_role("button", name="Make the forms (PDF)").click()
    assert pages_of(made.value) == 18
