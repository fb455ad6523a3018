"""The numbers of docs/methods/where_r_differs.md, by hand and by the package."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

import psychometrics as pm
from psychometrics.cfa.fit.fit_indices import goodness

LOADINGS, CUTS = np.array([0.8, 0.6, 0.7]), np.array([0.0, 1.0, -0.5])


def by_hand(loadings, cuts):
    """Green and Yang's (2009) equation 21 for items with two categories."""

    def cell(i, j, r):
        both = multivariate_normal.cdf([-cuts[i], -cuts[j]], cov=[[1, r], [r, 1]])
        return both - norm.cdf(-cuts[i]) * norm.cdf(-cuts[j])

    above, below = 0.0, 0.0
    for i, j in np.ndindex(3, 3):
        above += cell(i, j, loadings[i] * loadings[j])
        share = norm.cdf(-cuts[i])
        one = share * (1 - share)
        below += one if i == j else cell(i, j, loadings[i] * loadings[j])
    return above, below


@pytest.mark.parametrize(
    "items", [["happy", "unhappy", "calm"], ["q1", "q2", "q3"], ["a", "aa", "aaa"]]
)
def test_names_of_items_do_not_change_the_reliability_of_their_sum(items):
    above, below = by_hand(LOADINGS, CUTS)
    assert (above, below) == pytest.approx((0.5220, 0.9167), abs=5e-5)
    found = pm.composite_reliability(
        pd.DataFrame({"f": LOADINGS}, items),
        pd.DataFrame([[1.0]], ["f"], ["f"]),
        pd.Series(1 - LOADINGS**2, items),
        thresholds=pd.DataFrame({"t1": CUTS}, items),
    )
    ours = found.to_frame().loc["f", "composite"]
    assert ours == pytest.approx(above / below, abs=1e-6)
    assert round(ours, 3) == 0.569


def test_an_odd_number_of_items_has_all_its_splits(rng):
    corr = np.array([[1, 0.6, 0.3], [0.6, 1, 0.3], [0.3, 0.3, 1]])
    drawn = rng.normal(size=(200, 3))
    drawn -= drawn.mean(axis=0)
    white = drawn @ np.linalg.inv(np.linalg.cholesky(np.cov(drawn.T)).T)
    answers = pd.DataFrame(white @ np.linalg.cholesky(corr).T, columns=list("abc"))
    found = pm.split_half(answers).to_frame()["reliability"]
    expected = {"maximum": 3.6 / 5.4, "mean": 9.6 / 3 / 5.4, "minimum": 2.4 / 5.4}
    assert found.to_dict() == pytest.approx(expected)


def test_gfi_of_groups_is_one_ratio_of_sums():
    n, misfit, baseline = np.array([100, 300]), [0.1, 0.02], [0.5, 0.4]
    assert goodness(n @ misfit, n @ baseline, 20, 10)["gfi"] == pytest.approx(154 / 170)
