"""Sums that the database adds up are those of all its groups, one by one."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import hypothesis
import hypothesis.strategies as st
import pytest

from surveyapp.models import ReleasedFigure, ReleasedGroup
from surveyapp.tracking import groups, released_sums

from .. import factories

MADE = st.lists(
    st.tuples(
        st.integers(0, 3),  # of three teams, one of them merged, and the pool
        st.sampled_from(["service_user", "carer"]),
        st.sampled_from(["mean.v1 a_form.v1", "mean.v2 a_form.v1"]),
        st.integers(10, 40),
        st.integers(0, 20),
        st.integers(0, 800),
        st.booleans(),
    ),
    max_size=30,
)


@hypothesis.settings(
    max_examples=15,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.function_scoped_fixture,
    ],
)
@hypothesis.given(made=MADE)
def test_sums_are_those_of_a_full_recomputation(session, made):
    trust = factories.make_trust(session)
    teams = [factories.make_team(session, trust, name) for name in "abc"]
    teams[1].merged_into_id = teams[0].id
    into = [teams[0].id, teams[0].id, teams[2].id, None]
    wanted = defaultdict(lambda: [0, 0, Fraction(0)])
    for place, perspective, series, n, fives, days, is_rounded in made:
        last = date(2024, 1, 1) + timedelta(days=days)
        group = ReleasedGroup(
            trust_id=trust.id,
            team_id=teams[place].id if place < 3 else None,
            perspective=perspective,
            family="a_form.v1",
            n=n,
            first_on=last,
            last_on=last,
            released_at=datetime.now(UTC),
        )
        factories.added(session, group)
        known = {"group_id": group.id, "series": series, "scale": "involvement"}
        value = 5.0 * fives
        figure = ReleasedFigure(**known, n=n, value=value, is_rounded=is_rounded)
        session.add(figure)
        released_sums.add(session, group, figure)
        kept = wanted[perspective, series, into[place], last.replace(day=1)]
        kept[0], kept[1], kept[2] = kept[0] + n, kept[1] + 1, kept[2] + n * 5 * fives
    session.flush()
    found = {
        (perspective, series.key, team, month): [sums.n, sums.n_groups, sums.total]
        for perspective in ("service_user", "carer")
        for series in groups.series_of(session, trust.id, perspective)
        for (team, month), sums in groups.by_month(
            session, trust.id, perspective, series.key
        ).items()
    }
    assert found == dict(wanted)
    for perspective in ("service_user", "carer"):
        for series in groups.series_of(session, trust.id, perspective):
            _are_sums_of_months(session, trust.id, perspective, series.key)
    session.rollback()


def _are_sums_of_months(session, *of):
    """Sums by month, by team and of one team are those of each team's months."""
    each, by_team, by_month = groups.by_month(session, *of), {}, {}
    for (team, month), sums in each.items():
        by_team[team] = by_team.get(team, groups.Sums()) + sums
        by_month[month] = by_month.get(month, groups.Sums()) + sums
    assert groups.by_team(session, *of) == by_team
    assert groups.months(session, *of) == by_month
    for team in by_team.keys() - {None}:
        own = {month: sums for (t, month), sums in each.items() if t == team}
        assert groups.months(session, *of, team_ids={team}) == own


def test_sums_of_sums_are_sums_of_all():
    parts = [groups.Sums(10, 1, 10 * value, 100) for value in (20.0, 45.0, 70.0)]
    whole = groups.total(parts)
    assert (whole.n, whole.mean) == (30, pytest.approx(45))
    assert groups.total([groups.total(parts[:1]), groups.total(parts[1:])]) == whole
