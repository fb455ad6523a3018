"""The cuts of a trust's year, each worked out by hand: who is in them and what rounds.

Beside those who count stand others with a score of nought, whom no cell may hold.
"""

from datetime import UTC, date, datetime
from statistics import fmean

import pytest
from sqlalchemy import insert, select

from surveyapp import bank
from surveyapp.models import (
    Answer,
    BackgroundAnswer,
    ReleasedCut,
    ReleasedGroup,
)
from surveyapp.tracking import yearly_cuts
from surveyapp.tracking.rounding import Draws

from .. import factories
from .people import DRAWS, SPRING

pytestmark = pytest.mark.one_database
NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)
FORM = bank.instrument("short_service_user.v1")
SERIES = f"mean_0_100 {FORM.ref}"
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


MADE = {}


class Noted(Draws):
    """Draws that note what they round, each once."""

    def rounded(self, value, *of):
        assert of not in MADE
        MADE[of] = value
        return super().rounded(value, *of)


class Year:
    """People who were let out in groups of a trust."""

    def __init__(self, session):
        self.session, self.campaign = session, factories.make_campaign(session)
        self.trust_id = self.campaign.trust_id

    def group(self, last_on, **given):
        known = {"trust_id": self.trust_id, "perspective": "service_user", "n": 10}
        known |= {"family": FORM.ref, "first_on": last_on, "last_on": last_on}
        known["released_at"] = NOW
        return factories.added(self.session, ReleasedGroup(**known | given)).id

    def people(self, n, value, group, scored=(), **given):
        """As many as `n` who count; `scored` are further scores of each."""
        made = []
        for _ in range(n):
            one = factories.make_assessment(
                self.session,
                self.campaign,
                submitted_at=SPRING,
                released_group_id=group,
                **given,
            )
            self.session.add(factories.make_score(one, value=value))
            self.session.add_all(factories.make_score(one, **more) for more in scored)
            made.append(one)
        return made

    def say(self, people, question, value):
        for one in people:
            said = BackgroundAnswer(question_id=question, value=value)
            one.background.append(said)

    def release(self, trust_id=None):
        trust_id = trust_id or self.trust_id
        MADE.clear()
        draws = Noted(DRAWS.key)
        yearly_cuts.release_cuts(self.session, trust_id, now=NOW, draws=draws)
        self.session.rollback()
        query = select(ReleasedCut).filter_by(trust_id=trust_id, year=2026)
        return {
            (row.perspective, row.cut, row.cell, row.scale): (row.n, row.value)
            for row in self.session.scalars(query)
        }

    def drawn(self, n, value, cut, cell, scale="involvement"):
        """How one cell is rounded."""
        of = self.trust_id, "service_user", SERIES, 2026, cut, cell, scale
        told = DRAWS.rounded(n, "people", "cut", *of), DRAWS.rounded(value, "cut", *of)
        return ("service_user", cut, cell, scale), told


@pytest.fixture
def year(session):
    return Year(session)


