"""Analytic derivatives against differences, on random models and data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.cfa.data.sample_moments import Moments
from psychometrics.cfa.estimation.discrepancy import implied_moments, jacobian
from psychometrics.cfa.estimation.normal_likelihood import summarise
from psychometrics.cfa.estimation.robust_ml_fit import NormalProblem
from psychometrics.cfa.model.model_matrices import compile_table
from psychometrics.cfa.model.parameter_table import Settings, complete
from psychometrics.cfa.model.standardised import rows_of_group
from psychometrics.cfa.model.syntax import parse_model

SECOND_ORDER = (
    "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nh =~ z1 + z2 + z3\ntop =~ f + g + h\n"
    "x1 ~~ y1\ntop ~ 1"
)
STEP = 1e-6


def differences(function, theta):
    shifts = STEP * np.eye(len(theta))
    return np.array(
        [(function(theta + d) - function(theta - d)) / (2 * STEP) for d in shifts]
    ).T


def problem(seed, missing):
    rng = np.random.default_rng(seed)
    table = complete(parse_model(SECOND_ORDER), Settings(meanstructure=True))
    values = rng.standard_normal((60, 9)) + rng.standard_normal((60, 1))
    if missing:
        values[rng.random(values.shape) < 0.2] = np.nan
        values = values[~np.isnan(values).all(axis=1)]
    theta = rng.uniform(0.3, 0.9, table.n_free)
    rows = table.frame
    pair = (rows["op"] == "~~") & (rows["lhs"] == "x1") & (rows["rhs"] == "y1")
    theta[rows.loc[pair, "free"].iloc[0] - 1] = 0.1  # keeps Sigma positive definite
    found = NormalProblem(compile_table(table), [summarise(values)], True)
    return found, theta, values


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10**6), missing=st.booleans())
def test_likelihood_gradient_is_the_derivative_of_the_likelihood(seed, missing):
    found, theta, _ = problem(seed, missing)
    numeric = differences(found.value, theta)
    np.testing.assert_allclose(
        found.gradient(found.at(theta)), numeric, rtol=1e-4, atol=1e-6
    )


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10**6), missing=st.booleans())
def test_observed_information_is_the_derivative_of_the_gradient(seed, missing):
    found, theta, _ = problem(seed, missing)
    numeric = differences(lambda t: found.gradient(found.at(t)), theta)
    H = found.information(found.at(theta), observed=True)
    np.testing.assert_allclose(H, numeric, rtol=1e-4, atol=1e-4 * abs(H).max())
    np.testing.assert_allclose(H, H.T, atol=1e-9 * abs(H).max())


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10**6), missing=st.booleans())
def test_the_persons_scores_sum_to_the_gradient(seed, missing):
    found, theta, values = problem(seed, missing)
    at = found.at(theta)
    (scores,) = found.scores(at, [values])
    expected = -found.n * found.gradient(at)
    np.testing.assert_allclose(
        scores.sum(axis=0), expected, atol=1e-8 * abs(expected).max()
    )


@pytest.mark.parametrize("theta_scaled", [False, True])
def test_ordinal_moments_have_the_derivatives_they_claim(theta_scaled):
    model = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nx1 ~~ y1\nx2 ~ NA*1"
    model += "\nx3 ~~ NA*x3" if theta_scaled else "\nx3 ~*~ NA*x3"
    counts = dict.fromkeys(("x1", "x2", "x3", "y1", "y2", "y3"), 2)
    table = complete(
        parse_model(model),
        Settings(ordinal=True, theta=theta_scaled),
        n_thresholds=counts,
    )
    (structure,) = compile_table(table)
    rng = np.random.default_rng(5)
    theta = rng.uniform(0.3, 0.9, table.n_free)
    cols, rows = np.triu_indices(6, 1)
    k = 12 + len(rows)
    moments = Moments(9, np.zeros(k), np.ones(k), np.eye(k), rows, cols, np.eye(6))

    def at(point):
        return implied_moments(structure, structure.at(point), moments)

    claimed = jacobian(structure, structure.at(theta), moments)
    np.testing.assert_allclose(claimed, differences(at, theta), atol=1e-8)


@pytest.mark.parametrize("theta_scaled", [False, True])
def test_standardised_values_have_the_derivatives_they_claim(theta_scaled):
    model = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nx1 ~~ y1"
    counts = dict.fromkeys(("x1", "x2", "x3", "y1", "y2", "y3"), 2)
    table = complete(
        parse_model(model),
        Settings(ordinal=True, theta=theta_scaled),
        n_thresholds=counts,
    )
    (structure,) = compile_table(table)
    theta = np.random.default_rng(6).uniform(0.3, 0.6, table.n_free)
    names = {name: i for i, name in enumerate((*table.items, *table.latents))}

    def both(point):
        est, std, *_ = rows_of_group(structure, table.rows(1), names, point)
        return np.concatenate([est, std])

    _, _, d_est, d_std = rows_of_group(structure, table.rows(1), names, theta)
    claimed = np.vstack([d_est, d_std])
    np.testing.assert_allclose(claimed, differences(both, theta), atol=1e-7)
