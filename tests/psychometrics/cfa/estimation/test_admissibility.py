"""What cannot be fitted is refused by name, with what to do about it."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    ConvergenceError,
    HeywoodWarning,
    InvalidResponses,
    NotIdentified,
    confirm,
    population_of,
)

MODEL = "f =~ x1 + x2 + x3 + x4 + x5"
STATED = "f =~ .7*x1 + .6*x2 + .8*x3 + .5*x4"
HALF = np.arange(300) % 2


@pytest.fixture(scope="module")
def numbers():
    return population_of(STATED).draw(300, np.random.default_rng(1))


@pytest.fixture(scope="module")
def codes(numbers):
    return numbers.apply(lambda x: np.searchsorted([-1, 0, 1], x)).astype(float)


def noise(seed, codes=False):
    values = np.random.default_rng(seed).standard_normal((40, 4))
    if codes:
        values = np.searchsorted([-1, 0, 1], values)
    return pd.DataFrame(values, columns=["x1", "x2", "x3", "x4"])


@pytest.mark.parametrize("estimator", ["ml", "mlr", "mlm"])
def test_a_copy_or_a_sum_among_the_items_is_named(numbers, estimator):
    with pytest.raises(InvalidResponses, match="x1, x5: each follows exactly"):
        confirm(MODEL, numbers.assign(x5=numbers["x1"]), estimator=estimator)
    total = numbers["x1"] + numbers["x2"]
    with pytest.raises(InvalidResponses, match="x1, x2, x5.*leave one out"):
        confirm(MODEL, numbers.assign(x5=total), estimator=estimator)


def test_a_copied_ordinal_item_is_named(codes):
    with pytest.raises(InvalidResponses, match="x1 and x5.*leave one out"):
        confirm(MODEL, codes.assign(x5=codes["x1"]))


@pytest.mark.parametrize("estimator", ["ml", "wlsmv"])
def test_items_that_nobody_answered_together_are_named(numbers, codes, estimator):
    answers = numbers if estimator == "ml" else codes
    apart = answers.assign(
        x1=answers["x1"].where(HALF == 0), x2=answers["x2"].where(HALF == 1)
    )
    with pytest.raises(InvalidResponses, match="x1 and x2 were answered together by 0"):
        confirm("f =~ x1 + x2 + x3 + x4", apart, estimator=estimator)


def test_an_item_that_a_group_never_answered_is_named(codes):
    absent = codes.assign(x3=codes["x3"].where(HALF == 0))
    with pytest.raises(InvalidResponses, match="x3.*0 person"):
        confirm("f =~ x1 + x2 + x3 + x4", absent, groups=HALF)


def test_a_category_that_a_group_never_used_is_named_with_what_to_do(codes):
    fewer = codes.assign(x1=codes["x1"].where(HALF == 0, codes["x1"].clip(upper=2)))
    with pytest.raises(InvalidResponses, match="in group 1 used category 3; join it"):
        confirm("f =~ x1 + x2 + x3 + x4", fewer, groups=HALF)


@pytest.mark.parametrize("estimator, seed", [("ml", 0), ("wlsmv", 0)])
def test_a_search_that_runs_away_names_the_parameter(estimator, seed):
    answers = noise(seed, codes=estimator == "wlsmv")
    with pytest.raises(ConvergenceError, match="ran furthest.*fix or equate") as stop:
        confirm("f =~ x1 + x2 + x3 + x4", answers, estimator=estimator)
    assert abs(stop.value.partial).max() > 20


@pytest.mark.parametrize("estimator", ["ml", "wlsmv"])
def test_a_model_without_a_scale_is_not_identified(numbers, codes, estimator):
    answers = numbers if estimator == "ml" else codes
    with pytest.raises(NotIdentified, match="does not determine.*fix or equate"):
        confirm("f =~ NA*x1 + x2 + x3 + x4", answers, estimator=estimator)


def test_a_heywood_case_is_announced_and_stands(numbers):
    total = numbers.assign(x5=numbers["x1"] + numbers["x2"])
    with pytest.warns(HeywoodWarning, match="variance of x5"):
        fitted = confirm(MODEL, total, estimator="uls")
    assert "Heywood case" in fitted.summary()


def test_two_items_that_contradict_their_factor_can_start():
    fitted = confirm("f =~ x1 + x2\ng =~ x3 + x4", noise(2, codes=True))
    assert fitted.fit["df"] == 1


def test_numbers_among_ordinal_items_are_refused_with_what_would_do(codes, numbers):
    mixed = codes.assign(x2=numbers["x2"])
    with pytest.raises(InvalidResponses, match="x2 has fractions.*cut it"):
        confirm("f =~ x1 + x2 + x3 + x4", mixed)


def test_two_clusters_are_too_few_for_corrected_errors(codes):
    with pytest.raises(InvalidResponses, match="2 clusters"):
        confirm("f =~ x1 + x2 + x3 + x4", codes, clusters=HALF)
    fitted = confirm("f =~ x1 + x2 + x3 + x4", codes, clusters=HALF, correction="none")
    assert fitted.n_clusters == 2
