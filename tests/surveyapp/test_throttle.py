"""How many guesses there are in an hour, from where, and who is held up by them."""

import heapq
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from surveyapp import throttle
from surveyapp.errors import TooManyAttempts
from surveyapp.extensions import db
from surveyapp.models import Attempt

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GUIDE = Path(__file__).parents[2] / "docs" / "guessing.md"
SMALL = throttle.Limits(2, (10, 60), account=5, place=8, everyone=12)


@pytest.fixture
def here(app, session):
    """The session of a worker, in the application's context."""
    with app.app_context():
        yield session


@pytest.fixture
def small(monkeypatch):
    """A kind of secret whose ceilings are soon reached."""
    monkeypatch.setitem(throttle.KINDS, "small", SMALL)
    return "small"


def guesses(session, kind, accounts, places, *, until):
    """How often somebody gets to guess who never stops, at each account and place."""
    n, turns = 0, [(START, a, p) for a in accounts for p in places]
    heapq.heapify(turns)
    while turns:
        now, account, place = heapq.heappop(turns)
        if now >= START + until:
            continue
        try:
            throttle.take(session, kind, account, place, now=now)
            n += 1
        except TooManyAttempts as problem:
            now += timedelta(seconds=problem.seconds)
        heapq.heappush(turns, (now, account, place))
    return n


def many(n):
    return [f"number {i}" for i in range(n)]


def in_an_hour(limits):
    """Tries of one account from one place in an hour, by the rising waits alone."""
    n, at = 0, timedelta(0)
    while at < HOUR:
        n += 1
        at += limits.wait_after(n)
    return n


@pytest.mark.parametrize("kind", ["password", "second_factor"])
def test_one_account_is_guessed_at_from_one_place_about_once_a_minute(here, kind):
    n = guesses(here, kind, ["a"], ["home"], until=HOUR)
    assert 60 <= n <= in_an_hour(throttle.KINDS[kind])


def test_a_second_factor_is_guessed_at_from_everywhere_three_times_a_minute(here):
    n = guesses(here, "second_factor", ["a"], many(8), until=10 * MINUTE)
    assert 27 <= n <= 30


def test_one_account_is_guessed_at_from_everywhere_up_to_its_ceiling(here, small):
    assert guesses(here, small, ["a"], many(9), until=5 * MINUTE) <= 5 * SMALL.account


def test_one_place_guesses_at_all_accounts_up_to_its_ceiling(here, small):
    assert guesses(here, small, many(9), ["home"], until=5 * MINUTE) <= 5 * SMALL.place


def test_all_places_guess_at_all_accounts_up_to_one_ceiling(here, small):
    n = guesses(here, small, many(5), many(5), until=5 * MINUTE)
    assert 4 * SMALL.everyone <= n <= 5 * SMALL.everyone


def test_the_guide_does_the_arithmetic_of_every_kind():
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|$", GUIDE.read_text(), re.M)
    told = {kind: [cell.strip() for cell in cells.split("|")] for kind, cells in rows}
    assert set(told) == set(throttle.KINDS)
    for kind, limits in throttle.KINDS.items():
        *_, here, everywhere, chance = told[kind]
        size = eval_power(told[kind][1]) / float(told[kind][2].replace(" ", ""))
        per_hour = hourly(kind)
        assert [here, everywhere] == [f"{n:,}".replace(",", " ") for n in per_hour]
        assert float(chance) == pytest.approx(per_hour[1] / size, rel=0.05)


def eval_power(text):
    base, _, exponent = text.partition("^")
    return float(base) ** float(exponent)


def hourly(kind):
    """Most tries in an hour, from one place and everywhere, of one account if any."""
    limits = throttle.KINDS[kind]
    if kind in throttle.LEADING:
        return 60 * limits.place, 60 * limits.everyone
    return in_an_hour(limits), 60 * limits.account


