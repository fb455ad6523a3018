"""Every page of the journey under axe, on a narrow screen, and its weight."""

import pytest

from . import pages
from .looking import REACH, alone, check
from .person import Person
from .test_answering import scores_of, stored_scores

pytestmark = pytest.mark.browser

# Where somebody without a link comes to; test_every_page looks at all that is open.
OTHERS = ("/survey/1", "/s/none")


@pytest.mark.parametrize("role", ["service_user", "carer"])
def test_from_the_link_to_the_receipt_no_page_has_a_violation_on_a_small_phone(
    served, campaign, link, new_page, role
):
    person, titles, met = Person(new_page(), link, role), {}, set()
    n_pages = 0
    for where in person.walk():
        n_pages += 1
        met.add(person.endpoint(served))
        titles[where] = person.page.title()
        if not (where.isdigit() and int(where) > 3):
            check(person.page, where)
    assert met - {"entry.link"} == pages.JOURNEY
    assert alone({w: t for w, t in titles.items() if "pause" not in w}) == {}
    assert "Your personal code" in person.page.inner_text("main")
    assert stored_scores(served, campaign) == pytest.approx(scores_of(person))
    assert n_pages <= 30 + 5 + 18 + 1  # the last is the personal code's


def test_no_page_without_a_link_has_a_violation(served, new_page):
    page = new_page()
    for path in OTHERS:
        page.goto(served[1] + path)
        check(page, path)


def test_pages_with_something_wrong_have_no_violation(link, new_page):
    person = Person(new_page(), link)
    for where in person.begin():
        if where in ("consent", "role"):
            person.press("Continue")
            assert person.page.title().startswith("Error: ")
            check(person.page, where)
    person.press("Continue")
    check(person.page, "left out")


def test_pages_work_in_forced_colours_and_at_a_large_text_size(link, new_page):
    page = new_page(forced_colors="active", bypass_csp=True)
    person = Person(page, link)
    for where in person.begin():
        page.add_style_tag(content="html { font-size: 200% }")
        assert page.evaluate(REACH) <= 320, where


def test_a_first_visit_is_light_and_later_pages_lighter(link, new_page):
    page = new_page()
    received = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on(
        "Network.loadingFinished", lambda e: received.append(e["encodedDataLength"])
    )
    person = Person(page, link)
    weights = {}
    for where in person.begin():
        page.wait_for_load_state("networkidle")
        weights[where] = sum(received)
        received.clear()
    assert weights.pop("start") < 100_000
    assert max(weights.values()) < 20_000
