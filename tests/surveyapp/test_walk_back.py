"""From each number to its source in three clicks, and on to what could be done."""

import re
from html import unescape

import pytest

from surveyapp import bank
from surveyapp.bank import SCALES

from .people import People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

FORM = bank.instrument("short_service_user.v1")


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


@pytest.fixture
def address(people, client, session, rng):
    people.invited(rng.uniform(20, 60, 30), scales=SCALES)
    people.release()
    sign_in(client, session, "lead", people.trust)
    return f"/tracking/{people.trust.id}/service_user"


def links(text, part):
    main = unescape(text.partition("<main")[2].partition("</main>")[0])
    return [h for h in re.findall(r'href="([^"]+)"', main) if part in h]


def test_each_score_leads_to_its_items_and_each_item_to_publications(client, address):
    scores = links(client.get(address).text, "/scores/")
    assert {link.split("/scores/")[1].split("?")[0] for link in scores} == {*SCALES}
    for link in scores:
        scale = link.split("/scores/")[1].split("?")[0]
        page = client.get(link)
        items = links(page.text, "/items/")
        refs = [each.split("/items/")[1].split("?")[0] for each in items]
        assert refs == [i.ref for i in FORM.items if i.id in FORM.scales[scale]]
    for link in items:
        page = unescape(client.get(link).text)
        item = next(i for i in FORM.items if f"/{i.ref}?" in link)
        assert FORM.stem(item) in page and f"version {item.version}" in page
        for name in item.evidence:
            finding = bank.finding(name)
            assert finding.says in page
            for source in finding.perspectives["service_user"]["sources"]:
                assert bank.source(source.partition(":")[0])["citation"] in page


def test_a_score_says_what_it_means_and_what_is_not_yet_known(client, address):
    page = client.get(f"{address}/scores/trust").text
    assert bank.interpretations()["trust"].low in unescape(page)
    assert page.count("Not yet known.") == 2 and "This is a draft" in page


def test_actions_are_for_the_people_whom_the_page_is_about(
    client, people, session, rng, address
):
    people.invited(
        rng.uniform(20, 60, 10), perspective="carer", instrument="short_carer.v1"
    )
    people.release()
    for perspective in ("service_user", "carer"):
        path = f"/tracking/{people.trust.id}/{perspective}/scores/collaboration"
        page = unescape(client.get(path).text)
        for action in bank.actions():
            wanted = (
                action.prerequisite == "collaboration"
                and perspective in action.perspectives
            )
            assert (f">{action.what}</h3>" in page) is wanted


def test_what_is_no_score_or_item_of_the_form_is_not_found(client, address):
    for path in (
        "scores/theta",
        "scores/none",
        "items/none.v1",
        "items/parity_asked.v9",
    ):
        assert client.get(f"{address}/{path}").status_code == 404
