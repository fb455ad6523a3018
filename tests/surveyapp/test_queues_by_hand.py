"""Who waits in which queue, where a group closes, and what rounds: told by hand."""

import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

import pytest

from surveyapp.assessments.counting import OPEN_A_DAY, OPEN_DAYS, OPEN_PEOPLE
from surveyapp.models import ReleasedCut, ReleasedRate
from surveyapp.scoring import THETA
from surveyapp.tracking import nightly_release, release_queue, yearly_cuts
from surveyapp.tracking.release_queue import Entry, close_groups, n_needed
from surveyapp.tracking.rounding import Draws

from .. import factories
from .people import DAY, DRAWS, SPRING, People, make_trust

FORM = "short_service_user.v1"


def entry(number, *, day=0, person=None, is_open=False, mode="web", late=0):
    at = SPRING + day * DAY
    who = ("", number if person is None else person)
    answered = at - timedelta(days=late)
    return Entry(number, who, at, is_open, mode, answered, 50.0)


def invited(n, day=0, first=0):
    return [entry(first + k, day=day) for k in range(n)]


def crowd(n_days, a_day=OPEN_A_DAY, last=0):
    """Made-up people of as many days, and some of a last one."""
    numbers = iter(range(1000, 9999))
    days = [a_day] * n_days + ([last] if last else [])
    return [
        entry(next(numbers), day=day, is_open=True)
        for day, n in enumerate(days)
        for _ in range(n)
    ]


def sizes(entries, size=10, is_over=False):
    groups, rest = close_groups(entries, size=size, is_over=is_over)
    return [len(group) for group in groups], len(rest)


def test_a_group_closes_at_its_tenth_person_and_the_next_begins():
    assert sizes(invited(9)) == ([], 9)
    assert sizes(invited(10)) == ([10], 0)
    assert sizes(invited(25)) == ([10, 10], 5)
    assert sizes(invited(12), size=12) == ([12], 0)


def test_who_is_left_joins_the_last_group_once_the_series_is_over():
    assert sizes(invited(25), is_over=True) == ([10, 15], 0)
    assert sizes(invited(9), is_over=True) == ([], 9)


def test_who_answered_twice_is_one_person():
    twice = [*invited(9), entry(99, person=0)]
    assert sizes(twice) == ([], 10)
    assert n_needed(twice, size=10) == 1
    assert sizes([*twice, entry(100)]) == ([11], 0)


def test_made_up_people_ride_along_and_never_count():
    assert sizes([*crowd(1), *invited(9)]) == ([], 14)
    assert sizes([*crowd(1), *invited(10)]) == ([15], 0)
    assert sizes([*invited(10), *crowd(1)]) == ([10], 5)
    assert n_needed([*crowd(9), *invited(3)], size=10) == 7
    assert n_needed(invited(12), size=10) == 0


def test_a_crowd_alone_needs_its_days_and_its_people():
    whole = OPEN_DAYS - 1
    assert sizes(crowd(whole)) == ([], OPEN_A_DAY * whole)
    assert sizes(crowd(whole, last=1)) == ([OPEN_A_DAY * whole + 1], 0)
    slow = crowd(OPEN_PEOPLE - 1, a_day=1)
    assert sizes(slow) == ([], OPEN_PEOPLE - 1)
    assert sizes(crowd(OPEN_PEOPLE, a_day=1)) == ([OPEN_PEOPLE], 0)
    assert sizes(crowd(OPEN_PEOPLE + 2, a_day=1), size=OPEN_PEOPLE + 2) == (
        [OPEN_PEOPLE + 2],
        0,
    )
    assert sizes(crowd(OPEN_PEOPLE + 1, a_day=1), size=OPEN_PEOPLE + 2)[0] == []


def test_of_a_crowd_five_of_a_day_count_towards_what_is_needed():
    assert n_needed([], size=10) == 10
    assert n_needed(crowd(1, a_day=3), size=10) == OPEN_PEOPLE - 3
    assert n_needed(crowd(1, a_day=40), size=10) == OPEN_PEOPLE - OPEN_A_DAY
    assert n_needed(crowd(1, a_day=3), size=50) == 47
    assert n_needed(crowd(OPEN_DAYS), size=10) == 0


def test_a_day_is_one_of_london():
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert Entry(1, ("", 1), late, False, "web", late, 1.0).day == date(2026, 7, 2)
    assert nightly_release.last_midnight(late) == datetime(2026, 7, 1, 23, tzinfo=UTC)


def test_a_mode_is_named_where_seven_of_ten_used_it():
    def mode(n_paper):
        people = [entry(n, mode="paper" if n < n_paper else "web") for n in range(10)]
        return nightly_release.main_mode(people)

    assert (mode(7), mode(6), mode(5), mode(3)) == ("paper", None, None, "web")