def test_cells_hold_those_of_the_year_who_count_by_their_newest_score(
    year, session, monkeypatch
):
    monkeypatch.setattr(yearly_cuts, "AT_ONCE", 25)
    first, last = year.group(FIRST), year.group(LAST)
    again = {"value": 61.0, "revision": 2}
    beside = {"scale": "trust", "value": 0.0, "revision": 3}
    young = year.people(14, 42.0, first) + year.people(16, 43.0, last)
    old = year.people(30, 0.0, last, mode="paper", scored=(again, beside))
    for people, age in ((young, "young"), (old, "old")):
        year.say(people, "age_band", age)
        year.say(people, "religion", age)  # which is on no list
    none = {"value": None, "reason": "too_few", "revision": 2}
    in_other_years = year.group(date(2025, 12, 31)), year.group(date(2027, 1, 1))
    others = [
        *year.people(2, 0.0, last, withdrawn_at=SPRING),
        *year.people(2, 0.0, last, scored=(none,)),
        *year.people(2, 0.0, None),
        *(one for group in in_other_years for one in year.people(2, 0.0, group)),
    ]
    elsewhere = Year(session)
    others += elsewhere.people(2, 0.0, elsewhere.group(LAST))
    year.say(others, "age_band", "young")
    of = {"perspective": "service_user", "series": SERIES, "cut": "mode", "cell": "web"}
    known = {"scale": "involvement", "n": 30, "value": 0.0}
    for held in ({"trust_id": year.trust_id, "year": 2025}, {"year": 2026}):
        held = {"trust_id": elsewhere.trust_id} | held
        session.add(ReleasedCut(**of, **known, **held))
    session.commit()
    low = fmean([42.0] * 14 + [43.0] * 16)
    expected = dict(
        year.drawn(30, value, cut, cell)
        for cut, cells in (
            ("mode", ("web", "paper")),
            ("age_band", ("young", "old")),
        )
        for cell, value in zip(cells, (low, 61.0))
    )
    assert year.release() == expected
    year.people(40, 0.0, last)  # keyed when the year had been let out
    session.commit()
    assert year.release() == expected


def gated(year, **plans):
    """So many people of each answer to the gate, who chose the middle of every item."""
    group, answers = year.group(LAST), []
    every = {item.id for item in FORM.items}
    unasked = {"no": set(FORM.gate.when_no), "silent": every}
    for plan, n in plans.items():
        said = None if plan == "silent" else plan
        for one in year.people(n, 50.0, group, care_plan=said):
            known = {"assessment_id": one.id, "value": 2, "item_version": 1}
            known |= {"version": 1, "source": "web", "answered_at": SPRING}
            asked = every - unasked.get(plan, set())
            answers += [known | {"item_id": item} for item in asked]
    year.session.execute(insert(Answer), answers)
    year.session.commit()
    return {key: told for key, told in year.release().items() if key[1] != "mode"}


def test_the_gates_lines_are_told_of_thirty_that_it_touches_and_thirty_others(
    year, monkeypatch
):
    monkeypatch.setattr(yearly_cuts, "AT_ONCE", 25)
    n_settled, n_items = len(FORM.gate.when_no), len(FORM.items)
    lowest = 50 * (1 - n_settled / n_items)
    plans = (year.drawn(30, 50.0, "care_plan", plan) for plan in ("yes", "no"))
    expected = dict(plans)
    for scale, mean, n_line in (
        ("involvement", (50 + lowest) / 2, 60),
        ("living_document", 25.0, 30),  # whose every item the gate settles
    ):
        key, first = year.drawn(60, mean, "gate", "as_scored", scale)
        expected[key] = first
        key, (n, _) = year.drawn(n_line, 50.0, "gate", "without_gate", scale)
        of = "cut", year.trust_id, "service_user", SERIES, 2026
        change = DRAWS.rounded(50.0 - mean, "anew", *of, "gate", "without_gate", scale)
        expected[key] = n, min(max(first[1] + change, 0.0), 100.0)
    assert gated(year, no=30, yes=30, silent=1) == expected
    lines = {of[-2:]: value for of, value in MADE.items() if of[0] == "cut"}
    changes = {of[-1]: value for of, value in MADE.items() if of[0] == "anew"}
    assert lines["as_scored", "involvement"] == pytest.approx((50 + lowest) / 2)
    assert changes["involvement"] == pytest.approx((50 - lowest) / 2)


@pytest.mark.parametrize(
    "plans",
    [
        {"no": 29, "yes": 31},
        {"no": 31, "yes": 29},
        {"no": 30, "yes": 25, "not_sure": 5},  # of whom the gate settles nothing
        {"not_sure": 30, "yes": 30},
        {"no": 30, "yes": 29, "silent": 1},  # who has no score by any line
    ],
)
def test_no_line_is_told_that_would_tell_of_fewer_than_thirty(year, plans):
    assert "gate" not in {cut for _, cut, *_ in gated(year, **plans)}
