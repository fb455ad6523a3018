"""Minimal important change, on persons whose true one is known to be 6."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    ConvergenceError,
    InvalidResponses,
    NotIdentified,
    minimal_important_change,
)


def trial(rng, n=600, mean=6.0, error=0.0, anchor_error=1.5):
    """Return change and a transition rating of 0, 1 or 2; the MIC is 6."""
    true = rng.normal(mean, 8, n)
    felt = true + rng.normal(0, anchor_error, n) - rng.normal(6, 1.5, n)
    rating = np.digitize(felt, [0, 6])
    return pd.Series(true + rng.normal(0, error, n)), pd.Series(rating)


def average(rng, method, n_trials, **options):
    found = []
    for _ in range(n_trials):
        change, rating = trial(rng, **options)
        error = options.get("error", 0)
        result = minimal_important_change(
            change, rating, reliability=64 / (64 + error**2)
        )
        found.append(result.table.loc[method, "mic"])
    return np.mean(found), np.std(found) / np.sqrt(n_trials)


def test_with_half_of_the_persons_improved_every_model_finds_the_truth(rng):
    change, rating = trial(rng, n=8000)
    found = minimal_important_change(change, rating, reliability=1).table["mic"]
    np.testing.assert_allclose(
        found[["adjusted", "predictive", "latent"]], 6, atol=0.25
    )
    assert found["roc"] == pytest.approx(6, abs=1.2)


@pytest.mark.parametrize("mean", [1.0, 11.0])
def test_adjustment_undoes_the_pull_of_the_share_improved(rng, mean):
    adjusted, _ = average(rng, "adjusted", 30, mean=mean)
    predictive, _ = average(rng, "predictive", 30, mean=mean)
    assert abs(adjusted - 6) < 0.3
    assert abs(predictive - 6) > 0.8


@pytest.mark.parametrize("mean", [1.0, 11.0])
def test_the_latent_method_needs_no_reliable_anchor(rng, mean):
    options = {"mean": mean, "error": 5.0, "anchor_error": 4.0}
    latent, mc_error = average(rng, "latent", 60, **options)
    adjusted, _ = average(rng, "adjusted", 60, **options)
    assert abs(latent - 6) < max(4 * mc_error, 0.15)
    assert abs(adjusted - 6) > 0.5


def test_the_mean_change_overstates_it_when_ratings_are_noisy(rng):
    change, rating = trial(rng, n=5000, mean=3)
    found = minimal_important_change(change, rating)
    assert found.table.loc["mean_change", "mic"] > 7
    assert "move with the share" in found.summary()


def test_bootstrap_intervals_cover_the_truth(rng):
    covered = 0
    for _ in range(40):
        change, rating = trial(rng, n=250)
        found = minimal_important_change(change, rating, n_replications=100, rng=rng)
        low, high = found.table.loc["adjusted", ["low", "high"]]
        covered += low < 6 < high
    assert covered >= 33  # the 1 % point of a binomial of 40 at .92


def test_a_shift_of_change_shifts_the_estimate(rng):
    change, rating = trial(rng)
    plain = minimal_important_change(change, rating, reliability=0.9).table["mic"]
    moved = minimal_important_change(change + 3, rating, reliability=0.9).table["mic"]
    np.testing.assert_allclose(moved - plain, 3, atol=1e-8)


def test_the_area_is_the_chance_that_an_improved_person_changed_more(rng):
    change, rating = trial(rng, n=200)
    up, down = change[rating >= 1], change[rating < 1]
    pairs = (up.to_numpy()[:, None] > down.to_numpy()).mean()
    assert minimal_important_change(change, rating).auc == pytest.approx(pairs)


def test_a_poor_anchor_is_said(rng):
    change, rating = trial(rng, anchor_error=60)
    assert (
        "anchor says too little" in minimal_important_change(change, rating).summary()
    )


def test_unusable_anchors_are_refused(rng):
    change, rating = trial(rng)
    with pytest.raises(NotIdentified, match="nobody has an anchor of 9"):
        minimal_important_change(change, rating, improved_from=9)
    with pytest.raises(NotIdentified, match="keyed the other way"):
        minimal_important_change(change, 2 - rating)
    with pytest.raises(ConvergenceError, match="no overlap"):
        minimal_important_change([1, 2, 3, 7, 8, 9], [0, 0, 0, 1, 1, 1])
    with pytest.raises(InvalidResponses, match="one length"):
        minimal_important_change([1, 2], [1, 0, 1])
    with pytest.raises(ValueError, match="reliability is 2"):
        minimal_important_change(change, rating, reliability=2)


def test_the_curve_is_drawn(rng):
    assert minimal_important_change(*trial(rng)).plot().get_ylabel() == "sensitivity"
