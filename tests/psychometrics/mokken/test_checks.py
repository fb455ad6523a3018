"""Violations that were built in are found, and good items raise none."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import invariant_ordering, monotonicity
from psychometrics.mokken import (
    guttman_errors,
    pmatrix_check,
    restscore_check,
    scale_reliability,
)
from psychometrics.mokken.item_steps import Steps
from psychometrics.mokken.rest_score_groups import default_min_size, rest_groups
from tests.psychometrics.mokken.test_scalability import graded


@pytest.mark.parametrize("n, size", [(501, 50), (500, 100), (250, 50), (249, 83)])
def test_default_group_size(n, size):
    assert default_min_size(n) == size


def test_groups_join_from_the_lowest_rest_score_and_the_last_takes_the_rest():
    rest = np.repeat([0, 1, 2, 3, 4], [3, 3, 6, 2, 2])
    assert np.bincount(rest_groups(rest, 5)).tolist() == [6, 10]


def folded(rng, n=800):
    """Good items and one whose answers are highest in the middle."""
    table = graded(rng, n, n_items=6)
    total = table.sum(axis=1)
    middling = (3 - (total - total.median()).abs() // 2).clip(lower=0)
    return table.assign(folded=middling.astype(int))


def test_an_item_that_turns_down_again_violates_monotonicity(rng):
    result = monotonicity(folded(rng))
    assert result.table["criterion"].idxmax() == "folded"
    assert result.table.at["folded", "criterion"] > 80
    assert "Criterion above 80: folded" in result.summary()
    assert result.violations["item"].mode().tolist() == ["folded"]


def test_good_items_hardly_violate_monotonicity(rng):
    result = monotonicity(graded(rng, 2000))
    assert (result.table["n_significant"] == 0).all()
    assert (result.curves.groupby("item")["n"].sum() == 2000).all()
    assert result.plot().get_xlabel() == "rest score"


def crossing(rng, n=1500):
    """Parallel items, and one so steep that it crosses them all."""
    table = graded(rng, n, slope=1.2)
    theta = np.argsort(np.argsort(table.sum(axis=1) + rng.random(n))) / n
    return table.assign(steep=(theta > 0.5) * 3)


@pytest.mark.parametrize("check", [restscore_check, pmatrix_check])
def test_a_steep_item_among_flat_ones_crosses_them(check, rng):
    result = check(crossing(rng))
    assert result.table["n_significant"].idxmax() == "steep"
    assert "steep" in set(result.violations["item"]) | set(result.violations["other"])
    assert "Nonintersection" in result.summary()


def test_the_crossing_item_is_removed_from_the_ordering(rng):
    result = invariant_ordering(crossing(rng))
    assert result.removed == ["steep"]
    assert result.ht > result.ht_all
    assert result.steps.at["steep", 1] > 0 and np.isnan(result.steps.at["steep", 2])
    assert "Removed, in order: steep" in result.summary()
    assert result.plot().get_title().startswith("Item ordering, n = ")


def in_booklets(table):
    """Each third of the persons skips two items; nobody answers everything."""
    table = table.astype(float)
    for k in range(3):
        table.iloc[k::3, [2 * k, 2 * k + 1]] = np.nan
    return table


def test_booklets_are_checked_without_a_complete_case(rng):
    booklets = in_booklets(folded(rng, 3000))
    result = monotonicity(booklets)
    assert result.table["criterion"].idxmax() == "folded"
    assert (result.curves.groupby("item")["n"].sum() >= 2000).all()
    assert "each pair over those who answered both" in result.summary()
    ordering = invariant_ordering(in_booklets(crossing(rng, 4000)))
    assert "steep" in ordering.removed and np.isnan(ordering.ht)


def test_gaps_cost_persons_only_where_complete_cases_are_asked_for(rng):
    table = graded(rng, 900, n_items=6).astype(float)
    table.iloc[::4, 0] = np.nan
    pairwise, complete = (
        restscore_check(table, missing=missing) for missing in ("pairwise", "complete")
    )
    assert (pairwise.n, complete.n) == (900, 675)
    assert "225 persons with unanswered items left out" in complete.summary()


def test_rest_scores_are_prorated_from_half_of_the_others_on():
    values = np.array([[1, 2, 3, 0], [1, -1, 3, 0], [1, -1, -1, 2], [-1, 1, 1, 1]])
    steps = Steps(values, pd.Index(list("abcd")), pd.RangeIndex(4), 0)
    rest = steps.rest_scores(0)
    assert rest[:2].tolist() == [5, 4.5] and np.isnan(rest[2:]).all()


def test_pmatrix_shares_are_those_of_a_cross_table(rng):
    table = (graded(rng, 400, n_items=3, slope=0.3) > 1).astype(int)
    table["i2"] = np.where(table["i0"] == 1, 1 - table["i1"], table["i2"])
    result = pmatrix_check(table)
    for row in result.violations.itertuples():
        third = ({"i0", "i1", "i2"} - {row.item, row.other}).pop()
        easy, hard = table[row.item] == 1, table[row.other] == 1
        leads = [
            ((hard & ~easy) & (table[third] == side)).mean()
            - ((easy & ~hard) & (table[third] == side)).mean()
            for side in (0, 1)
        ]
        assert min(abs(np.array(leads) - row.size)) < 1e-12
    assert len(result.violations)


def test_a_perfect_pattern_has_no_guttman_errors_and_a_reversed_person_most(rng):
    scores = rng.choice(5, 200, p=[0.1, 0.2, 0.4, 0.2, 0.1])
    table = pd.DataFrame((scores[:, None] > np.arange(4)).astype(int)).add_prefix("i")
    table.loc[200] = [0, 0, 1, 1]
    result = guttman_errors(table)
    assert (result.errors[:200] == 0).all() and result.errors[200] == 4
    assert result.to_frame().at[200, "unusual"]
    assert result.plot().get_ylabel() == "persons"


def test_equally_popular_steps_are_announced():
    table = pd.DataFrame({"a": [0, 1, 0, 1], "b": [1, 0, 0, 1], "c": [0, 0, 0, 1]})
    result = guttman_errors(table)
    assert result.n_tied == 1 and "equally popular" in result.summary()
    assert result.errors.tolist() == [0, 0, 0, 0]


def test_reliability_estimates_agree_with_a_retest_of_parallel_answers(rng):
    theta = rng.normal(size=(4000, 1, 1))
    easiness = np.linspace(-1, 1, 8)[:, None] + np.array([1.2, 0.0, -1.2])
    chance = 1 / (1 + np.exp(-1.5 * (theta + easiness)))
    first, again = ((rng.random((4000, 8, 1)) < chance).sum(axis=2) for _ in range(2))
    retest = np.corrcoef(first.sum(axis=1), again.sum(axis=1))[0, 1]
    table = pd.DataFrame(first).add_prefix("i")
    result = scale_reliability(table, n_classes=6, rng=rng)
    assert result.ms == pytest.approx(retest, abs=0.02)
    assert result.lcrc == pytest.approx(retest, abs=0.02)
    assert result.to_frame().index.tolist() == ["ms", "alpha", "lambda2", "lcrc"]


def test_a_whole_number_seeds_the_latent_classes(rng):
    table = graded(rng, 60, n_items=4)
    seeded = scale_reliability(table, max_classes=1, rng=3)
    assert seeded.n_classes == 1 and seeded.lcrc is not None


def test_of_equally_popular_yes_no_items_ms_is_alpha(rng):
    one = (graded(rng, 200, n_items=4) > 1).to_numpy().astype(int)
    turned = np.concatenate([np.roll(one, shift, axis=1) for shift in range(4)])
    result = scale_reliability(turned)
    assert result.ms == pytest.approx(result.alpha, abs=1e-12)


def test_ms_of_tied_steps_does_not_depend_on_the_order_of_items(rng):
    one = graded(rng, 60, n_items=4).assign(steady=lambda table: table.iloc[:, 0] % 3)
    tied = pd.concat([one, one.set_axis(one.columns[[1, 0, 3, 2, 4]], axis=1)])
    forwards, backwards = tied, tied.iloc[:, ::-1]
    assert scale_reliability(forwards).ms == pytest.approx(
        scale_reliability(backwards).ms, abs=1e-12
    )


def test_classes_are_counted_by_the_criterion_unless_told(rng):
    table = graded(rng, 400, n_items=4)
    result = scale_reliability(table, max_classes=3, rng=rng)
    assert 2 <= result.n_classes <= 3
    assert ("raise max_classes" in result.summary()) == (result.n_classes == 3)
