"""What holds for all correlation matrices, by Hypothesis."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import HeywoodWarning, explore, rotate
from psychometrics.factor import rotation_criteria
from psychometrics.factor.rotation import OBLIQUE, ORTHOGONAL
from tests.golden.alignment import aligned

modest = settings(max_examples=20, deadline=None)
seeds = st.integers(0, 10_000)


def loadings_of(seed, items=9, factors=3):
    """Unrotated loadings with a structure to be found, from a seed."""
    rng = np.random.default_rng(seed)
    array = rng.normal(0, 0.1, (items, factors))
    array[np.arange(items), np.arange(items) % factors] += rng.uniform(0.4, 0.8, items)
    turn, _ = np.linalg.qr(rng.standard_normal((factors, factors)))
    return pd.DataFrame(array @ turn, index=[f"i{k}" for k in range(items)])


@pytest.mark.parametrize("method", [m for m in {**ORTHOGONAL, **OBLIQUE}])
@modest
@given(seed=seeds)
def test_rotation_keeps_what_is_common(method, seed):
    unrotated = loadings_of(seed)
    found = rotate(unrotated, method=method, starts=3, target=np.zeros((9, 3)))
    common = found.structure @ found.loadings.T
    assert np.allclose(common, unrotated @ unrotated.T, atol=1e-8)
    assert np.allclose(np.diag(found.factor_corr), 1)


@pytest.mark.parametrize("method", ["varimax", "oblimin", "geomin", "promax"])
@modest
@given(seed=seeds, turn=seeds)
def test_the_starting_position_does_not_matter(method, seed, turn):
    unrotated = loadings_of(seed)
    spin, _ = np.linalg.qr(np.random.default_rng(turn).standard_normal((3, 3)))
    first = rotate(unrotated, method=method, starts=20)
    second = rotate(unrotated @ spin, method=method, starts=20)
    if method == "promax" or first.criterion == pytest.approx(second.criterion):
        turned = aligned(second.loadings, first.loadings)
        assert np.allclose(turned, first.loadings, atol=2e-4)


@pytest.mark.parametrize(
    "criterion, options",
    [
        (rotation_criteria.oblimin, {"gamma": 0.3}),
        (rotation_criteria.oblimin, {}),
        (rotation_criteria.crawford_ferguson, {"kappa": 0.2}),
        (rotation_criteria.quartimax, {}),
        (rotation_criteria.varimax, {}),
        (rotation_criteria.geomin, {"delta": 0.02}),
        (rotation_criteria.bifactor, {}),
        (rotation_criteria.target, {"wanted": np.eye(9)[:, :3]}),
    ],
)
@modest
@given(seed=seeds)
def test_gradients_are_those_of_the_criterion(criterion, options, seed):
    loadings = loadings_of(seed).to_numpy()
    _, gradient = criterion(loadings, **options)
    steps = 1e-6 * np.eye(loadings.size).reshape(-1, *loadings.shape)
    ahead, _ = criterion(loadings + steps, **options)
    behind, _ = criterion(loadings - steps, **options)
    numeric = ((ahead - behind) / 2e-6).reshape(loadings.shape)
    assert np.allclose(gradient, numeric, atol=1e-7)


@modest
@given(seed=seeds)
def test_more_factors_never_leave_larger_residuals(seed):
    array = loadings_of(seed, items=12).to_numpy()
    corr = array @ array.T
    np.fill_diagonal(corr, 1.0)
    noise = np.random.default_rng(seed).standard_normal((300, 12))
    corr = 0.7 * corr + 0.3 * np.corrcoef(noise, rowvar=False)
    frame = pd.DataFrame(corr, [*"abcdefghijkl"], [*"abcdefghijkl"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HeywoodWarning)
        sizes = [
            explore(None, m, corr=frame, n_obs=300, rotation="none").fit.rmsr
            for m in (1, 2, 3, 4)
        ]
    assert all(b <= a + 1e-9 for a, b in zip(sizes, sizes[1:]))
