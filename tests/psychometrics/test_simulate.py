import numpy as np
import pytest

from psychometrics import simulate


@pytest.fixture
def rng():
    return np.random.default_rng(20261122)


def test_correlations_of_continuous_answers_are_those_of_the_model(rng):
    loadings, phi = simulate.simple_structure(2, 4, loading=0.7, correlation=0.4)
    made = simulate.responses(50_000, rng=rng, loadings=loadings, factor_corr=phi)
    gap = (made.responses.corr() - made.corr).abs().to_numpy().max()
    assert gap < 4 / np.sqrt(50_000)


def test_categories_are_as_frequent_as_their_thresholds_say(rng):
    made = simulate.responses(
        40_000, rng=rng, loadings=[[0.6], [0.8]], thresholds=(-1.0, 0.0, 1.0)
    )
    shares = made.responses["i1"].value_counts(normalize=True).sort_index()
    assert np.allclose(shares, [0.1587, 0.3413, 0.3413, 0.1587], atol=0.01)
    assert list(shares.index) == [1, 2, 3, 4]


def test_graded_answers_rise_with_theta_as_the_model_says(rng):
    made = simulate.responses(
        60_000,
        rng=rng,
        discrimination=[1.5, 0.8],
        thresholds=(-0.5, 0.7),
        theta=np.full(60_000, 0.2),
        lowest=0,
    )
    above = (made.responses["i1"] >= 1).mean()
    assert above == pytest.approx(1 / (1 + np.exp(-1.5 * 0.7)), abs=0.01)


def test_items_may_have_fewer_categories_than_others(rng):
    cuts = [[-1.0, 0.0, 1.0], [0.0, np.nan, np.nan]]
    made = simulate.responses(500, rng=rng, loadings=[[0.6], [0.7]], thresholds=cuts)
    assert made.responses["i2"].max() == 2
    assert made.responses["i1"].max() == 4


def test_the_same_generator_state_gives_the_same_answers():
    first, second = (
        simulate.responses(
            50, rng=np.random.default_rng(3), loadings=[[0.7]] * 4, thresholds=[0.0]
        )
        for _ in range(2)
    )
    assert first.responses.equals(second.responses)
    assert first.theta.equals(second.theta)


def test_missing_answers_come_at_the_stated_rate(rng):
    made = simulate.responses(
        5000, rng=rng, loadings=[[0.7]] * 5, thresholds=[0.0], missing=0.2
    )
    assert made.responses.isna().to_numpy().mean() == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(
    "given, message",
    [
        ({}, "either loadings or discrimination"),
        ({"loadings": [[1.2]]}, "communality above 1"),
        ({"loadings": [[0.5]], "thresholds": [1.0, 0.0]}, "must increase"),
        ({"discrimination": [1.0]}, "needs thresholds"),
        ({"loadings": [[0.5]], "factor_corr": np.eye(2)}, "for 1 factors"),
    ],
)
def test_contradictory_parameters_are_refused(rng, given, message):
    with pytest.raises(ValueError, match=message):
        simulate.responses(10, rng=rng, **given)
