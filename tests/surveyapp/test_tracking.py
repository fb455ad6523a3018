"""Figures of involvement: right where they are shown, and safe where they are not."""

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy.orm import Session

from psychometrics.scores.intervals import mean_interval
from surveyapp import calendar
from surveyapp.extensions import db
from surveyapp.models import Campaign, Release, Team, Trust
from surveyapp.tracking import figures, presenter, releases

from .. import factories
from .signing_in import sign_in

SPRING = datetime(2026, 4, 20, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 20, 12, tzinfo=UTC)


@pytest.fixture
def trust(session):
    """A trust with three teams and an open campaign."""
    campaign = factories.make_campaign(session)
    for name in ("Moorside", "Riverside"):
        factories.make_team(session, campaign.trust, name)
    return campaign.trust


def sent(session, trust, team, values, at=SPRING, scale="involvement"):
    """Assessments of one team, sent at one time, with these scores."""
    campaign = session.query(Campaign).filter_by(trust=trust).one()
    team = session.query(Team).filter_by(trust=trust, name=team).one()
    made = []
    for value in values:
        assessment = factories.make_assessment(
            session, campaign, team=team, submitted_at=at
        )
        session.add(factories.make_score(assessment, scale, value))
        made.append(assessment)
    session.commit()
    return made


def lattice(session, trust, now=SUMMER, minimum=10):
    let_out = releases.released(
        session, trust.id, "service_user", now=now, minimum=minimum
    )
    teams = [team.id for team in trust.teams]
    return figures.lattice(let_out, teams, "involvement", minimum=minimum)


def overall(session, trust, **given):
    return lattice(session, trust, **given).cells[None, None]


def test_mean_and_interval_are_the_librarys(session, trust, rng):
    values = rng.uniform(0, 100, 25)
    sent(session, trust, "Harbour team", values)
    shown, wanted = overall(session, trust), mean_interval(values)
    assert (shown.n, shown.mean) == (25, pytest.approx(wanted.mean))
    assert (shown.lower, shown.upper) == pytest.approx((wanted.lower, wanted.upper))


def test_nine_people_are_not_shown(session, trust, rng):
    sent(session, trust, "Harbour team", rng.uniform(0, 100, 9))
    assert overall(session, trust).why_not == figures.HIDDEN


def test_a_small_team_by_itself_is_in_no_total(session, trust, rng):
    """Nothing that is shown has it as a part, so nothing gives it away."""
    sent(session, trust, "Harbour team", rng.uniform(0, 100, 30))
    sent(session, trust, "Moorside", rng.uniform(0, 100, 12))
    sent(session, trust, "Riverside", rng.uniform(0, 100, 4))
    cells = lattice(session, trust).cells
    totals = [c for (team, quarter), c in cells.items() if team and not quarter]
    assert cells[None, None].n == 42
    assert sorted(c.n or 0 for c in totals) == [0, 12, 30]
    assert [c.why_not for c in totals].count(figures.HIDDEN) == 1


def test_small_teams_are_counted_together_once_they_are_enough(session, trust, rng):
    sent(session, trust, "Harbour team", rng.uniform(0, 100, 30))
    sent(session, trust, "Moorside", rng.uniform(0, 100, 8))
    sent(session, trust, "Riverside", rng.uniform(0, 100, 4))
    cells = lattice(session, trust).cells
    hidden = [c.why_not for (team, quarter), c in cells.items() if team and not quarter]
    assert cells[None, None].n == 42
    assert hidden.count(figures.HIDDEN) == 2


@pytest.mark.parametrize("late", [SPRING, SUMMER])
def test_the_end_of_a_quarter_gives_no_small_team_away(session, trust, rng, late):
    """The totals before and after would differ by the one person's score."""
    sent(session, trust, "Harbour team", rng.uniform(0, 100, 30))
    before = lattice(session, trust, now=SPRING + timedelta(days=1)).cells
    sent(session, trust, "Moorside", [80.0], at=late)
    sent(session, trust, "Harbour team", [20.0], at=SUMMER)
    after = lattice(session, trust, now=SUMMER + timedelta(days=92)).cells
    harbour = before.keys() & after.keys()
    assert len(harbour) >= 5
    assert {key: after[key].n for key in harbour} == {
        key: before[key].n for key in harbour
    }
    assert after[None, None].n == 30


