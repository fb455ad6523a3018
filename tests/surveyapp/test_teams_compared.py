"""Teams beside one another: a funnel, how reliable means are, and who answered."""

import csv
import io

import numpy as np
import pytest

from psychometrics import unit_reliability
from surveyapp.tracking import funnel
from surveyapp.tracking.groups import ROUNDING, Sums
from surveyapp.tracking.response_rates import rate_text, response_rates

from .. import factories
from .people import People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

NAMES = {1: "Harbour", 2: "Moorside", 3: "Riverside"}


def sums(mean, n=100):
    return Sums(n, n // 10, n * mean, 10.0 * n)


def of(*means, n=100, sd=20.0):
    by_team = {k: sums(mean, n) for k, mean in enumerate(means, 1)}
    return funnel.funnel(by_team, NAMES, sd)


def test_teams_that_differ_by_chance_lie_inside_the_funnel():
    found = of(50.0, 52.0, 48.0)
    assert {team.word for team in found.teams} == {funnel.INSIDE}
    assert "no more than chance" in found.finding and "Too few to rank" in found.ranking


def test_a_team_beyond_the_limits_is_named_with_its_side():
    found = of(30.0, 55.0, 65.0)
    limit = 3.09 * (20.0**2 / 100 + ROUNDING / 10) ** 0.5
    assert found.centre == 50 and 15 > limit > 5
    assert [t.word for t in found.teams] == [funnel.LOW, funnel.INSIDE, funnel.HIGH]
    assert "Riverside above the limits; Harbour below the limits" in found.finding
    drawn = funnel.picture(found, 20.0)
    assert [point.shape for point in drawn.points] == ["square", "circle", "diamond"]


def test_teams_stand_in_the_order_in_which_they_were_named_whatever_their_means():
    assert [team.name for team in of(10.0, 90.0, 50.0).teams] == [*NAMES.values()]


def test_reliability_is_that_of_scores_with_the_same_spread_within_teams(rng):
    """With rounding left out, by the library's analysis of variance."""
    scores = rng.normal([[45], [50], [60]], 10, (3, 40))
    scores += np.array([[45], [50], [60]]) - scores.mean(axis=1, keepdims=True)
    within = scores.var(axis=1, ddof=1).mean() ** 0.5
    wanted = unit_reliability(scores.ravel(), np.repeat([1, 2, 3], 40)).units
    by_team = {k: Sums(40, 4, 40 * m, 0.0) for k, m in ((1, 45), (2, 50), (3, 60))}
    found = funnel.funnel(by_team, NAMES, within)
    reliability = [team.reliability for team in found.teams]
    assert reliability == pytest.approx(wanted["reliability"].to_list())


def test_means_that_are_reliable_enough_are_not_called_too_few():
    assert "can be told apart" in of(20.0, 50.0, 80.0, n=200).ranking


def test_without_a_spread_nothing_is_said_of_limits_or_reliability():
    found = of(20.0, 80.0, 50.0, sd=None)
    assert "wait until" in found.finding and "not known yet" in found.ranking
    assert funnel.picture(found, None) is None


@pytest.mark.parametrize(
    "invited, answered, text",
    [
        (29, 10, "fewer than 30 invited"),
        (30, 0, "under 10%"),
        (40, 40, "over 90%"),
        (40, 13, "about 30%"),
    ],
)
def test_a_rate_tells_of_nobody(invited, answered, text):
    assert rate_text(invited, answered) == text


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


def test_the_rate_counts_personal_invitations_that_stand(people):
    session, team = people.session, people.trust.teams[0]
    kinds = [{}, {}, {"perspective": "carer"}, {"status": "cancelled"}]
    for n, kind in enumerate(kinds):
        made = factories.make_invitation(
            session, people.campaign, token=f"t{n}", team=team, **kind
        )
        if n == 0:
            people.invited([50.0], invitation=made)
    assert response_rates(session, people.trust.id, "service_user") == {}
    for _ in range(2):  # a night counts in place of the one before
        people.release()
    rates = response_rates(session, people.trust.id, "service_user")
    assert rates[team.id] == (2, 1)
    assert response_rates(session, people.trust.id, "carer")[team.id] == (3, 1)


def test_a_night_that_found_no_invitation_has_counted_too(client, people, session):
    """As in a trust whose people all came by open links."""
    sign_in(client, session, "lead", people.trust)
    address = f"/tracking/{people.trust.id}/carer/teams"
    assert "counted at night" in client.get(address).text
    people.release()
    page = client.get(address).text
    assert "counted at night" not in page and "fewer than 30 invited" in page


def test_the_page_of_teams_has_a_picture_a_table_and_files(
    client, people, session, rng
):
    for team, low in (("Harbour team", 50), ("Moorside", 10), ("Riverside", 50)):
        people.invited(rng.uniform(low, low + 30, 40), team)
    people.release()
    sign_in(client, session, "lead", people.trust)
    address = f"/tracking/{people.trust.id}/service_user"
    page = client.get(f"{address}/teams").text
    assert "<svg" in page and "1. Harbour team" in page and "scalar invariance" in page
    rows = csv.DictReader(io.StringIO(client.get(f"{address}/funnel.csv").text))
    for row in rows:
        assert row["people"] == "40" and f">{row['mean']}</td>" in page
    assert client.get(f"{address}/funnel.svg").status_code == 200
    assert (
        client.get(f"/tracking/{people.trust.id}/carer/funnel.svg").status_code == 404
    )
