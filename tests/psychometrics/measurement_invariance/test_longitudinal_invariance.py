"""Equality over occasions on persons whose change is known."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    InvalidResponses,
    NotIdentified,
    invariance_cutoffs,
    longitudinal_invariance,
)

SCALES = {"f": ["x1", "x2", "x3", "x4", "x5"]}
LOADINGS = (0.7, 0.6, 0.8, 0.6, 0.7)
CUTS = (-0.8, 0.0, 0.6, 1.4)
TIMES = ["t1", "t2"]


def two_times(n=600, *, cuts=CUTS, shift=None, growth=0.3, times=2, seed=3):
    """Answers at some times; item number `shift` is answered .6 higher at the last."""
    rng = np.random.default_rng(seed)
    trait, answers = rng.standard_normal(n), {}
    specific = rng.standard_normal((n, 5))
    for time in range(times):
        factor = growth * time + 0.8 * trait + 0.6 * rng.standard_normal(n)
        for j, loading in enumerate(LOADINGS):
            noise = 0.5 * specific[:, j] + 0.75**0.5 * rng.standard_normal(n)
            latent = loading * factor + (1 - loading**2) ** 0.5 * noise
            if j == shift and time == times - 1:
                latent = latent + 0.6
            coded = latent if cuts is None else np.searchsorted(cuts, latent)
            answers[f"x{j + 1}_t{time + 1}"] = coded
    return pd.DataFrame(answers)


def later_mean(found, time="t2"):
    rows = found.model("intercepts").estimates
    row = rows[(rows["lhs"] == f"f_{time}") & (rows["op"] == "~1")].iloc[0]
    return row["est"], row["se"]


@pytest.mark.parametrize("estimator, cuts", [("wlsmv", CUTS), ("mlr", None)])
def test_a_stable_measure_passes_and_shows_the_change_of_the_mean(estimator, cuts):
    answers = two_times(cuts=cuts)
    found = longitudinal_invariance(SCALES, answers, TIMES, estimator=estimator)
    assert (found.to_frame()["p"].iloc[1:] > 0.01).all()
    mean, se = later_mean(found)
    assert abs(mean - 0.3) < 3 * se
    assert "over t1, t2" in found.summary()


@pytest.mark.parametrize("estimator, cuts", [("wlsmv", CUTS), ("ml", None)])
def test_an_item_whose_meaning_moved_is_found_and_freed(estimator, cuts):
    found = longitudinal_invariance(
        SCALES, two_times(cuts=cuts, shift=2), TIMES, estimator=estimator, partial=True
    )
    assert list(found.released["parameter"]) == ["x3 ~ 1"]
    assert found.released["p_before"].iloc[0] < 1e-6 < found.released["p_after"].iloc[0]
    mean, se = later_mean(found)
    assert abs(mean - 0.3) < 3 * se


def test_moved_thresholds_are_found_beyond_the_two_that_set_the_metric():
    answers = two_times(1500)
    moved = (answers["x2_t2"] == 4) & (np.arange(1500) % 8 > 0)
    answers.loc[moved, "x2_t2"] = 3
    found = longitudinal_invariance(
        SCALES, answers, TIMES, steps=("thresholds", "loadings"), partial=True
    )
    assert list(found.released["parameter"]) == ["x2 | t3 + t4"]
    assert found.to_frame()["p"].iloc[1:].min() > 0.01


def test_items_of_two_categories_are_tested_in_one_step():
    found = longitudinal_invariance(SCALES, two_times(cuts=(0.2,)), TIMES)
    frame = found.to_frame()
    assert list(frame["df_difference"].iloc[1:]) == [0, 0, 3, 5]
    assert frame["chi2"].iloc[:3].max() == pytest.approx(frame["chi2"].min(), rel=0.3)
    assert "cannot be tested by themselves" in " ".join(found.summary().split())


def test_three_occasions_free_two_means():
    found = longitudinal_invariance(
        SCALES, two_times(times=3), ["t1", "t2", "t3"], steps=None
    )
    assert later_mean(found, "t3")[0] > later_mean(found, "t2")[0] > 0.1


def test_persons_who_missed_an_occasion_stay_in():
    answers = two_times().astype(float)
    answers.loc[:99, [f"x{j}_t2" for j in range(1, 6)]] = np.nan
    found = longitudinal_invariance(SCALES, answers, TIMES, steps=("thresholds",))
    assert found.model("configural").n == 600


def test_changes_of_fit_over_time_have_simulated_limits():
    found = longitudinal_invariance(SCALES, two_times(shift=2), TIMES)
    limits = invariance_cutoffs(found, "intercepts", n_replications=10)
    assert not limits.loc["cfi", "is_within"]


def test_what_cannot_be_compared_over_time_is_refused_by_name():
    answers = two_times()
    with pytest.raises(NotIdentified, match="one occasion"):
        longitudinal_invariance(SCALES, answers, ["t1"])
    with pytest.raises(InvalidResponses, match="no column x1_t9"):
        longitudinal_invariance(SCALES, answers, ["t1", "t9"])
    fewer = answers.assign(x4_t2=answers["x4_t2"].clip(upper=3))
    with pytest.raises(InvalidResponses, match="item x4: categories"):
        longitudinal_invariance(SCALES, fewer, TIMES)
