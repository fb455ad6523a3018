"""The form of a new run in a real browser: files chosen, checked, held, on a phone."""

import pytest
from sqlalchemy.orm import Session

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign

from ... import factories
from .looking import check, check_by_keyboard, check_without_scripts

pytestmark = pytest.mark.browser

PLAN = """\
plan: 1
registered: "A public register, 5 January 2026"
groups: mode
seed: 7
hypotheses:
  - {name: satisfied people feel involved, scale: trust, with: satisfaction}
occasions: {person: person, column: wave, baseline: 1, retest: 2}
population: the-people-of-this-trust.csv
"""
FAULTY = "plan: 1\nseed: many\nhypotheses:\n  - {name: a, scale: trust, wiht: age}\n"
PEOPLE = "variable,group,count\nmode,web,60\nmode,paper,40\n"


@pytest.fixture
def form(served, campaign):
    """The address of the form of a campaign in which somebody has answered."""
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        kept = session.get(Campaign, campaign.id)
        factories.make_assessment(session, kept, submitted_at=utc_now())
        session.commit()
    return f"{address}/research/campaigns/{campaign.id}/runs/service_user"


@pytest.fixture
def file(tmp_path):
    """Writes a file to be chosen."""

    def file(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return file


def choose(page, label, path):
    page.get_by_label(label, exact=True).set_input_files(path)


def attach(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Attach", exact=True).click()


def test_a_plan_is_attached_and_followed_without_scripts(form, sign_in, file):
    page = sign_in("researcher", java_script_enabled=False)
    page.goto(form)
    check_without_scripts(page, "new form")
    page.get_by_label("All the questions are one scale").check()
    choose(page, "Plan", file("my-plan.yaml", PLAN))
    choose(page, "Population table", file("people.csv", PEOPLE))
    attach(page)
    check_without_scripts(page, "form with a plan")
    assert page.get_by_label("All the questions are one scale").is_checked()
    assert page.get_by_role("link", name="my-plan.yaml").is_visible()
    assert page.get_by_label("The plan", exact=True).is_checked()
    with page.expect_navigation():
        page.get_by_role("button", name="Start the run").click()
    page.get_by_role("link", name="my-plan.yaml").wait_for()
    with page.expect_download() as kept:
        page.get_by_role("link", name="my-plan.yaml").click()
    assert kept.value.path().read_text() == PLAN


def test_faults_stand_beside_the_file_and_nothing_typed_is_lost(form, sign_in, file):
    page = sign_in("researcher")
    page.goto(form)
    page.get_by_label("Seed").fill("12")
    page.get_by_label("Team", exact=True).check()
    choose(page, "Plan", file("plan.yaml", FAULTY))
    with page.expect_navigation():
        page.get_by_role("button", name="Start the run").click()
    assert page.title().startswith("Error: ")
    beside = page.locator("#plan-error").inner_text()
    assert "line 2, column 1: seed" in beside and "line 4, column 29" in beside
    check(page, "form with faults")
    page.get_by_role("alert").get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") == "plan"
    assert page.get_by_label("Seed").input_value() == "12"
    assert page.get_by_label("Team", exact=True).is_checked()


def test_the_form_with_a_plan_has_no_violation_and_can_be_tabbed_through(
    form, sign_in, file
):
    page = sign_in("researcher")
    page.goto(form)
    check(page, "new form")
    choose(page, "Plan", file("a-plan-with-quite-a-long-name-of-2026.yaml", PLAN))
    choose(page, "Population table", file("people.csv", PEOPLE))
    attach(page)
    check(page, "form with a plan")
    page.reload()
    check_by_keyboard(page, "form with a plan")
    with page.expect_navigation():
        page.get_by_role("button", name="Start the run").click()
    check(page, "run with a plan")
    page.goto(form)
    page.get_by_role("button", name="Remove people.csv").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_label("Population table", exact=True).is_visible()


def test_enter_in_a_field_starts_the_run(form, sign_in):
    page = sign_in("researcher")
    page.goto(form)
    page.get_by_label("Seed").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Run ")


def test_a_plan_can_be_attached_before_anybody_has_answered(
    served, campaign, sign_in, file
):
    with served[0].app_context(), Session(db.engine) as session:
        for number in range(9):  # with one there is: ten, of whom numbers may be told
            kept = session.get(Campaign, campaign.id)
            factories.make_invitation(session, kept, f"more-{number}-{campaign.id}")
        session.commit()
    page = sign_in("researcher")
    page.goto(f"{served[1]}/research/campaigns/{campaign.id}/runs/service_user")
    choose(page, "Plan", file("plan.yaml", PLAN))
    attach(page)
    assert "when no forms had been sent" in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Start the run").count() == 0
    check(page, "form before anybody has answered")
