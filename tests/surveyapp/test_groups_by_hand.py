"""What pages may read of what was let out, beside figures that are made by hand.

Beside every figure stands one of another trust, perspective, series or scale, which
must not be read with it.
"""

from datetime import date
from types import SimpleNamespace

import pytest

from surveyapp.models import (
    ReleasedBlock,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedSpread,
    ReleasedSum,
    Team,
)
from surveyapp.tracking import groups, series
from surveyapp.tracking.groups import Point, Series, Sums, Waiting, text_of

from .. import factories
from .people import DAY, SPRING, People, make_trust

pytestmark = pytest.mark.one_database
OURS, OTHERS, SCALE = "mean.v1 a_form.v1", "mean.v2 a_form.v1", "involvement"
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)


class Shelf:
    """Figures of one trust: a team, one that was merged into it, another, the pool."""

    def __init__(self, session):
        self.session, self.trust = session, factories.make_trust(session)
        self.home, self.merged, self.away = (
            factories.make_team(session, self.trust, name).id for name in "abc"
        )
        session.get_one(Team, self.merged).merged_into_id = self.home
        self.elsewhere = factories.make_team(session).trust_id
        self.of = session, self.trust.id, "service_user"

    def put(self, kind, **given):
        known = {"trust_id": self.trust.id, "perspective": "service_user"}
        return factories.added(self.session, kind(**known | given))

    def put_beside(self, kind, *others, **given):
        """One of another trust, one of another perspective, and what else differs."""
        for other in ({"trust_id": self.elsewhere}, {"perspective": "carer"}, *others):
            self.put(kind, **given | other)

    def sum(self, team, month, n, mean, **given):
        """`n` people in two groups, of which one of ten was rounded."""
        known = {"series": OURS, "scale": SCALE, "n_groups": 2, "squares": 100.0}
        known |= {"team_id": team, "month": month, "n": n, "total": n * mean}
        known |= {"first_on": month, "last_on": month + 9 * DAY}
        others = {"series": OTHERS}, {"scale": "trust"}
        self.put(ReleasedSum, **known | given)
        self.put_beside(ReleasedSum, *others, **known | {"n": 1000, "total": 0.0})

    def group(self, team, n, **given):
        when = {"first_on": JANUARY, "last_on": MARCH, "released_at": SPRING}
        known = {"team_id": team, "family": "a_form.v1", "n": n}
        return self.put(ReleasedGroup, **known | when | given)

    def figure(self, of, value, series=OURS, scale=SCALE):
        kind = "group_id" if isinstance(of, ReleasedGroup) else "block_id"
        known = {kind: of.id, "series": series, "scale": scale, "n": of.n}
        factories.added(self.session, ReleasedFigure(**known, value=value))


@pytest.fixture
def shelf(session):
    return Shelf(session)


@pytest.fixture
def summed(shelf):
    shelf.sum(shelf.home, JANUARY, 20, 40.0)
    shelf.sum(shelf.merged, JANUARY, 30, 50.0)
    shelf.sum(shelf.home, MARCH, 25, 60.0)
    shelf.sum(shelf.away, MARCH, 40, 30.0)
    shelf.sum(None, MARCH, 15, 20.0)
    return shelf


def sums(*parts):
    """Sums of so many pairs of groups as there are (people, mean) of them."""
    n, added = sum(n for n, _ in parts), sum(n * mean for n, mean in parts)
    return Sums(n, 2 * len(parts), float(added), 100.0 * len(parts))


def test_sums_by_month_and_team_are_of_one_trust_perspective_series_and_scale(summed):
    home, away = summed.home, summed.away
    assert groups.by_month(*summed.of, OURS) == {
        (home, JANUARY): sums((20, 40), (30, 50)),
        (home, MARCH): sums((25, 60)),
        (away, MARCH): sums((40, 30)),
        (None, MARCH): sums((15, 20)),
    }
    assert groups.by_team(*summed.of, OURS) == {
        home: sums((20, 40), (30, 50), (25, 60)),
        away: sums((40, 30)),
        None: sums((15, 20)),
    }
    assert groups.by_month(*summed.of, OURS, "parity") == {}


def test_months_and_totals_are_of_all_or_of_teams_with_what_was_merged_into_them(
    summed,
):
    everywhere = (25, 60), (40, 30), (15, 20)
    of, home = (*summed.of, OURS), {summed.home}
    earlier = sums((20, 40), (30, 50))
    assert groups.months(*of) == {JANUARY: earlier, MARCH: sums(*everywhere)}
    assert groups.months(*of, team_ids=home) == {
        JANUARY: earlier,
        MARCH: sums((25, 60)),
    }
    assert groups.months(*of, team_ids=set()) == {}
    whole, ours = groups.totals(*of), groups.totals(*of, team_ids=home)
    assert whole[SCALE] == sums((20, 40), (30, 50), *everywhere)
    assert ours[SCALE] == sums((20, 40), (30, 50), (25, 60))
    assert set(whole) == {SCALE, "trust"} and ours["trust"].n == 3000


