"""A likelihood ratio is of a model and one that contains it."""

from dataclasses import replace

import pandas as pd
import pytest

import psychometrics as pm


@pytest.fixture(scope="module")
def answers():
    loadings = [[0.5], [0.6], [0.7], [0.8], [0.6]]
    return pm.simulate.responses(
        250, rng=1, loadings=loadings, thresholds=(-0.8, 0.6)
    ).responses


@pytest.fixture(scope="module")
def fits(answers):
    plain = {
        "rsm": pm.rating_scale,
        "pcm": pm.partial_credit,
        "gpcm": pm.generalized_partial_credit,
        "graded": pm.graded_response,
        "nominal": pm.nominal_response,
    }
    return {name: fit(answers, se=False) for name, fit in plain.items()}


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("rsm", "pcm"), ("rsm", "gpcm"), ("pcm", "gpcm"), ("gpcm", "nominal")],
)
def test_models_within_another_are_compared(fits, smaller, larger):
    found = pm.likelihood_ratio(fits[smaller], fits[larger])
    assert found.chi2 > 0 and found.df > 0


@pytest.mark.parametrize("smaller", ["rsm", "pcm"])
def test_partial_credit_is_not_within_the_graded_model(fits, smaller):
    with pytest.raises(pm.InvalidResponses, match="no special case"):
        pm.likelihood_ratio(fits[smaller], fits["graded"])
    with pytest.raises(pm.InvalidResponses, match="graded in the first"):
        pm.likelihood_ratio(fits["graded"], fits["nominal"])


def test_with_two_categories_they_are_one_model(answers):
    halves = (answers > 1).astype(int)
    smaller = pm.partial_credit(halves, se=False)
    found = pm.likelihood_ratio(smaller, pm.graded_response(halves, se=False))
    assert found.df == 4


def test_other_answers_of_as_many_persons_are_refused(answers, fits):
    turned = answers.assign(i1=2 - answers["i1"])
    other = pm.generalized_partial_credit(turned, se=False)
    with pytest.raises(pm.InvalidResponses, match="different answers"):
        pm.likelihood_ratio(fits["pcm"], other)
    fewer = pm.partial_credit(answers.iloc[:, :4], se=False)
    with pytest.raises(pm.InvalidResponses, match="different answers"):
        pm.likelihood_ratio(fewer, fits["gpcm"])


def test_persons_and_items_in_another_order_are_the_same_answers(answers, fits):
    other = answers.iloc[::-1, ::-1]
    larger = pm.generalized_partial_credit(other, se=False)
    assert pm.likelihood_ratio(fits["pcm"], larger).df == 4


def test_a_larger_model_that_fits_worse_is_refused(fits):
    stopped = replace(fits["gpcm"], log_likelihood=fits["pcm"].log_likelihood - 1)
    with pytest.raises(pm.InvalidResponses, match="lower log-likelihood"):
        pm.likelihood_ratio(fits["pcm"], stopped)


def test_a_shape_of_theta_is_freed_and_not_fixed(answers):
    shaped = pm.partial_credit(answers, latent="histogram", se=False)
    assert pm.likelihood_ratio(pm.partial_credit(answers, se=False), shaped).df > 0
    inflated = pm.partial_credit(answers, latent="zero_inflated", se=False)
    with pytest.raises(pm.InvalidResponses, match="theta is zero_inflated"):
        pm.likelihood_ratio(inflated, shaped)


def test_an_anchor_may_be_freed_and_not_held(answers):
    group = pd.Series(["a", "b"] * 125, answers.index)
    fits = {
        k: pm.multiple_group(answers, group, anchors=[f"i{j}" for j in k], se=False)
        for k in ((1, 2, 3, 4, 5), (1, 2, 3), (4, 5))
    }
    assert pm.likelihood_ratio(fits[1, 2, 3, 4, 5], fits[4, 5]).df > 0
    with pytest.raises(pm.InvalidResponses, match="anchor in the second alone"):
        pm.likelihood_ratio(fits[1, 2, 3], fits[4, 5])
