"""Agreement of many raters, against tables printed with their answers."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, rater_agreement, weighted_kappa

NONE = np.nan
# Krippendorff (2011), "Computing Krippendorff's alpha-reliability": 4 raters, 12 units.
UNITS = pd.DataFrame(
    {
        "a": [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        "b": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        "c": [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        "d": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    }
)
# A worked example of Fleiss' kappa: ten subjects, fourteen raters, five categories.
COUNTS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def as_ratings(counts):
    return pd.DataFrame([np.repeat(np.arange(1, 6), row) for row in counts])


def values(ratings, **options):
    return rater_agreement(ratings, **options).table["coefficient"]


def test_fleiss_kappa_is_that_of_the_worked_example():
    table = rater_agreement(as_ratings(COUNTS)).table
    row = table.loc["fleiss_kappa"].round(3)
    assert row[["coefficient", "observed", "expected"]].tolist() == [0.21, 0.378, 0.213]


def test_krippendorffs_alpha_is_his_own_with_ratings_missing():
    assert values(UNITS)["krippendorff_alpha"] == pytest.approx(0.743, abs=5e-4)
    interval = values(UNITS, weights="quadratic")["krippendorff_alpha"]
    assert interval == pytest.approx(0.849, abs=5e-4)


def test_gwets_coefficient_and_kappa_of_the_same_units():
    found = values(UNITS)
    assert found["gwet_ac"] == pytest.approx(0.775, abs=5e-4)
    assert found["fleiss_kappa"] == pytest.approx(0.761, abs=5e-4)


def test_kappa_falls_where_nearly_all_is_one_category_and_gwets_does_not():
    ratings = pd.DataFrame({"a": [1] * 48 + [2, 1], "b": [1] * 48 + [1, 2]})
    found = values(ratings)
    assert found["fleiss_kappa"] < 0 and found["gwet_ac"] > 0.95


def test_orders_do_not_matter_and_neither_do_targets_that_nobody_rated():
    found = rater_agreement(UNITS).table
    shuffled = UNITS.sample(frac=1, random_state=1)[["d", "b", "a", "c"]]
    pd.testing.assert_frame_equal(rater_agreement(shuffled).table, found)
    pd.testing.assert_frame_equal(
        rater_agreement(UNITS + 4, weights="linear").table,
        rater_agreement(UNITS, weights="linear").table,
    )


def test_intervals_hold_the_true_coefficient_as_often_as_they_say():
    rng = np.random.default_rng(12)

    def rated(n):
        truth = rng.integers(1, 4, n)
        guess = rng.integers(1, 4, (n, 3))
        right = rng.random((n, 3)) < 0.6
        ratings = pd.DataFrame(np.where(right, truth[:, None], guess).astype(float))
        return ratings.mask(rng.random((n, 3)) < 0.1).dropna(how="all")

    true = values(rated(60_000))
    tables = [rater_agreement(rated(60)).table for _ in range(300)]
    for name in true.index:
        held = [t.loc[name, "low"] <= true[name] <= t.loc[name, "high"] for t in tables]
        assert 0.91 < np.mean(held) < 0.985


def test_two_raters_who_use_categories_alike_come_close_to_cohen():
    rng = np.random.default_rng(3)
    a = rng.integers(1, 4, 400)
    b = np.where(rng.random(400) < 0.6, a, rng.integers(1, 4, 400))
    cohen = weighted_kappa(a, b, weights="none").kappa
    fleiss = values(pd.DataFrame({"a": a, "b": b}))["fleiss_kappa"]
    assert fleiss == pytest.approx(cohen, abs=0.01)


def test_what_cannot_agree_is_refused_in_words():
    with pytest.raises(InvalidResponses, match="two ratings; agreement and its"):
        rater_agreement(pd.DataFrame({"a": [1, 2, NONE], "b": [1, NONE, 2]}))
    alike = pd.DataFrame({"a": [1, 1, 1, 1], "b": [1, 1, 1, 1]})
    with pytest.raises(InvalidResponses, match="two categories|one category"):
        rater_agreement(alike)


def test_a_rater_of_few_targets_may_have_used_one_category():
    one = UNITS.assign(e=[1.0] + [NONE] * 11, f=NONE)
    found = rater_agreement(one)
    by_hand = as_ratings_of(one)
    assert found.n_raters == 5
    pd.testing.assert_frame_equal(found.table, rater_agreement(by_hand).table)


def as_ratings_of(ratings):
    """The same ratings of each target, moved among columns so that each varies."""
    rows = [np.roll(row, k) for k, row in enumerate(ratings.to_numpy())]
    return pd.DataFrame(rows)


def test_one_target_alone_with_a_second_category_has_no_sure_interval():
    found = rater_agreement(pd.DataFrame({"a": [1] * 9 + [2], "b": [1] * 9 + [2]}))
    assert found.table["coefficient"].eq(1).all()
    unsure = found.table.loc[["fleiss_kappa", "krippendorff_alpha"]]
    assert unsure[["se", "low", "high"]].isna().all(axis=None)
    assert "no interval of fleiss_kappa, krippendorff_alpha" in str(found.cautions)
