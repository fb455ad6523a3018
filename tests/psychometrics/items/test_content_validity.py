"""Content validity against published tables and defining equations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from psychometrics import InvalidResponses, aikens_v, content_validity


def panel(n, n_agree):
    """One item, rated 4 by those who agree and 1 by the others."""
    return pd.DataFrame({"item": [4] * n_agree + [1] * (n - n_agree)})


@pytest.mark.parametrize(
    "n, n_agree, i_cvi, kappa",
    [
        (3, 3, 1.00, 1.00),
        (3, 2, 0.67, 0.47),
        (4, 3, 0.75, 0.67),
        (5, 4, 0.80, 0.76),
        (6, 5, 0.83, 0.81),
        (8, 7, 0.88, 0.88),
        (9, 7, 0.78, 0.76),
    ],
)
def test_modified_kappa_is_that_of_the_published_table(n, n_agree, i_cvi, kappa):
    row = content_validity(panel(n, n_agree)).items.loc["item"]
    assert row["i_cvi"] == pytest.approx(i_cvi, abs=0.006)
    assert row["kappa"] == pytest.approx(kappa, abs=0.011)  # printed from rounded parts


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=30))
def test_ends_of_the_interval_of_v_solve_the_score_equation(ratings):
    found = aikens_v(ratings, (1, 5))
    trials, z = 4 * len(ratings), stats.norm.ppf(0.975)
    for end in (found["lower"], found["upper"]):
        variance = end * (1 - end) / trials
        assert (found["v"] - end) ** 2 == pytest.approx(z**2 * variance, abs=1e-12)
    assert found["lower"] <= found["v"] <= found["upper"]


def test_scale_indices_are_the_mean_and_the_share_of_unanimous_items():
    ratings = pd.DataFrame(
        {"a": [4, 4, 3, 3, 4, 3], "b": [4, 4, 4, 4, 3, 2], "c": [1, 2, 4, 4, 2, 1]}
    )
    result = content_validity(ratings)
    assert result.s_cvi_ave == pytest.approx((1 + 5 / 6 + 2 / 6) / 3)
    assert result.s_cvi_ua == pytest.approx(1 / 3)
    assert result.share_sufficient == pytest.approx(1 / 3)
    assert result.flagged == ["b", "c"]
    assert "S-CVI/UA 0.33" in result.summary()


def test_a_rater_who_passed_an_item_over_is_not_counted_for_it():
    ratings = pd.DataFrame({"a": [4, np.nan, 3], "b": [4, 2, 3]})
    items = content_validity(ratings).items
    assert items["n_raters"].tolist() == [2, 3]
    assert items["i_cvi"].tolist() == [1, pytest.approx(2 / 3)]


def test_kinds_of_rater_stand_side_by_side():
    ratings = pd.DataFrame({"a": [4, 4, 1, 1], "b": [4, 3, 3, 4]})
    kinds = ["lived", "lived", "professional", "professional"]
    result = content_validity(ratings, groups=kinds, aspect="clarity")
    assert result.by_group.loc["a"].tolist() == [1, 0]
    assert "i_cvi_professional" in result.to_frame()
    assert result.plot().get_title() == "Clarity of 2 items, by raters"


@pytest.mark.parametrize("n, critical", [(5, 1.0), (6, 0.78)])
def test_up_to_five_raters_must_all_agree(n, critical):
    result = content_validity(panel(n, n))
    assert result.items.at["item", "critical_cvi"] == critical
    assert ("all must agree" in result.summary()) == (n == 5)


def test_agreement_starts_above_the_middle_unless_told():
    ratings = pd.DataFrame({"a": [3, 3, 4, 5, 2, 4]})
    assert content_validity(ratings, categories=(1, 5)).items.at["a", "n_agree"] == 3
    lenient = content_validity(ratings, categories=(1, 5), agree_from=3)
    assert lenient.items.at["a", "n_agree"] == 5


@pytest.mark.parametrize(
    "ratings, said",
    [
        ({"a": [1, 5, 2]}, "item a has 5 from rater 1; ratings run from 1 to 4"),
        ({"a": [np.nan] * 3}, "item a was rated by nobody"),
        ({"a": [1, 2.5, 2]}, "item a has 2.5"),
    ],
)
def test_unusable_ratings_are_named(ratings, said):
    with pytest.raises(InvalidResponses, match=said):
        content_validity(pd.DataFrame(ratings))
