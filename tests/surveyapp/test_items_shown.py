"""What blocks of thirty tell of prerequisites, care plans and items, and when."""

import csv
import io
import re
from collections import Counter
from html import unescape
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.bank import PREREQUISITES, SCALES
from surveyapp.models import Answer, ReleasedBlock
from surveyapp.tracking import item_results, profile, tallies
from surveyapp.tracking.groups import ROUNDING, Sums
from surveyapp.tracking.tallies import Tally

from .people import DAY, SPRING, SUMMER, People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

FORM = bank.instrument("short_service_user.v1")
FAMILY = FORM.ref
FIRST, SECOND = FORM.items[:2]


def tally(n_blocks=10, **of_items):
    """Counts of items by their place in the form; those not named as in the middle."""
    usual = {str(v): 60 for v in FIRST.responses.values}
    counts = {item.ref: dict(usual) for item in FORM.items}
    for place, given in of_items.items():
        counts[FORM.items[int(place[1:])].ref] = given
    return Tally(n=300, n_blocks=n_blocks, counts=counts)


def test_an_items_mean_counts_reasons_as_the_form_codes_them():
    counts = {"0": 10, "2": 10, "4": 20, "did_not_happen": 10, "prefer_not_to_say": 30}
    (result,) = item_results.item_results(
        FAMILY, Tally(n=90, n_blocks=3, counts={FIRST.ref: counts})
    )
    people = [0] * 10 + [50] * 10 + [100] * 20 + [0] * 10
    mean = sum(people) / 50
    assert FIRST.reasons["did_not_happen"] == "lowest"
    assert (result.n, result.n_chosen, result.n_scored) == (80, 40, 50)
    assert result.mean == pytest.approx(mean)
    spread = sum((value - mean) ** 2 for value in people)
    moved = 3 * ROUNDING * sum((v - mean) ** 2 for v in (0, 25, 50, 75, 100, 0))
    assert result.se == pytest.approx((spread + moved) ** 0.5 / 50)


def test_an_item_stands_out_only_beyond_chance():
    same = item_results.item_results(FAMILY, tally())
    assert item_results.standing_out(same) == ((), ())
    best = {"3": 40, "4": 260}
    worst = {"0": 200, "1": 100}
    results = item_results.item_results(FAMILY, tally(_0=best, _1=worst))
    strongest, weakest = item_results.standing_out(results)
    assert [r.ref for r in strongest] == [FIRST.ref]
    assert [r.ref for r in weakest] == [SECOND.ref]
    few = {"3": 5, "4": 10}
    results = item_results.item_results(FAMILY, tally(_0=few))
    assert item_results.standing_out(results) == ((), ())


def test_what_fewer_than_ten_said_of_an_item_has_no_mean():
    results = item_results.item_results(FAMILY, tally(_0={"4": 5}))
    assert results[0].mean is None and results[1].mean is not None


def test_a_count_that_was_rounded_to_nothing_reads_as_one_that_never_was():
    zero = {"1": 20, "2": 15, "not_wanted": 0, "prefer_not_to_say": 0, "4": 0}
    none = {"1": 20, "2": 15}
    told = [
        item_results.item_results(FAMILY, tally(_0=each))[0] for each in (zero, none)
    ]
    assert told[0] == told[1]


def test_not_wanted_is_a_rate_of_its_own():
    item = next(i for i in FORM.items if "not_wanted" in i.reasons)
    counts = {item.ref: {"4": 30, "not_wanted": 10}}
    (result,) = item_results.item_results(FAMILY, Tally(40, 1, counts=counts))
    assert result.not_wanted == 0.25 and result.not_wanted_text == "25%"
    assert result.mean == 100


def test_items_of_a_form_that_is_there_no_more_are_not_told():
    assert item_results.item_results("taken_away.v1", tally()) == ()


