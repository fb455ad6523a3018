"""Whoever has a poster's link can make people up, and learns nothing by it."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from surveyapp.assessments import adaptive
from surveyapp.assessments.counting import are_enough, came_openly
from surveyapp.campaigns import asking_again
from surveyapp.database import utc_now
from surveyapp.models import Assessment, Consent, ReleasedGroup, Score
from surveyapp.tracking.nightly_release import release_trust

from .. import factories
from .people import DAY, DRAWS, SPRING, SUMMER, People, make_trust
from .respond.visitor import Visitor
from .signing_in import sign_in
from .test_tracking import points, sums, waits

pytestmark = pytest.mark.any_database

MADE_UP = [20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]


@pytest.fixture
def crowd(session):
    return People(session, make_trust(session))


@pytest.mark.parametrize("now", [SPRING + DAY, SUMMER])
def test_nine_made_up_people_do_not_uncover_the_tenth(crowd, now):
    crowd.made_up(MADE_UP)
    crowd.invited([37.0])
    crowd.release(now=now)
    assert points(crowd) == []


def test_who_came_by_a_poster_rides_along_once_ten_others_are_there(crowd, rng):
    crowd.made_up(MADE_UP)
    crowd.invited(rng.uniform(0, 100, 10), at=SPRING + DAY)
    crowd.release(now=SPRING + 2 * DAY)
    assert [point.n for point in points(crowd)] == [19]


def test_a_poster_crowd_alone_is_let_out_after_two_weeks(crowd, rng):
    for day in range(13):
        crowd.made_up(rng.uniform(0, 100, 5), at=SPRING + day * DAY)
    crowd.release(now=SPRING + 13 * DAY)
    assert points(crowd) == []
    assert waits(crowd, SPRING + 13 * DAY) == {"Harbour team": (65, 65, 0)}
    crowd.made_up([50.0], at=SPRING + 13 * DAY)
    crowd.release(now=SPRING + 14 * DAY)
    assert [point.n for point in points(crowd)] == [66]


def test_of_one_day_five_of_a_poster_count(crowd):
    crowd.made_up([50.0] * 40)
    crowd.made_up([50.0] * 9, at=SPRING + 20 * DAY)
    crowd.release(now=SUMMER)
    assert points(crowd) == []
    assert waits(crowd, SUMMER) == {"Harbour team": (49, 49, 10)}


def test_an_invited_person_is_not_let_out_with_a_poster_crowd_alone(crowd, rng):
    crowd.invited([37.0])
    for day in range(20):
        crowd.made_up(rng.uniform(0, 100, 5), at=SPRING + day * DAY)
    crowd.release(now=SUMMER)
    assert points(crowd) == []


def test_a_form_that_was_nobodys_own_counts_like_a_poster(crowd, session):
    keyer = factories.make_staff(session, trust=crowd.trust)
    for one in crowd.invited([50.0] * 12, mode="paper"):
        known = {"assessment": one, "stage": "agreed", "settled_at": SPRING}
        factories.make_keyed_form(session, keyer, crowd.campaign, **known)
    session.commit()
    crowd.release()
    assert points(crowd) == []
    assert waits(crowd) == {"Harbour team": (12, 12, 15)}


def test_made_up_people_who_withdraw_move_nothing(crowd, session, rng):
    made = crowd.made_up(MADE_UP)
    crowd.invited(rng.uniform(0, 100, 10), at=SPRING + DAY)
    crowd.release(now=SPRING + 2 * DAY)
    before = points(crowd)
    for one in made:
        one.withdrawn_at = SUMMER
    crowd.invited([37.0], at=SUMMER)
    crowd.release(now=SUMMER + DAY)
    assert points(crowd) == before


def test_a_prerequisite_counts_only_who_was_invited(crowd, session, rng):
    crowd.made_up([50.0] * 20, scales=("involvement", "trust"))
    made = crowd.invited(rng.uniform(0, 100, 30), at=SPRING + DAY)
    session.add_all(factories.make_score(one, "trust", 37.0) for one in made[:9])
    session.commit()
    crowd.release(now=SPRING + 2 * DAY)
    assert sums(crowd).n == 50 and sums(crowd, "trust").n == 0


def test_each_group_holds_ten_invited_people_whoever_comes_and_goes(crowd, rng):
    """Made-up people come and go between nights; real ones come one by one."""
    known, real = {}, set()
    for day, value in enumerate(rng.uniform(0, 100, 32)):
        at = SPRING + day * DAY
        real.update(one.id for one in crowd.invited([value], at=at))
        for one in crowd.made_up(rng.choice(MADE_UP, size=rng.integers(4)), at=at):
            known[one.id] = one
        for one in known.values():
            if one.withdrawn_at is None and rng.random() < 0.2:
                one.withdrawn_at = at
        crowd.session.commit()
        crowd.release(now=at + DAY)
    numbers = crowd.session.scalars(select(ReleasedGroup.id)).all()
    inside = [
        {
            one
            for one in crowd.session.scalars(
                select(Assessment.id).filter_by(released_group_id=number)
            )
            if one in real
        }
        for number in numbers
    ]
    assert list(map(len, inside)) == [10, 10, 10]


def test_the_leads_page_says_how_many_wait_of_the_teams_they_see(
    client, session, crowd
):
    crowd.invited([50.0, 60.0], at=utc_now() - DAY)
    crowd.made_up(MADE_UP, at=utc_now() - DAY * 120)
    crowd.invited([40.0], "Moorside", at=utc_now() - DAY)
    lead = sign_in(client, session, "lead", crowd.trust)
    address = f"/tracking/{crowd.trust.id}/service_user"
    rows = re.findall(
        r'scope="row">([^<]+)</th>\s*((?:<td.*\s*){3})</tr>', told(client, address)
    )
    numbers = {team: re.findall(r">(\d+)<", cells) for team, cells in rows}
    assert numbers == {"Harbour team": ["11", "9", "8"], "Moorside": ["1", "0", "9"]}
    lead.grants[0].team = next(t for t in crowd.trust.teams if t.name == "Moorside")
    session.commit()
    page = told(client, address)
    assert "Moorside" in page and "Harbour team" not in page


def told(client, address):
    """The part of the page about people who are in no figure."""
    return client.get(address).text.partition("in no figure yet")[2]


def test_an_attacker_at_the_poster_in_earnest_learns_no_score(client, app, session):
    """Nine go through every page of the open link; the tenth was invited."""
    campaign = factories.make_campaign(session)
    factories.make_invitation(session, campaign, token="poster", is_open=True)
    factories.make_invitation(session, campaign, token="personal")
    for token in ["poster"] * 9 + ["personal"]:
        session.commit()
        visitor = Visitor(app.test_client())
        visitor.begin(token=token)
        visitor.answer_all()
        visitor.submit()
    session.expire_all()
    sent = session.scalars(select(Assessment)).all()
    assert all(one.submitted_at for one in sent)
    assert len(came_openly(session, campaign)) == 9
    scores = session.scalars(select(Score.value).where(Score.scale == "involvement"))
    shares = [f"{value:.1f}" for value in scores]
    with app.app_context():
        release_trust(session, campaign.trust_id, now=utc_now() + DAY, draws=DRAWS)
    sign_in(client, session, "lead", campaign.trust)
    page = client.get(f"/tracking/{campaign.trust_id}/service_user").text
    page += client.get(f"/tracking/{campaign.trust_id}/service_user/teams").text
    assert not any(f">{share}<" in page for share in shares)
    assert not re.search(r"n = \d", page)
    assert session.scalars(select(ReleasedGroup)).all() == []


def test_made_up_people_let_out_no_count_of_a_wave(session, crowd):
    factories.make_wave(session, crowd.campaign, after_days=14)
    agreed = ("consent_taking_part", "consent_retest")
    for n in range(10):
        consents = [
            Consent(statement_id=name, statement_version=1, given=True)
            for name in agreed
        ]
        sent = crowd.made_up if n < 9 else crowd.invited
        (one,) = sent([50.0], at=utc_now() - DAY * 3, consents=consents)
        factories.make_invitation(
            session,
            crowd.campaign,
            token=f"back-{n}",
            respondent_id=one.respondent_id,
            perspective="service_user",
        )
    session.commit()
    (count,) = asking_again.counts(session, crowd.campaign, now=utc_now(), minimum=10)
    assert count.agreed is None and set(count.states.values()) == {None}


def test_made_up_people_let_out_no_exposure(client, session):
    campaign = factories.make_campaign(
        session,
        factories.make_team(
            session, factories.make_trust(session, is_demonstration=True)
        ),
        {"service_user": "demonstration_adaptive_service_user.v1"},
    )
    poster = factories.make_invitation(session, campaign, is_open=True)
    for n in range(19):
        one = factories.make_assessment(
            session,
            campaign,
            submitted_at=utc_now(),
            invitation=poster if n < 10 else None,
        )
        adaptive.start(one)
    session.commit()
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/campaigns/{campaign.id}/exposure/service_user.csv"
    assert client.get(address).status_code == 404
    adaptive.start(factories.make_assessment(session, campaign, submitted_at=utc_now()))
    session.commit()
    assert client.get(address).mimetype == "text/csv"


@pytest.mark.parametrize(
    "n_invited, n_a_day, n_days, enough",
    [
        (10, 0, 0, True),
        (9, 100, 1, False),
        (0, 100, 1, False),
        (0, 100, 4, False),
        (0, 2, 14, True),
        (0, 1, 19, False),
        (0, 1, 20, True),
    ],
)
def test_a_poster_alone_is_enough_for_a_report_after_two_weeks(
    n_invited, n_a_day, n_days, enough
):
    days = [date(2026, 4, 1) + DAY * (n // n_a_day) for n in range(n_a_day * n_days)]
    assert are_enough(n_invited, days, 10) == enough