def test_a_draw_is_a_share_of_its_keyed_hash():
    named = b"group/7/involvement"
    hashed = hmac.new(b"a key", named, hashlib.sha256).hexdigest()
    share = int(hashed[:12], 16) / 16**12
    draws = Draws("a key")
    assert draws.number("group", 7, "involvement") == share
    expected = 35.0 if share < 0.6 else 40.0
    assert draws.rounded(37.0, "group", 7, "involvement") == expected


@pytest.mark.parametrize(
    "day, year",
    [("2027-01-31", 2025), ("2027-02-01", 2026), ("2027-12-31", 2026)],
)
def test_a_year_is_over_when_its_december_has_been_keyed(day, year):
    now = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    assert yearly_cuts.year_that_is_over(now) == year


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


def elsewhere(session, n):
    """A campaign of another trust, where some have answered."""
    campaign = factories.make_campaign(session)
    for _ in range(n):
        one = factories.make_assessment(session, campaign, submitted_at=SPRING)
        session.add(factories.make_score(one, value=50.0))
    session.commit()
    return campaign


def waiting(people, before=SPRING + DAY, **given):
    """Person -> queue, of all who wait in the trust."""
    found = release_queue.waiting_entries(
        people.session, people.trust.id, before=before, **given
    )
    return {e.assessment_id: queue for queue, those in found.items() for e in those}


@pytest.mark.one_database
def test_those_wait_who_count_and_are_in_no_group(people):
    mine, gone, later, adapted, unscored, sent_at_midnight = people.invited([50.0] * 6)
    gone.withdrawn_at = SPRING
    later.wave = 2
    sent_at_midnight.submitted_at = SPRING + DAY
    people.session.add(factories.make_score(adapted, THETA, 0.1))
    none = {"value": None, "reason": "too_few", "revision": 2}
    people.session.add(factories.make_score(unscored, **none))
    carer = factories.make_assessment(
        people.session, people.campaign, "carer", submitted_at=SPRING
    )
    people.session.add(factories.make_score(carer))
    people.session.add(factories.make_score(mine, "trust", 1.0))
    elsewhere(people.session, 1)
    people.session.commit()
    assert waiting(people).keys() == {mine.id, carer.id}
    assert waiting(people, perspective="carer").keys() == {carer.id}
    found = release_queue.waiting_entries(
        people.session, people.trust.id, before=SPRING + DAY
    )
    (only,) = found[waiting(people)[mine.id]]
    assert (only.value, only.at, only.mode) == (50.0, SPRING, "web")
    assert waiting(people)[mine.id].family == FORM
    people.invited([50.0] * 9)
    people.release()
    assert waiting(people).keys() == {carer.id}


@pytest.mark.one_database
def test_a_form_is_nobodys_own_if_it_is_blank_and_of_these_answers(people, session):
    keyer = factories.make_staff(session, trust=people.trust)
    blank, own, beside = people.invited([50.0] * 3, mode="paper")
    letter = factories.make_invitation(session, people.campaign, "a-letter")
    for one, invitation in ((blank, None), (own, letter)):
        known = {"stage": "agreed", "settled_at": SPRING, "invitation": invitation}
        factories.make_keyed_form(
            session, keyer, people.campaign, assessment=one, **known
        )
    session.commit()
    found = release_queue.waiting_entries(session, people.trust.id, before=SPRING + DAY)
    is_open = {e.assessment_id: e.is_open for (those) in found.values() for e in those}
    assert is_open == {blank.id: True, own.id: False, beside.id: False}


@pytest.mark.one_database
def test_paper_came_in_when_it_was_settled_and_of_whom_the_trust_knows(
    app, people, session
):
    keyer, settled = factories.make_staff(session, trust=people.trust), SPRING + DAY
    (form,) = people.invited([50.0], mode="paper")
    stage = {"stage": "agreed", "settled_at": settled, "assessment": form}
    factories.make_keyed_form(session, keyer, people.campaign, **stage)
    session.commit()
    assert waiting(people, before=settled) == {}
    found = release_queue.waiting_entries(
        session, people.trust.id, before=settled + DAY
    )
    ((only,),) = found.values()
    assert (only.at, only.answered_at) == (settled, SPRING)
    assert only.person == ("", form.respondent_id) and only.order == 0.0
    found = release_queue.waiting_entries(
        session, people.trust.id, before=settled + DAY, draws=DRAWS
    )
    ((drawn,),) = found.values()
    assert drawn.order == DRAWS.number("order", form.id) > 0


