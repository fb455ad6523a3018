"""Targets, step changes and borders of a chart: set by people, shown, and undone."""

from datetime import date, timedelta

import pytest

from psychometrics import StepChange, group_mean_chart, xmr_chart
from surveyapp.models import AuditEvent, ChartStep, RoleGrant, ScoreTarget
from surveyapp.tracking import charts, drawing
from surveyapp.tracking.charts import Border, Notes, Step
from surveyapp.tracking.groups import ROUNDING

from .. import factories
from .people import DAY, SPRING, People, make_trust
from .signing_in import sign_in
from .test_tracking_charts import STEADY, months, points

pytestmark = pytest.mark.any_database

DAYS = [point.last_on for point in points(STEADY * 2)]
CHANGED = Step(DAYS[8], "Care plan form shortened")


def team(values, sd=20.0, **notes):
    given = {"sd": sd, "series": "s", "notes": Notes(**notes)}
    return charts.team_chart("Harbour team", points(values), **given)


@pytest.mark.parametrize(
    "values, target, told",
    [
        (STEADY, 10, "consistently passing"),
        (STEADY, 95, "consistently failing"),
        (STEADY, 55, "hit and miss"),
        (STEADY[:2], 55, "no limits"),
    ],
)
def test_a_chart_says_whether_its_target_is_met(values, target, told):
    line = team(values, target=float(target))
    assert line.assurance == told and line.assurance_text
    assert drawing.draw(line).target[0] == str(target)
    assert {row[10] for row in charts.rows(line)[1:]} == {str(target)}
    assert (
        f"target of {target}" in line.finding or f"target is {target}" in line.finding
    )
    assert team(values).assurance_text == "" and drawing.draw(team(values)).target == ()


def test_limits_after_a_step_are_the_librarys_of_the_points_after_it():
    values = STEADY + [value + 30 for value in STEADY]
    line = team(values, sd=20.0, steps=(CHANGED,))
    chart = xmr_chart(
        values,
        rules="making_data_count",
        steps=[StepChange(at=8, reason=CHANGED.reason)],
    )
    for mark, (_, row) in zip(line.marks, chart.points.iterrows()):
        assert mark.centre == pytest.approx(row["centre"])
        assert mark.phase == row["phase"]
    assert CHANGED.reason in line.finding and line.word == "common cause"
    assert team(values).word == "improvement"  # nothing is rebased by itself


def test_each_part_of_a_short_chart_rests_on_its_own_groups():
    values = STEADY[:5] + [80, 75, 85, 80]
    step = Step(DAYS[5], "A new team")
    line = team(values, steps=(step,))
    given = {"sd": 20.0, "rounding": ROUNDING, "rules": "making_data_count"}
    for part, marks in ((values[:5], line.marks[:5]), (values[5:], line.marks[5:])):
        upper = group_mean_chart(part, [10] * len(part), **given).points["upper"]
        wanted = [min(100.0, each) for each in upper]
        assert [mark.upper for mark in marks] == pytest.approx(wanted)


def test_limits_are_drawn_by_part_and_the_step_between_them():
    drawn = drawing.draw(team(STEADY * 2, steps=(CHANGED,)))
    assert [name for name, _ in drawn.limits].count("centre") == 2
    ((kind, x, text),) = drawn.verticals
    assert kind == "step" and text == CHANGED.reason
    assert drawn.points[7].x < x < drawn.points[8].x
    assert len(drawn.lines) == 15


@pytest.mark.parametrize("first", [1, 2, 14, 15])
def test_a_part_of_too_few_points_has_no_limits_and_no_verdict(first):
    line = team(STEADY * 2, steps=(Step(DAYS[first], "Moved"),))
    known = [mark for mark in line.marks if mark.upper is not None]
    if first < charts.LEAST:
        assert line.waiting_steps and len(known) == 16
    else:
        assert len(known) == first and line.word == ""
        assert "too few points for limits" in line.finding


def test_a_step_after_the_last_point_waits():
    line = team(STEADY, steps=(Step(date(2030, 1, 1), "Later"),))
    assert line.steps == () and len(line.waiting_steps) == 1
    assert line.marks == team(STEADY).marks


def test_no_line_crosses_the_border_of_a_campaign():
    border = Border(DAYS[4], "Campaign: The second round")
    line = team(STEADY, borders=(border,))
    drawn = drawing.draw(line)
    assert len(drawn.lines) == 6 and drawn.verticals[0][0] == "border"
    assert charts.rows(line)[5][12] == border.what
    assert len(drawing.draw(team(STEADY)).lines) == 7


def test_months_without_neighbours_wait_for_limits_and_do_not_fail():
    gaps = [value for mean in STEADY[:6] for value in (mean, None)]
    line = charts.trust_chart(months(gaps[:11]), sd=None, series="s")
    assert line.word == "" and "too few" in line.finding


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


