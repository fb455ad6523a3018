"""Scales as people name them: an item twice, an item in two, pairs nobody answered."""

import numpy as np
import pandas as pd
import pytest

import psychometrics as ps

ITEMS = [f"q{k}" for k in range(1, 7)]


@pytest.fixture(scope="module")
def answers():
    drawn = ps.simulate.responses(
        260, rng=5, loadings=[[0.7]] * 6, thresholds=[-1.0, 0.0, 0.9], lowest=1
    )
    return drawn.responses.set_axis(ITEMS, axis=1)


@pytest.mark.parametrize(
    "take",
    [
        lambda f, scales: ps.validation_report(f, scales=scales, n_replications=2),
        lambda f, scales: ps.reduce_items(f, scales),
        lambda f, scales: ps.compare_forms(f, ["q1", "q2"], scales),
    ],
)
def test_an_item_named_twice_in_a_scale_is_refused(answers, take):
    with pytest.raises(ps.InvalidResponses, match="q2 stands twice in scale A; name"):
        take(answers, {"A": ["q1", "q2", "q2", "q3"], "B": ["q4", "q5"]})


def test_a_reduction_says_in_which_scales_an_item_stands(answers):
    with pytest.raises(ps.InvalidResponses, match="q3 stands in the scales A and B"):
        ps.reduce_items(answers, {"A": ["q1", "q2", "q3"], "B": ["q3", "q4"]})


def test_booklets_with_one_common_item_are_told_which_pair_has_no_correlation(answers):
    booklets = answers.astype(float)
    booklets.loc[::2, ["q4", "q5", "q6"]] = np.nan
    booklets.loc[1::2, ["q1", "q2"]] = np.nan
    ledger = ps.reduce_items(booklets, {"A": ITEMS}, n_replications=0)
    said = " ".join(ledger.summary().split())
    assert (
        "loading was not assessed for any item: there is no correlation of q1" in said
    )
    assert "q1 with q4" in said and "with nan" not in said
    near = ledger.ledger.query("statistic == 'redundancy'")
    assert (near["outcome"] == "passed").all()  # by the pairs that there are


def test_groups_too_small_for_dif_stand_aside_and_are_named(answers):
    alone = pd.Series(["a", "b"] * 130, answers.index)
    three = alone.mask(answers.index == 7, "c")
    kept = three != "c"
    reductions = [
        ps.reduce_items(frame, {"A": ITEMS}, groups=team.to_frame("team"))
        for frame, team in ((answers, three), (answers[kept], alone[kept]))
    ]
    found, expected = (
        one.ledger.query("statistic == 'dif'")["value"] for one in reductions
    )
    assert found.notna().all()
    np.testing.assert_allclose(found, expected)
    said = " ".join(reductions[0].summary().split())
    assert "by team without c (1), of fewer than 100 persons" in said
