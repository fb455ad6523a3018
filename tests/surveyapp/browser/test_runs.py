"""The pages of runs in a real browser: on a phone, without scripts, by keys."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy.orm import Session

from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign, Job, RunFile, ValidationRun

from ... import factories
from .test_accessibility import check

pytestmark = pytest.mark.browser
REPORT = b"""<!doctype html><html lang="en-GB"><head><title>Report</title>
<style>h1 { color: rgb(1, 2, 3) }</style></head><body><main><h1>A report</h1></main>
<script>document.title = "it ran"</script></body></html>"""
NUMBERS = """{"sections": [{"key": "consistency", "verdicts": [
{"criterion": "trust: alpha at least .70", "outcome": "%s"}],
"tables": {"Reliability": [{"scale": "trust", "alpha": %s}]}}]}"""


@pytest.fixture
def sign_in(served, campaign, new_page):
    """A browser in which a researcher has used a one-time link."""

    def sign_in(**settings):
        app, address = served
        with app.app_context(), Session(db.engine) as session:
            trust = session.get(Campaign, campaign.id).trust
            user = factories.make_demonstrator(session, "researcher", trust)
            token = sign_in_links.make(session, user, now=utc_now())
            session.commit()
        page = new_page(**settings)
        page.goto(f"{address}/staff/link/{token}")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{address}/**")
        return page

    return sign_in


@pytest.fixture
def make_run(served, campaign):
    """Makes a run of the campaign and gives the address of its page."""

    def make(status="done", alpha=0.81, outcome="sufficient", **job):
        with served[0].app_context(), Session(db.engine) as session:
            kept = session.get(Campaign, campaign.id)
            run = factories.make_run(session, kept, status, n_synthetic=120)
            for name, value in job.items():
                setattr(run.job, name, value)
            plan = f"plan: 1\nseed: {run.id}\n"
            factories.make_attachment(session, kept, plan, run_id=run.id)
            for name, content in (
                ("report.html", REPORT),
                ("report.json", (NUMBERS % (outcome, alpha)).encode()),
            ):
                run.files.append(file_of(name, content))
            session.commit()
            return run.id, f"{served[1]}/research/runs/{run.id}"

    return make


def file_of(name, content):
    from hashlib import sha256

    digest = sha256(content).hexdigest()
    return RunFile(name=name, content=content, sha256=digest, n_bytes=len(content))


def change(served, run_id, **values):
    """Let the run's job go on, as a worker would."""
    with served[0].app_context(), Session(db.engine) as session:
        job = session.get(Job, session.get(ValidationRun, run_id).job_id)
        for name, value in values.items():
            setattr(job, name, value)
        session.commit()


AT_WORK = {"steps": ["Sample", "Items"], "n_steps": 11, "progress": 1 / 11}


def test_no_page_of_a_run_has_a_violation_on_a_small_screen(
    served, campaign, sign_in, make_run
):
    with served[0].app_context(), Session(db.engine) as session:
        kept = session.get(Campaign, campaign.id)
        factories.make_assessment(session, kept, submitted_at=utc_now())
        session.commit()
    first, done = make_run()
    second, _ = make_run(alpha=0.62, outcome="insufficient")
    _, failed = make_run("failed", problem="There are answers of 9 people.")
    _, running = make_run("running", **AT_WORK)
    page = sign_in()
    new = f"{served[1]}/research/campaigns/{campaign.id}/runs/service_user"
    compared = f"{served[1]}/research/runs/compare?first={first}&second={second}"
    index = f"{served[1]}/research/runs/"
    for address in (index, new, running, done, failed, f"{done}/delete", compared):
        page.goto(address)
        assert page.locator("h1").count() == 1
        check(page, address)


def test_progress_goes_on_in_place_and_ends_with_the_report(served, sign_in, make_run):
    number, address = make_run("running", **AT_WORK)
    page = sign_in()
    page.goto(address)
    state = page.locator("#run-state")
    state.get_by_text("At work: Items").wait_for()
    page.evaluate("window.same = true")
    change(served, number, steps=["Sample", "Items", "Scores"], progress=0.5)
    state.get_by_text("At work: Scores").wait_for()
    assert page.evaluate("window.same")
    assert page.locator("progress").get_attribute("value") == "50"
    change(served, number, status="done")
    page.get_by_role("link", name="Read the report").wait_for()


def test_without_scripts_a_link_tells_how_far_it_is(served, sign_in, make_run):
    number, address = make_run("running", **AT_WORK)
    page = sign_in(java_script_enabled=False)
    page.goto(address)
    change(served, number, status="done")
    page.get_by_role("link", name="See how far it is now").click()
    page.get_by_role("link", name="Read the report").click()
    page.wait_for_url(f"{address}/report")
    assert page.locator("h1").inner_text() == "A report"


def test_a_report_is_styled_but_runs_nothing(sign_in, make_run):
    _, address = make_run()
    page = sign_in()
    page.goto(f"{address}/report")
    colour = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert (page.title(), colour) == ("Report", "rgb(1, 2, 3)")


def test_a_run_is_cancelled_by_keyboard(served, campaign, sign_in, make_run):
    _, address = make_run("running", **AT_WORK)
    page = sign_in()
    page.goto(address)
    cancel = page.get_by_role("button", name="Cancel the run")
    for _ in range(30):
        page.keyboard.press("Tab")
        if cancel.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Cancelled").wait_for()
    assert Axe().run(page).violations_count == 0
