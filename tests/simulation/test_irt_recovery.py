"""Recovery of graded items, of theta, and of what zero inflation hides.

The yardstick is the asymptotic standard error of the very parameters simulated, from
the information in 20 000 persons: root mean square errors lie 0-25 % above it. Lower
would mean a hidden prior.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

SLOPES = np.linspace(1.2, 2.8, 12)
CUTS = np.array([-1.5, -0.5, 0.5, 1.5])


def draw(rng, theta, slopes=SLOPES, cuts=CUTS):
    intercepts = -slopes[:, None] * cuts
    p = category_probabilities("graded", theta, slopes, intercepts)
    cut = rng.uniform(size=(len(p), len(theta)))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


@cache
def bounds():
    """Asymptotic errors for one person: of slopes, inner and outer thresholds."""
    rng = np.random.default_rng(1)
    large = pm.graded_response(draw(rng, rng.normal(size=20_000)))
    cuts = large.threshold_standard_errors.to_numpy()
    parts = large.standard_errors["a"].to_numpy(), cuts[:, 1:3], cuts[:, [0, 3]]
    return np.array([rms(part) for part in parts]) * np.sqrt(20_000)


def rms(values):
    return float(np.sqrt(np.mean(np.square(values))))


def ratios(rng, n_persons, n_samples):
    """Root mean square errors over samples, as multiples of the bounds; coverage."""
    gaps, inside = [], []
    for _ in range(n_samples):
        fit = pm.graded_response(draw(rng, rng.normal(size=n_persons)))
        slope = fit.discrimination.to_numpy() - SLOPES
        cut = fit.thresholds.to_numpy() - CUTS
        gaps.append([rms(slope) ** 2, rms(cut[:, 1:3]) ** 2, rms(cut[:, [0, 3]]) ** 2])
        inside.append(np.abs(slope / fit.standard_errors["a"].to_numpy()) < 1.96)
    found = np.sqrt(np.mean(gaps, axis=0))
    return found / (bounds() / np.sqrt(n_persons)), float(np.mean(inside))


def check(rng, n_persons, n_samples):
    found, coverage = ratios(rng, n_persons, n_samples)
    # the errors of one sample's items are correlated: count four of twelve
    noise = 4 / np.sqrt(2 * n_samples * 4)
    assert (found > 1 - noise).all(), found
    assert (found < 1.25 + noise).all(), found
    assert 0.91 < coverage < 0.98


def test_errors_of_items_stay_above_the_bound_and_near_it(rng):
    check(rng, 500, 40)


@pytest.mark.slow
@pytest.mark.parametrize("n_persons", [250, 500, 1000])
def test_errors_of_items_at_three_sample_sizes(rng, n_persons):
    check(rng, n_persons, 400)


@pytest.mark.parametrize(
    "n_items, published", [(8, 0.320), (12, 0.266), (20, 0.210), (30, 0.173)]
)
def test_error_of_eap_falls_with_the_number_of_items(rng, n_items, published):
    """Items whose cut points differ in detail: the published values within 5 %."""
    theta = rng.normal(size=3000)
    answers = draw(rng, theta, np.linspace(1.2, 2.8, n_items))
    found = pm.graded_response(answers, se=False).persons()
    assert rms(found.theta - theta) == pytest.approx(published, rel=0.05)
    assert rms(found.se) == pytest.approx(rms(found.theta - theta), rel=0.04)


def inflated(rng, n_samples, latent):
    """Mean relative bias of slopes where 30 % give the lowest answer throughout."""
    slopes, shares = [], []
    for _ in range(n_samples):
        answers = draw(rng, rng.normal(size=1000))
        answers.iloc[:300] = 0
        fit = pm.graded_response(answers, latent=latent, se=False)
        slopes.append(fit.discrimination)
        shares.append(fit.latent.floor)
    return np.mean(slopes, axis=0) / SLOPES - 1, float(np.mean(shares))


def test_zero_inflation_biases_the_normal_and_not_the_zero_inflated_model(rng):
    normal, _ = inflated(rng, 5, "normal")
    mixed, share = inflated(rng, 10, "zero_inflated")
    assert normal.min() > 0.10
    assert np.abs(mixed).max() < 0.10
    assert share == pytest.approx(0.30, abs=0.01)


def test_zero_inflation_is_found_by_information_criteria(rng):
    answers = draw(rng, rng.normal(size=1000))
    plain = [pm.graded_response(answers, latent=k) for k in ("normal", "zero_inflated")]
    answers.iloc[:300] = 0
    floor = [pm.graded_response(answers, latent=k) for k in ("normal", "zero_inflated")]
    assert plain[0].bic < plain[1].bic
    assert floor[1].bic < floor[0].bic


def test_a_histogram_finds_a_skewed_population(rng):
    """Theta from a standardised chi-square: the normal is beaten, the shape found."""
    theta = (rng.chisquare(3, 3000) - 3) / np.sqrt(6)
    answers = draw(rng, theta)
    normal = pm.graded_response(answers, se=False)
    free = pm.graded_response(answers, latent="histogram", se=False)
    assert free.log_likelihood > normal.log_likelihood + 50
    nodes, weights = free.latent.nodes[:, 0], free.latent.weights
    assert (weights @ nodes, weights @ nodes**2) == pytest.approx((0, 1), abs=1e-9)
    assert weights @ nodes**3 == pytest.approx(np.sqrt(8 / 3), abs=0.35)
    assert rms(free.discrimination / SLOPES - 1) < rms(
        normal.discrimination / SLOPES - 1
    )


def test_floor_of_a_person_is_a_probability(rng):
    answers = draw(rng, rng.normal(size=1000))
    answers.iloc[:300] = 0
    found = pm.graded_response(answers, latent="zero_inflated").persons().to_frame()
    assert found["floor"][:300].min() > 0.9
    assert found["floor"][(answers > 0).any(axis=1)].max() == 0
