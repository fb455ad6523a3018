"""Control charts of released groups: as the library says, in words and as files."""

import csv
import io
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from psychometrics import group_mean_chart, xmr_chart
from surveyapp.models import RoleGrant
from surveyapp.tracking import charts, drawing
from surveyapp.tracking.groups import ROUNDING, Point, Sums

from .people import People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

SVG = "{http://www.w3.org/2000/svg}"
JANUARY = date(2026, 1, 1)


def points(values, every=14, **given):
    """One group of ten a fortnight, each of a week's answers."""
    known = {"is_rounded": True, "main_mode": None, "is_late": False} | given
    days = [JANUARY + timedelta(days=20 + every * k) for k in range(len(values))]
    return [
        Point(k, 1, day - timedelta(days=7), day, 10, value, **known)
        for k, (day, value) in enumerate(zip(days, values))
    ]


def team(values, sd=20.0, **given):
    return charts.team_chart("Harbour team", points(values, **given), sd=sd, series="s")


def months(means, n=30):
    """Month -> sums of three groups; None leaves a month out."""
    return {
        date(2026, k, 1): Sums(n, 3, n * mean, 300.0)
        for k, mean in enumerate(means, 1)
        if mean is not None
    }


def trust(means, sd=20.0):
    return charts.trust_chart(months(means), sd=sd, series="s")


STEADY = [50, 55, 45, 50, 55, 50, 45, 55]


def test_limits_of_a_team_are_the_librarys_from_the_spread_within_teams():
    line = team(STEADY)
    chart = group_mean_chart(
        STEADY, [10] * 8, sd=20.0, rounding=ROUNDING, rules="making_data_count"
    )
    for mark, (_, row) in zip(line.marks, chart.points.iterrows()):
        wanted = row["centre"], row["lower"], row["upper"]
        assert (mark.centre, mark.lower, mark.upper) == pytest.approx(wanted)
    assert line.word == "common cause" and "standard deviation of 20" in line.limits


def test_twelve_groups_set_the_limits_of_a_team_by_themselves():
    values = STEADY + STEADY[:4]
    chart = xmr_chart(values, rules="making_data_count")
    line = team(values)
    assert line.marks[0].upper == pytest.approx(chart.points["upper"].iloc[0])
    assert "moving ranges" in line.limits and not line.is_trial


def test_a_month_without_a_group_is_a_gap_that_no_line_crosses():
    line = trust([50, 52, None, 54, 51])
    assert [mark.n for mark in line.marks] == [30, 30, 0, 30, 30]
    assert line.marks[2].label == "Mar 2026" and line.marks[2].text == ""
    assert len(drawing.draw(line).lines) == 2
    assert "4 points and 1 missing from Jan 2026 to May 2026" in line.finding


def test_a_month_is_the_mean_of_its_people():
    sums = {JANUARY: Sums(50, 5, 3100.0, 500.0)}
    (mark,) = charts.trust_chart(sums, sd=None, series="s").marks
    assert (mark.n, mark.value, mark.text) == (50, 62.0, "62.0")


@pytest.mark.parametrize("value, word", [(0, "under 5"), (2.3, "under 5")])
def test_what_one_group_may_not_say_is_in_no_part_of_its_chart(value, word):
    exact = team([50, 55, 50, value], is_rounded=value == 0)
    edge = team([50, 55, 50, 2.5], is_rounded=value == 0)
    assert exact.marks[-1].text == word and f"The latest is {word}" in exact.finding
    assert charts.rows(exact) == charts.rows(edge)
    assert drawing.draw(exact) == drawing.draw(edge)
    assert (exact.finding, exact.change) == (edge.finding, edge.change)


def test_groups_of_one_day_stand_apart_and_are_told_apart():
    line = team([50, 55, 60], every=0)
    assert [m.label for m in line.marks] == [
        "21 Jan 2026",
        "21 Jan 2026 (2)",
        "21 Jan 2026 (3)",
    ]
    xs = [point.x for point in drawing.draw(line).points]
    assert xs == sorted(set(xs)) and len(xs) == 3


