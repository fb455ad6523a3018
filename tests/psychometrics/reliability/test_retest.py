"""Two occasions of one score."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    InvalidResponses,
    bland_altman,
    retest_items,
    sdc,
    test_retest,
    weighted_kappa,
)


def occasions(rng, n=400, error=2.0, change=0.0):
    true = rng.normal(50, 10, n)
    first = pd.Series(true + rng.normal(0, error, n))
    return first, pd.Series(true + change + rng.normal(0, error, n))


def test_known_error_is_recovered(rng):
    found = test_retest(*occasions(rng, n=4000))
    assert found.sem == pytest.approx(2, rel=0.05)
    assert found.sdc == pytest.approx(1.96 * np.sqrt(2) * 2, rel=0.05)
    assert found.icc == pytest.approx(100 / 104, abs=0.005)
    assert found.limits.within_limits == pytest.approx(0.95, abs=0.01)


def test_a_shift_of_everybody_counts_against_agreement_alone(rng):
    found = test_retest(*occasions(rng, change=5))
    assert found.sem > 3.5 and found.sem_consistency == pytest.approx(2, rel=0.15)


def test_only_those_who_were_stable_are_used(rng):
    first, second = occasions(rng)
    second[:100] += rng.normal(0, 20, 100)
    stable = pd.Series(np.arange(400) >= 100)
    found = test_retest(first, second, stable=stable)
    assert (found.n, found.n_left_out) == (300, 100)
    assert found.icc > test_retest(first, second).icc + 0.2


def test_series_are_matched_by_person_not_by_place(rng):
    first, second = occasions(rng)
    shuffled = second.sample(frac=1, random_state=1)
    assert test_retest(first, shuffled).icc == test_retest(first, second).icc


def test_intervals_of_the_limits_cover_as_often_as_they_say(rng):
    covered = np.zeros(3)
    truth = np.array([-1.96, 0, 1.96]) * np.sqrt(8)
    for _ in range(400):
        table = bland_altman(*occasions(rng, n=50)).table
        covered += (table["low"] < truth) & (truth < table["high"])
    assert ((covered / 400 > 0.92) & (covered / 400 < 0.98)).all()


def test_error_that_grows_with_the_score_is_said(rng):
    first = pd.Series(rng.uniform(0, 10, 200))
    found = bland_altman(first, first * 1.3 + rng.normal(0, 0.1, 200))
    assert "differences change with the score" in found.summary()


def test_a_group_s_smallest_change_shrinks_with_its_size():
    assert sdc(2.0, n=25) == pytest.approx(sdc(2.0) / 5)


def test_unusable_scores_are_refused():
    with pytest.raises(InvalidResponses, match="2 person"):
        test_retest([1, 2, np.nan], [1, 3, 2])
    with pytest.raises(InvalidResponses, match="one length"):
        bland_altman([1, 2, 3], [1, 2])
    twice = pd.Series([1, 2, 3], index=["a", "a", "b"])
    with pytest.raises(InvalidResponses, match="person a twice"):
        test_retest(twice, twice)


def test_a_picture_shows_both_limits(rng):
    labels = test_retest(*occasions(rng)).plot().get_legend_handles_labels()[1]
    assert {"lower limit", "upper limit"} <= {label[:11] for label in labels}


def item_answers(rng, n=120):
    latent = rng.normal(size=(n, 3))
    names = [f"p{k}" for k in range(n)]
    noise = np.array([0.1, 0.5, 1.5])
    return [
        pd.DataFrame(
            np.digitize(latent + noise * rng.normal(size=(n, 3)), [-1, 0, 1]),
            index=names,
            columns=list("abc"),
        )
        for _ in range(2)
    ]


def test_each_item_is_set_against_itself_person_by_person(rng):
    first, second = item_answers(rng)
    found = retest_items(first, second.sample(frac=1, random_state=1)).table
    assert found["kappa"].is_monotonic_decreasing
    alone = weighted_kappa(first["b"], second["b"])
    assert found.loc["b", "kappa"] == pytest.approx(alone.kappa)
    assert found.loc["a", "same"] == (first["a"] == second["a"]).mean()


def test_items_and_persons_must_meet(rng):
    first, second = item_answers(rng)
    with pytest.raises(InvalidResponses, match="no item in common"):
        retest_items(first, second.add_prefix("x"))
    with pytest.raises(InvalidResponses, match="no person in common"):
        retest_items(first, second.rename(index=str.upper))
    with pytest.raises(InvalidResponses, match="item c: both ratings are always 2"):
        retest_items(first.assign(c=2), second.assign(c=2))
    with pytest.raises(InvalidResponses, match="person p0 twice"):
        retest_items(pd.concat([first, first[:1]]), second)


def test_items_are_drawn_from_best_to_worst(rng):
    ax = retest_items(*item_answers(rng)).plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


def test_a_shift_of_everybody_is_no_difference_that_changes_with_the_score(rng):
    for _ in range(20):
        first = rng.uniform(1, 5, 20).round(2)
        found = bland_altman(first, first + 0.1)
        assert (found.slope, found.slope_p) == (0, 1) and not found.cautions


@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_who_did_not_say_is_not_stable_however_it_was_handed_over(kind):
    first, second = [1, 2, 3, 4, 5, 6], [1, 2, 3, 5, 1, 1]
    stable = kind([True, 1.0, True, True, None, False])
    assert test_retest(first, second, stable=stable).n == 4
    nullable = pd.Series([True] * 4 + [None, False], dtype="boolean")
    assert test_retest(first, second, stable=nullable).n == 4


def test_words_are_not_taken_for_stable():
    scores = [1, 2, 3, 4, 5, 6], [1, 2, 3, 5, 1, 1]
    for said in (np.array(["yes", "no"] * 3), pd.Series(["yes", "no"] * 3)):
        with pytest.raises(InvalidResponses, match="stable has 'yes'; give True"):
            test_retest(*scores, stable=said)


def test_a_column_by_place_is_refused_beside_two_orders_of_persons(rng):
    first, second = occasions(rng, n=20)
    stable = np.arange(20) < 12
    assert test_retest(first, second, stable=stable).n == 12
    with pytest.raises(InvalidResponses, match="different orders; give stable as a"):
        test_retest(first, second[::-1], stable=stable)
