"""Our own kernel: derivatives, and equality with factor_analyzer."""

import numpy as np
import pytest

from psychometrics.factor import extraction, ml_newton
from tests.golden.reference import matrix, reference


def corr_of(dataset, kind="pearson"):
    return matrix(reference(dataset, "efa")["input_matrices"][kind]).to_numpy()


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_derivatives_are_those_of_the_discrepancy(method):
    corr, rng = corr_of("hs1939"), np.random.default_rng(5)
    psi = rng.uniform(0.3, 0.8, len(corr))
    derive = ml_newton.DERIVATIVES[method]
    _, gradient, hessian = derive(corr, psi, 3)
    width = 1e-5 * np.eye(len(corr))
    ahead = [derive(corr, psi + w, 3) for w in width]
    behind = [derive(corr, psi - w, 3) for w in width]
    slopes = [(a[0] - b[0]) / 2e-5 for a, b in zip(ahead, behind)]
    bends = [(a[1] - b[1]) / 2e-5 for a, b in zip(ahead, behind)]
    assert np.allclose(gradient, slopes, atol=1e-8)
    assert np.allclose(hessian, bends, atol=1e-6)


@pytest.mark.parametrize("method", ["minres", "ml"])
@pytest.mark.parametrize("dataset, n_factors", [("hs1939", 3), ("bfi", 5), ("acl", 2)])
def test_kernel_equals_factor_analyzer_to_a_millionth(dataset, n_factors, method):
    """factor_analyzer's uniquenesses, brought to rest, are the kernel's own."""
    corr = corr_of(dataset)
    own = ml_newton.minimise(corr, n_factors, method)
    theirs = extraction.by_factor_analyzer(corr, n_factors, method)
    settled = ml_newton.minimise(corr, n_factors, method, start=theirs)
    value = ml_newton.DERIVATIVES[method]
    assert abs(own - settled).max() < 1e-6
    assert value(corr, own, n_factors)[0] <= value(corr, theirs, n_factors)[0] + 1e-12
    assert value(corr, theirs, n_factors)[0] - value(corr, own, n_factors)[0] < 1e-6
    assert abs(own - theirs).max() < 5e-5  # where it stops by itself


def test_a_settled_gradient_is_zero_to_ten_digits():
    corr = corr_of("bfi", "polychoric")
    psi = ml_newton.minimise(corr, 5, "minres")
    assert abs(ml_newton.DERIVATIVES["minres"](corr, psi, 5)[1]).max() < 1e-10


def test_a_heywood_case_rests_on_the_bound():
    loadings = np.array([0.999, 0.7, 0.6, 0.5])
    corr = np.outer(loadings, loadings)
    np.fill_diagonal(corr, 1.0)
    corr[0, 1] = corr[1, 0] = 0.76
    psi = ml_newton.minimise(corr, 1, "minres")
    assert psi[0] == ml_newton.LOWEST