@pytest.fixture
def address(people, client, session, rng):
    for month in range(12):
        at = SPRING - timedelta(days=30 * month)
        people.invited(rng.uniform(20, 60, 10), at=at)
    people.release(SPRING + DAY)
    sign_in(client, session, "lead", people.trust)
    return f"/tracking/{people.trust.id}/service_user"


def test_a_lead_sets_changes_and_closes_a_target(client, session, address):
    page = f"{address}/targets/set"
    for value, reason in (
        ("", "x"),
        ("0", "x"),
        ("100", "x"),
        ("nan", "x"),
        ("60", ""),
    ):
        sent = client.post(page, data={"value": value, "reason": reason})
        assert sent.status_code == 422
    for value in ("60", "70.5"):
        sent = client.post(page, data={"value": value, "reason": "The board's aim"})
        assert sent.status_code == 303
    chart = client.get(f"{address}/chart.csv").text
    assert ",70.5," in chart and ",60," not in chart
    assert "target 70.5" in client.get(address).text
    first, second = session.query(ScoreTarget).order_by(ScoreTarget.id)
    assert first.closed_by is not None and second.closed_at is None
    listed = client.get(f"{address}/targets/").text
    assert "A lead" in listed and "Closed" in listed and "Stands" in listed
    for _ in range(2):
        client.post(f"{address}/targets/{second.id}/close")
    assert "target 70.5" not in client.get(address).text
    of_targets = AuditEvent.action.like("target.%")
    events = session.query(AuditEvent).filter(of_targets).order_by(AuditEvent.id)
    assert [e.action for e in events] == ["target.set", "target.set", "target.closed"]


def test_a_lead_makes_limits_anew_and_undoes_it(client, session, people, address):
    before = client.get(f"{address}/chart.csv").text
    page = f"{address}/targets/step"
    day = (SPRING - timedelta(days=100)).date().isoformat()
    for starts_on, reason in (
        ("x", "y"),
        (day, " "),
        ("2020-01-01", "y"),
        ("2030-01-01", "y"),
    ):
        sent = client.post(page, data={"starts_on": starts_on, "reason": reason})
        assert sent.status_code == 422
    good = {"starts_on": day, "reason": "Care plans are shared"}
    assert client.post(page, data=good).status_code == 303
    assert client.post(page, data=good).status_code == 422
    assert "Care plans are shared" in client.get(f"{address}/chart.csv").text
    assert "Care plans are shared" in client.get(f"{address}/chart.svg").text
    (step,) = session.query(ChartStep)
    for _ in range(2):
        assert client.post(f"{address}/targets/step/{step.id}/undo").status_code == 303
    assert client.get(f"{address}/chart.csv").text == before
    assert "Undone" in client.get(f"{address}/targets/").text


def test_a_lead_of_a_team_sets_what_is_of_that_team_alone(
    client, session, people, address
):
    harbour, moorside = people.trust.teams[:2]
    user = sign_in(client, session, "lead", people.trust)
    user.grants = [RoleGrant(role="lead", trust=people.trust, team=harbour)]
    session.commit()
    sent = {"data": {"value": "60", "reason": "Ours"}}
    for team_id, status in ((harbour.id, 303), ("", 403), (moorside.id, 404)):
        page = f"{address}/targets/set?team={team_id}"
        assert client.post(page, **sent).status_code == status
    (target,) = session.query(ScoreTarget)
    assert target.team_id == harbour.id
    assert client.post(f"{address}/targets/{target.id}/close?team=").status_code == 403


def test_a_target_of_another_place_is_not_found(client, session, people, address):
    user = factories.make_staff(session, "lead", people.trust)
    known = {"trust_id": people.trust.id, "value": 50.0, "reason": "x"}
    target = ScoreTarget(perspective="carer", set_by_id=user.id, **known)
    factories.added(session, target)
    session.commit()
    assert client.get(f"{address}/targets/{target.id}/close").status_code == 404
    assert client.post(f"{address}/targets/{target.id}/close").status_code == 404


def test_a_later_campaign_of_the_same_form_is_a_border(
    client, session, people, address
):
    harbour = people.trust.teams[0]
    at = SPRING + timedelta(days=9)
    later = {"opens_at": at - DAY, "title": "The second round"}
    campaign = factories.make_campaign(session, harbour, **later)
    for path in (
        f"{address}/chart.csv?team={harbour.id}",
        f"{address}/chart.csv?team=",
    ):
        assert "second round" not in client.get(path).text  # nobody has answered yet
    people.campaign = campaign
    people.invited([50] * 10, at=at)
    people.release(at + DAY)
    chart = client.get(f"{address}/chart.csv?team={harbour.id}").text
    assert chart.count("Campaign: The second round") == 1
