"""The conditional likelihood: against enumeration, and what it says of bad data."""

import itertools

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.conditional_likelihood import (
    answered_sets,
    conditional_likelihood,
)
from psychometrics.irt.models import category_probabilities
from psychometrics.irt.patterns import find_patterns

CUTS = np.array([[-1.0, 0.0], [-0.5, 0.8], [0.2, 1.1], [-1.2, 0.1]])


def draw(rng, theta, cuts=CUTS):
    p = category_probabilities("pcm", theta, np.ones(len(cuts)), -cuts.cumsum(axis=1))
    cut = rng.uniform(size=(len(p), len(theta)))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


def test_likelihood_equals_enumeration_of_all_patterns(rng):
    answers = draw(rng, rng.normal(size=60))
    patterns = find_patterns(pm.check_responses(answers))
    intercepts = -CUTS.cumsum(axis=1)
    (found,) = answered_sets(patterns)
    value, gradient, _ = conditional_likelihood(found, np.full(4, 3), intercepts)

    def weight(pattern, d):
        return np.exp(sum(d[j, k - 1] for j, k in enumerate(pattern) if k))

    def likelihood(d):
        totals = np.zeros(9)
        for pattern in itertools.product(range(3), repeat=4):
            totals[sum(pattern)] += weight(pattern, d)
        rows = answers.to_numpy()
        return sum(np.log(weight(row, d) / totals[row.sum()]) for row in rows)

    assert value == pytest.approx(likelihood(intercepts))
    step = np.zeros((4, 2))
    step[1, 0] = 1e-5
    numeric = (likelihood(intercepts + step) - likelihood(intercepts - step)) / 2e-5
    assert gradient[1, 0] == pytest.approx(numeric, abs=1e-6)


def test_information_is_the_slope_of_the_gradient(rng):
    patterns = find_patterns(pm.check_responses(draw(rng, rng.normal(size=80))))
    (found,) = answered_sets(patterns)
    intercepts = -CUTS.cumsum(axis=1)
    at = conditional_likelihood(found, np.full(4, 3), intercepts)
    step = np.zeros((4, 2))
    step[2, 1] = 1e-5
    up = conditional_likelihood(found, np.full(4, 3), intercepts + step)[1]
    down = conditional_likelihood(found, np.full(4, 3), intercepts - step)[1]
    assert at[2][:, 5] == pytest.approx(((down - up) / 2e-5).ravel(), abs=1e-5)


@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_thresholds_do_not_depend_on_who_answered(rng, shift):
    theta = shift + rng.normal(size=4000)
    fit = pm.conditional_partial_credit(draw(rng, theta))
    truth = CUTS - CUTS.mean()
    z = (fit.thresholds.to_numpy() - truth) / fit.standard_errors.to_numpy()
    assert (abs(z) < 4).all()


def test_booklets_with_common_items_are_calibrated_together(rng):
    answers = draw(rng, rng.normal(size=3000)).astype(float)
    answers.iloc[:1500, 0] = np.nan
    answers.iloc[1500:, 3] = np.nan
    fit = pm.conditional_partial_credit(answers)
    truth = CUTS - CUTS.mean()
    z = (fit.thresholds.to_numpy() - truth) / fit.standard_errors.to_numpy()
    assert (abs(z) < 4).all()


def test_conditional_and_marginal_thresholds_agree_on_normal_persons(rng):
    answers = draw(rng, rng.normal(size=3000))
    conditional = pm.conditional_partial_credit(answers).thresholds
    marginal = pm.partial_credit(answers).thresholds
    gap = conditional - marginal
    assert (gap - gap.to_numpy().mean()).abs().to_numpy().max() < 0.05


def test_items_that_nobody_answered_together_are_not_identified(rng):
    answers = draw(rng, rng.normal(size=600)).astype(float)
    answers.iloc[:300, :2] = np.nan
    answers.iloc[300:, 2:] = np.nan
    with pytest.raises((pm.NotIdentified, pm.ConvergenceError)):
        pm.conditional_partial_credit(answers)


def test_andersen_finds_an_item_that_differs_between_groups(rng):
    other = CUTS.copy()
    other[0] += 0.8
    both = pd.concat(
        [draw(rng, rng.normal(size=500)), draw(rng, rng.normal(size=500), other)],
        ignore_index=True,
    )
    groups = pd.Series(["users"] * 500 + ["carers"] * 500)
    fit = pm.conditional_partial_credit(both)
    assert pm.andersen_test(fit, groups=groups).p < 1e-6
    shuffled = pd.Series(rng.permutation(groups))
    assert pm.andersen_test(fit, groups=shuffled).p > 0.001


def test_andersen_names_a_group_without_a_category(rng):
    answers = draw(rng, rng.normal(size=400))
    groups = pd.Series(np.where(answers["q1"] == 2, "b", "a"))
    with pytest.raises(pm.InvalidResponses, match="group a does not use every"):
        pm.andersen_test(pm.conditional_partial_credit(answers), groups=groups)


def test_pictures_of_persons_and_items(rng):
    fit = pm.conditional_partial_credit(draw(rng, rng.normal(size=300)))
    assert "300 persons above" in fit.plot().get_title()
    assert pm.andersen_test(fit).plot().get_xlabel() == "threshold, high"
    assert fit.persons("wle").theta.notna().all()
    with pytest.raises(ValueError, match="give one of ml, wle"):
        fit.persons("eap")
