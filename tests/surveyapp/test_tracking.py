"""Figures of involvement: let out in groups of ten, rounded once, and never moved."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

import pytest
from sqlalchemy import select

from surveyapp import calendar
from surveyapp.bank import PREREQUISITES, SCALES
from surveyapp.jobs import registry, worker
from surveyapp.models import (
    Answer,
    Assessment,
    Contact,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedSpread,
)
from surveyapp.tracking import groups, quarter_table
from surveyapp.tracking.rounding import Draws

from .. import factories
from .people import DAY, DRAWS, SPRING, SUMMER, People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

SERIES = "mean_0_100 short_service_user.v1"


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


def points(people, series=SERIES, **given):
    return groups.points(
        people.session, people.trust.id, "service_user", series, **given
    )


def sums(people, scale="involvement", series=SERIES):
    of = people.session, people.trust.id, "service_user", series
    return groups.total(groups.by_month(*of, scale).values())


def waits(people, now=SPRING + DAY):
    """Team -> waiting, of these uninvited, needed for the next group."""
    of = people.session, people.trust.id, "service_user"
    names = {team.id: team.name for team in people.trust.teams}
    return {
        names.get(team): (each.n, each.n_open, each.n_needed)
        for team, each in groups.waiting(*of, now=now).items()
    }


def test_ten_people_are_let_out_once_the_day_is_over(people, rng):
    people.invited(rng.uniform(0, 100, 10))
    people.release(now=SPRING)
    assert points(people) == []
    people.release()
    (point,) = points(people)
    assert (point.n, point.first_on, point.last_on) == (10, *[SPRING.date()] * 2)


def test_nine_people_are_in_no_figure_and_wait_for_a_tenth(people, rng):
    people.invited(rng.uniform(0, 100, 9))
    people.release(now=SUMMER)
    assert points(people) == []
    assert waits(people, SUMMER) == {"Harbour team": (9, 0, 1)}


def test_a_queue_goes_on_over_the_end_of_a_quarter(people, rng):
    people.invited(rng.uniform(0, 100, 6))
    people.release(now=SUMMER)
    people.invited(rng.uniform(0, 100, 4), at=SUMMER)
    people.release(now=SUMMER + DAY)
    (point,) = points(people)
    assert (point.n, point.first_on, point.last_on) == (
        10,
        SPRING.date(),
        SUMMER.date(),
    )


def test_a_mean_is_a_neighbouring_multiple_of_five(people, rng):
    values = rng.uniform(0, 100, 10)
    people.invited(values)
    people.release()
    (point,) = points(people)
    assert point.value % 5 == 0 and abs(point.value - values.mean()) < 5


@pytest.mark.parametrize("value", [0.0, 2.0, 37.5, 61.7, 99.9, 100.0])
def test_rounding_is_without_bias_and_within_the_scale(value):
    made = [DRAWS.rounded(value, "group", n, "involvement") for n in range(4000)]
    assert {each % 5 for each in made} == {0} and 0 <= min(made) <= max(made) <= 100
    assert fmean(made) == pytest.approx(value, abs=4 * 2.5 / 4000**0.5 + 1e-9)


def test_a_draw_is_made_once_and_differs_between_installations():
    ours = [DRAWS.number("group", n, "involvement") for n in range(50)]
    assert ours == [DRAWS.number("group", n, "involvement") for n in range(50)]
    assert ours != [Draws("other").number("group", n, "involvement") for n in range(50)]


def test_ten_answers_of_nine_people_make_no_group(app, people, rng, session):
    with app.app_context():  # a contact's name is encrypted
        known = {"trust_id": people.trust.id, "retain_until": SUMMER, "preferences": {}}
        contact = factories.added(session, Contact(name="Somebody", **known))
        for n in range(2):
            invitation = factories.make_invitation(
                session, people.campaign, token=f"t{n}", contact=contact
            )
            people.invited([50.0], invitation=invitation)
    people.invited(rng.uniform(0, 100, 8))
    people.release()
    assert points(people) == []
    people.invited([40.0], at=SPRING + DAY)
    people.release(now=SPRING + 2 * DAY)
    assert [point.n for point in points(people)] == [11]


def test_who_waits_is_shuffled_within_a_day_alone(people, session, rng):
    first = people.invited(rng.uniform(0, 100, 8))
    second = people.invited(rng.uniform(0, 100, 12), at=SPRING + DAY)
    people.release(now=SPRING + 2 * DAY)
    earlier, later = points(people)
    inside = {a.id for a in first + second if a.released_group_id == earlier.group_id}
    assert {a.id for a in first} < inside
    taken = inside - {a.id for a in first}
    assert taken != {a.id for a in second[:2]} and len(taken) == 2
    assert later.first_on == later.last_on == (SPRING + DAY).date()


def test_people_left_over_when_a_campaign_ends_join_the_last_group(people, rng):
    people.invited(rng.uniform(0, 100, 27))
    people.campaign.closes_at = SPRING + timedelta(hours=20)
    people.session.commit()
    people.release()
    assert [point.n for point in points(people)] == [10, 17]
    assert waits(people) == {}


def test_people_left_over_of_several_teams_are_let_out_together(people, rng):
    people.invited(rng.uniform(0, 100, 10))
    people.release()
    people.invited(rng.uniform(0, 100, 6), at=SPRING + DAY)
    people.invited(rng.uniform(0, 100, 5), "Moorside", at=SPRING + DAY)
    people.campaign.closes_at = SPRING + 2 * DAY
    people.session.commit()
    people.release(now=SPRING + 3 * DAY)
    assert [(p.n, p.team_id is None) for p in points(people)] == [
        (10, False),
        (11, True),
    ]
    assert sums(people).n == 21


def test_fewer_than_ten_left_over_are_never_let_out(people):
    people.invited([50.0] * 4)
    people.invited([60.0] * 5, "Moorside")
    people.campaign.closes_at = SPRING + DAY
    people.session.commit()
    people.release(now=SUMMER)
    assert points(people) == []


def test_teams_that_ended_hand_their_people_to_the_pool(people, rng):
    people.invited(rng.uniform(0, 100, 12), "Moorside")
    people.invited(rng.uniform(0, 100, 6), "Riverside")
    people.invited(rng.uniform(0, 100, 5))
    for team in people.trust.teams:
        team.is_active = team.name == "Moorside"
    people.session.commit()
    people.release()
    assert [(p.n, p.team_id is None) for p in points(people)] == [
        (10, False),
        (10, True),
    ]


def test_merged_teams_share_one_queue_and_one_history(people, rng):
    harbour, moorside = people.trust.teams[:2]
    people.invited(rng.uniform(0, 100, 10), "Moorside")
    people.release()
    people.invited(rng.uniform(0, 100, 4))
    people.invited(rng.uniform(0, 100, 6), "Moorside")
    moorside.merged_into_id, moorside.is_active = harbour.id, False
    people.session.commit()
    people.release(now=SUMMER)
    assert [point.team_id for point in points(people)] == [harbour.id] * 2


def test_a_withdrawal_after_the_release_moves_nothing(people, rng):
    made = people.invited(rng.uniform(0, 100, 12))
    people.release()
    before = points(people)
    made[0].withdrawn_at = SUMMER
    people.session.commit()
    people.release(now=SUMMER + DAY)
    assert points(people) == before


def test_who_withdrew_before_the_night_is_in_no_group(people, rng):
    made = people.invited(rng.uniform(0, 100, 10))
    made[0].withdrawn_at = SPRING
    people.session.commit()
    people.release()
    assert points(people) == []


def rescored(people, made, values, method):
    people.session.add_all(
        factories.make_score(one, value=float(value), revision=2, method=method)
        for one, value in zip(made, values)
    )
    people.session.commit()


def test_scores_made_anew_are_a_new_series_of_the_same_groups(people, rng):
    values = rng.uniform(20, 80, 20)
    made = people.invited(values)
    people.release()
    before = points(people)
    rescored(people, made, values, "mean_0_100.v2")
    left = next(a for a in made if a.released_group_id == before[0].group_id)
    left.withdrawn_at = SUMMER
    people.session.commit()
    people.release(now=SUMMER)
    assert points(people) == before
    (again,) = points(people, series="mean_0_100.v2 short_service_user.v1")
    # Nothing changed, and the same mean rounded anew would tell more of it.
    assert (again.group_id, again.value) == (before[1].group_id, before[1].value)


def test_a_correction_in_the_same_way_of_scoring_moves_nothing(people, rng):
    made = people.invited(rng.uniform(0, 40, 10))
    people.release()
    before = points(people)
    rescored(people, made, [90.0] * 10, "mean_0_100")
    people.release(now=SUMMER)
    assert points(people) == before


def test_the_newest_score_of_who_waits_counts(people, rng):
    made = people.invited(rng.uniform(0, 40, 10))
    rescored(people, made, [90.0] * 10, "mean_0_100")
    people.release()
    assert [point.value for point in points(people)] == [90]


def test_editions_of_a_form_stand_in_lines_of_their_own(people, rng):
    people.invited(rng.uniform(0, 100, 6))
    people.invited(rng.uniform(0, 100, 10), instrument="short_service_user.v2")
    people.release()
    of = people.session, people.trust.id, "service_user"
    (series,) = groups.series_of(*of)
    assert (series.key, series.n) == ("mean_0_100 short_service_user.v2", 10)


@pytest.fixture
def blocks(people, rng):
    """Sixty people with scores on every scale, of whom some have a plan."""
    made = people.invited(rng.uniform(0, 100, 60), scales=SCALES)
    for n, one in enumerate(made):
        one.care_plan = "yes" if n % 3 else "no"
        known = {"item_version": 1, "version": 1, "source": "web"}
        one.answers.append(
            Answer(item_id="an_item", value=n % 2, answered_at=SPRING, **known)
        )
    people.session.commit()
    people.release()
    of = people.session, people.trust.id, "service_user", SERIES
    return groups.blocks(*of)


def test_three_groups_tell_of_prerequisites_plans_and_items(blocks):
    assert [block.n for block in blocks] == [30, 30]
    for block in blocks:
        assert set(block.figures) == set(PREREQUISITES)
        assert all(n == 30 and mean % 5 == 0 for n, mean in block.figures.values())
        assert set(block.counts) == {"care_plan", "an_item.v1"}
        told = [n for counts in block.counts.values() for n in counts.values()]
        assert told and all(n % 5 == 0 for n in told)
    exact = Counter()
    for block in blocks:
        exact.update(block.counts["care_plan"])
    assert abs(exact["yes"] - 40) < 10 and abs(exact["no"] - 20) < 10


def test_twenty_nine_people_tell_of_no_prerequisite(people, rng):
    people.invited(rng.uniform(0, 100, 29), scales=SCALES)
    people.release()
    assert sums(people).n == 20 and sums(people, "trust").n == 0


def test_a_prerequisite_that_nine_have_a_score_on_is_left_out(people, rng):
    made = people.invited(rng.uniform(0, 100, 30))
    people.session.add_all(factories.make_score(one, "trust", 50.0) for one in made[:9])
    people.session.add_all(factories.make_score(a, "parity", 50.0) for a in made[:10])
    people.session.commit()
    people.release()
    assert (sums(people, "trust").n, sums(people, "parity").n) == (0, 10)


def test_a_group_that_lost_a_member_is_in_no_block(people, rng):
    made = people.invited(rng.uniform(0, 100, 20), scales=SCALES)
    people.release()
    made[0].withdrawn_at = SPRING
    people.invited(rng.uniform(0, 100, 10), at=SPRING + DAY, scales=SCALES)
    people.release(now=SPRING + 2 * DAY)
    assert sums(people).n == 30 and sums(people, "trust").n == 0


def test_the_spread_within_teams_is_frozen_from_a_hundred_people(people, rng):
    values = rng.normal(50, 12, 100).clip(0, 100)
    people.invited(values[:60])
    people.invited(values[60:90] + 10, "Moorside")
    people.release()
    assert people.session.scalars(select(ReleasedSpread)).all() == []
    people.invited(values[90:] + 10, "Moorside", at=SPRING + DAY)
    people.release(now=SPRING + 2 * DAY)
    (spread,) = people.session.scalars(select(ReleasedSpread)).all()
    parts = values[:60], values[60:]
    within = sum(((part - part.mean()) ** 2).sum() for part in parts) / 98
    assert (spread.n, spread.sd) == (100, round(within**0.5))
    people.invited([0.0, 100.0] * 20, at=SUMMER)
    people.release(now=SUMMER + DAY)
    assert people.session.scalars(select(ReleasedSpread)).all() == [spread]


def test_sums_are_those_of_their_groups_and_the_interval_is_of_the_spread(people, rng):
    people.invited(rng.uniform(0, 100, 40))
    people.release()
    every = points(people)
    added = sums(people)
    assert (added.n, added.n_groups) == (40, 4)
    assert added.mean == pytest.approx(fmean(point.value for point in every))
    lower, upper = added.interval(20.0)
    se = (20.0**2 / 40 + (25 / 6) / 4) ** 0.5
    assert (upper - lower) / 2 == pytest.approx(1.96 * se)
    assert added.interval(None) is None


@pytest.mark.parametrize(
    "value, text", [(0, "under 5"), (5, "5"), (95, "95"), (100, "over 95")]
)
def test_a_single_group_at_an_end_is_told_in_words(value, text):
    assert groups.text_of(value, n_groups=1, is_rounded=True) == text


@pytest.mark.parametrize(
    "at, quarter",
    [
        (datetime(2026, 3, 31, 22, 59, tzinfo=UTC), "January to March 2026"),
        (datetime(2026, 3, 31, 23, 1, tzinfo=UTC), "April to June 2026"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "October to December 2026"),
    ],
)
def test_quarters_follow_the_clock_in_london(at, quarter):
    assert quarter_table.name_of(calendar.quarter_of(at)) == quarter


def test_a_group_says_how_most_answered_and_whether_it_came_late(people, rng):
    people.invited(rng.uniform(0, 100, 7), mode="paper")
    people.invited(rng.uniform(0, 100, 3))
    people.release()
    (point,) = points(people)
    assert (point.main_mode, point.is_late) == ("paper", False)


def test_paper_waits_from_the_day_on_which_it_was_keyed(people, session, rng):
    people.invited(rng.uniform(0, 100, 4))
    keyer = factories.make_staff(session, trust=people.trust)
    for one in people.invited(rng.uniform(0, 100, 6), mode="paper"):
        one.invitation = factories.make_invitation(
            session, people.campaign, token=f"paper {one.id}"
        )
        known = {"invitation": one.invitation, "assessment": one, "stage": "agreed"}
        factories.make_keyed_form(
            session, keyer, people.campaign, settled_at=SUMMER, **known
        )
    session.commit()
    people.release()
    assert points(people) == []
    people.release(now=SUMMER + DAY)
    (point,) = points(people)
    assert (point.n, point.last_on, point.is_late) == (10, SUMMER.date(), True)


@pytest.fixture
def address(people, client, session):
    sign_in(client, session, "lead", people.trust)
    return f"/tracking/{people.trust.id}/service_user"


def test_the_page_shows_the_sum_and_each_group(client, people, address, rng):
    people.invited(rng.uniform(20, 60, 40))
    people.release()
    text = client.get(f"{address}?team={people.trust.teams[0].id}").text
    assert f"{sums(people).mean:.1f}" in text and "<td>40</td>" in text
    assert "n = 40" in client.get(f"{address}/teams").text
    for point in points(people):
        assert f"<td>{point.text}</td>" in text
    assert "<svg" in text and len(text.encode()) < 30_000


def test_what_is_not_let_out_is_nowhere_in_the_page(client, people, address, rng):
    values = rng.uniform(20, 60, 9)
    people.invited(values)
    people.release()
    for page in ("", "/teams", "/items"):
        text = client.get(address + page).text
        assert f"{values.mean():.1f}" not in text and not re.search(r"n = \d", text)


def test_a_look_at_the_page_lets_nothing_out(client, people, address, rng):
    people.invited(rng.uniform(20, 60, 40))
    assert "n = 40" not in client.get(f"{address}/teams").text
    assert people.session.scalars(select(ReleasedGroup)).all() == []


def test_a_series_of_before_can_be_looked_at_and_no_other(client, people, address, rng):
    values = rng.uniform(20, 60, 10)
    made, harbour = people.invited(values), people.trust.teams[0].id
    people.release()
    rescored(people, made, values + 30, "mean_0_100.v2")
    people.release(now=SUMMER)
    pages = {
        series: client.get(address, query_string={"series": series, "team": harbour})
        for series in (SERIES, "mean_0_100.v2 short_service_user.v1", "none")
    }
    assert [page.status_code for page in pages.values()] == [200, 200, 404]
    for series in list(pages)[:2]:
        (point,) = points(people, series)
        assert f"<td>{point.text}</td>" in pages[series].text


def test_the_job_of_the_night_lets_out_what_is_complete(
    app, people, session, rng, monkeypatch
):
    monkeypatch.setattr(
        "surveyapp.tracking.nightly_release.last_midnight", lambda now: now + DAY
    )
    people.invited(rng.uniform(0, 100, 10))
    with app.app_context():
        registry.schedule("figures", every=timedelta(hours=1))
        worker.run_due()
    (figure,) = session.scalars(select(ReleasedFigure)).all()
    inside = select(Assessment).filter_by(released_group_id=figure.group_id)
    assert len(session.scalars(inside).all()) == 10
    assert figure.value % 5 == 0


def test_every_night_is_due_at_the_same_time_by_the_clock_in_london(app_with):
    app_with()
    recurrence = registry.RECURRING["figures"]
    assert recurrence.latest(SUMMER).astimezone(calendar.LONDON).hour == 2
    assert recurrence.latest(SUMMER).date() == date(2026, 7, 20)
