"""Blocks of three groups and scores made anew, worked out by hand beside decoys.

Groups are of two people here: how many make one is looked at where they close.
"""

from datetime import UTC, date, datetime
from statistics import fmean

import pytest
from sqlalchemy import select

from surveyapp.models import (
    Answer,
    Assessment,
    ReleasedBlock,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedTally,
    Score,
    Team,
)
from surveyapp.tracking import blocks, rescoring

from .. import factories
from .people import DAY, DRAWS, SPRING

pytestmark = pytest.mark.one_database
NOW = datetime(2026, 8, 1, 2, tzinfo=UTC)
FORM, OLD, NEW = "short_service_user.v1", "mean_0_100", "mean_0_100.v2"
FIRST = date(2026, 5, 1)
BOTH = ("involvement", "trust")


class Released:
    """Groups of a trust that were let out, and who is in them."""

    def __init__(self, session):
        self.session, self.campaign = session, factories.make_campaign(session)
        self.trust_id, self.home = self.campaign.trust_id, self.campaign.teams[0]
        self.poster = factories.make_invitation(
            session, self.campaign, f"poster {self.trust_id}", is_open=True
        )

    def group(self, values=(40.0, 60.0), **given):
        """A group of people with these values on some scales, and its figure."""
        method, scales = given.pop("method", OLD), given.pop("scales", BOTH)
        ways = [None] * len(values), [self.poster] * given.pop("n_open", 0)
        known = {"trust_id": self.trust_id, "team_id": self.home.id, "family": FORM}
        known |= {"perspective": "service_user", "released_at": SPRING}
        known |= {"first_on": FIRST, "last_on": FIRST + 9 * DAY, "n": len(values)}
        group = factories.added(self.session, ReleasedGroup(**known | given))
        for value, way in zip(values, (ways[1] + ways[0])):
            one = factories.make_assessment(
                self.session,
                self.campaign,
                submitted_at=SPRING,
                released_group_id=group.id,
                invitation=way,
            )
            self.score(one, value, *scales, method=method)
        known = {"series": f"{method} {group.family}", "scale": "involvement"}
        figure = ReleasedFigure(group_id=group.id, n=group.n, value=50.0, **known)
        factories.added(self.session, figure)
        return group

    def score(self, one, value, *scales, **given):
        for scale in scales:
            self.session.add(factories.make_score(one, scale, value, **given))

    def people(self, *groups):
        numbers = [group.id for group in groups]
        query = select(Assessment).where(Assessment.released_group_id.in_(numbers))
        return self.session.scalars(query.order_by(Assessment.id)).all()

    def let_out(self, size=6):
        """Let out what is due; block -> its groups, in any trust."""
        self.session.commit()
        of = {"now": NOW, "draws": DRAWS, "size": size}
        blocks.release_blocks(self.session, self.trust_id, **of)
        self.session.rollback()
        found = {}
        query = select(ReleasedGroup).where(ReleasedGroup.block_id.is_not(None))
        for group in self.session.scalars(query.order_by(ReleasedGroup.id)):
            found.setdefault(group.block_id, []).append(group)
        return found

    def figures(self, **of):
        """(Series, scale) -> (people, value) of a group or a block."""
        query = select(ReleasedFigure).filter_by(**of)
        return {
            (row.series, row.scale): (row.n, row.value)
            for row in self.session.scalars(query)
        }


@pytest.fixture
def released(session):
    return Released(session)


