"""The ladder of invariance on groups whose differences are known."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    NotIdentified,
    invariance,
    invariance_cutoffs,
    population_of,
    release_tests,
)

MODEL = "f =~ x1 + x2 + x3 + x4 + x5"
LOADINGS = (0.7, 0.6, 0.8, 0.6, 0.7)
CUTS = [-0.8, 0.0, 0.6, 1.4]


def two_groups(n=600, shifted=None, categories=CUTS):
    """Answers of two groups; `shifted` items answer .6 higher in the second."""
    rng = np.random.default_rng(11)
    terms = " + ".join(f"{v}*x{j + 1}" for j, v in enumerate(LOADINGS))
    population = population_of(f"f =~ {terms}")
    frames = []
    for group in ("user", "carer"):
        values = population.draw(n, rng)
        if group == "carer":
            values = values + 0.3 * np.array(LOADINGS)
            for item in shifted or ():
                values[item] += 0.6
        if categories is not None:
            values = values.apply(lambda x: np.searchsorted(categories, x))
        frames.append(values.assign(perspective=group))
    return pd.concat(frames, ignore_index=True)


@pytest.mark.parametrize("estimator", ["wlsmv", "ml"])
def test_equal_groups_pass_every_step(estimator):
    cuts = CUTS if estimator == "wlsmv" else None
    found = invariance(
        MODEL, two_groups(categories=cuts), "perspective", estimator=estimator
    )
    assert (found.to_frame()["p"].iloc[1:] > 0.01).all()
    means = found.model("intercepts").group("carer").query("op == '~1' and lhs == 'f'")
    assert means["est"].iloc[0] > 0.1


def test_a_shifted_item_is_found_freed_and_reported():
    answers = two_groups(shifted=["x3"])
    found = invariance(
        MODEL, answers, "perspective", partial=True, effect_sizes=True, alpha=0.01
    )
    assert list(found.released["parameter"]) == ["x3 ~ 1"]
    assert "x3 ~ 1 released" in found.summary()
    assert found.effect_sizes["carer"].idxmax() == "x3"
    assert found.effect_sizes.loc["x3", "carer"] > 0.3


def test_score_tests_rank_the_shifted_intercept_first_in_numbers():
    answers = two_groups(shifted=["x2"], categories=None)
    found = invariance(MODEL, answers, "perspective", estimator="ml")
    scalar = found.model("intercepts")
    first = release_tests(scalar, answers, "perspective", "intercepts")[0]
    assert first.parameter == "x2 ~ 1" and first.p < 1e-6
    assert "rejected" in found.to_frame().loc["intercepts", "verdict"]
    assert "Chen" in found.to_frame().loc["intercepts", "verdict"]


def test_chens_changes_are_not_applied_to_ordinal_answers():
    found = invariance(MODEL, two_groups(), "perspective")
    assert not found.to_frame()["verdict"].str.contains("Chen").any()


def test_three_categories_leave_the_threshold_step_untested():
    answers = two_groups(categories=[-0.3, 0.7])
    found = invariance(MODEL, answers, "perspective")
    assert found.to_frame().loc["thresholds", "df_difference"] == 0
    assert "cannot be tested" in found.to_frame().loc["thresholds", "verdict"]
    assert "fewer than four categories" in found.summary()


def test_items_of_two_categories_are_tested_with_their_intercepts():
    found = invariance(MODEL, two_groups(categories=[0.2]), "perspective")
    frame = found.to_frame()
    assert list(frame["df_difference"].iloc[1:]) == [0, 0, 3, 5]
    assert frame["chi2"].iloc[0] == pytest.approx(frame["chi2"].iloc[2], rel=1e-4)
    assert (frame["p"].iloc[3:] > 0.01).all()
    assert "of two categories" in found.summary()


def test_one_item_of_two_categories_waits_for_its_step_among_others():
    answers = two_groups()
    answers["x2"] = (answers["x2"] > 1).astype(int)
    frame = invariance(MODEL, answers, "perspective").to_frame()
    # thresholds 4 x (4 - 2); loadings 4 - 1; intercepts 5 - 1; residuals 5
    assert list(frame["df_difference"].iloc[1:]) == [8, 3, 4, 5]


def test_simulated_limits_tell_a_shifted_item_from_chance():
    fair = invariance(MODEL, two_groups(), "perspective")
    limits = invariance_cutoffs(fair, "intercepts", n_replications=15)
    assert limits.loc["cfi", "limit"] <= 0 and limits["is_within"].any()
    shifted = invariance(MODEL, two_groups(shifted=["x3"]), "perspective")
    limits = invariance_cutoffs(shifted, "intercepts", n_replications=15)
    assert not limits.loc["cfi", "is_within"]
    with pytest.raises(ValueError, match="none before"):
        invariance_cutoffs(fair, "configural")


def test_one_group_is_refused():
    answers = two_groups().query("perspective == 'user'")
    with pytest.raises(NotIdentified, match="one group"):
        invariance(MODEL, answers, "perspective")


def test_the_ladder_can_be_drawn():
    found = invariance(MODEL, two_groups(), "perspective", steps=("thresholds",))
    labels = found.plot().get_legend_handles_labels()[1]
    assert [label.split()[0] for label in labels] == ["CFI,", "RMSEA,", "CFI", "RMSEA"]
    assert found.fitted[0].fit["df"] == 10
