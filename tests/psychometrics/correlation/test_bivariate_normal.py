"""The bivariate normal distribution against other formulas for it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from psychometrics.correlation.bivariate_normal import (
    PointsAtAngle,
    angle_density,
    bivariate_cdf,
)

limits = st.floats(-6, 6)
correlations = st.floats(-0.999999, 0.999999)


def one(a, b, rho):
    return bivariate_cdf(np.array([a]), np.array([b]), np.array([rho]))[0]


@given(limits, limits, correlations)
@settings(deadline=None, max_examples=200)
def test_the_distribution_is_that_of_scipy(a, b, rho):
    theirs = multivariate_normal([0, 0], [[1, rho], [rho, 1]], allow_singular=True)
    # scipy goes no further than its own tolerance near a correlation of one.
    assert one(a, b, rho) == pytest.approx(theirs.cdf([a, b]), abs=1e-9)


@given(limits, limits, correlations)
@settings(deadline=None, max_examples=200)
def test_turning_one_variable_round_complements_the_probability(a, b, rho):
    assert one(a, b, rho) + one(a, -b, -rho) == pytest.approx(ndtr(a), abs=1e-12)
    assert one(a, b, rho) == pytest.approx(one(b, a, rho), abs=1e-12)


@given(st.floats(-0.9999, 0.9999))
@settings(deadline=None, max_examples=100)
def test_the_quadrant_is_sheppards(rho):
    exact = 0.25 + np.arcsin(rho) / (2 * np.pi)
    assert one(0.0, 0.0, rho) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("edge", [0.3, 0.75, 0.925])
def test_rules_meet_where_one_takes_over_from_another(edge):
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 50)) * 2
    below, above = np.full(50, edge - 1e-14), np.full(50, edge + 1e-14)
    gap = bivariate_cdf(a, b, below) - bivariate_cdf(a, b, above)
    assert np.abs(gap).max() < 1e-12


def test_the_angle_derivatives_are_those_of_the_distribution():
    rng = np.random.default_rng(6)
    a, b, angle, step = *rng.normal(size=(2, 40)), rng.uniform(-1.2, 1.2, 40), 1e-4
    up, at, down = (bivariate_cdf(a, b, np.sin(angle + d)) for d in (step, 0, -step))
    first, second = angle_density(a, b, angle)
    np.testing.assert_allclose((up - down) / (2 * step), first, atol=1e-7)
    np.testing.assert_allclose((up - 2 * at + down) / step**2, second, atol=1e-6)


@pytest.mark.parametrize("longest", [1e-5, 1e-3, 0.03, 0.15, 1.0])
def test_a_move_of_the_angle_gives_what_is_worked_out_afresh(longest):
    rng = np.random.default_rng(7)
    a, b = rng.uniform(-6, 6, (2, 500, 3))
    before = rng.uniform(-1.5, 1.5, 500)
    after = before - np.sign(before) * rng.uniform(0, longest, 500) * np.cos(before)
    points = PointsAtAngle.at(a, b, before)
    before[:] = np.nan  # nothing of the caller's array is looked at again
    moved, fresh = points.moved(after), PointsAtAngle.at(a, b, after)
    for name, value in vars(fresh).items():
        np.testing.assert_allclose(getattr(moved, name), value, rtol=0, atol=1e-12)
