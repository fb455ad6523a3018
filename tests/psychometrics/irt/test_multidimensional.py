"""Models of several dimensions."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.irt.models import category_probabilities

CUTS = np.array([-1.0, 0.0, 1.0])


def draw(rng, theta, slopes):
    slopes = np.asarray(slopes, float)
    intercepts = -np.sqrt((slopes**2).sum(1))[:, None] * CUTS
    p = category_probabilities("graded", theta, slopes, intercepts)
    cut = rng.uniform(size=(len(p), len(theta)))[:, None] > p.cumsum(axis=1)
    return pd.DataFrame(cut.sum(axis=1).T, columns=[f"q{j}" for j in range(len(p))])


TWO = np.array([[1.5, 0]] * 4 + [[0, 1.5]] * 4)
GENERAL = np.array([[1.6, 1.0, 0]] * 4 + [[1.6, 0, 1.0]] * 4)
NAMES = {"x": ["q0", "q1", "q2", "q3"], "y": ["q4", "q5", "q6", "q7"]}


def test_correlation_of_two_dimensions_is_found(rng):
    theta = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 1500)
    fit = pm.multidimensional_graded(draw(rng, theta, TWO), NAMES, n_nodes=15)
    error = fit.latent_standard_errors["atanh_r2.1"]
    assert abs(np.arctanh(fit.latent.covariance[0, 1]) - np.arctanh(0.6)) < 4 * error
    assert fit.model_fit().to_frame().loc["C2", "p"] > 0.001
    assert fit.persons().theta.columns.tolist() == ["x", "y"]


def test_bifactor_slopes_are_found(rng):
    theta = rng.normal(size=(2500, 3))
    fit = pm.bifactor_graded(draw(rng, theta, GENERAL), NAMES, n_nodes=15)
    slopes = fit.parameters.slopes.to_numpy()
    errors = fit.standard_errors.iloc[:, :3].to_numpy()
    z = (slopes - GENERAL)[GENERAL > 0] / errors[GENERAL > 0]
    assert (abs(z) < 4).all()
    assert fit.explained_common_variance == pytest.approx(1.6**2 / 3.56, abs=0.05)
    assert 0.7 < fit.omega_hierarchical < 0.85


def test_bifactor_information_is_the_second_derivative(rng):
    from psychometrics.irt.bifactor import grid_of
    from psychometrics.irt.bifactor_likelihood import BifactorProblem
    from psychometrics.irt.latent_distribution import Normal
    from psychometrics.irt.parameter_map import Design, free_items
    from psychometrics.irt.patterns import find_patterns
    from psychometrics.irt.starting_values import graded_intercepts

    answers = draw(rng, rng.normal(size=(120, 3)), GENERAL)
    answers.iloc[::7, 2] = np.nan
    patterns = find_patterns(pm.check_responses(answers))
    line = np.linspace(-4, 4, 9)
    weights = np.exp(-(line**2) / 2) / np.exp(-(line**2) / 2).sum()
    slopes = np.column_stack([np.full(8, 1.2), np.full(8, 0.7)])
    block = free_items(slopes, graded_intercepts(patterns, slopes))
    plan = Design("graded", grid_of(line), (block,), (Normal(grid_of(line)),))
    clusters = np.repeat([0, 1], 4)
    problem = BifactorProblem(plan, patterns, clusters, weights)
    at, step = plan.start, 1e-5
    numeric = [
        (problem(at - shift)[1] - problem(at + shift)[1]) / (2 * step)
        for shift in step * np.eye(len(at))
    ]
    assert problem.observed(at) == pytest.approx(np.array(numeric), rel=1e-5, abs=1e-4)


def test_bifactor_without_specific_slopes_is_one_dimension(rng):
    theta = rng.normal(size=(800, 3))
    answers = draw(rng, theta, GENERAL)
    one = pm.graded_response(answers, se=False)
    fit = pm.bifactor_graded(answers, NAMES, n_nodes=15, se=False)
    assert fit.log_likelihood > one.log_likelihood
    assert pm.likelihood_ratio(one, fit).df == 8


def test_an_item_may_have_the_general_dimension_alone(rng):
    slopes = GENERAL.copy()
    slopes[7] = [1.6, 0, 0]
    answers = draw(rng, rng.normal(size=(900, 3)), slopes)
    parts = {"x": NAMES["x"], "y": ["q4", "q5", "q6"]}
    fit = pm.bifactor_graded(answers, parts, n_nodes=15, se=False)
    assert fit.parameters.slopes.loc["q7", ["x", "y"]].tolist() == [0, 0]
    assert fit.persons().theta.shape == (900, 3)


def test_what_has_no_place_is_refused(rng):
    answers = draw(rng, rng.normal(size=(200, 2)), TWO)
    with pytest.raises(pm.InvalidResponses, match="q7 belongs to no dimension"):
        pm.multidimensional_graded(answers, {**NAMES, "y": ["q4", "q5", "q6"]})
    with pytest.raises(pm.InvalidResponses, match="use bifactor_graded"):
        pm.multidimensional_graded(answers, {name: ["q0"] for name in "abcd"})
    with pytest.raises(pm.InvalidResponses, match="q0 is in two specific"):
        pm.bifactor_graded(answers, {"x": ["q0", "q1"], "y": ["q0", "q2"]})
    with pytest.raises(pm.InvalidResponses, match="needs two or more"):
        pm.bifactor_graded(answers, {"x": ["q0"]})
    with pytest.raises(ValueError, match="need one dimension"):
        pm.multidimensional_graded(answers, NAMES, n_nodes=9, se=False).item_fit()
