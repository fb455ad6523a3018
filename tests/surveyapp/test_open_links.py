"""Whoever has a poster's link can make people up, and learns nothing by it."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from surveyapp.assessments import adaptive
from surveyapp.assessments.counting import are_enough, came_openly
from surveyapp.campaigns import waves
from surveyapp.database import utc_now
from surveyapp.models import Assessment, Campaign, Consent, Score
from surveyapp.tracking import releases

from .. import factories
from .respond.visitor import Visitor
from .signing_in import sign_in
from .test_tracking import SPRING, SUMMER, lattice, overall, trust  # noqa: F401

DAY = timedelta(days=1)
MADE_UP = [20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]


class Crowd:
    """People of a trust's teams: invited ones, and those made up by an attacker."""

    def __init__(self, session, trust):  # noqa: F811
        self.session, self.trust = session, trust
        self.campaign = session.query(Campaign).filter_by(trust=trust).one()
        self.poster = factories.make_invitation(session, self.campaign, is_open=True)

    def invited(self, values, team="Harbour team", **given):
        return self._sent(values, team, **given)

    def made_up(self, values, team="Harbour team", **given):
        return self._sent(values, team, invitation=self.poster, **given)

    def _sent(self, values, team, at=SPRING, scale="involvement", **given):
        team = next(each for each in self.trust.teams if each.name == team)
        made = []
        for value in values:
            one = factories.make_assessment(
                self.session, self.campaign, team=team, submitted_at=at, **given
            )
            self.session.add(factories.make_score(one, scale, value))
            made.append(one)
        self.session.commit()
        return made


@pytest.fixture
def crowd(session, trust):  # noqa: F811
    return Crowd(session, trust)


@pytest.mark.parametrize("now", [SPRING + DAY, SUMMER])
def test_nine_made_up_people_do_not_uncover_the_tenth(crowd, session, now):
    crowd.made_up(MADE_UP)
    crowd.invited([37.0])
    cells = lattice(session, crowd.trust, now=now).cells
    assert not any(cell.is_shown for cell in cells.values())


def test_a_real_poster_crowd_is_not_shown_either_and_waits(crowd, session):
    crowd.made_up(MADE_UP * 3)
    assert not overall(session, crowd.trust, now=SUMMER).is_shown
    assert waits(crowd, SUMMER) == [(0, 27, 27)]


def test_who_came_by_a_poster_is_added_once_ten_others_are_there(crowd, session, rng):
    real = rng.uniform(0, 100, 10)
    crowd.made_up(MADE_UP)
    crowd.invited(real)
    shown = overall(session, crowd.trust, now=SPRING + DAY)
    assert shown.n == 19
    # What the attacker can take off again leaves ten people.
    assert shown.n * shown.mean - sum(MADE_UP) == pytest.approx(sum(real))


def test_made_up_people_who_withdraw_move_nothing(crowd, session, rng):
    made = crowd.made_up(MADE_UP)
    crowd.invited(rng.uniform(0, 100, 10))
    before = overall(session, crowd.trust, now=SPRING + DAY)
    for one in made:
        one.withdrawn_at = SPRING
    crowd.invited([37.0])
    assert overall(session, crowd.trust, now=SPRING + DAY) == before


def test_made_up_people_hide_not_that_all_others_scored_alike(crowd, session):
    crowd.made_up(MADE_UP)
    crowd.invited([75.0] * 12)
    cells = lattice(session, crowd.trust).cells
    assert not any(cell.is_shown for cell in cells.values() if cell.n)


def test_made_up_people_make_no_small_teams_large_together(crowd, session, rng):
    crowd.invited(rng.uniform(0, 100, 6))
    crowd.invited([37.0], "Moorside")
    crowd.made_up(MADE_UP, "Moorside")
    crowd.made_up(MADE_UP, "Riverside")
    cells = lattice(session, crowd.trust).cells
    assert not any(cell.is_shown for cell in cells.values())


def test_a_team_of_made_up_people_alone_is_in_no_total(crowd, session, rng):
    crowd.invited(rng.uniform(0, 100, 8))
    crowd.invited(rng.uniform(0, 100, 8), "Moorside")
    crowd.made_up(MADE_UP, "Riverside")
    assert overall(session, crowd.trust).n == 16


def test_a_scale_counts_only_who_was_invited_and_has_it(crowd, session, rng):
    real = crowd.invited(rng.uniform(0, 100, 12))
    fakes = crowd.made_up(MADE_UP)
    session.add_all(factories.make_score(one, "trust", 50.0) for one in fakes)
    session.add(factories.make_score(real[0], "trust", 37.0))
    session.commit()
    day = SPRING + DAY
    (release,) = releases.released(
        session, crowd.trust.id, "service_user", now=day, minimum=10
    )
    (sums,) = release.figures.values()
    assert sums["involvement"][0] == 21 and "trust" not in sums