@pytest.mark.one_database
def test_a_queue_is_asked_as_long_as_a_campaign_of_its_trust_asks_its_team(
    people, session
):
    names = {team.name: team for team in people.trust.teams}
    harbour, moor, river = (
        names[name] for name in ("Harbour team", "Moorside", "Riverside")
    )
    people.campaign.teams = [harbour, moor]
    people.campaign.instruments = [
        each
        for each in people.campaign.instruments
        if each.perspective == "service_user"
    ]
    moor.merged_into_id, river.is_active = river.id, False
    elsewhere(session, 0)
    session.commit()

    def asked(now=SPRING):
        return release_queue.still_asked(session, people.trust.id, now=now)

    whole = {(team, "service_user", FORM) for team in (harbour.id, None)}
    assert asked() == whole
    river.is_active = True
    session.commit()
    assert asked() == whole | {(river.id, "service_user", FORM)}
    people.campaign.closes_at = SPRING + DAY
    session.commit()
    assert asked(SPRING + DAY - timedelta(seconds=1)) != set()
    assert asked(SPRING + DAY) == set()


@pytest.mark.one_database
def test_a_group_is_late_if_half_of_it_was_on_paper_for_over_sixty_days(
    people, session
):
    keyer = factories.make_staff(session, trust=people.trust)
    for day, n_late, late in ((0, 5, 61), (2, 4, 61), (4, 5, 60)):
        for n, one in enumerate(people.invited([50.0] * 10, at=SPRING + day * DAY)):
            if n < n_late:
                one.submitted_at = one.submitted_at - late * DAY
                letter = factories.make_invitation(
                    session, people.campaign, f"{day} {n}"
                )
                known = {"settled_at": SPRING + day * DAY, "invitation": letter}
                known |= {"stage": "agreed", "assessment": one}
                factories.make_keyed_form(session, keyer, people.campaign, **known)
        session.commit()
        people.release(now=SPRING + (day + 1) * DAY)
    groups = session.query(nightly_release.ReleasedGroup).order_by("id").all()
    assert [(group.n, group.is_late) for group in groups] == [
        (10, True),
        (10, False),
        (10, False),
    ]


@pytest.mark.one_database
def test_more_than_ten_may_be_asked_for_and_never_fewer(people, session):
    people.invited([50.0] * 11)
    people.release(minimum=12)
    assert session.query(nightly_release.ReleasedGroup).count() == 0
    people.release(minimum=2)
    (group,) = session.query(nightly_release.ReleasedGroup)
    assert (group.n, group.team_id, group.main_mode) == (
        10,
        people.campaign.teams[0].id,
        "web",
    )
    assert (group.first_on, group.last_on) == (SPRING.date(), SPRING.date())


@pytest.mark.one_database
def test_every_trust_has_its_night(people, session):
    people.invited([50.0] * 40)
    people.invited([50.0] * 40, mode="paper")
    other = elsewhere(session, 10)
    february = datetime(2027, 2, 1, 12, tzinfo=UTC)
    for now in (SPRING + DAY, february):
        nightly_release.release_due(session, now=now, draws=DRAWS)
    groups = session.query(nightly_release.ReleasedGroup).all()
    trusts = {people.trust.id, other.trust_id}
    assert {group.trust_id for group in groups} == trusts
    assert {cut.cell for cut in session.query(ReleasedCut)} == {"web", "paper"}
    assert {rate.trust_id for rate in session.query(ReleasedRate)} == trusts


@pytest.mark.one_database
def test_the_pool_takes_who_came_first_and_whoever_has_no_team(people, session):
    people.invited([50.0] * 6, "Riverside", at=SPRING + DAY)
    first = people.invited([50.0] * 5)
    first[0].team_id = None
    for team in people.trust.teams:
        team.is_active = team.name == "Moorside"
    session.commit()
    people.release(now=SPRING + 2 * DAY)
    (group,) = session.query(nightly_release.ReleasedGroup)
    assert (group.team_id, group.n) == (None, 10)
    assert {one.released_group_id for one in first} == {group.id}


@pytest.mark.one_database
def test_who_withdrew_or_was_let_out_meanwhile_is_in_no_further_group(
    people, session, monkeypatch
):
    gone, _, elsewhere = (
        people.invited([50.0] * 10, team.name)[0] for team in people.trust.teams
    )

    def meanwhile(session):
        """Between the first group, which is kept by then, and the next."""
        session.rollback()
        (first,) = session.query(nightly_release.ReleasedGroup)
        gone.withdrawn_at, elsewhere.released_group_id = SPRING, first.id
        session.commit()

    monkeypatch.setattr(nightly_release, "take_turns", meanwhile)
    waits = nightly_release.due_groups
    in_turn = {people.trust.teams[n].id: place for place, n in enumerate((1, 0, 2))}
    monkeypatch.setattr(
        nightly_release,
        "due_groups",
        lambda *of, **given: sorted(
            waits(*of, **given), key=lambda due: in_turn[due[0].team_id]
        ),
    )
    people.release()
    (group,) = session.query(nightly_release.ReleasedGroup)
    assert group.team_id == people.trust.teams[1].id
    assert gone.released_group_id is None and elsewhere.released_group_id == group.id
