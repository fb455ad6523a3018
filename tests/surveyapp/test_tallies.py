"""Counts of released blocks, added up by team and read for a trust."""

from datetime import date
from types import SimpleNamespace

import pytest

from surveyapp.tracking import tallies

from .. import factories

pytestmark = pytest.mark.one_database
FORM = {"perspective": "service_user", "family": "short"}


def block(team, n=10, first=1, last=5, **given):
    return SimpleNamespace(
        trust_id=team.trust_id,
        team_id=team.id,
        n=n,
        first_on=date(2026, 3, first),
        last_on=date(2026, 3, last),
        **{**FORM, "counts": {"parity_asked": {"4": n}}, **given},
    )


@pytest.fixture
def teams(session):
    """Two teams of one trust, and one of another."""
    trust = factories.make_trust(session, "Northmoor")
    made = [factories.make_team(session, trust, name) for name in ("A", "B")]
    made.append(factories.make_team(session, factories.make_trust(session, "Other")))
    session.commit()
    return made


def test_blocks_of_a_team_are_added_to_one_row_with_their_first_and_last_day(
    session, teams
):
    here = teams[0]
    for each in (block(here, 10, 4, 9), block(here, 11, 2, 5), block(here, 12, 6, 20)):
        tallies.add(session, each)
    told = tallies.of_trust(session, here.trust_id, **FORM)
    assert (told.n, told.n_blocks) == (33, 3)
    assert (told.first_on, told.last_on) == (date(2026, 3, 2), date(2026, 3, 20))
    assert told.counts == {"parity_asked": {"4": 33}}


def test_a_trust_has_the_sums_of_its_own_teams_form_and_perspective(session, teams):
    first, second, elsewhere = teams
    tallies.add(session, block(first))
    tallies.add(session, block(second, 20))
    tallies.add(session, block(elsewhere, 40))
    tallies.add(session, block(first, 80, perspective="carer"))
    tallies.add(session, block(first, 160, family="core"))
    told = tallies.of_trust(session, first.trust_id, **FORM)
    assert (told.n, told.n_blocks) == (30, 2)
    of_one = tallies.of_trust(session, first.trust_id, **FORM, team_ids={second.id})
    assert (of_one.n, of_one.n_blocks) == (20, 1)