def test_each_three_whole_groups_of_one_queue_in_a_row_make_a_block(released, session):
    merged, away = (
        factories.make_team(session, released.campaign.trust, name).id for name in "bc"
    )
    session.get_one(Team, merged).merged_into_id = released.home.id
    held = ReleasedBlock(
        trust_id=released.trust_id,
        perspective="service_user",
        family=FORM,
        n=2,
        first_on=FIRST,
        last_on=FIRST,
        counts={},
        released_at=SPRING,
    )
    factories.added(session, held)
    elsewhere = Released(session)
    left, unscored = released.group(), released.group()
    released.people(left)[0].withdrawn_at = SPRING
    none = {"value": None, "reason": "too_few_answers", "revision": 2}
    session.add(factories.make_score(released.people(unscored)[0], **none))
    others = [
        {"perspective": "carer"},
        {"family": "another.v1"},
        {"method": NEW},
        {"team_id": away},
        {"team_id": None},
    ]
    for given in 2 * [*others]:
        released.group(**given)
    released.group(block_id=held.id)
    released.group(is_earlier=True)
    for _ in range(3):
        elsewhere.group()
        mixed = released.people(released.group())[0]
        released.score(mixed, 1.0, "involvement", method=NEW, revision=2)
    days = {"first_on": FIRST - DAY, "last_on": FIRST + 20 * DAY}
    mine = [released.group(**days), released.group(team_id=merged)]
    mine += [released.group() for _ in range(5)]
    found = released.let_out()
    del found[held.id]
    assert list(found.values()) == [mine[:3], mine[3:6]]
    first, second = (session.get_one(ReleasedBlock, number) for number in found)
    assert (first.n, first.first_on, first.last_on) == (6, *days.values())
    assert (second.first_on, second.last_on) == (FIRST, FIRST + 9 * DAY)
    known = first.team_id, first.perspective, first.family, first.released_at
    assert known == (released.home.id, "service_user", FORM, NOW)


