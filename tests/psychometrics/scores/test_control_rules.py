"""Rule sets of control charts: hand-worked series, edges, and a slow second sum."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    RULE_SETS,
    InvalidOption,
    InvalidResponses,
    RuleSet,
    StepChange,
    group_mean_chart,
    xbar_s_chart,
    xmr_chart,
)
from psychometrics.scores.control_rules import RULES

from .slow_control_chart import slow_chart

NHS = [name for name in RULE_SETS if name.startswith("making_data_count")]
FLAT = [50, 52, 49, 51, 50, 48, 51, 50, 52, 49]  # mean 50.2, moving ranges' mean 19/9
NAN = np.nan


def marks(values, rule, rules="making_data_count", **given):
    """Places that a rule marks."""
    points = xmr_chart(values, rules=rules, **given).points
    return np.flatnonzero(points[rule]).tolist()


def random_series(number):
    """Whole numbers with ties, drifts, steps, outliers and now and then gaps."""
    rng = np.random.default_rng([16, number])
    n = int(rng.integers(4, 40))
    wide = int(rng.choice([1, 2, 5, 30]))
    values = rng.integers(-wide, wide + 1, n)
    kind = number % 4
    if kind == 1:
        values += np.arange(n) * int(rng.integers(-3, 4))
    elif kind == 2:
        values[n // 2 :] += int(rng.integers(-4, 5)) * wide
    elif kind == 3:
        values[rng.integers(n)] += int(rng.choice([-1, 1])) * 12 * wide
    series = [int(v) for v in values]
    if number % 3 == 0:
        for place in rng.integers(2, n, n // 8):
            series[place] = None
    return series


EDGES = {
    "all equal": [7] * 12,
    "all equal but the first": [8, *[7] * 11],
    "all equal but the last": [*[7] * 11, 9],
    "a tie in a trend": [1, 2, 3, 3, 4, 5, 6, 7, 8, 2, 3, 1],
    "ties at both ends of a trend": [2, 2, 3, 4, 5, 6, 7, 8, 8, 1, 2, 1],
    "a trend from the first point": [1, 2, 3, 4, 5, 6, 7, 2, 3, 1],
    "a fall to the last point": [3, 1, 2, 9, 8, 7, 6, 5, 4, 3],
    "a point on the mean": [1, 1, 1, 0, 1, 1, 1, -6],
    "a point on the limit": [0, 4, 0, 4, 0, 4, 0, 4],
    "two gaps running": [3, 5, None, None, 4, 6, 5, 3],
    "a point between gaps": [3, 5, 4, None, 9, None, 4, 6, 5, 3],
    "three points": [1, 5, 2],
    "an outlier first": [90, *FLAT],
    "an outlier last": [*FLAT, -90],
}


def agrees(values, name):
    rules = RULE_SETS[name]
    held = [NAN if v is None else float(v) for v in values]
    chart = xmr_chart(held, rules=name).points
    centre, lower, upper, places = slow_chart(values, rules)
    wanted = [float(centre), float(lower), float(upper)]
    made = chart[["centre", "lower", "upper"]].iloc[-1].tolist()
    assert made == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    marked = {rule: set(np.flatnonzero(chart[rule]).tolist()) for rule in RULES}
    assert marked == places


@pytest.mark.parametrize("name", NHS)
def test_two_hundred_random_series_agree_with_the_slow_computation(name):
    for number in range(200):
        agrees(random_series(number), name)


@pytest.mark.parametrize("name", NHS)
@pytest.mark.parametrize("edge", EDGES)
def test_each_edge_agrees_with_the_slow_computation(edge, name):
    agrees(EDGES[edge], name)


def test_random_series_hold_every_rule_and_every_kind_of_point():
    spoke = dict.fromkeys(RULES, 0)
    for number in range(200):
        places = slow_chart(random_series(number), RULE_SETS[NHS[0]])[3]
        spoke = {rule: n + bool(places[rule]) for rule, n in spoke.items()}
    assert min(spoke.values()) >= 10


def test_limits_are_2_66_mean_moving_ranges_from_the_mean():
    chart = xmr_chart(FLAT, rules="making_data_count").points
    assert chart["centre"].iloc[0] == pytest.approx(50.2)
    assert chart["upper"].iloc[0] == pytest.approx(50.2 + 2.66 * 19 / 9)
    assert chart["lower"].iloc[0] == pytest.approx(50.2 - 2.66 * 19 / 9)


def test_seven_on_one_side_are_all_marked_and_six_are_not():
    after = [*FLAT, *[51, 51.5] * 3]
    assert marks(after, "side", baseline=10) == []
    assert marks([*after, 51], "side", baseline=10) == list(range(10, 17))
    assert marks([*after, 51], "side", rules="nelson", baseline=10) == []


def test_a_point_on_the_centre_ends_a_run_on_one_side():
    early = [48, 52, 48, 52]  # mean 50
    run = [49, 49, 49, 50, 49, 49, 49, 49]
    assert marks([*early, *run], "side", baseline=4) == []


def test_seven_rising_points_are_all_marked_from_the_lowest_on():
    rise = [*FLAT, 48, 48.5, 49.5, 50, 50.5, 51, 51.5, 49]
    assert marks(rise, "trend", baseline=10) == list(range(10, 17))
    assert marks(rise, "trend", rules="nelson", baseline=10) == [15, 16]


def test_six_rising_points_are_a_trend_only_in_that_variant():
    rise = [*FLAT, 48.5, 49.5, 50, 50.5, 51, 51.5]
    rise[9] = 50
    assert marks(rise, "trend", baseline=10) == []
    name = "making_data_count_trend_6"
    assert marks(rise, "trend", rules=name, baseline=10) == list(range(10, 16))


def test_a_tie_ends_a_trend_or_neither_counts_nor_ends_it():
    tied = [5, 1, 2, 3, 4, 4, 5, 6, 7, 3]
    assert marks(tied, "trend") == []
    name = "making_data_count_ties_pass"
    assert marks(tied, "trend", rules=name) == list(range(1, 9))


def test_a_pattern_needs_two_of_three_points_on_the_same_side():
    high, low = 50.2 + 4.5, 50.2 - 4.5  # two sigma is 3.74, three are 5.62
    given = {"baseline": 10}
    assert marks([*FLAT, high, 50, high], "two_of_three", **given) == [10, 12]
    assert marks([*FLAT, high, 50, low], "two_of_three", **given) == []
    assert marks([*FLAT, high, 50, 50, high], "two_of_three", **given) == []


def test_points_beyond_three_sigma_count_since_the_end_of_2023():
    series = [*FLAT, 54.7, 50, 60]
    assert marks(series, "two_of_three", baseline=10) == [10, 12]
    old = "making_data_count_before_2023"
    assert marks(series, "two_of_three", rules=old, baseline=10) == []
    assert marks(series, "outside", rules=old, baseline=10) == [12]


def test_a_large_moving_range_is_left_out_once_and_the_mean_stays():
    series = [10, 12, 10, 12, 10, 40, 10, 12, 10, 12]  # ranges: 7 of 2, 2 of 30
    held = {
        name: xmr_chart(series, rules=f"making_data_count{name}").points.iloc[0]
        for name in ("", "_unscreened", "_screened_mean")
    }
    mean = 138 / 10
    assert held[""]["upper"] == pytest.approx(mean + 2.66 * 2)
    assert held["_unscreened"]["upper"] == pytest.approx(mean + 2.66 * 74 / 9)
    # The outlier and the point after it end the two ranges that were left out.
    assert held["_screened_mean"]["centre"] == pytest.approx(88 / 8)


def test_screening_may_be_chosen_apart_from_the_rules():
    series = [10, 12, 10, 12, 10, 40, 10, 12, 10, 12]
    chosen = xmr_chart(series, rules="nelson", screening="ranges").points.iloc[0]
    assert chosen["upper"] == pytest.approx(13.8 + 3 * 2 / 1.128379167)


@pytest.mark.parametrize("n", [3, 7, 10, 12, 30])
@pytest.mark.parametrize("value", [0.1, 0.7, 66.7, 1e6 + 0.1])
@pytest.mark.parametrize("rules", ["nelson", "making_data_count"])
def test_constant_points_raise_no_signal_however_they_are_added_up(rules, value, n):
    assert xmr_chart([value] * n, rules=rules).signals.empty


def test_a_value_on_a_limit_is_inside_it():
    early = [48.0, 50.0, 48.0, 50.0]
    held = xmr_chart(early, rules="making_data_count").points.iloc[0]
    at = [held["centre"] + 2.66 * 2, held["centre"] - 2.66 * 2]
    for edge in at:
        assert marks([*early, edge], "outside", baseline=4) == []
        farther = edge + np.sign(edge - 49) * 1e-6
        assert marks([*early, farther], "outside", baseline=4) == [4]


def test_a_gap_gives_no_moving_range_and_leaves_runs_as_they_are():
    chart = xmr_chart([1, 3, NAN, 40, 42, 40], rules="making_data_count").points
    assert chart["upper"].iloc[0] - chart["centre"].iloc[0] == pytest.approx(2.66 * 2)
    run = [*FLAT, 51, 51.5, 51, NAN, 51.5, 51, 51.5, 51]
    wanted = [10, 11, 12, 14, 15, 16, 17]
    assert marks(run, "side", baseline=10) == wanted
    strict = replace(RULE_SETS["making_data_count"], gaps="end")
    assert marks(run, "side", rules=strict, baseline=10) == []
    assert not xmr_chart(run, baseline=10).points.loc[13, list(RULES)].any()


def test_months_out_of_order_are_sorted_and_missing_ones_are_gaps():
    newest_first = pd.Series(
        [70, 52, 51, 50], index=["2026-06", "2026-03", "2026-02", "2026-01"]
    )
    points = xmr_chart(newest_first, baseline=3).points
    assert points["value"].tolist()[:3] == [50, 51, 52]
    assert points["value"].isna().tolist() == [False] * 3 + [True, True, False]
    assert xmr_chart(newest_first, baseline=3).variation() == "improvement"


def test_dates_are_sorted_and_kept_as_they_are_unless_a_period_is_named():
    days = pd.to_datetime(["2026-03-09", "2026-01-05", "2026-02-28", "2026-06-01"])
    series = pd.Series([3.0, 1.0, 2.0, 4.0], index=days)
    assert xmr_chart(series).points["value"].tolist() == [1, 2, 3, 4]
    by_month = xmr_chart(series, every="month").points
    assert len(by_month) == 6 and by_month["value"].isna().sum() == 2


@pytest.mark.parametrize(
    "labels, every",
    [
        (["2026-01", "2026-02", "2026-02", "2026-03"], None),
        (pd.to_datetime(["2026-01-05", "2026-02-01", "2026-02-28", "2026-03-01"]), "M"),
        (pd.PeriodIndex(["2026-01", "2026-02", "2026-02", "2026-03"], freq="M"), None),
    ],
)
def test_a_month_twice_is_refused(labels, every):
    series = pd.Series([1.0, 2.0, 3.0, 4.0], index=labels)
    given = {"every": "month"} if every else {}
    with pytest.raises(InvalidResponses, match="two points stand at Feb 2026"):
        xmr_chart(series, **given)


@pytest.mark.parametrize(
    "values, problem",
    [
        ([1, np.inf, 2, 3], "point 1 is infinite"),
        (["a", "b", "c"], "a point is no number"),
        ([NAN] * 5, "limits from 0 of 0 points"),
        ([1, NAN, 2, NAN, 3], "no two points are neighbours"),
        (
            pd.Series([1.0, 2, 3], index=pd.DatetimeIndex(["2026", None, "2025"])),
            "date",
        ),
    ],
)
def test_points_that_make_no_chart_are_refused(values, problem):
    with pytest.raises(InvalidResponses, match=problem):
        xmr_chart(values)


def test_a_step_change_makes_limits_anew_and_ends_runs():
    values = pd.Series(
        [*[50, 52] * 6, *[60, 62] * 6], index=pd.period_range("2025-01", periods=24)
    )
    values.index = pd.period_range("2025-01", periods=24, freq="M")
    whole = xmr_chart(values, rules="making_data_count")
    assert whole.signals["side"].sum() == 24
    step = StepChange(at="2026-01", reason="Care plan form shortened")
    split = xmr_chart(values, rules="making_data_count", steps=[step])
    assert split.signals.empty
    assert split.points["centre"].unique().tolist() == [51, 61]
    assert "Step change, 2026-01: Care plan form shortened." in split.summary()


def test_limits_wait_for_three_points_after_a_step_change():
    step = StepChange(at=10, reason="A new team")
    chart = xmr_chart([*FLAT, 70, 71], steps=[step], rules="making_data_count")
    assert chart.points["upper"].isna().tolist() == [False] * 10 + [True] * 2
    assert chart.signals.empty and chart.is_trial
    assert "too few points for limits" in chart.finding()
    assert "no limits" in " ".join(chart.cautions)


@pytest.mark.parametrize("at", [0, 99])
def test_a_step_change_stands_between_points(at):
    with pytest.raises(InvalidResponses):
        xmr_chart(FLAT, steps=[StepChange(at=at, reason="Somewhere else")])


def test_two_step_changes_at_one_point_are_refused():
    steps = [StepChange(at=5, reason="One"), StepChange(at=5, reason="Another")]
    with pytest.raises(InvalidResponses, match="two step changes"):
        xmr_chart(FLAT, steps=steps)


def test_a_step_change_has_a_reason():
    with pytest.raises(InvalidOption, match="no reason"):
        StepChange(at="2026-01", reason="  ")


@pytest.mark.parametrize(
    "target, better, word",
    [
        (None, "up", "no target"),
        (30, "up", "consistently passing"),
        (30, "down", "consistently failing"),
        (70, "up", "consistently failing"),
        (70, "down", "consistently passing"),
        (50, "up", "hit and miss"),
        (49 - 2.66 * 2, "up", "hit and miss"),  # on the lower limit
        (49 + 2.66 * 2, "up", "hit and miss"),
    ],
)
def test_assurance_compares_both_limits_with_the_target(target, better, word):
    chart = xmr_chart([48, 50, 48, 50], rules="making_data_count", target=target)
    assert chart.assurance(better=better) == word


@pytest.mark.parametrize(
    "better, word", [("up", "concern"), ("down", "improvement"), ("neither", "low")]
)
def test_each_point_is_in_words_by_the_direction_that_is_better(better, word):
    chart = xmr_chart([*FLAT, 10, NAN], rules="making_data_count", baseline=10)
    words = chart.words(better=better).tolist()
    assert words[:10] == ["common cause"] * 10 and words[11] == ""
    assert words[10].endswith(word) and chart.variation(better=better) == words[10]


def test_the_finding_says_what_the_chart_shows():
    months = pd.period_range("2026-01", periods=8, freq="M")
    series = pd.Series([50, 52, 48, 50, 52, 48, 50, 90.0], index=months)
    chart = xmr_chart(series, rules="making_data_count", baseline=7, target=20)
    assert chart.finding() == (
        "8 points from Jan 2026 to Aug 2026. The latest is 90.0; the centre is 50.0, "
        "the trial limits are 42.9 and 57.1. It shows improvement: it is outside the "
        "limits. Against the target of 20: consistently passing."
    )
    assert "It shows common cause" in xmr_chart(FLAT).finding()


def test_trial_limits_are_named_until_there_are_twelve_points():
    assert xmr_chart(FLAT).is_trial and "trial" in xmr_chart(FLAT).summary()
    settled = xmr_chart([*FLAT, 50, 51])
    assert not settled.is_trial and "trial" not in settled.summary()


def test_neighbours_that_go_together_are_named_from_twenty_points():
    wave = 50 + 10 * np.sin(np.arange(30) / 4)
    assert "limits are too narrow" in xmr_chart(wave).summary()
    assert "too narrow" not in xmr_chart(wave[:19]).summary()


def test_every_rule_set_names_itself_and_its_variant_on_the_chart():
    texts = {str(rules) for rules in RULE_SETS.values()}
    told = {xmr_chart(FLAT, rules=name).summary() for name in RULE_SETS}
    names = [n for n in RULE_SETS if n != "none"]
    assert all(any(f"Rules ({name})" in text for text in told) for name in names)
    assert len(texts) == len(RULE_SETS)


def test_no_rule_speaks_on_a_chart_of_lines_alone():
    chart = xmr_chart([*FLAT, 500], rules="none", baseline=10)
    assert chart.signals.empty and "No rule" in chart.finding()


@pytest.mark.parametrize(
    "call",
    [
        lambda: xmr_chart(FLAT, rules="western"),
        lambda: xmr_chart(FLAT, screening="twice"),
        lambda: xmr_chart(FLAT, target=NAN),
        lambda: xmr_chart(FLAT, every="fortnight"),
        lambda: xmr_chart(FLAT).variation(better="sideways"),
        lambda: xmr_chart(FLAT).assurance(better="neither"),
        lambda: RuleSet(name="own", side_run=1, trend_run=7),
        lambda: RuleSet(name="own", side_run=7, trend_run=7, ties="count"),
        lambda: group_mean_chart(FLAT, [10] * 10, sd=0),
    ],
)
def test_an_unknown_setting_is_refused(call):
    with pytest.raises(InvalidOption):
        call()


def test_limits_of_groups_come_from_the_deviation_within_teams():
    sizes = [10, 10, 40, 10]
    given = {"sd": 20.0, "widen": False, "rounding": 25 / 6}
    points = group_mean_chart([50, 60, 55, 45], sizes, **given).points
    assert points["centre"].iloc[0] == pytest.approx((500 + 600 + 2200 + 450) / 70)
    half = points["upper"] - points["centre"]
    assert half.iloc[0] == pytest.approx(3 * np.sqrt(400 / 10 + 25 / 6))
    assert half.iloc[2] == pytest.approx(3 * np.sqrt(400 / 40 + 25 / 6))


def test_limits_of_groups_widen_by_what_groups_vary_more_than_sampling():
    means = [30, 70] * 6
    plain = group_mean_chart(means, [10] * 12, sd=20.0, widen=False)
    wide = group_mean_chart(means, [10] * 12, sd=20.0)
    factor = 40 / (20 / np.sqrt(10)) / (2 / np.sqrt(np.pi))
    assert wide.sigma_z == pytest.approx(factor) and plain.sigma_z == 1
    steady = group_mean_chart([50, 51] * 6, [10] * 12, sd=20.0)
    assert steady.sigma_z == 1  # never narrower


def test_sizes_of_groups_go_with_their_means_into_order():
    means = pd.Series([70.0, 50.0, 60.0], index=["2026-03", "2026-01", "2026-02"])
    points = group_mean_chart(means, [30, 10, 20], sd=20.0).points
    assert points["n"].tolist() == [10, 20, 30]
    with pytest.raises(InvalidResponses, match="no size"):
        group_mean_chart([50, 51, 52], [10, 0, 10], sd=20.0)
    with pytest.raises(InvalidResponses, match="2 sizes for 3 means"):
        group_mean_chart([50, 51, 52], [10, 10], sd=20.0)


def test_charts_of_subgroups_take_a_rule_set_and_a_target(rng):
    month = np.repeat(np.arange(8), 50)
    scores = rng.normal(50, 2, 400) + np.repeat([0, 8], [50, 350])
    given = {"baseline": 8, "rules": "making_data_count", "target": 20}
    chart = xbar_s_chart(scores, month, **given)
    assert chart.points["side"].tolist() == [False] + [True] * 7
    assert chart.assurance() == "consistently passing"