@pytest.mark.parametrize("kind", throttle.KINDS)
def test_the_right_secret_works_within_a_minute_of_any_guessing(here, kind):
    guesses(here, kind, ["mine", "b"], ["home", "there"], until=2 * MINUTE)
    later = START + 3 * MINUTE
    tried = kept(here)
    throttle.take(here, kind, "mine", "home", now=later)
    assert kept(here) == tried + 1


@pytest.mark.parametrize("kind", throttle.KINDS)
def test_no_wait_is_longer_than_a_minute(kind):
    assert max(throttle.KINDS[kind].waits) <= 60


def test_asking_while_there_is_to_wait_does_not_make_it_longer(here, small):
    for _ in range(2):
        throttle.take(here, small, "a", "home", now=START)
    for n in range(9):
        with pytest.raises(TooManyAttempts) as wait:
            now = START + timedelta(seconds=n)
            throttle.take(here, small, "a", "home", now=now)
        assert wait.value.seconds == 10 - n
    throttle.take(here, small, "a", "home", now=START + timedelta(seconds=10))


def test_a_colleague_at_the_same_place_is_not_held_up(here):
    guesses(here, "password", ["a"], ["ward"], until=5 * MINUTE)
    tried = kept(here)
    throttle.take(here, "password", "colleague", "ward", now=START + 5 * MINUTE)
    assert kept(here) == tried + 1


def test_a_known_browser_is_bound_by_no_ceiling(here, small):
    guesses(here, small, many(5), many(5), until=MINUTE)
    now = START + timedelta(seconds=59)
    with pytest.raises(TooManyAttempts):
        throttle.take(here, small, "number 1", "elsewhere", now=now)
    throttle.take(here, small, "number 1", "browser 7", now=now, known=True)


def test_a_right_try_does_not_count(here, small):
    for _ in range(20):
        attempt = throttle.take(here, small, "a", "home", now=START)
        throttle.give_back(here, attempt)
    assert kept(here) == 0


def test_a_clock_set_back_holds_nobody_up_for_longer(here, small):
    guesses(here, small, ["a"], ["home"], until=2 * MINUTE)
    for back in (timedelta(seconds=3), HOUR, timedelta(days=400)):
        throttle.take(here, small, "a", "home", now=START - back + 3 * MINUTE)


def test_old_tries_are_deleted_and_so_are_those_of_a_future(here, small):
    for n in range(3):
        throttle.take(here, small, str(n), "home", now=START)
    throttle.take(here, small, "a", "home", now=START + 2 * HOUR)
    assert kept(here) == 1
    throttle.take(here, small, "a", "home", now=START)
    assert kept(here) == 1


def kept(session):
    return session.scalar(select(func.count()).select_from(Attempt))


def test_tries_of_workers_at_the_same_moment_add_up(app, session):
    def worker(n):
        with app.app_context(), Session(db.engine) as own:
            try:
                throttle.take(own, "second_factor", "a", "home", now=START)
            except TooManyAttempts:
                return 0
            return 1

    with ThreadPoolExecutor(8) as workers:
        taken = sum(workers.map(worker, range(24)))
    assert taken == throttle.KINDS["second_factor"].free


def test_what_is_kept_says_nothing_of_anyone(here):
    throttle.take(here, "password", "someone@example.org", "192.0.2.0/24", now=START)
    row = str(here.execute(select(Attempt.__table__)).one())
    assert "someone" not in row and "192.0.2" not in row


@pytest.mark.parametrize(
    "one, other",
    [
        ("192.0.2.1", "192.0.2.200"),
        ("2001:db8:1::1", "2001:db8:1:ffff::2"),
        ("::ffff:192.0.2.1", "192.0.2.9"),
    ],
)
def test_one_network_cannot_pass_for_many_places(one, other):
    assert throttle.place_of(one) == throttle.place_of(other)
    assert throttle.place_of(one) != throttle.place_of("198.51.100.1")
    assert throttle.place_of(None) == throttle.place_of("") == ""