def test_a_block_tells_of_its_own_people_by_their_newest_scores(released, session):
    groups = [released.group(scales=("involvement",)) for _ in range(3)]
    beside = released.group([50.0] * 20)
    people = released.people(*groups)
    for n, one in enumerate(people):
        released.score(one, 10.0 * n, "trust", "coordination")
        one.care_plan = "yes" if n < 4 else None
        known = {"item_version": 1, "version": 1, "source": "web"}
        known |= {"answered_at": SPRING, "item_id": "an_item"}
        said = {"value": 1} if n < 3 else {"reason": "did_not_happen"}
        one.answers.append(Answer(**known | said))
        if n < 5:
            released.score(one, 50.0, "parity")
    other, *_ = released.people(beside)
    other.answers.append(Answer(**known | {"value": 4}))
    released.score(people[0], 80.0, "trust", revision=2)
    none = {"reason": "too_few_answers", "revision": 2}
    released.score(people[0], None, "coordination", **none)
    ((number, members),) = released.let_out().items()
    assert members == groups

    def drawn(n, *of):
        return DRAWS.rounded(n, "block", number, *of)

    mean = fmean([80.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    series = f"{OLD} {FORM}"
    told = {(series, "trust"): (6, drawn(mean, "trust"))}
    assert released.figures(block_id=number) == told
    expected = {
        "an_item.v1": {
            "1": drawn(3, "an_item.v1", "1"),
            "did_not_happen": drawn(3, "an_item.v1", "did_not_happen"),
        },
        "care_plan": {
            "yes": drawn(4, "care_plan", "yes"),
            "left_out": drawn(2, "care_plan", "left_out"),
        },
    }
    assert session.get_one(ReleasedBlock, number).counts == expected
    (tally,) = session.scalars(select(ReleasedTally))
    assert (tally.n, tally.counts) == (6, expected)


WHOLE, ONE_LESS = [(7, 7), (7, 7), (6, 6)], [(7, 7), (6, 6), (6, 6)]


@pytest.mark.parametrize(
    "groups, size, is_told",
    [
        ([(2, 0), (2, 0), (2, 0)], 6, True),
        ([(2, 0), (2, 0), (1, 0)], 6, False),
        ([(8, 6), (8, 6), (4, 2)], 6, True),  # six were invited, others ride along
        (WHOLE, 6, True),
        (WHOLE, 21, False),
        (ONE_LESS, 6, False),
        ([(7, 7), (7, 7), (7, 6)], 6, False),  # one was invited
    ],
)
def test_a_prerequisite_needs_people_who_were_invited_or_a_crowd(
    released, groups, size, is_told
):
    for n, n_open in groups:
        released.group([50.0] * n, n_open=n_open)
    (number,) = released.let_out(size)
    assert bool(released.figures(block_id=number)) is is_told


def anew(first, change, *of):
    return min(max(first + DRAWS.rounded(change, "anew", *of), 0.0), 100.0)


def score_anew(released, *people, method=NEW, by=17.0):
    """A second score of people, higher on every scale."""
    for one in people:
        query = select(Score).filter_by(assessment_id=one.id, revision=1)
        for first in released.session.scalars(query).all():
            again = {"method": method, "revision": 2}
            released.score(one, first.value + by, first.scale, **again)
    released.session.commit()


@pytest.fixture
def scored(released):
    """Groups whose people are scored anew, all or some, and who of them has left.

    The last one is of a trust of its own.
    """
    made = {name: released.group() for name in ("whole", "left", "part", "corrected")}
    people = {name: released.people(group) for name, group in made.items()}
    score_anew(released, *people["whole"], *people["left"], people["part"][0])
    score_anew(released, *people["corrected"], method=OLD)
    people["left"][0].withdrawn_at = SPRING
    made["not scored before"] = beside = released.group(method="mean_0_50")
    for one in released.people(beside):
        released.score(one, 90.0, "involvement", method=NEW, revision=2)
    first = released.people(beside)[0]
    (of_it,) = released.session.scalars(
        select(Score).filter_by(assessment_id=first.id, scale="involvement", revision=1)
    )
    of_it.value, of_it.reason = None, "too_few_answers"
    elsewhere = Released(released.session)
    made["whole too"] = released.group()
    score_anew(released, *released.people(made["whole too"]))
    made["elsewhere"] = elsewhere.group()
    score_anew(released, *released.people(made["elsewhere"]))
    return made


def test_a_group_is_told_anew_where_all_of_it_was_scored_anew(
    released, scored, session, monkeypatch
):
    monkeypatch.setattr(rescoring, "AT_ONCE", 1)
    again = dict.fromkeys(scored, 1) | {"whole": 2, "whole too": 2}
    for _ in "12":
        rescoring.add_series(session, released.trust_id, draws=DRAWS)
        session.rollback()
        found = {
            name: released.figures(group_id=group.id) for name, group in scored.items()
        }
        assert {name: len(figures) for name, figures in found.items()} == again
    number = scored["whole"].id
    value = anew(50.0, 17.0, "group", number, "involvement")
    assert found["whole"][f"{NEW} {FORM}", "involvement"] == (2, value)


@pytest.mark.parametrize(
    "first, change, ends", [(3.0, -40.0, 0.0), (97.0, 40.0, 100.0)]
)
def test_a_figure_told_anew_stays_within_the_scale(first, change, ends):
    assert rescoring.anew(DRAWS, first, change, "group", 1, "trust") == ends


def test_a_block_is_told_anew_where_all_of_it_was_scored_anew(released, session):
    groups = [released.group() for _ in range(9)]
    elsewhere = Released(session)
    beside = [elsewhere.group((5.0, 10.0)) for _ in range(3)]
    elsewhere.let_out()
    found = released.let_out()
    first, left, part, other = found
    before = released.figures(block_id=first)
    others = {number: released.figures(block_id=number) for number in (left, part)}
    score_anew(released, *released.people(*groups[:6], groups[6], *beside))
    released.people(groups[3])[0].withdrawn_at = SPRING
    for _ in "12":
        assert released.let_out() == found
        for number, figures in others.items():
            assert released.figures(block_id=number) == figures
        ((_, value),) = before.values()
        value = anew(value, 17.0, "block", first, "trust")
        expected = before | {(f"{NEW} {FORM}", "trust"): (6, value)}
        assert released.figures(block_id=first) == expected
        assert len(released.figures(block_id=other)) == 1


def test_a_prerequisite_that_not_all_had_before_is_not_told_anew(released, session):
    groups = [released.group() for _ in range(3)]
    (number,) = released.let_out()
    score_anew(released, *released.people(*groups))
    one = released.people(groups[0])[0]
    query = select(Score).filter_by(assessment_id=one.id, scale="trust", revision=1)
    (first,) = session.scalars(query)
    session.delete(first)
    released.let_out()
    assert len(released.figures(block_id=number)) == 1
