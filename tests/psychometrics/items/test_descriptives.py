"""Item statistics."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from psychometrics import describe_items
from psychometrics.items.descriptives import item_rest, kurtosis, skewness


def answers(rng, n=200):
    latent = rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))
    return pd.DataFrame(np.digitize(latent, [-1, 0, 2]) + 1).add_prefix("q")


def test_moments_are_those_of_scipy(rng):
    values = rng.exponential(size=80)
    for kind, bias in ((1, True), (2, False)):
        assert skewness(values, kind=kind) == pytest.approx(
            stats.skew(values, bias=bias)
        )
        expected = stats.kurtosis(values, bias=bias)
        assert kurtosis(values, kind=kind) == pytest.approx(expected)
    third = (values - values.mean()) ** 3
    assert skewness(values) == pytest.approx(third.mean() / values.std(ddof=1) ** 3)


def test_too_few_values_have_no_corrected_moments():
    assert np.isnan(skewness(np.array([1.0, 2.0]), kind=2))
    assert np.isnan(kurtosis(np.array([1.0, 2.0, 4.0]), kind=2))


def test_floor_and_ceiling_are_shares_of_those_who_answered(rng):
    frame = pd.DataFrame({"a": [1, 1, 2, None], "b": [4, 2, 2, 4]})
    found = describe_items(frame, lowest=1, highest=4).to_frame()
    assert found.loc["a", "floor"] == pytest.approx(2 / 3)
    assert found.loc["b", "ceiling"] == pytest.approx(1 / 2)
    assert found["missing"].tolist() == [1, 0]


def test_categories_nobody_chose_are_counted_as_none(rng):
    found = describe_items(answers(rng), lowest=1, highest=6).frequencies
    assert [*found.columns] == [1, 2, 3, 4, 5, 6]
    assert (found[[5, 6]] == 0).all(axis=None)


def test_item_rest_is_the_correlation_with_the_others(rng):
    frame = answers(rng)
    rest = frame.drop(columns="q2").sum(axis=1)
    found = describe_items(frame).to_frame().loc["q2", "item_rest"]
    assert found == pytest.approx(np.corrcoef(frame["q2"], rest)[0, 1])


def test_item_rest_needs_persons_who_answered_everything():
    gaps = np.array([[1, np.nan], [np.nan, 2.0], [2, 1], [1, 2]])
    assert np.isnan(item_rest(gaps)).all()


def test_item_rest_of_booklets_is_that_of_their_pairs(rng):
    """Nobody answered all; thirds of the persons leave one item each out."""
    whole = answers(rng, 3000).to_numpy(float)[:, :3]
    gaps = whole.copy()
    for k in range(3):
        gaps[k::3, k] = np.nan
    np.testing.assert_allclose(item_rest(gaps), item_rest(whole), atol=0.06)
    never = gaps.copy()
    never[~np.isnan(never[:, 1]), 0] = np.nan  # the first two were never together
    assert np.isnan(item_rest(never)).all()


@pytest.mark.parametrize("highest", [4, 5])
def test_bars_are_centred_on_the_middle_of_the_scale(rng, highest):
    frame = answers(rng)
    ax = describe_items(frame, lowest=1, highest=highest).plot()
    bars = [bar for bar in ax.patches if bar.get_y() < 0.5]
    below = (frame["q0"] < (1 + highest) / 2).mean() * 100
    middle = (frame["q0"] == (1 + highest) / 2).mean() * 100
    assert bars[0].get_x() == pytest.approx(-below - middle / 2)
    assert sum(bar.get_width() for bar in bars) == pytest.approx(100)
