"""Cross-cuts of a trust's year: thirty in a cell and thirty beside it, once a year."""

from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.models import Answer, BackgroundAnswer, ReleasedCut
from surveyapp.tracking import yearly_cuts
from surveyapp.tracking.groups import LOWEST

from .people import SPRING, People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

FEBRUARY = datetime(2027, 2, 1, 12, tzinfo=UTC)
FORM = bank.instrument("short_service_user.v1")


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


def cuts(people, cut):
    people.session.expire_all()
    query = select(ReleasedCut).filter_by(cut=cut)
    return {row.cell: row for row in people.session.scalars(query)}


def by_mode(people, rng, **sizes):
    values = {mode: rng.uniform(20, 80, n) for mode, n in sizes.items()}
    for mode, each in values.items():
        people.invited(each, mode=mode)
    people.release()
    people.release(now=FEBRUARY)
    return values


def test_a_cell_needs_thirty_people_and_thirty_beside_it(people, rng):
    values = by_mode(people, rng, web=40, paper=30)
    found = cuts(people, "mode")
    assert set(found) == {"web", "paper"}
    for mode, row in found.items():
        assert row.value % 5 == 0 and row.n % 5 == 0 and row.year == 2026
        assert abs(row.value - fmean(values[mode])) < 5
        assert abs(row.n - len(values[mode])) < 5


@pytest.mark.parametrize(
    "sizes, shown",
    [
        ({"a": 40, "b": 30}, {"a", "b"}),
        ({"a": 70, "b": 29}, set()),
        ({"a": 100}, set()),
        ({"a": 50, "b": 40, "c": 5}, {"a"}),
        ({"a": 50, "b": 40, "c": 20, "d": 15}, {"a", "b"}),
        ({"a": 50, "b": 40, "c": 20, "d": 10}, {"a", "b"}),
        ({"a": 40, "b": 40, "c": 1}, {"b"}),
        ({"a": 30, "b": 30, "c": 29}, {"b"}),
    ],
)
def test_those_in_no_cell_are_none_or_thirty(sizes, shown):
    cells = {cell: [0.0] * n for cell, n in sizes.items()}
    assert yearly_cuts.told(cells) == shown
    hidden = sum(sizes.values()) - sum(sizes[cell] for cell in shown)
    assert not shown or hidden == 0 or hidden >= 30


def test_a_year_is_let_out_once_and_never_before_february(people, rng):
    people.invited(rng.uniform(20, 80, 40))
    people.invited(rng.uniform(20, 80, 40), mode="paper")
    people.release()
    people.release(now=FEBRUARY - timedelta(days=1))
    assert cuts(people, "mode") == {}
    people.release(now=FEBRUARY)
    before = {cell: (row.id, row.value) for cell, row in cuts(people, "mode").items()}
    people.invited(rng.uniform(0, 20, 30), at=SPRING)
    people.release(now=FEBRUARY + timedelta(days=3))
    after = {cell: (row.id, row.value) for cell, row in cuts(people, "mode").items()}
    assert len(before) == 2 and after == before


def test_people_are_cut_by_what_they_said_of_themselves_if_it_is_on_the_list(
    people, rng
):
    made = people.invited(rng.uniform(20, 80, 70))
    for n, one in enumerate(made):
        for question in ("age_band", "religion"):
            said = {"question_id": question, "value": "old" if n % 2 else "young"}
            one.background.append(BackgroundAnswer(**said))
    people.session.commit()
    people.release()
    people.release(now=FEBRUARY)
    assert set(cuts(people, "age_band")) == {"old", "young"}
    assert cuts(people, "religion") == {}


def test_the_gates_lines_are_those_of_the_same_scores_without_it(people):
    made = people.invited([50.0] * 80)
    known = {"item_version": 1, "version": 1, "source": "web", "answered_at": SPRING}
    for n, one in enumerate(made):
        one.care_plan = "yes" if n < 40 else "no"
        settled = () if n < 40 else FORM.gate.when_no
        for item in FORM.items:
            if item.id not in settled:
                one.answers.append(Answer(item_id=item.id, value=2, **known))
    people.session.commit()
    people.release()
    people.release(now=FEBRUARY)
    query = select(ReleasedCut).filter_by(cut="gate", scale="involvement")
    found = {row.cell: row.value for row in people.session.scalars(query)}
    n_settled = len(FORM.gate.when_no)
    without_plan = 50 * (1 - n_settled / len(FORM.items))
    assert set(found) == {"as_scored", "without_gate"}  # nobody was unsure
    assert abs(found["as_scored"] - (50 + without_plan) / 2) < 5
    assert abs(found["without_gate"] - 50) < 10


def test_the_page_and_its_file_tell_of_the_cells_by_their_names(
    client, people, session, rng
):
    by_mode(people, rng, web=40, paper=30)
    sign_in(client, session, "lead", people.trust)
    address = f"/tracking/{people.trust.id}/service_user/years"
    page = client.get(address).text
    for row in cuts(people, "mode").values():
        assert f">{row.value:.0f}</td>" in page
    assert "On paper" in page and "How people answered, 2026" in page
    assert client.get(f"{address}.csv").text.count("\n") == 3
    low = next(iter(cuts(people, "mode").values()))
    low.value = 0.0
    session.commit()
    shown, kept = client.get(address).text, client.get(f"{address}.csv").text
    assert f">{LOWEST}</td>" in shown and f",{low.n},{LOWEST}" in kept
    empty = f"/tracking/{people.trust.id}/carer/years"
    assert "No year is over" in client.get(empty).text
    assert client.get(f"{empty}.csv").status_code == 404