def test_a_scale_that_one_more_person_answered_does_not_move(session, trust, rng):
    made = sent(session, trust, "Harbour team", rng.uniform(0, 100, 12))
    session.add_all(factories.make_score(a, "trust", 50.0 + a.id) for a in made)
    day = SPRING + timedelta(days=1)
    releases.released(session, trust.id, "service_user", now=day, minimum=10)
    more = sent(session, trust, "Harbour team", rng.uniform(0, 100, 10))
    session.add(factories.make_score(more[0], "trust", 90.0))
    session.commit()
    (release,) = releases.released(
        session, trust.id, "service_user", now=day, minimum=10
    )
    (sums,) = release.figures.values()
    assert (sums["involvement"][0], sums["trust"][0]) == (22, 12)


def test_people_who_all_scored_alike_are_not_shown(session, trust):
    sent(session, trust, "Harbour team", [75.0] * 20)
    assert not any(c.is_shown for c in lattice(session, trust).cells.values() if c.n)


def test_people_who_withdrew_are_not_counted(session, trust, rng):
    made = sent(session, trust, "Harbour team", rng.uniform(0, 100, 15))
    for assessment in made[:3]:
        assessment.withdrawn_at = SPRING
    session.commit()
    assert overall(session, trust).n == 12


def test_a_withdrawal_after_the_release_moves_nothing(session, trust, rng):
    made = sent(session, trust, "Harbour team", rng.uniform(0, 100, 15))
    before = overall(session, trust)
    made[0].withdrawn_at = SUMMER
    session.commit()
    assert overall(session, trust) == before


@pytest.mark.parametrize("now", [SPRING + timedelta(days=1), SUMMER])
def test_no_two_looks_differ_by_fewer_than_ten_people(session, trust, rng, now):
    """Someone who looks after every answer learns nothing about one person."""
    looks = []
    for value in rng.uniform(0, 100, 35):
        sent(session, trust, "Harbour team", [value])
        looks.append(overall(session, trust, now=now))
    seen = [look.n for look in looks if look.is_shown]
    steps = np.diff(sorted(set(seen)))
    assert (steps >= 10).all()


def test_the_newest_score_of_an_assessment_counts(session, trust, rng):
    made = sent(session, trust, "Harbour team", rng.uniform(0, 40, 12))
    session.add_all(
        factories.make_score(a, value=60.0 + n, revision=2) for n, a in enumerate(made)
    )
    session.commit()
    assert overall(session, trust).mean == pytest.approx(65.5)


@pytest.mark.parametrize(
    "at, quarter",
    [
        (datetime(2026, 3, 31, 22, 59, tzinfo=UTC), "January to March 2026"),
        (datetime(2026, 3, 31, 23, 1, tzinfo=UTC), "April to June 2026"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "October to December 2026"),
    ],
)
def test_quarters_follow_the_clock_in_london(at, quarter):
    assert presenter.name_of(calendar.quarter_of(at)) == quarter


def test_the_page_shows_the_mean_and_its_people(client, session, trust, rng):
    values = rng.uniform(20, 60, 40)
    sent(session, trust, "Harbour team", values)
    sign_in(client, session, "lead", trust)
    text = client.get(f"/tracking/{trust.id}/service_user").text
    assert f"{values.mean():.1f}" in text and "n = 40" in text
    assert "<svg" in text and len(text.encode()) < 30_000


def test_what_is_hidden_is_nowhere_in_the_page(client, session, trust, rng):
    values = rng.uniform(20, 60, 9)
    sent(session, trust, "Harbour team", values)
    sign_in(client, session, "lead", trust)
    text = client.get(f"/tracking/{trust.id}/service_user").text
    assert f"{values.mean():.1f}" not in text
    assert "Not shown" in text and not re.search(r"n = \d", text)


def test_of_two_who_look_first_at_the_same_moment_both_see_the_same(
    app, session, trust, rng, monkeypatch
):
    """Else the figures of the second would tell of who came in between."""
    sent(session, trust, "Harbour team", rng.uniform(0, 100, 12))
    keep, shown = releases.keep_release, []

    def keep_after_another(own, *seen):
        monkeypatch.setattr(releases, "keep_release", keep)
        with app.app_context(), Session(db.engine) as other:
            same = other.get(Trust, trust.id)
            shown.append(overall(other, same))
            sent(other, same, "Harbour team", [100.0])
        return keep(own, *seen)

    monkeypatch.setattr(releases, "keep_release", keep_after_another)
    assert [overall(session, trust)] == shown and shown[0].n == 12
    assert session.query(Release).count() == 1
