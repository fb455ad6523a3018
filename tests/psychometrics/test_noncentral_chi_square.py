"""The noncentral chi-square and its inverse in the noncentrality."""

import numpy as np
import pytest
from scipy.special import chndtr

from psychometrics.noncentral_chi_square import FAR, below, noncentrality


@pytest.mark.parametrize("df", [1, 35, 2500])
@pytest.mark.parametrize("ratio", [1.05, 3, 40, 4000])
@pytest.mark.parametrize("probability", [0.05, 0.95])
def test_the_noncentrality_leaves_the_probability_below(df, ratio, probability):
    chi2 = max(df * ratio, 10.0)
    found = noncentrality(chi2, df, probability)
    if found == 0:
        assert chndtr(chi2, df, 0) <= probability
    else:
        assert below(chi2, df, found) == pytest.approx(probability, abs=1e-5)


def test_a_statistic_below_its_quantile_has_no_noncentrality():
    assert noncentrality(0.5, 10, 0.95) == 0
    assert noncentrality(-1e-12, 10, 0.05) == 0
    for chi2, df in ((np.nan, 10), (np.inf, 10), (3.0, 0), (3.0, -0.2), (3.0, np.nan)):
        assert np.isnan(noncentrality(chi2, df, 0.05))


def test_the_normal_form_takes_over_without_a_step():
    for chi2 in FAR * np.array([0.98, 1.0, 1.02]):
        plain, normal = (below(chi2, 50, FAR * at) for at in (1 - 1e-9, 1 + 1e-9))
        assert normal == pytest.approx(plain, abs=1e-5)
