"""When recurring jobs are due: by the interval, or by the clock in London."""

from datetime import UTC, datetime, time, timedelta

import pytest

from surveyapp.jobs.recurrence import Recurrence

NIGHTLY = Recurrence(at=time(2))


def test_an_interval_is_due_at_the_same_moments_for_everybody():
    quarter = Recurrence(every=timedelta(minutes=15))
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert quarter.latest(noon) == noon
    assert quarter.latest(noon + timedelta(minutes=14)) == noon
    assert quarter.latest(noon + timedelta(minutes=15)) > noon


@pytest.mark.parametrize(
    "now, due",
    [
        (datetime(2026, 1, 9, 2, tzinfo=UTC), datetime(2026, 1, 9, 2, tzinfo=UTC)),
        (datetime(2026, 1, 9, 1, 59, tzinfo=UTC), datetime(2026, 1, 8, 2, tzinfo=UTC)),
        # Summer time: two in the morning is one o'clock in UTC.
        (datetime(2026, 7, 9, 1, tzinfo=UTC), datetime(2026, 7, 9, 1, tzinfo=UTC)),
        (datetime(2026, 7, 9, 0, 59, tzinfo=UTC), datetime(2026, 7, 8, 1, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_is_that_of_london(now, due):
    assert NIGHTLY.latest(now) == due


def test_every_night_has_one_due_time_when_the_clocks_change():
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)  # they go back the night after
    looks = [start + timedelta(minutes=10 * n) for n in range(6 * 48)]
    dues = sorted({Recurrence(at=time(1, 30)).latest(look) for look in looks})
    assert [due.day for due in dues] == [24, 25, 26]


@pytest.mark.parametrize(
    "given", [{}, {"every": timedelta(hours=1), "at": time(2)}, {"every": timedelta(0)}]
)
def test_neither_both_nor_a_moment_without_length_is_a_recurrence(given):
    with pytest.raises(ValueError):
        Recurrence(**given)
