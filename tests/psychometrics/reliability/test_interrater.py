"""Agreement of raters and occasions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import InvalidResponses, NotIdentified, icc, weighted_kappa


def ratings(rng, n=200, k=3, rater=0.5, error=1.0):
    target = rng.normal(size=(n, 1)) * np.sqrt(2)
    return target + rater * np.arange(k) + rng.normal(size=(n, k)) * np.sqrt(error)


def test_six_coefficients_follow_from_the_variances(rng):
    found = icc(ratings(rng))
    target, rater, error = found.variance
    np.testing.assert_allclose(
        found.table.loc[["ICC2", "ICC3"], "icc"],
        [target / (target + rater + error), target / (target + error)],
    )
    assert found.table.loc["ICC2k", "icc"] > found.table.loc["ICC2", "icc"]


def test_adding_a_constant_for_one_rater_lowers_agreement_not_consistency(rng):
    plain = ratings(rng, rater=0)
    shifted = plain + [0, 0, 3]
    before, after = icc(plain).table["icc"], icc(shifted).table["icc"]
    assert after["ICC2"] < before["ICC2"] - 0.1
    assert after["ICC3"] == pytest.approx(before["ICC3"])


def test_targets_without_every_rating_are_left_out_and_counted(rng):
    values = ratings(rng)
    values[3, 1] = np.nan
    found = icc(values)
    assert (found.n_targets, found.n_left_out) == (199, 1)
    assert "1 target left out" in found.summary()


def test_an_interval_covers_the_truth_as_often_as_it_says(rng):
    covered = 0
    for _ in range(300):
        low, high = icc(ratings(rng, n=40, rater=0)).table.loc["ICC1", ["low", "high"]]
        covered += low < 2 / 3 < high
    assert 0.92 < covered / 300 < 0.98


def test_ratings_that_say_nothing_are_refused():
    with pytest.raises(NotIdentified, match="same mean"):
        icc(pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1]}))
    with pytest.raises(InvalidResponses, match="with every rating"):
        icc(pd.DataFrame({"a": [1, 2, np.nan], "b": [np.nan, 2, 3]}))


codes = st.lists(st.integers(0, 3), min_size=8, max_size=40)


@given(codes, st.integers(-5, 5))
@settings(deadline=None, max_examples=40)
def test_kappa_ignores_a_shift_of_codes_and_swapping_raters(first, shift):
    first = np.array([0, 3, *first])
    second = np.roll(first, 1)
    plain = weighted_kappa(first, second).kappa
    assert weighted_kappa(first + shift, second + shift).kappa == pytest.approx(plain)
    assert weighted_kappa(second, first).kappa == pytest.approx(plain)
    assert weighted_kappa(first, first).kappa == pytest.approx(1)


def test_weights_of_two_categories_are_all_alike(rng):
    a = rng.integers(0, 2, 60)
    b = np.where(rng.random(60) < 0.7, a, 1 - a)
    found = [
        weighted_kappa(a, b, weights=w).kappa for w in ("none", "linear", "quadratic")
    ]
    assert np.ptp(found) < 1e-12


def test_quadratic_kappa_nears_the_intraclass_correlation(rng):
    latent = rng.normal(size=(4000, 1)) + 0.7 * rng.normal(size=(4000, 2))
    a, b = np.digitize(latent, [-1, 0, 1]).T
    table = icc(np.column_stack([a, b])).table
    kappa = weighted_kappa(a, b).kappa
    assert kappa == pytest.approx(table.loc["ICC2", "icc"], abs=1e-3)


@pytest.mark.parametrize(
    "a, b, said",
    [
        ([1, 2, 3], [1, 2], "one length"),
        ([2, 2, 2], [2, 2, 2], "always 2"),
        ([1, np.nan, 2], [np.nan, 2, 1], "1 complete pair"),
        ([1, np.inf, 2], [1, 2, 1], "infinite"),
    ],
)
def test_unusable_ratings_are_refused_in_the_readers_words(a, b, said):
    with pytest.raises(InvalidResponses, match=said):
        weighted_kappa(a, b)


def test_pictures_are_drawn_where_asked(rng):
    found = icc(ratings(rng)).plot()
    assert found.get_xlabel() == "intraclass correlation, 95% interval"
    table = weighted_kappa([1, 2, 3, 3], [1, 2, 2, 3]).plot()
    assert table.get_xlabel() == "second rating"


def test_raters_who_go_against_each_other_never_seem_to_agree():
    """Targets' means hardly vary: the mean's coefficient was 10 for a reversed one."""
    first = np.arange(1.0, 11)
    second = 11 - first + np.tile([0.0, 0.1], 5)
    found = icc(pd.DataFrame({"first": first, "second": second}))
    assert found.table["icc"]["ICC2"] < -0.9
    assert found.table.loc["ICC2k", ["icc", "low", "high"]].isna().all()
    assert any("no ICC2k: ratings of a target go against" in c for c in found.cautions)
    table = found.table.drop("ICC2k")
    assert (table["low"] <= table["icc"]).all()
    assert (table["icc"] <= table["high"]).all() and (table["high"] <= 1).all()


def test_agreement_without_error_has_an_interval():
    first = np.arange(1.0, 11)
    same = icc(pd.DataFrame({"first": first, "second": first})).table
    assert (same[["icc", "low", "high"]] == 1).all(axis=None)
    shifted = [
        icc(pd.DataFrame({"first": first, "second": first + 1 + tiny})).table
        for tiny in (0.0, 1e-9 * np.tile([1, -1], 5))
    ]
    ends = ["icc", "low", "high"]
    np.testing.assert_allclose(*(t.loc["ICC2", ends] for t in shifted), rtol=1e-6)


def test_no_interval_of_kappa_passes_one():
    found = weighted_kappa([1, 1, 1, 2, 2, 2, 3, 3], [1, 1, 1, 2, 2, 2, 3, 2])
    assert found.kappa + 1.96 * found.se > 1 and found.ci[1] == 1
