"""Scores and ratings as columns have them: any kind of number, or a refusal."""

import ast
import datetime
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps
from psychometrics.items.descriptives import item_rest

TWOS = pd.Series(np.arange(24.0) % 5)
SIDES = np.array(list("ab") * 12)


def beside(column):
    return pd.DataFrame({"a": column, "b": TWOS})


CALLS = {
    "aikens_v": lambda v: ps.aikens_v(v, (0, 4)),
    "bland_altman": lambda v: ps.bland_altman(v, TWOS),
    "content_validity": lambda v: ps.content_validity(beside(v), categories=(0, 4)),
    "group_change": lambda v: ps.group_change(v, TWOS[::-1].to_numpy()),
    "group_mean_chart": lambda v: ps.group_mean_chart(v, TWOS + 1, sd=1.0),
    "group_mean_chart sizes": lambda v: ps.group_mean_chart(
        TWOS.where(TWOS > 0), v, sd=1.0
    ),
    "icc": lambda v: ps.icc(beside(v)),
    "known_groups": lambda v: ps.known_groups(v, SIDES),
    "mean_interval": ps.mean_interval,
    "minimal_important_change": lambda v: ps.minimal_important_change(
        v, (TWOS > 1) + SIDES_OVER, improved_from=2
    ),
    "minimal_important_change anchor": lambda v: ps.minimal_important_change(
        TWOS + SIDES_OVER, v, improved_from=2
    ),
    "polychoric_pair": lambda v: ps.polychoric_pair(v, np.roll(TWOS, 1)),
    "polyserial": lambda v: ps.polyserial(v, beside(np.roll(TWOS, 1))[["a"]]),
    "rater_agreement": lambda v: ps.rater_agreement(beside(v)),
    "reliable_change": lambda v: ps.reliable_change(v, TWOS, reliability=0.8),
    "retest_items": lambda v: ps.retest_items(beside(v), beside(TWOS)),
    "suppress": ps.suppress,
    "test_retest": lambda v: ps.test_retest(v, np.roll(TWOS, 1)),
    "unit_reliability": lambda v: ps.unit_reliability(v, SIDES),
    "weighted_kappa": lambda v: ps.weighted_kappa(v, TWOS),
    "xbar_s_chart": lambda v: ps.xbar_s_chart(v, np.arange(len(v)) // 4),
    "xmr_chart": ps.xmr_chart,
}
SIDES_OVER = np.arange(24) % 3
UNREADABLE = {
    "words": pd.Series(["low", "mid", "high"] * 8),
    "words as categories": pd.Series(["low", "mid", "high"] * 8, dtype="category"),
    "days": pd.Series(pd.date_range("2026-01-01", periods=24)),
    "days as objects": pd.Series([datetime.date(2026, 1, 1)] * 24, dtype=object),
    "lists": pd.Series([[1, 2]] * 24),
    "complex numbers": TWOS * 1j,
    "endless": TWOS.replace(0, np.inf),
}


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_number_is_refused_in_words(name, kind):
    with pytest.raises(ps.InvalidResponses) as refusal:
        CALLS[name](UNREADABLE[kind])
    assert len(str(refusal.value).split()) > 3


@pytest.mark.parametrize("kind", ["category", "Int64", "Float64", "object", "string"])
@pytest.mark.parametrize("name", CALLS)
def test_a_column_of_any_kind_of_number_gives_what_floats_give(name, kind):
    column = TWOS.astype(int).astype(kind)
    outcome, floats = CALLS[name](column), CALLS[name](TWOS)
    if isinstance(floats, ps.Result):
        assert outcome.summary() == floats.summary()
    else:
        np.testing.assert_allclose(outcome, floats)


def test_columns_of_different_lengths_are_refused_and_not_cut():
    for call in (
        lambda: ps.mean_interval(TWOS.to_numpy(), clusters=SIDES[:5]),
        lambda: ps.unit_reliability(TWOS.to_numpy(), SIDES[:5]),
        lambda: ps.xbar_s_chart(TWOS.to_numpy(), SIDES[:5]),
        lambda: ps.known_groups(TWOS.to_numpy(), SIDES[:5]),
        lambda: ps.group_mean_chart(TWOS.to_numpy(), [10, 10], sd=1.0),
    ):
        with pytest.raises(ps.InvalidResponses, match="24"):
            call()


def test_a_table_is_no_column_of_scores():
    with pytest.raises(ps.InvalidResponses, match=r"shape \(12, 2\); give one column"):
        ps.mean_interval(TWOS.to_numpy().reshape(12, 2))


def test_every_error_that_a_caller_meets_is_of_the_packages_own():
    # the first is caught where it is raised; the others are no fault of an answer
    inner = {"control_times.py", "group_likelihood.py", "results.py"}
    package = Path(ps.__file__).parent
    foreign = {
        path.name
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and getattr(node.exc.func, "id", "") in {"ValueError", "TypeError", "KeyError"}
    }
    assert foreign == inner


def test_halves_keep_their_own_labels_in_a_table_of_agreement():
    found = ps.weighted_kappa([1, 1.5, 2, 2.5, 1], [1, 1.5, 2, 2, 1])
    assert found.table.index.tolist() == [1, 1.5, 2, 2.5]
    whole = ps.weighted_kappa([1, 2, 1], [1, 2, 2]).table
    assert whole.index.tolist() == [1, 2] and whole.index.dtype.kind == "i"


def test_a_score_of_nine_beside_one_to_five_is_no_unstated_code():
    scores = pd.DataFrame({"first": [1, 3, 5, 2, 9], "second": [2, 3, 4, 2, 9]})
    sums = pd.DataFrame({"first": [*range(12), 40], "second": [*range(1, 13), 39]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ps.test_retest(scores["first"], scores["second"])
        ps.icc(sums)
        ps.icc(sums, missing="reml")
    with pytest.warns(ps.UnstatedCodeWarning, match="^9 stands"):
        ps.icc(scores)  # which may as well be ratings in five categories


def test_limits_of_standard_deviations_take_the_sigma_that_those_of_means_take():
    chart = ps.xbar_s_chart([1, 3, 2, 6, 4, 5], [1, 1, 2, 2, 3, 3]).points
    # of two values s^2 is half the squared difference; c4 is by the tables
    sigma = np.sqrt((2 + 8 + 0.5) / 3) / 0.9213
    c4_of_two = 0.7979
    s_upper = sigma * (c4_of_two + 3 * np.sqrt(1 - c4_of_two**2))
    np.testing.assert_allclose(chart["s_upper"], s_upper, rtol=1e-4)
    reach = (chart["upper"] - chart["lower"]) / 2
    np.testing.assert_allclose(reach, 3 * sigma / np.sqrt(2), rtol=1e-4)


@pytest.mark.parametrize("scores", [[2.0] * 6, [1, 1, 2, 2, 3, 3]])
def test_periods_without_spread_within_make_no_limits(scores):
    with pytest.raises(ps.InvalidResponses, match="each period are all alike"):
        ps.xbar_s_chart(scores, [1, 1, 2, 2, 3, 3])


def test_a_chart_without_a_score_is_refused():
    with pytest.raises(ps.InvalidResponses, match="limits from 0 points"):
        ps.xbar_s_chart([np.nan] * 6, [1, 1, 2, 2, 3, 3])


def test_a_biserial_correlation_above_one_gives_no_latent_change():
    # one who improved a little less than another who did not keeps the logistic finite
    change = np.array([0.0] * 9 + [10.1] + [10.0] + [20.0] * 9)
    anchor = np.repeat([0, 1], 10)
    found = ps.minimal_important_change(change, anchor, reliability=0.9)
    gap, sd = 19.0 - 1.01, change.std(ddof=1)
    assert found.biserial == pytest.approx(gap / sd * 0.25 / 0.39894228, rel=1e-6)
    assert found.biserial > 1 and np.isnan(found.table.loc["latent", "mic"])
    assert "no latent estimate" in found.summary().replace("\n", " ")


def test_resamples_beyond_the_normal_model_are_counted():
    rng = np.random.default_rng(4)
    anchor = np.repeat([0, 1], 60)
    change = 2.1 * anchor + rng.normal(0, 0.9, 120)
    found = ps.minimal_important_change(
        change, anchor, reliability=0.9, n_replications=60, rng=1
    )
    assert 0 < found.n_inadmissible < 60 and found.biserial <= 1
    said = " ".join(found.summary().split())
    assert f"leaves out {found.n_inadmissible} of 60 resamples" in said


def test_three_who_met_all_items_do_not_stand_for_the_others():
    drawn = ps.simulate.responses(
        900, rng=5, loadings=[[0.7]] * 6, thresholds=[-1.0, 0.0, 0.9]
    )
    whole = drawn.responses.to_numpy(float)
    booklets = whole.copy()
    for b in range(3):
        booklets[b::3, 2 * b : 2 * b + 2] = np.nan
    booklets[:3] = whole[:3]
    np.testing.assert_allclose(item_rest(booklets), item_rest(whole), atol=0.08)


def test_who_has_one_of_two_scores_is_not_in_their_corrected_correlation():
    drawn = ps.simulate.responses(
        400, rng=2, loadings=[[0.7]] * 8, thresholds=[-1.0, 0.0, 0.9]
    )
    frame = drawn.responses.astype(float)
    form, scale = list(frame)[:4], {"A": list(frame)}
    # of these the full score is known and the form's is not, and they are far away
    low = frame.mean(axis=1).sort_values().index[:120]
    frame.loc[low, form[:3]] = np.nan
    found = ps.compare_forms(frame, form, scale).table.loc[("A", "form")]
    both = frame.drop(index=low)
    full, short = both.mean(axis=1), both[form].mean(axis=1)
    shared = (1 - found["alpha"]) * short.var() / 2
    expected = (full.cov(short) - shared) / (full.std() * short.std())
    assert found["corrected"] == pytest.approx(expected)


def test_gwets_coefficient_counts_all_categories_that_could_be_chosen():
    ratings = pd.DataFrame({"a": [1, 1, 2, 1, 1], "b": [1, 1, 2, 2, 1]})
    two = ps.rater_agreement(ratings)
    five = ps.rater_agreement(ratings, categories=range(1, 6))
    # shares .7 and .3: chance is sum p (1 - p) / (q - 1), agreement .8
    chance = (0.7 * 0.3 + 0.3 * 0.7) / 4
    assert five.table["coefficient"]["gwet_ac"] == pytest.approx(
        (0.8 - chance) / (1 - chance)
    )
    same = ["fleiss_kappa", "krippendorff_alpha"]
    for weights in ("none", "linear", "quadratic"):
        two = ps.rater_agreement(ratings, weights=weights)
        five = ps.rater_agreement(ratings, weights=weights, categories=range(1, 6))
        np.testing.assert_allclose(
            two.table.loc[same, ["coefficient", "se"]],
            five.table.loc[same, ["coefficient", "se"]],
        )
    assert len(five.categories) == 5
    with pytest.raises(ps.InvalidOption, match="somebody gave 2"):
        ps.rater_agreement(ratings, categories=[1, 3])
