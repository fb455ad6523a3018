"""Category probabilities, their derivatives and information."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.irt import models
from psychometrics.irt.information import information_matrix, item_information

POINTS = np.linspace(-3, 3, 9)
STEP = 1e-5


def parameters(model, seed=7, n_items=4, n_steps=4):
    """Slopes and intercepts; the first item has one category fewer."""
    rng = np.random.default_rng(seed)
    shape = (n_items, n_steps) if model == "nominal" else n_items
    intercepts = -np.sort(rng.normal(0, 1.5, (n_items, n_steps)), axis=1)
    intercepts[0, -1] = np.nan
    return rng.uniform(0.5, 2.5, shape), intercepts


@pytest.mark.parametrize("model", models.MODELS)
@given(seed=st.integers(0, 10_000), theta=st.floats(-8, 8))
@settings(deadline=None, max_examples=25)
def test_category_probabilities_sum_to_one(model, seed, theta):
    p = models.category_probabilities(model, [theta], *parameters(model, seed))
    assert p.shape == (4, 5, 1)
    assert (p >= 0).all()
    assert p.sum(axis=1) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("model", models.MODELS)
def test_a_category_that_an_item_lacks_has_probability_zero(model):
    p = models.category_probabilities(model, POINTS, *parameters(model))
    assert (p[0, -1] == 0).all()
    assert (p[1:] > 0).all()


@pytest.mark.parametrize("model", models.MODELS)
def test_derivatives_by_theta_match_finite_differences(model):
    slopes, intercepts = parameters(model)
    _, first, second = models.theta_derivatives(model, POINTS, slopes, intercepts)
    up = models.theta_derivatives(model, POINTS + STEP, slopes, intercepts)
    down = models.theta_derivatives(model, POINTS - STEP, slopes, intercepts)
    assert (up[0] - down[0]) / (2 * STEP) == pytest.approx(first, abs=1e-8)
    there = models.category_probabilities(model, POINTS, slopes, intercepts) > 0
    numeric = (up[1] - down[1]) / (2 * STEP)
    assert numeric[there] == pytest.approx(second[there], abs=1e-8)


@pytest.mark.parametrize("model", models.MODELS)
@pytest.mark.parametrize("step", range(3))
def test_derivatives_by_intercepts_match_finite_differences(model, step, rng):
    slopes, intercepts = parameters(model)
    found = models.curves(model, POINTS, slopes, intercepts)
    weights = rng.uniform(size=found.probabilities.shape) * (found.probabilities > 0)
    shift = STEP * np.eye(4)[step]
    up = models.curves(model, POINTS, slopes, intercepts + shift)
    down = models.curves(model, POINTS, slopes, intercepts - shift)
    slope = (up.log_probabilities - down.log_probabilities) / (2 * STEP)
    assert slope == pytest.approx(found.scores[:, :, step], rel=1e-6, abs=1e-7)
    bend = (up.scores - down.scores) / (2 * STEP)
    bend = np.einsum("jkmq,jkq->jmq", bend, weights)
    assert bend == pytest.approx(
        models.curvature(found, weights)[:, step], rel=1e-5, abs=1e-6
    )


@pytest.mark.parametrize("model", models.PARAMETRIC)
def test_thresholds_and_intercepts_turn_into_each_other(model):
    slopes, intercepts = parameters(model)
    thresholds = models.thresholds_from_intercepts(model, slopes, intercepts)
    back = models.intercepts_from_thresholds(model, slopes, thresholds)
    assert back == pytest.approx(intercepts, nan_ok=True)


def test_graded_threshold_is_where_half_reach_the_category():
    p = models.category_probabilities("graded", [0.8], [1.7], [[1.0, -1.7 * 0.8]])
    assert p[0, 2, 0] == pytest.approx(0.5)


def test_tails_of_the_graded_model_keep_their_digits():
    found = models.curves("graded", [30.0], [2.0], [[1.0, 0.5]])
    exact = -61 + np.log(np.expm1(0.5))
    assert found.log_probabilities[0, 1, 0] == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize("model", ["graded", "gpcm"])
def test_information_is_minus_the_expected_second_derivative(model):
    slopes, intercepts = parameters(model)
    _, _, second = models.theta_derivatives(model, POINTS, slopes, intercepts)
    p = models.category_probabilities(model, POINTS, slopes, intercepts)
    information = item_information(model, POINTS, slopes, intercepts)
    assert information == pytest.approx(-(p * second).sum(axis=1))


def test_information_in_two_dimensions_follows_the_slopes():
    slopes = np.array([[1.5, 0.5]])
    matrix = information_matrix("graded", [[0.3, -0.2]], slopes, [[1.0, -1.0]])
    along = item_information("graded", [1.5 * 0.3 - 0.5 * 0.2], [1.0], [[1.0, -1.0]])
    assert matrix[0, 0] == pytest.approx(along[0, 0] * np.outer(slopes, slopes))


def test_an_unknown_model_is_named():
    with pytest.raises(ValueError, match="'logit'; give one of graded"):
        models.curves("logit", POINTS, [1.0], [[0.0]])
