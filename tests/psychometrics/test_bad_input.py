"""What cannot be used is refused by every estimate in the reader's words."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    InvalidResponses,
    NotIdentified,
    bartlett_sphericity,
    conditioning,
    cronbach_alpha,
    describe_items,
    guttman_lambdas,
    icc,
    kmo,
    little_mcar,
    missing_patterns,
    pearson,
    polychoric,
    spearman,
    split_half,
)
from psychometrics.reliability.alpha import squared_multiple

OF_ANSWERS = [
    cronbach_alpha,
    describe_items,
    guttman_lambdas,
    icc,
    little_mcar,
    missing_patterns,
    pearson,
    polychoric,
    spearman,
    split_half,
]
NEED_MORE_PERSONS = [
    cronbach_alpha,
    guttman_lambdas,
    little_mcar,
    pearson,
    polychoric,
    spearman,
    split_half,
]


def good(n=30, **spoiled):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 5, (n, 4)), columns=list("abcd"))
    return frame.astype(object).assign(**spoiled)


BAD = {
    "two columns are named a": good().set_axis(list("abca"), axis=1),
    "item b has 'often' at row 3": good(b=[1, 2, 3, "often", *[2] * 26]),
    "item c has an infinite value": good(c=[1, np.inf, *[2] * 28]),
    "item d has one category in use": good(d=2),
    "item d was answered by nobody": good(d=np.nan),
    "1 dimension": np.arange(5.0),
    "1 item": good()[["a"]],
    "1 person": good(1),
}


@pytest.mark.parametrize("estimate", OF_ANSWERS, ids=lambda call: call.__name__)
@pytest.mark.parametrize("said", BAD)
def test_unusable_answers_are_named(estimate, said):
    with pytest.raises(InvalidResponses, match=said):
        estimate(BAD[said])


@pytest.mark.parametrize("estimate", NEED_MORE_PERSONS, ids=lambda call: call.__name__)
def test_fewer_persons_than_items_are_refused(estimate):
    wide = pd.DataFrame(np.random.default_rng(1).integers(1, 5, (4, 6)))
    with pytest.raises(InvalidResponses, match="4 persons and 6 items"):
        estimate(wide)


@pytest.mark.parametrize("estimate", [cronbach_alpha, split_half, guttman_lambdas])
def test_items_that_cancel_out_are_refused(estimate):
    frame = good().astype(float)[["a", "b"]]
    cancelling = frame.assign(c=5 - frame["a"], d=5 - frame["b"])
    with pytest.raises(NotIdentified, match="items cancel out"):
        estimate(cancelling)


def test_an_item_asked_twice_has_a_finite_alpha_and_is_determined():
    frame = good().astype(float).assign(e=lambda f: f["a"])
    found = cronbach_alpha(frame)
    assert np.isfinite(found.to_frame().to_numpy(dtype=float)).all()
    corr = pearson(frame).corr.to_numpy()
    smc = squared_multiple(corr)
    assert (smc[[0, 4]] == 1).all() and (smc[[1, 2, 3]] < 1).all()
    with pytest.raises(NotIdentified, match="a, e determine each other"):
        kmo(pearson(frame).corr)
    assert conditioning(pearson(frame).corr).condition > 1e12


def test_an_array_of_correlations_needs_the_right_shape():
    for call in (kmo, conditioning, lambda corr: bartlett_sphericity(corr, 50)):
        with pytest.raises(InvalidResponses, match="square"):
            call(np.zeros((2, 3)))
