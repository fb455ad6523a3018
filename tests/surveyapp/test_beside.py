"""Service users beside carers: only what a validation run lets be compared."""

import re
from html import unescape

import pytest

from surveyapp.bank import PREREQUISITES, SCALES
from surveyapp.tracking import beside

from .. import factories
from .people import People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.one_database
FORMS = {"service_user": "short_service_user.v1", "carer": "short_carer.v1"}
HOLDS = {"verdict": "scalar", "freed": [], "apart": [], "points": 0.0, "why": ""}
FAILS = HOLDS | {
    "verdict": "none",
    "points": None,
    "why": "equal loadings are rejected",
}


TOO_FEW = FAILS | {
    "verdict": "unknown",
    "why": "it takes 200 of each: service users 211, carers 3",
}


@pytest.fixture
def people(session, rng, client):
    """Sixty of each perspective, the carers far lower."""
    people = People(session, make_trust(session))
    people.invited(rng.uniform(60, 90, 60), scales=SCALES)
    people.invited(rng.uniform(10, 30, 60), scales=SCALES, perspective="carer")
    people.release()
    sign_in(client, session, "lead", people.trust)
    return people


@pytest.fixture
def run(session, people):
    """Makes a run that found these verdicts; every other scale holds."""

    def make(status="done", n_synthetic=0, **verdicts):
        scales = dict.fromkeys(PREREQUISITES, HOLDS) | verdicts
        kept = {"instruments": FORMS, "n": dict.fromkeys(FORMS, 300), "scales": scales}
        made = {"perspectives": kept, "n_synthetic": n_synthetic}
        factories.make_run(session, people.campaign, status, **made)
        session.commit()

    return make


def section(client, people):
    page = client.get(f"/tracking/{people.trust.id}/service_user/teams").text
    part = page.partition("Service users beside carers</h2>")[2].partition("<h2")[0]
    rows = re.findall(r'scope="row">(.*?)</tr>', part, re.DOTALL)
    cells = [re.findall(r"<td.*?>(.*?)</td>", unescape(row), re.DOTALL) for row in rows]
    return unescape(part), dict(zip((row.partition("<")[0] for row in rows), cells))


def test_before_a_run_compared_them_the_page_says_why_nothing_is(client, people):
    factories.make_run(people.session, people.campaign)  # of one perspective alone
    people.session.commit()
    told, rows = section(client, people)
    assert "no validation run has tested yet" in told and rows == {}


def test_made_up_answers_let_a_demonstration_alone_be_compared(client, people, run):
    run(n_synthetic=5)
    told, rows = section(client, people)
    assert "no validation run has tested yet" in told and rows == {}
    people.trust.is_demonstration = True
    people.session.commit()
    assert section(client, people)[1]


def test_a_run_that_is_not_over_lets_nothing_be_compared(client, people, run):
    run(status="running")
    assert section(client, people)[1] == {}


def test_means_stand_beside_each_other_where_the_run_lets_them(client, people, run):
    run()
    told, rows = section(client, people)
    assert "7 of 7 scores can be compared" in told
    assert len(rows) == len(SCALES)
    own, other, step, word = rows["Involvement overall"]
    means = [float(cell.partition(" ")[0]) for cell in (own, other)]
    assert means[0] > 60 > 30 > means[1] and word == "Yes"
    assert float(step) == pytest.approx(means[1] - means[0], abs=0.11)


def test_a_scale_that_differs_is_left_out_and_so_is_the_overall(client, people, run):
    run(trust=FAILS)
    told, rows = section(client, people)
    assert "5 of 7" in told and "equal loadings are rejected" in rows["Trust"][-1]
    for name in ("Trust", "Involvement overall"):
        assert rows[name][:3] == ["Not compared"] * 3


def test_partial_invariance_is_told_with_its_effect(client, people, run):
    run(parity=HOLDS | {"verdict": "partial", "freed": ["a"], "points": -3.6})
    rows = section(client, people)[1]
    assert (
        "move carers' mean by -3.6" in rows["Parity of physical and mental health"][3]
    )
    assert "by -0.6" in rows["Involvement overall"][3]


def test_the_last_run_counts_and_says_why_where_nothing_holds(client, people, run):
    run()
    run(**dict.fromkeys(PREREQUISITES, FAILS))
    told, rows = section(client, people)
    assert "equal loadings are rejected" in told and rows == {}


@pytest.mark.parametrize("scales", [("trust",), PREREQUISITES])
def test_leads_are_not_told_how_few_answered(client, people, run, scales):
    run(**dict.fromkeys(scales, TOO_FEW))
    told, _ = section(client, people)
    assert beside.UNKNOWN in told
    assert "carers 3" not in told and "211" not in re.findall(r"\d+", told)


def test_a_difference_beyond_chance_is_named(session, people):
    def figures(mean, sd):
        sums = beside.Sums(100, 10, 100 * mean)
        return {scale: sums for scale in SCALES}, dict.fromkeys(SCALES, sd)

    def step(mean):
        both = {"service_user": figures(60.0, 20.0), "carer": figures(mean, 20.0)}
        return beside.compare("trust", HOLDS, both)[1]

    assert step(50.0) == pytest.approx(-10)
    assert step(58.0) is None


def test_another_trusts_run_is_not_asked(client, session, people, run):
    other = factories.make_campaign(session)
    kept = {"instruments": FORMS, "n": {}, "scales": {}}
    factories.make_run(session, other, perspectives=kept)
    session.commit()
    assert other.trust_id != people.trust.id
    assert section(client, people)[1] == {}
