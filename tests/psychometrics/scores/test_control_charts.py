"""Control charts: textbook limits, and rules that speak where they should."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses, mean_interval, xbar_s_chart, xmr_chart

FLAT = [50, 52, 49, 51, 50, 48, 51, 50, 52, 49]


def test_individuals_limits_come_from_the_mean_moving_range():
    chart = xmr_chart(FLAT).points
    ranges = [2, 3, 2, 1, 2, 3, 1, 2, 3]
    assert chart["centre"].iloc[0] == pytest.approx(50.2)
    assert chart["upper"].iloc[0] == pytest.approx(
        50.2 + 3 * np.mean(ranges) / 1.128, 1e-3
    )


def test_stable_points_raise_no_signal():
    assert xmr_chart(FLAT).signals.empty


def test_one_point_outside_three_sigma_is_marked():
    signals = xmr_chart([*FLAT, 70], baseline=10).signals
    assert signals.index.tolist() == [10] and signals["outside"].all()


def test_the_eighth_point_on_one_side_is_marked():
    signals = xmr_chart([*FLAT, *[52, 51.5] * 4], baseline=10).signals
    assert signals.index[signals["side"]].tolist() == [17]


def test_the_sixth_rising_or_falling_point_is_marked():
    rising = xmr_chart([*FLAT, 49.5, 50, 50.5, 51, 51.5], baseline=10)
    assert rising.points.index[rising.points["trend"]].tolist() == [14]
    falling = xmr_chart([*FLAT, 52, 51, 50, 49.5, 49, 48.8], baseline=10)
    assert falling.points.index[falling.points["trend"]].tolist() == [15]


def test_a_departure_from_constant_points_is_outside():
    assert xmr_chart([5, 5, 5, 5, 6], baseline=4).signals.index.tolist() == [4]


def test_subgroup_limits_follow_the_pooled_deviation_and_size(rng):
    month = np.repeat([f"2026-{m:02}" for m in range(1, 13)], range(12, 24))
    scores = rng.normal(60, 15, month.size)
    chart = xbar_s_chart(scores, month)
    points = chart.points
    half = (points["upper"] - points["centre"]) * np.sqrt(points["n"]) / 3
    pooled = np.sqrt(
        (points["s"] ** 2 * (points["n"] - 1)).sum() / (points["n"] - 1).sum()
    )
    assert half.to_numpy() == pytest.approx(pooled, rel=2e-3)
    assert chart.signals.empty
    assert ((points["s"] > points["s_lower"]) & (points["s"] < points["s_upper"])).all()


def test_subgroup_intervals_know_the_teams(rng):
    month, team = np.repeat(range(6), 30), np.tile(np.repeat(range(5), 6), 6)
    scores = rng.normal(60, 15, 180) + np.array([8, -8, 3, -3, 0])[team]
    points = xbar_s_chart(scores, month, clusters=team).points
    expected = mean_interval(scores[:30], clusters=team[:30])
    assert points.loc[0, "interval_lower"] == pytest.approx(expected.lower)


def test_widened_limits_do_not_signal_at_ordinary_month_to_month_variation(rng):
    month = np.repeat(range(20), 400)
    scores = rng.normal(60, 15, 8000) + rng.normal(0, 4, 20)[month]
    assert len(xbar_s_chart(scores, month).signals) > 3
    widened = xbar_s_chart(scores, month, widen=True)
    assert widened.sigma_z > 2 and not widened.signals["outside"].any()


def test_chart_draws_its_points_and_says_how_limits_were_made(rng):
    chart = xmr_chart(pd.Series(FLAT, index=[f"m{i}" for i in range(10)]))
    assert chart.plot().get_title() == "XmR chart of 10 points, 0 with a signal"
    assert "trial limits" in chart.summary()


def test_too_few_points_are_refused():
    with pytest.raises(InvalidResponses, match="at least 3"):
        xmr_chart([1, 2])
    with pytest.raises(InvalidResponses, match="no period has two scores"):
        xbar_s_chart([1, 2, 3, 4], [1, 2, 3, 4])


@pytest.mark.parametrize(
    "later, word",
    [
        ([51], "common cause"),
        ([70], "improvement"),
        ([30], "concern"),
        ([52, 51, 50, 49.5, 49, 48.8], "concern"),
    ],
)
def test_the_latest_point_is_put_into_words(later, word):
    chart = xmr_chart([*FLAT, *later], baseline=10)
    assert chart.variation() == word
    turned = {"improvement": "concern", "concern": "improvement"}
    assert chart.variation(better="down") == turned.get(word, word)