def sums(mean, n=60):
    return Sums(n, n // 30, n * mean, n * 30.0)


def test_a_team_differs_from_the_others_only_beyond_chance():
    totals = {scale: sums(50.0, 300) for scale in PREREQUISITES}
    own = {scale: sums(50.0) for scale in PREREQUISITES} | {"trust": sums(70.0)}
    told = profile.profile("Harbour", totals, own, dict.fromkeys(SCALES, 20.0))
    words = {line.scale: line.word for line in told.lines}
    assert words == dict.fromkeys(PREREQUISITES, "") | {"trust": "higher"}
    assert "beside the other teams: Trust higher." in told.finding
    own = {scale: sums(50.0) for scale in PREREQUISITES}
    told = profile.profile("Harbour", totals, own, dict.fromkeys(SCALES, 20.0))
    assert "None differs" in told.finding
    unsure = profile.profile("Harbour", totals, own | {"trust": sums(70.0)}, {})
    assert {line.word for line in unsure.lines} == {""}


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


@pytest.fixture
def address(people, client, session, rng):
    """Sixty people of Harbour team and ten of Moorside, with answers to every item."""
    made = people.invited(rng.uniform(20, 60, 60), scales=SCALES)
    made += people.invited(rng.uniform(20, 60, 10), "Moorside", scales=SCALES)
    known = {"version": 1, "source": "web", "answered_at": SPRING}
    for n, one in enumerate(made):
        one.care_plan = "yes" if n % 3 else "no"
        for item in FORM.items:
            value = 4 if item is FIRST else n % 4
            given = {"item_id": item.id, "item_version": item.version, "value": value}
            one.answers.append(Answer(**given, **known))
    people.session.commit()
    people.release()
    sign_in(client, session, "lead", people.trust)
    return f"/tracking/{people.trust.id}/service_user"


def test_tallies_are_those_of_a_full_recomputation(people, address, rng):
    people.invited(rng.uniform(0, 100, 30), at=SUMMER)
    people.release(now=SUMMER + DAY)
    session = people.session
    blocks = session.scalars(select(ReleasedBlock)).all()
    wanted = Counter()
    for block in blocks:
        for what, counts in block.counts.items():
            wanted.update({(what, each): n for each, n in counts.items()})
    of, team = (session, people.trust.id, "service_user", FAMILY), blocks[0].team_id
    harbour = tallies.of_trust(*of, team_ids={team})
    assert tallies.of_trust(*of) == harbour
    assert tallies.of_trust(*of, team_ids={None}) == tallies.Tally()
    flat = {
        (w, c): n for w, counts in harbour.counts.items() for c, n in counts.items()
    }
    assert flat == dict(wanted)
    assert (
        (harbour.n, harbour.n_blocks)
        == (sum(b.n for b in blocks), len(blocks))
        == (90, 3)
    )
    assert harbour.first_on == min(block.first_on for block in blocks)
    assert harbour.last_on == max(block.last_on for block in blocks)


def test_the_page_tells_of_a_team_of_thirty_what_is_behind_its_mean(
    client, people, address
):
    harbour = people.trust.teams[0].id
    page = client.get(address, query_string={"team": harbour}).text
    assert "Six prerequisites, Harbour team" in page
    assert "asked whether they have a care plan" in page and "have seen it" in page
    strongest = page.partition("Strongest</h3>")[2].partition("</ul>")[0]
    assert FORM.stem(FIRST) in strongest
    assert len(re.findall("<li>", strongest)) == 1


def test_a_team_of_ten_is_told_how_many_more_it_takes(client, people, address):
    moorside = people.trust.teams[1].id
    for page in ("", "/items"):
        text = client.get(address + page, query_string={"team": moorside}).text
        assert "Moorside needs 20 more, at least." in text
        assert "Six prerequisites" not in text and "have a care plan" not in text


def test_every_item_is_told_in_the_words_that_people_saw_with_its_version(
    client, people, address
):
    page = client.get(f"{address}/items", query_string={"team": ""}).text
    for item in FORM.items:
        assert FORM.stem(item) in page
    bars = re.findall(r'class="app-item__bar"[^>]*aria-label="([^"]+)"', page)
    assert len(bars) == len(FORM.items)
    assert all(re.match(r"Of about \d*[05] people: Strongly disagree", b) for b in bars)


def test_files_of_items_and_prerequisites_hold_what_pages_tell(client, people, address):
    query = {"team": people.trust.teams[0].id}
    text = client.get(f"{address}/items.csv", query_string=query).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["item"] for row in rows} == {item.id for item in FORM.items}
    assert all(int(row["people"]) % 5 == 0 for row in rows)
    text = client.get(f"{address}/profile.csv", query_string=query).text
    page = client.get(address, query_string=query).text
    for row in csv.DictReader(io.StringIO(text)):
        assert row["people"] == "60" and f"{row['mean']}</td>" in page
    drawn = ElementTree.fromstring(
        client.get(f"{address}/profile.svg", query_string=query).text
    )
    told = drawn.find("{http://www.w3.org/2000/svg}desc").text
    assert told and told in unescape(page)


def test_files_of_a_team_without_a_block_are_not_there(client, people, address):
    query = {"team": people.trust.teams[1].id}
    for name in ("items.csv", "profile.csv", "profile.svg"):
        assert client.get(f"{address}/{name}", query_string=query).status_code == 404