def test_series_are_told_with_the_newest_answers_first(shelf):
    days = {"first_on": JANUARY, "last_on": MARCH}
    for name, n, given in (
        ("old", 99, {"last_on": JANUARY + DAY}),
        ("before", 11, {}),
        ("newest", 12, {"first_on": JANUARY + DAY}),
        ("newest", 13, {"team_id": None}),
    ):
        known = {"scale": SCALE, "month": MARCH, "team_id": shelf.home} | days
        known |= {"n_groups": 1, "total": 0.0, "squares": 0.0, "n": n}
        shelf.put(ReleasedSum, series=name, **known | given)
        beside = known | given | {"series": f"not {name}"}
        shelf.put_beside(ReleasedSum, {"scale": "trust"}, **beside)
    assert groups.series_of(*shelf.of) == [
        Series("newest", JANUARY, MARCH, 25, 2),
        Series("before", JANUARY, MARCH, 11, 1),
        Series("old", JANUARY, JANUARY + DAY, 99, 1),
    ]


def test_points_are_the_groups_of_a_series_in_the_order_of_their_last_days(shelf):
    late = shelf.group(shelf.home, 10, main_mode="paper", is_late=True)
    early = shelf.group(shelf.merged, 11, last_on=MARCH - DAY)
    pool, away = shelf.group(None, 12), shelf.group(shelf.away, 13)
    for n, each in enumerate((late, early, pool, away)):
        shelf.figure(each, 20.0 + 5 * n)
        shelf.figure(each, 90.0, series=OTHERS)
        shelf.figure(each, 95.0, scale="trust")
    for other in ({"trust_id": shelf.elsewhere}, {"perspective": "carer"}):
        shelf.figure(shelf.group(shelf.home, 14, **other), 50.0)

    def told(**given):
        return [(p.n, p.value) for p in groups.points(*shelf.of, OURS, **given)]

    every = [(11, 25.0), (10, 20.0), (12, 30.0), (13, 35.0)]
    home, away = {shelf.home}, {shelf.away}
    assert told() == every
    assert told(team_ids=home) == every[:2]
    assert told(team_ids=away | {None}) == every[2:]
    assert told(team_ids={None}) == every[2:3]
    first, second, *_ = groups.points(*shelf.of, OURS)
    known = {"team_id": shelf.home, "first_on": JANUARY, "is_rounded": True}
    assert second == Point(
        group_id=late.id,
        last_on=MARCH,
        n=10,
        value=20.0,
        main_mode="paper",
        is_late=True,
        **known,
    )
    assert (first.team_id, first.main_mode, first.is_late) == (shelf.home, None, False)
    assert first.text == "25"


def test_blocks_have_their_own_figures_and_those_of_merged_teams_count(shelf):
    known = {"family": "a_form.v1", "released_at": SPRING, "counts": {"a": {"1": 5}}}
    days = {"first_on": JANUARY, "last_on": MARCH}

    def block(team, n, **given):
        made = shelf.put(ReleasedBlock, team_id=team, n=n, **known | days | given)
        for scale, value in (("trust", 40.0 + n), ("parity", 20.0 + n)):
            shelf.figure(made, value, scale=scale)
        shelf.figure(made, 0.0, series=OTHERS, scale="trust")
        return made

    late, early = block(shelf.home, 30), block(shelf.merged, 31, last_on=MARCH - DAY)
    away, pool = block(shelf.away, 32), block(None, 33)
    for other in ({"trust_id": shelf.elsewhere}, {"perspective": "carer"}):
        block(shelf.home, 34, **other)

    def told(**given):
        return [b.block_id for b in groups.blocks(*shelf.of, OURS, **given)]

    assert told() == [early.id, late.id, away.id, pool.id]
    assert told(team_ids={shelf.home}) == [early.id, late.id]
    assert told(team_ids={None}) == [pool.id]
    first, *_ = groups.blocks(*shelf.of, OURS)
    assert (first.team_id, first.n, first.counts) == (shelf.home, 31, {"a": {"1": 5}})
    assert (first.first_on, first.last_on) == (JANUARY, MARCH - DAY)
    assert first.figures == {"trust": (31, 71.0), "parity": (31, 51.0)}