def test_no_two_looks_differ_by_fewer_than_ten_invited_people(crowd, session, rng):
    """Made-up people come and go between looks; real ones come one by one."""
    known, looks = {}, set()
    for value in rng.uniform(0, 100, 32):
        crowd.invited([value])
        for one in crowd.made_up(rng.choice(MADE_UP, size=rng.integers(4))):
            known[one.id] = one
        for one in known.values():
            if one.withdrawn_at is None and rng.random() < 0.2:
                one.withdrawn_at = SPRING
        session.commit()
        let_out = releases.released(
            session, crowd.trust.id, "service_user", now=SPRING + DAY, minimum=10
        )
        for release in let_out:
            (members,) = release.members.values()
            looks.add(frozenset(set(members) - known.keys()))
    sizes = np.diff(sorted(map(len, looks)))
    assert len(looks) >= 2 and (sizes >= 10).all()


def test_figures_from_before_open_links_were_told_apart_stay(crowd, session, rng):
    crowd.invited(rng.uniform(0, 100, 20))
    before = overall(session, crowd.trust)
    (release,) = releases.released(
        session, crowd.trust.id, "service_user", now=SUMMER, minimum=10
    )
    release.figures = {
        team: {scale: sums[:3] for scale, sums in scales.items()}
        for team, scales in release.figures.items()
    }
    session.commit()
    assert overall(session, crowd.trust) == before


def waits(crowd, now):
    """Waiting, left out, and by an open link, of each team with any."""
    of = crowd.session, crowd.trust.id, "service_user"
    let_out = releases.released(*of, now=now, minimum=10)
    outside = releases.waiting(*of, let_out, now=now)
    return [(each.n_running, each.n_over, each.n_open) for each in outside.values()]


def test_the_remainder_of_a_team_is_told_while_it_waits_and_after(crowd, rng):
    crowd.invited(rng.uniform(0, 100, 14))
    assert waits(crowd, SPRING + DAY) == []
    crowd.invited(rng.uniform(0, 100, 7))
    crowd.made_up([50.0, 60.0])
    assert waits(crowd, SPRING + DAY) == [(9, 0, 2)]
    assert waits(crowd, SUMMER) == [(0, 9, 2)]
    crowd.invited([50.0], at=SUMMER)
    assert waits(crowd, SUMMER + DAY) == [(1, 9, 2)]


def test_teams_too_small_even_together_are_told_as_left_out(crowd):
    crowd.invited([50.0, 60.0])
    crowd.invited([50.0, 60.0, 70.0], "Moorside")
    assert waits(crowd, SUMMER) == [(0, 2, 0), (0, 3, 0)]


def test_the_leads_page_says_how_many_wait_of_the_teams_they_see(
    client, session, crowd
):
    crowd.invited([50.0, 60.0], at=utc_now())
    crowd.made_up(MADE_UP, at=utc_now() - DAY * 120)
    crowd.invited([40.0], "Moorside", at=utc_now())
    lead = sign_in(client, session, "lead", crowd.trust)
    address = f"/tracking/{crowd.trust.id}/service_user"
    rows = re.findall(
        r'scope="row">([^<]+)</th>\s*((?:<td.*\s*){3})</tr>', told(client, address)
    )
    numbers = {team: re.findall(r">(\d+)<", cells) for team, cells in rows}
    assert numbers == {"Harbour team": ["2", "9", "9"], "Moorside": ["1", "0", "0"]}
    lead.grants[0].team = next(t for t in crowd.trust.teams if t.name == "Moorside")
    session.commit()
    page = told(client, address)
    assert "Moorside" in page and "Harbour team" not in page


def told(client, address):
    """The part of the page about people who are in no figure."""
    return client.get(address).text.partition('aria-label="People in no figure"')[2]


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
    sign_in(client, session, "lead", campaign.trust)
    page = client.get(f"/tracking/{campaign.trust_id}/service_user").text
    assert not any(f">{share}<" in page for share in shares)
    assert not re.search(r"n = \d", page) and "People in no figure" in page


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
    (count,) = waves.counts(session, crowd.campaign, now=utc_now(), minimum=10)
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
    address = f"/campaigns/{campaign.id}/exposure"
    given = {"perspective": "service_user"}
    assert client.post(address, data=given).status_code == 404
    adaptive.start(factories.make_assessment(session, campaign, submitted_at=utc_now()))
    session.commit()
    assert client.post(address, data=given).status_code == 200


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
