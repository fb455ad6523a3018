"""A plan stated beforehand: what it expects, and what the report says departs."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, validation_report
from psychometrics.report import Criteria, Hypothesis, Occasions, Plan
from psychometrics.report.deviations import deviations
from psychometrics.report.study import prepare_study
from tests.golden.reference import BFI_SCALES, dataset

SCALES = {name: BFI_SCALES[name] for name in "CN"}
ITEMS = [item for items in SCALES.values() for item in items]
REVERSED = ("C4", "C5")

PLAN = Plan(
    scales=SCALES,
    reverse=REVERSED,
    categories=(1, 6),
    groups="gender",
    seed=3,
    estimator="wlsmv",
    models={"one factor": "usual", "correlated factors": "usual"},
    criteria=Criteria(alpha=0.65),
    hypotheses=(
        Hypothesis("older", "N", other="age", expect="negative", at_least=0.05),
        Hypothesis("women", "N", groups="gender", order=("2", "1"), at_least=0.1),
        Hypothesis("too strong", "C", other="age", at_least=0.5),
        Hypothesis("apart", "C", other="N", expect="either", at_most=0.4),
        Hypothesis("no such", "C", other="happiness"),
    ),
    occasions=Occasions("person", "wave", retest="2"),
    population="population.csv",
    registered="a public registry, 1 January 2026",
    fingerprint="f" * 64,
)


@pytest.fixture(scope="module")
def bfi():
    return dataset("bfi").head(900)


@pytest.fixture(scope="module")
def report(bfi):
    return validation_report(
        bfi[ITEMS],
        background=bfi[["gender", "age", "education"]],
        plan=PLAN,
        estimator="mlr",
        n_replications=0,
    )


def section(report, key):
    return next(s for s in report.sections if s.key == key)


def test_every_deviation_is_listed(report):
    listed, *_ = section(report, "plan").tables
    found = listed.frame
    assert found.loc["estimator"].tolist() == ["wlsmv", "mlr"]
    assert "no column happiness" in found.loc["hypothesis no such", "done"]
    assert {"retest", "population table"} <= {*found.index}
    assert "seed" not in found.index


def test_what_is_as_planned_is_no_deviation(bfi):
    as_planned = Plan(scales=SCALES, reverse=("C5", "C4"), seed=3)
    report = validation_report(
        bfi[ITEMS],
        scales=SCALES,
        reverse=list(REVERSED),
        plan=as_planned,
        n_replications=0,
    )
    assert "Nothing departs" in section(report, "plan").plain


def test_the_planned_bounds_judge_and_stand_beside_the_published_ones(report):
    bounds = next(
        t.frame for t in section(report, "plan").tables if "Criteria" in t.name
    )
    assert bounds.loc["alpha"].tolist() == [0.65, 0.70]
    said = [v.criterion for v in section(report, "consistency").verdicts]
    assert any("at least 0.65" in criterion for criterion in said)


def test_hypotheses_are_found_by_the_formulas_they_name(report, bfi):
    table = section(report, "hypotheses").tables[0].frame
    answers = bfi[SCALES["N"]]
    scores = answers.mean(axis=1).where(answers.notna().sum(axis=1) >= 3)
    assert table.loc["older", "found"] == pytest.approx(scores.corr(bfi["age"]))
    assert table.loc["women", "confirmed"] == "yes"
    assert table.loc["too strong", "confirmed"] == "no"
    assert table.loc["no such", "confirmed"] == "not tested"


def test_hypotheses_that_could_not_be_tested_count_against_ours_alone(report):
    published, ours = section(report, "hypotheses").verdicts
    assert published.found == "3 of 4 tested" and published.outcome == "sufficient"
    assert "of 5 planned" in ours.found and ours.outcome == "insufficient"


def test_mlr_is_fitted_and_named_where_it_was_asked_for(report):
    caption = section(report, "structure").tables[0].caption
    assert caption.startswith("Maximum likelihood, codes taken as numbers, robust")
    assert "robust maximum likelihood" in section(report, "methods").plain


def test_both_fingerprints_are_printed(report):
    page = report.to_html()
    assert PLAN.fingerprint in page and report.cover.fingerprint in page
    assert "a public registry" in page


def test_without_a_plan_the_report_calls_itself_exploratory(bfi):
    report = validation_report(bfi[SCALES["N"]], n_replications=0)
    assert "exploratory" in report.sections[0].plain
    assert report.by_property().loc["Hypotheses testing", "ours"] == "–"


def test_a_model_of_the_plans_own_is_fitted_under_its_name(bfi):
    text = "f =~ N1 + N2 + N3 + N4 + N5"
    plan = Plan(models={"mine": text}, intended="mine")
    study = prepare_study(bfi[SCALES["N"]], plan=plan)
    assert study.rivals.table.index.tolist() == ["mine"] and study.intended == "mine"


def test_a_planned_model_that_cannot_be_fitted_is_a_deviation(bfi):
    plan = Plan(models={"one factor": "usual", "second order": "usual"})
    report = validation_report(bfi[SCALES["N"]], plan=plan, n_replications=0)
    listed, *_ = section(report, "plan").tables
    assert listed.frame.loc["model", "planned"] == "second order"


def test_sections_left_out_and_sections_unplanned_are_deviations(bfi):
    plan = Plan(sections=("consistency", "reliability"))
    study = prepare_study(bfi[SCALES["N"]], plan=plan)
    found = deviations(study, validation_report(bfi[SCALES["N"]]).sections)
    said = found["planned"] + ": " + found["done"]
    assert "reliability: left out: the data have nothing for it" in said.tolist()
    assert "not planned: scaling (exploratory)" in said.tolist()


@pytest.mark.parametrize(
    "stated, bounds",
    [
        ({"other": "x"}, (0.0, 1.0)),
        ({"other": "x", "expect": "negative", "at_least": 0.2}, (-1.0, -0.2)),
        ({"other": "x", "expect": "either", "at_most": 0.3}, (-0.3, 0.3)),
        ({"groups": "g", "order": ("a", "b"), "at_least": 0.2}, (0.2, None)),
    ],
)
def test_direction_and_size_become_bounds(stated, bounds):
    assert Hypothesis("h", "scale", **stated).bounds == bounds


@pytest.mark.parametrize(
    "stated, said",
    [
        ({}, "give one of a column"),
        ({"other": "x", "groups": "g", "order": ("a", "b")}, "give one of a column"),
        ({"groups": "g"}, "give the order of two groups"),
        ({"other": "x", "expect": "up"}, "give one of positive"),
        ({"other": "x", "expect": "either", "at_least": 0.1}, "upper bound alone"),
        ({"other": "x", "at_least": 0.4, "at_most": 0.3}, "is not above"),
    ],
)
def test_a_hypothesis_that_says_nothing_is_refused(stated, said):
    with pytest.raises(InvalidResponses, match=said):
        Hypothesis("h", "scale", **stated)


def test_three_groups_out_of_order_refute_whatever_their_ends_differ_by(rng):
    answers = pd.DataFrame(rng.integers(1, 6, (300, 3)), columns=list("abc"))
    group = pd.Series(np.repeat(["low", "mid", "high"], 100), answers.index)
    answers[group == "mid"] = answers[group == "mid"].clip(4)
    answers[group == "high"] = answers[group == "high"].clip(3)
    order = ("high", "mid", "low")
    plan = Plan(hypotheses=(Hypothesis("h", "total", groups="g", order=order),))
    study = prepare_study(answers, background=group.to_frame("g"), plan=plan)
    row = study.tested[0].loc["h"]
    assert row["found"] > 0 and not row["confirmed"]