def test_the_newest_spread_of_each_scale_is_read(shelf):
    known = {"series": OURS, "scale": SCALE, "n": 100}
    for year, sd in ((2026, 22.0), (2027, 23.0), (2025, 21.0)):
        shelf.put(ReleasedSpread, sd=sd, until=date(year, 1, 1), **known)
    shelf.put(ReleasedSpread, sd=9.0, until=MARCH, **known | {"scale": "trust"})
    later = {"until": date(2028, 1, 1), "sd": 99.0}
    shelf.put_beside(ReleasedSpread, {"series": OTHERS}, **known | later)
    assert groups.spreads(*shelf.of, OURS) == {SCALE: 23.0, "trust": 9.0}


def test_sums_add_every_part():
    one, other = Sums(10, 1, 400.0, 100.0), Sums(12, 2, 600.0, 50.0)
    assert one + other == groups.total([one, other]) == Sums(22, 3, 1000.0, 150.0)
    assert one.mean == 40.0
    assert Sums().mean is None and Sums().text == ""


def test_an_interval_is_of_the_spread_and_of_the_rounding_within_the_scale():
    se = (20.0**2 / 40 + 25 / 6 * 400 / 40**2) ** 0.5
    expected = 50 - 1.96 * se, 50 + 1.96 * se
    assert Sums(40, 4, 2000.0, 400.0).interval(20.0) == pytest.approx(expected)
    assert Sums(40, 4, 2000.0, 400.0).interval(None) is None
    assert Sums().interval(20.0) is None
    assert Sums(10, 1, 20.0, 100.0).interval(20.0)[0] == 0
    assert Sums(10, 1, 980.0, 100.0).interval(20.0)[1] == 100


@pytest.mark.parametrize(
    "value, n_groups, is_rounded, text",
    [
        (4.9, 1, False, "under 5"),
        (5.0, 1, False, "5.0"),
        (95.0, 1, False, "95.0"),
        (95.1, 1, False, "over 95"),
        (0.0, 2, True, "0.0"),
        (100.0, 2, True, "100.0"),
        (40.0, 1, True, "40"),
        (42.5, 2, True, "42.5"),
    ],
)
def test_a_mean_of_one_group_is_told_no_closer_than_it_was_rounded(
    value, n_groups, is_rounded, text
):
    assert text_of(value, n_groups=n_groups, is_rounded=is_rounded) == text
    squares = 1.0 if is_rounded else 0.0
    assert Sums(10, n_groups, 10 * value, squares).text == text


def test_who_waits_is_counted_by_team_until_the_midnight_that_was(session):
    people = People(session, make_trust(session))
    home, away, _ = (team.id for team in people.trust.teams)
    people.invited([50.0] * 3)
    people.made_up([50.0] * 2)
    people.invited([50.0] * 4, instrument="short_service_user.v2")
    people.invited([50.0], "Moorside")
    people.invited([50.0] * 2, "Moorside", at=SPRING + DAY)
    people.invited([50.0] * 2, "Moorside", perspective="carer")

    def told(**given):
        of = session, people.trust.id, "service_user"
        return groups.waiting(*of, now=SPRING + DAY, **given)

    # What is missing is told of the queue in which most wait.
    assert told() == {home: Waiting(9, 2, 7), away: Waiting(1, 0, 9)}
    assert told(minimum=12)[home] == Waiting(9, 2, 9)
    assert told(minimum=2) == told()


def test_what_was_merged_goes_on_where_the_last_merge_led():
    def goes_on(**into):
        return series.successors(
            [SimpleNamespace(id=name, merged_into_id=end) for name, end in into.items()]
        )

    assert goes_on(a="b", b="c", c=None) == {"a": "c", "b": "c", "c": "c"}
    assert goes_on(a="b", b="a") == {"a": "b", "b": "a"}  # stops where it was before
    assert goes_on(d="a", a="b", b="a")["d"] == "b"
    assert goes_on(a="gone") == {"a": "gone"}


def test_a_line_is_of_one_form_scored_in_one_way():
    assert series.family_of("demonstration_adaptive_carer.v1") == "short_carer.v1"
    assert series.family_of("short_carer.v1") == "short_carer.v1"
    assert series.family_of("taken_away.v1") == "taken_away.v1"
    assert series.metric_of("eap", "a_calibration") == "eap a_calibration"
    assert series.metric_of("mean_0_100", None) == "mean_0_100"
    queue = series.Queue(7, "carer", "short_carer.v1", "mean_0_100")
    assert queue.series == "mean_0_100 short_carer.v1"
    assert queue.pooled == series.Queue(None, "carer", "short_carer.v1", "mean_0_100")
