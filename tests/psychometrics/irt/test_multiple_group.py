"""Several groups on one scale, and tests between calibrations."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

SLOPES = np.array([1.0, 1.4, 1.8, 1.2, 2.0, 1.6])
INTERCEPTS = -SLOPES[:, None] * np.array([-1.2, 0.0, 1.0])


def draw(rng, theta, intercepts=INTERCEPTS):
    p = category_probabilities("graded", theta, SLOPES, intercepts)
    cut = rng.uniform(size=(len(p), len(theta)))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


def two_groups(rng, shift=0.0, n=1500):
    other = INTERCEPTS.copy()
    other[0] -= shift
    parts = [draw(rng, rng.normal(size=n)), draw(rng, rng.normal(0.5, 1.3, n), other)]
    groups = pd.Series(["a"] * n + ["b"] * n)
    return pd.concat(parts, ignore_index=True), groups


@pytest.mark.parametrize("model", ["graded", "gpcm", "pcm", "rsm"])
def test_mean_and_spread_of_the_second_group_are_found(model, rng):
    answers, groups = two_groups(rng)
    table = pm.multiple_group(answers, groups, model=model).to_frame()
    ratio = table.loc["b"] / table.loc["a", "sd"]
    assert ratio["mean"] == pytest.approx(0.5, abs=0.15)
    assert ratio["sd"] == pytest.approx(1.3, abs=0.15)
    assert table.loc["b", "mean_se"] == pytest.approx(0.05, abs=0.04)


def test_one_group_twice_changes_nothing(rng):
    answers = draw(rng, rng.normal(size=800))
    alone = pm.graded_response(answers)
    twice = pd.concat([answers, answers], ignore_index=True)
    both = pm.multiple_group(twice, np.repeat([1, 2], 800))
    assert both.log_likelihood == pytest.approx(2 * alone.log_likelihood, abs=1e-4)
    assert both.to_frame().loc[2, "mean"] == pytest.approx(0, abs=1e-4)
    gap = both.groups[2].thresholds - alone.thresholds
    assert gap.abs().to_numpy().max() < 1e-3


def test_likelihood_ratio_finds_the_item_that_differs(rng):
    answers, groups = two_groups(rng, shift=0.8)
    same = pm.multiple_group(answers, groups, se=False)
    found = {}
    for item in answers.columns[:3]:
        anchors = answers.columns.drop(item)
        free = pm.multiple_group(answers, groups, anchors=anchors, se=False)
        found[item] = pm.likelihood_ratio(same, free)
    assert found["q0"].p < 1e-6
    assert found["q0"].df == 4
    assert min(found["q1"].p, found["q2"].p) > found["q0"].p


def test_without_anchors_each_group_is_calibrated_by_itself(rng):
    answers, groups = two_groups(rng)
    apart = pm.multiple_group(answers, groups, anchors=[])
    alone = pm.graded_response(answers[groups == "b"])
    gap = apart.groups["b"].to_frame() - alone.to_frame()
    assert gap.abs().to_numpy().max() < 1e-4


def test_persons_of_all_groups_are_scored(rng):
    answers, groups = two_groups(rng, n=300)
    both = pm.multiple_group(answers, groups)
    assert both.persons().index.tolist() == answers.index.tolist()
    assert "6 of 6 items are anchors" in both.summary()
    assert both.plot().get_xlabel() == "mean theta, 95 % interval"


def test_groups_that_cannot_be_compared_are_refused(rng):
    answers, groups = two_groups(rng, n=200)
    with pytest.raises(pm.InvalidResponses, match="one group only"):
        pm.multiple_group(answers, np.ones(400))
    with pytest.raises(pm.InvalidResponses, match="every person needs a group"):
        pm.multiple_group(answers, groups.iloc[:300])
    with pytest.raises(pm.InvalidResponses, match="anchor q9 is not"):
        pm.multiple_group(answers, groups, anchors=["q9"])
    answers.loc[groups == "b", "q1"] = answers.loc[groups == "b", "q1"].clip(upper=2)
    with pytest.raises(pm.InvalidResponses, match="group b gave answer 3 to item q1"):
        pm.multiple_group(answers, groups, anchors=["q0"])


def test_models_of_other_persons_are_not_compared(rng):
    answers = draw(rng, rng.normal(size=300))
    small, large = pm.partial_credit(answers), pm.generalized_partial_credit(answers)
    assert pm.likelihood_ratio(small, large).df == 5
    with pytest.raises(pm.InvalidResponses, match="more parameters"):
        pm.likelihood_ratio(large, small)
    with pytest.raises(pm.InvalidResponses, match="300 and 200 persons"):
        pm.likelihood_ratio(
            pm.partial_credit(answers), pm.graded_response(answers[:200])
        )