def test_everything_drawn_lies_inside_the_picture():
    for line in (team([0, 100] * 20), team([50]), team([50] * 60, every=0), trust([9])):
        drawn = drawing.draw(line)
        for point in drawn.points:
            assert drawn.left <= point.from_x <= point.x <= drawn.width - 7
            assert 0 <= point.y <= drawn.height


@pytest.mark.parametrize(
    "values, sd, told",
    [
        ([], 20.0, "No group of ten people was let out yet."),
        ([50, 55], 20.0, "too few to tell a change from chance. Limits need 3 points."),
        (STEADY, None, "8 points so far: too few to tell a change"),
        (STEADY, None, "Limits need 12 points."),
    ],
)
def test_too_few_points_say_how_many_are_needed(values, sd, told):
    line = team(values, sd=sd)
    assert told in line.finding and line.word == ""


def test_signals_differ_by_shape_and_are_named():
    better = drawing.draw(trust([30] * 4 + [80] * 4))
    assert {p.shape for p in better.points} == {"square", "diamond"}
    assert better.shapes == (("diamond", "improvement"), ("square", "concern"))


def test_what_changed_comes_with_its_uncertainty():
    line = team([50, 50, 60])
    half = 1.96 * (2 * (20.0**2 / 10 + ROUNDING)) ** 0.5
    interval = f"95% interval of the change {10 - half:.1f} to {10 + half:.1f}"
    assert "10.0 higher than" in line.change and interval in line.change
    assert "may be chance" in line.change
    assert "once in 20 times or less" in team([20, 20, 90]).change
    assert "not known yet" in team([50, 60], sd=None).change


def test_a_group_that_came_on_paper_or_late_carries_a_mark():
    line = team([50] * 3, main_mode="paper", is_late=True)
    assert {mark.note for mark in line.marks} == {"mostly paper, entered late"}


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


@pytest.fixture
def address(people, client, session, rng):
    people.invited(rng.uniform(20, 60, 40))
    people.invited(rng.uniform(20, 60, 20), "Moorside")
    people.release()
    sign_in(client, session, "lead", people.trust)
    return f"/tracking/{people.trust.id}/service_user"


def test_each_file_of_a_chart_holds_the_numbers_of_its_table(client, address):
    page = client.get(address, query_string={"team": ""}).text
    files = {k: client.get(f"{address}/chart.{k}") for k in ("svg", "png", "csv")}
    assert [file.status_code for file in files.values()] == [200] * 3
    assert files["png"].data.startswith(b"\x89PNG")
    picture = ElementTree.fromstring(files["svg"].text)
    told = picture.find(f"{SVG}desc").text
    assert told and told in page
    (row,) = csv.DictReader(io.StringIO(files["csv"].text))
    assert row["people"] == "60" and f"<td>{row['mean']}</td>" in page


def test_a_team_is_charted_by_its_groups(client, people, address):
    harbour = people.trust.teams[0]
    text = client.get(f"{address}/chart.csv", query_string={"team": harbour.id}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["people"] for row in rows] == ["10"] * 4
    page = client.get(address, query_string={"team": harbour.id}).text
    assert "Harbour team, by groups of ten people or more" in page


def test_a_lead_of_one_team_sees_its_chart_first_and_no_other_teams(
    client, people, session, address
):
    harbour, moorside = people.trust.teams[:2]
    user = sign_in(client, session, "lead", people.trust)
    user.grants = [RoleGrant(role="lead", trust=people.trust, team=harbour)]
    session.commit()
    assert "Harbour team, by groups" in client.get(address).text
    assert "The whole trust, by month" in client.get(f"{address}?team=").text
    for path in (address, f"{address}/chart.csv"):
        assert client.get(path, query_string={"team": moorside.id}).status_code == 404


def test_a_chart_without_a_point_is_no_file(client, people, session):
    sign_in(client, session, "lead", people.trust)
    address = f"/tracking/{people.trust.id}"
    assert client.get(f"{address}/carer/chart.svg").status_code == 404
    assert client.get(f"{address}/nobody/chart.svg").status_code == 404
    page = client.get(f"{address}/carer")
    assert "No group of ten people was let out yet." in page.text


def test_a_chart_of_another_trust_is_not_found(client, people, session, address):
    assert client.get("/tracking/999/service_user/chart.csv").status_code == 404
