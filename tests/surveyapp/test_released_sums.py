"""Each figure that is let out is in the sums of its team and month, once."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from surveyapp.models import ReleasedSum
from surveyapp.tracking import released_sums

from .. import factories

pytestmark = pytest.mark.one_database


def group(team, first, last, **given):
    told = {"trust_id": team.trust_id, "team_id": team.id, "first_on": first}
    return SimpleNamespace(**told, last_on=last, perspective="service_user", **given)


def figure(n, value, is_rounded=True, **given):
    kind = {"series": "a", "scale": "trust"} | given
    return SimpleNamespace(n=n, value=value, is_rounded=is_rounded, **kind)


@pytest.fixture
def team(session):
    made = factories.make_team(session)
    session.commit()
    return made


def sums(session):
    session.expire_all()
    return session.scalars(select(ReleasedSum).order_by(ReleasedSum.id)).all()


def test_figures_of_a_month_are_added_with_their_squares_and_days(session, team):
    days = [(10, 20), (5, 12), (15, 28)]
    for (first, last), n in zip(days, (10, 12, 7)):
        of = group(team, date(2026, 2, first), date(2026, 3, last))
        released_sums.add(session, of, figure(n, 50.0, is_rounded=n != 7))
    (row,) = sums(session)
    assert (row.n, row.n_groups, row.total) == (29, 3, 29 * 50.0)
    assert row.squares == 10**2 + 12**2  # of figures that were rounded
    assert (row.first_on, row.last_on) == (date(2026, 2, 5), date(2026, 3, 28))
    assert row.month == date(2026, 3, 1)


@pytest.mark.parametrize(
    "other", [{"series": "b"}, {"scale": "parity"}, {"month": 4}, {"team": True}]
)
def test_another_series_scale_month_or_team_has_a_row_of_its_own(session, team, other):
    here = group(team, date(2026, 3, 1), date(2026, 3, 9))
    released_sums.add(session, here, figure(10, 40.0))
    told = {name: value for name, value in other.items() if name in ("series", "scale")}
    there = factories.make_team(session, team.trust, "B") if "team" in other else team
    last = date(2026, other.get("month", 3), 9)
    released_sums.add(session, group(there, last, last), figure(20, 60.0, **told))
    assert [(row.n, row.n_groups, row.total) for row in sums(session)] == [
        (10, 1, 400.0),
        (20, 1, 1200.0),
    ]
