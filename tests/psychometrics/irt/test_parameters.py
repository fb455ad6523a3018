"""Calibrated items by themselves: scoring new persons, curves, order."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

SLOPES = np.array([1.2, 1.6, 2.0, 1.4])
INTERCEPTS = -SLOPES[:, None] * np.array([-1.0, 0.2, 1.1])


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(9)
    theta = rng.normal(size=700)
    p = category_probabilities("graded", theta, SLOPES, INTERCEPTS)
    cut = rng.uniform(size=(4, 700))[:, None] > p.cumsum(axis=1)
    codes = cut.sum(axis=1).T + 1
    return pm.graded_response(pd.DataFrame(codes, columns=list("abcd")))


@pytest.mark.parametrize("method", ["eap", "map", "wle", "ml"])
def test_scoring_the_calibration_sample_again_changes_nothing(fit, method):
    answers = fit.patterns.answers() + 1
    again = fit.parameters.persons(answers, method).to_frame()
    gap = (again - fit.persons(method).to_frame()).replace([np.inf, -np.inf], np.nan)
    assert gap.abs().max().max() < 1e-4


def test_new_persons_may_answer_some_items_in_any_order(fit):
    some = pd.DataFrame({"d": [4, np.nan], "a": [3, np.nan]}, index=["p", "q"])
    found = fit.parameters.persons(some, mean=0.5, sd=0.8).to_frame()
    assert found.loc["q"].tolist() == pytest.approx([0.5, 0.8], abs=1e-6)
    assert found.loc["p", "theta"] > 0.5
    assert found.loc["p", "se"] < 0.8


def test_answers_and_items_that_were_never_calibrated_are_refused(fit):
    with pytest.raises(pm.InvalidResponses, match="item a has the answer 9"):
        fit.parameters.persons(pd.DataFrame({"a": [9]}))
    with pytest.raises(pm.InvalidResponses, match="item z has no parameters"):
        fit.parameters.persons(pd.DataFrame({"z": [1]}))


def test_expected_scores_are_in_the_codes_of_the_data(fit):
    scores = fit.expected_scores([-30.0, 30.0])
    assert scores["test"].tolist() == pytest.approx([4, 16])


def test_threshold_order_is_read_along_the_item(fit):
    assert fit.parameters.threshold_order()["ordered"].all()
    reversed_items = pm.graded_response(3 - fit.patterns.answers(), se=False)
    assert reversed_items.parameters.threshold_order()["ordered"].all()


def test_the_nominal_model_has_information_and_no_thresholds(fit):
    nominal = pm.nominal_response(fit.patterns.answers(), se=False)
    assert (nominal.information([0.0])["test"] > 1).all()
    assert nominal.to_frame().columns.tolist() == ["a1", "a2", "a3", "d1", "d2", "d3"]
    with pytest.raises(ValueError, match="one dimension and ordered steps"):
        nominal.thresholds


def test_two_categories_are_one_model_by_either_name(fit):
    answers = (fit.patterns.answers() > 1).astype(int)
    graded = pm.graded_response(answers)
    partial = pm.generalized_partial_credit(answers)
    assert graded.log_likelihood == pytest.approx(partial.log_likelihood, abs=1e-6)
    gap = graded.to_frame() - partial.to_frame()
    assert gap.abs().to_numpy().max() < 1e-3


def test_the_line_of_a_calibration_says_likelihood_and_size(fit):
    value = f"{fit.log_likelihood:.1f}"
    assert repr(fit).startswith(f"IrtResult(log_likelihood={value}, 16 parameters, 4 ")
    slopes = fit.discrimination
    ends = f"{slopes.min():.3f} to {slopes.max():.3f}"
    assert (
        repr(fit.parameters) == f"ItemParameters(slopes={ends}, 4 items, model=graded)"
    )
