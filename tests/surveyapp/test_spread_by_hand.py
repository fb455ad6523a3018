"""How people differ within teams: whose scores, of which year, and when it is kept."""

from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest
from sqlalchemy import select

from surveyapp.models import ReleasedFigure, ReleasedGroup, ReleasedSpread
from surveyapp.tracking import spread

from .. import factories
from .people import DAY

pytestmark = pytest.mark.one_database
NOW = datetime(2026, 8, 1, 2, tzinfo=UTC)
YEAR, SECOND = timedelta(days=365), timedelta(seconds=1)
FORM, OLD = "short_service_user.v1", "mean_0_100"
HERE, AWAY = [20.0, 40.0, 90.0], [10.0, 50.0, 60.0]


class Teams:
    """Two teams of a trust, with a group each that was let out lately."""

    def __init__(self, session):
        self.session, self.campaign = session, factories.make_campaign(session)
        self.trust_id = self.campaign.trust_id
        other = factories.make_team(session, self.campaign.trust, "Another team")
        self.teams = self.campaign.teams[0], other

    def group(self, last_on=NOW.date(), **given):
        known = {"trust_id": self.trust_id, "family": FORM, "n": 2}
        known |= {"perspective": "service_user", "released_at": NOW}
        known |= {"first_on": last_on, "last_on": last_on}
        group = factories.added(self.session, ReleasedGroup(**known | given))
        told = {"series": f"{OLD} {group.family}", "scale": "involvement"}
        figure = ReleasedFigure(group_id=group.id, n=2, value=50.0, **told)
        factories.added(self.session, figure)
        return group.id

    def people(self, group, values, team=0, at=NOW, scores=(), **given):
        for value in values:
            one = factories.make_assessment(
                self.session,
                self.campaign,
                team=self.teams[team],
                submitted_at=at,
                released_group_id=group,
                **given,
            )
            self.session.add(factories.make_score(one, value=value))
            self.session.add_all(factories.make_score(one, **more) for more in scores)

    def freeze(self, now=NOW):
        """Keep what is due; what is kept of the trust."""
        self.session.commit()
        spread.freeze(self.session, self.trust_id, now=now)
        self.session.rollback()
        kept = select(ReleasedSpread).filter_by(trust_id=self.trust_id)
        return [
            (row.perspective, row.series, row.scale, row.until, row.n, row.sd)
            for row in self.session.scalars(kept.order_by(ReleasedSpread.id))
        ]


@pytest.fixture
def teams(session, monkeypatch):
    monkeypatch.setattr(spread, "PEOPLE", 6)
    return Teams(session)


def within(*parts):
    """The deviation about the means of each part, in whole points."""
    squares = sum((value - fmean(part)) ** 2 for part in parts for value in part)
    return round((squares / (sum(map(len, parts)) - len(parts))) ** 0.5)


def kept(n, sd, until=NOW.date(), scale="involvement", series=f"{OLD} {FORM}"):
    return "service_user", series, scale, until, n, sd


def test_the_spread_is_of_the_years_people_about_the_means_of_their_teams(
    teams, session
):
    group, elsewhere = teams.group(), Teams(session)
    again = {"value": HERE[0], "revision": 2}
    beside = {"scale": "trust", "value": 50.0, "revision": 3}
    teams.people(group, [0.0], scores=(again, beside))
    teams.people(group, HERE[1:], at=NOW - YEAR)
    teams.people(group, AWAY, team=1)
    none = {"value": None, "reason": "too_few_answers", "revision": 2}
    teams.people(group, [0.0], scores=(none,))
    teams.people(group, [0.0], withdrawn_at=NOW)
    teams.people(group, [0.0], at=NOW - YEAR - SECOND)
    teams.people(None, [0.0])
    for given in ({"perspective": "carer"}, {"family": "another.v1"}):
        teams.people(teams.group(**given), [0.0])
    elsewhere.people(elsewhere.group(), [0.0] * 6)
    newly = {"value": 0.0, "method": "mean_0_50"}
    teams.people(group, [0.0], scores=({"scale": "parity", **newly},))
    first = teams.freeze()
    assert first == [kept(7, within([*HERE, 0.0], AWAY))]


@pytest.mark.parametrize("n, n_kept", [(6, 1), (5, 0)])
def test_a_spread_needs_people_enough_and_is_one_point_at_least(teams, n, n_kept):
    teams.people(teams.group(), [50.0] * n)
    assert teams.freeze() == [kept(n, 1.0)] * n_kept


def test_where_each_is_alone_in_a_team_there_is_no_spread(teams, session, monkeypatch):
    monkeypatch.setattr(spread, "PEOPLE", 2)
    group = teams.group()
    for team in (0, 1):
        teams.people(group, [50.0], team=team)
    assert teams.freeze() == []
    teams.people(group, [60.0])
    assert teams.freeze() == [kept(3, round(50**0.5))]


def test_a_spread_is_kept_for_a_year(teams, session):
    elsewhere = Teams(session)
    for each in (elsewhere, teams):
        group = each.group(last_on=NOW.date() + DAY)
        each.people(group, [*HERE, *HERE], at=NOW - SECOND)
        sd = within([*HERE, *HERE])
        assert each.freeze() == [kept(6, sd)]
    later = NOW + YEAR
    teams.people(group, [50.0] * 6, at=later)
    assert teams.freeze(now=later - DAY) == [kept(6, sd)]
    fresh = kept(6, 1.0, until=later.date())
    assert teams.freeze(now=later) == [kept(6, sd), fresh]


def test_a_series_of_which_nothing_is_new_for_a_year_has_no_new_spread(teams, session):
    Teams(session).group()  # of another trust
    teams.people(teams.group(last_on=(NOW - YEAR).date()), [*HERE, *HERE])
    assert teams.freeze() == []
    assert [row[4] for row in teams.freeze(now=NOW - DAY)] == [6]
