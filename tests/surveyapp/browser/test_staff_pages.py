"""What staff see in a real browser: the numbers of the library."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign
from surveyapp.tracking.nightly_release import release_trust
from surveyapp.tracking.rounding import Draws

from ...factories import make_assessment, make_score
from .looking import check
from .person import Person
from .test_answering import scores_of

pytestmark = pytest.mark.browser


def ten_others(served, campaign, person):
    """Scores of ten that were stored before; by scale, what they are."""
    given = {scale: [] for scale in person.instrument.scales}
    with served[0].app_context(), Session(db.engine) as session:
        kept = session.get(Campaign, campaign.id)
        for n in range(10):
            now = {"submitted_at": utc_now(), "perspective": person.role}
            assessment = make_assessment(session, kept, **now)
            for scale in given:
                given[scale].append(37.0 + 4 * n)
                session.add(make_score(assessment, scale, given[scale][-1]))
        session.commit()
    return given


@pytest.mark.parametrize("role", ["service_user", "carer"])
def test_answers_given_without_scripts_are_on_the_tracking_page_as_the_library_says(
    served, campaign, link, new_page, sign_in, role
):
    person = Person(new_page(java_script_enabled=False), link, role)
    given = ten_others(served, campaign, person)
    assert [*person.walk()][-1] == "done"
    with served[0].app_context(), Session(db.engine) as session:
        tomorrow = {"now": utc_now() + timedelta(days=1), "draws": Draws("a key")}
        release_trust(session, campaign.trust_id, **tomorrow)
    page = sign_in("lead")
    page.goto(f"{served[1]}/tracking/{campaign.trust_id}/{role}")
    table = page.get_by_role("table", name="Overall and by prerequisite")
    rows = table.locator("tbody tr")
    shown, *others = [rows.nth(n).locator("td").first.inner_text() for n in range(7)]
    ours = scores_of(person)
    # Who came by an open link rides along with the tenth, or waits.
    n = int(rows.first.locator("td").nth(2).inner_text().split()[0])
    values = {
        10: given["involvement"],
        11: [*given["involvement"], ours["involvement"]],
    }
    mean = sum(values[n]) / n
    assert abs(int(shown) - mean) < 5 and int(shown) % 5 == 0
    assert others == ["Not yet"] * 6
    assert page.get_by_role("img", name="by groups of ten people").is_visible()
    check(page, "tracking with a chart")
    # Any number leads back to a publication in three clicks at most.
    rows.first.get_by_role("link").click()
    check(page, "a score")
    page.locator("main li a").first.click()
    check(page, "an item")
    assert page.get_by_text("BMC Psychiatry").first.is_visible()
    page.goto(f"{served[1]}/improvement/{campaign.trust_id}/new")
    page.get_by_label("What did you try?").fill("Longer meetings")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Longer meetings").click()
    check(page, "a note of what was tried")


def test_a_table_that_is_longer_than_a_page_begins_where_it_stands(
    served, campaign, sign_in
):
    page = sign_in("coordinator")
    page.goto(f"{served[1]}/campaigns/{campaign.id}/links/")
    page.emulate_media(media="print")
    breaks = "table => getComputedStyle(table).breakInside"
    assert page.locator("table").first.evaluate(breaks) == "auto"
