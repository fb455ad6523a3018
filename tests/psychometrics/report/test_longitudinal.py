"""Sections on later occasions: error, change and what matters, with known truth."""

import re

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, icc, validation_report
from psychometrics import test_retest as retest_of
from psychometrics.report import Anchor, Hypothesis, Occasion, Plan, StableAnswer
from psychometrics.report.criteria import change_that_shows
from psychometrics.report.document import Outcome
from psychometrics.report.sections.stability import error_verdict
from psychometrics.report.study import prepare_study

ITEMS = [f"i{k}" for k in range(8)]


def answer(level, rng):
    """Answers from 1 to 7 around each person's level, error of one point."""
    drawn = level[:, None] + rng.normal(size=(len(level), len(ITEMS)))
    return pd.DataFrame(drawn.round().clip(1, 7), columns=ITEMS)


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(8)
    level = rng.normal(4, 1, 400)
    moved = rng.random(400) < 0.4
    return {
        "first": answer(level, rng),
        "second": answer(np.where(moved, level + rng.normal(0, 2, 400), level), rng),
        "third": answer(level + np.where(moved, 1.0, 0.0), rng),
        "moved": moved,
    }


PLAN = Plan(
    stable=StableAnswer("changed", ("no",)),
    anchor=Anchor("better"),
    change_hypotheses=(Hypothesis("follows", "total", other="better", at_least=0.3),),
)


@pytest.fixture(scope="module")
def report(drawn):
    changed = np.where(drawn["moved"], "yes", "no")
    better = drawn["moved"].astype(float)
    return validation_report(
        drawn["first"],
        plan=PLAN,
        categories=(1, 7),
        retest=Occasion(drawn["second"], pd.DataFrame({"changed": changed})),
        follow_up=Occasion(drawn["third"], pd.DataFrame({"better": better})),
        n_replications=0,
    )


def table(report, key, name):
    (section,) = (s for s in report.sections if s.key == key)
    return next(t.frame for t in section.tables if t.name == name)


def test_the_retest_rests_on_stable_persons_alone(report, drawn):
    row = table(report, "reliability", "Retest").loc["total"]
    scores = [drawn[name].mean(axis=1) for name in ("first", "second")]
    direct = retest_of(*scores, stable=~drawn["moved"])
    assert row["people"] == (~drawn["moved"]).sum()
    assert row["ICC"] == pytest.approx(direct.icc, abs=1e-12)
    everybody = icc(pd.concat(scores, axis=1)).table.loc["ICC2", "icc"]
    assert row["ICC"] > everybody + 0.1


def test_measurement_error_is_near_the_error_that_was_drawn(report):
    row = table(report, "measurement_error", "Error").loc["total"]
    drawn_sem = np.sqrt((1 + 1 / 12) / len(ITEMS))
    assert row["SEM"] == pytest.approx(drawn_sem, rel=0.1)
    assert row["SDC"] == pytest.approx(1.96 * np.sqrt(2) * row["SEM"], rel=1e-9)


def test_what_does_not_reach_the_change_that_matters_does_not_read_as_its_equal():
    row = pd.Series({"SDC": 1.204, "MIC": 1.196, "lower limit": -2, "upper limit": 1})
    verdict = error_verdict("trust", row)
    assert verdict.outcome is Outcome.INSUFFICIENT
    assert verdict.found == "SDC 1.204, limits to 2.00, MIC 1.196"
    low = change_that_shows("trust", pd.Series({"sdc": 1.204, "MIC": 1.196}))
    assert low.found == "SDC 1.204, MIC 1.196"


def test_one_scale_has_no_range_in_the_sentences_about_two_occasions(report):
    said = {s.key: s.plain for s in report.sections}
    for key in ("reliability", "measurement_error", "responsiveness"):
        assert "(total)" in said[key]
        for low, high in re.findall(r"([.\d]+)[^.;\d]* to ([.\d]+)", said[key]):
            assert low != high, said[key]


def test_error_is_judged_by_the_change_that_matters(report):
    (section,) = (s for s in report.sections if s.key == "measurement_error")
    (verdict,) = section.verdicts
    row = table(report, "measurement_error", "Error").loc["total"]
    assert verdict.outcome == (
        "sufficient" if row["SDC"] < row["MIC"] else "insufficient"
    )


def test_change_is_told_from_none_by_the_anchor(report):
    row = table(report, "responsiveness", "Change").loc["total"]
    assert row["mean change"] == pytest.approx(0.4, abs=0.1)
    assert row["AUC"] > 0.9
    (section,) = (s for s in report.sections if s.key == "responsiveness")
    assert [v.outcome for v in section.verdicts] == ["sufficient"] * 3


def test_without_a_stability_question_the_verdict_says_so(drawn):
    study = prepare_study(drawn["first"], retest=Occasion(drawn["second"]))
    found, _ = study.retests
    assert found["total"].n == 400 and study.retest.stable is None


def test_without_an_anchor_error_is_indeterminate(drawn):
    report = validation_report(
        drawn["first"], retest=Occasion(drawn["second"]), n_replications=0
    )
    assert report.by_property().loc["Measurement error", "published criteria"] == (
        "indeterminate"
    )
    assert "Nobody was asked whether anything had changed" in report.to_html()


def test_nobody_in_common_is_said_and_not_raised(drawn):
    strangers = drawn["second"].set_axis(range(9000, 9400), axis=0)
    report = validation_report(
        drawn["first"], retest=Occasion(strangers), n_replications=0
    )
    (section,) = (s for s in report.sections if s.key == "reliability")
    assert section.verdicts[0].outcome == "indeterminate"
    assert "with both scores" in section.verdicts[0].why


def test_a_later_answer_outside_the_categories_is_refused(drawn):
    wrong = drawn["second"].replace(7, 8)
    with pytest.raises(InvalidResponses, match="its categories run from 1 to 7"):
        prepare_study(drawn["first"], categories=(1, 7), retest=Occasion(wrong))


def test_items_that_do_not_apply_do_not_count_in_the_half_rule(drawn):
    asked = pd.DataFrame(True, drawn["first"].index, ITEMS)
    asked.iloc[:, 3:] = False
    answers = drawn["first"].where(
        asked | (drawn["first"].index.to_numpy() > 300)[:, None]
    )
    whole = prepare_study(answers).totals["total"]
    part = prepare_study(answers, applies=asked).totals["total"]
    assert whole[:301].isna().all() and part.notna().all()
