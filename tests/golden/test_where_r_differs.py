"""Numbers of docs/methods/where_r_differs.md that rest on public data.

That of M2* of a Rasch model is held in test_irt_fit.py; the rest, which need no data,
in tests/psychometrics/test_where_r_differs.py.
"""

import pytest

from psychometrics import polyserial, split_half
from tests.golden.irt_cases import calibrated, expected
from tests.golden.reference import BFI_ITEMS, BFI_REVERSED, BFI_SCALES, dataset
from tests.golden.test_confirm import fitted_case

HIGHEST = {"acl": -4434.492170, "bfi_A": -19326.630162962}


@pytest.mark.parametrize("data, digits", [("acl", 6), ("bfi_A", 8)])
def test_the_partial_credit_model_ends_higher_than_mirt_s_search(data, digits):
    ours = calibrated(data, "gpcm").log_likelihood
    assert round(ours, digits) == pytest.approx(HIGHEST[data], abs=10**-digits)
    assert ours > expected(data, "gpcm")["logLik"]


def test_the_stored_bifactor_model_has_the_same_optimum_as_lavaan_s():
    fitted, _ = fitted_case("bfi15", "bifactor", "ML")
    found = [round(float(fitted.fit[key]), 2) for key in ("bic", "chi2", "df")]
    assert found == [127490.36, 995.89, 75]


def test_five_items_have_a_better_split_than_the_five_that_psych_tries():
    items = dataset("bfi")[BFI_SCALES["C"]].dropna()
    turned = [item for item in items if item in BFI_REVERSED]
    items[turned] = 7 - items[turned]
    found = split_half(items, standardized=True).splits["reliability"]
    assert [round(float(found[:k].max()), 3) for k in (10, 5)] == [0.744, 0.730]
    assert len(found) == 10


def test_the_polyserial_correlation_that_lavaan_leaves_early():
    known = dataset("bfi")[["age", *BFI_ITEMS]].dropna()
    found = polyserial(known["age"], known[["C5"]]).corr.iloc[0, 0]
    assert round(float(found), 4) == -0.0931
