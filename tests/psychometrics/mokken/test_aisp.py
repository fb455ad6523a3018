"""Scales that are there are found; the genetic search is never worse."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidOption, aisp
from tests.psychometrics.mokken.test_scalability import graded


@pytest.fixture
def two_scales(rng):
    first, second = graded(rng, 600, slope=2.5), graded(rng, 600, slope=2.2, n_items=4)
    return first.join(second.add_prefix("other_"))


def test_two_independent_scales_are_told_apart(two_scales):
    found = aisp(two_scales).scales()
    assert sorted(map(sorted, found.values())) == [
        ["i0", "i1", "i2", "i3", "i4"],
        ["other_i0", "other_i1", "other_i2", "other_i3"],
    ]


def test_genetic_search_finds_them_too(two_scales, rng):
    result = aisp(two_scales, search="genetic", rng=rng)
    assert sorted(map(len, result.scales().values())) == [4, 5]


@pytest.mark.parametrize("seed", range(3))
def test_genetic_search_is_never_worse_than_stepwise(seed):
    rng = np.random.default_rng(seed)
    weak = graded(rng, 400, slope=1.0, n_items=8)
    stepwise = aisp(weak).scale
    genetic = aisp(weak, search="genetic", rng=rng).scale

    def sizes(scale):
        return sorted(np.bincount(scale)[1:].tolist(), reverse=True)

    assert sizes(genetic) >= sizes(stepwise)


def test_every_scale_meets_its_definition(two_scales, rng):
    result = aisp(two_scales, lower_bound=0.4, search="genetic", rng=rng)
    assert (result.h_item.dropna() >= 0.4).all()
    assert result.plot().get_title().startswith("Mokken scales among ")
    assert "lower bound 0.4" in result.summary()


def test_noise_makes_no_scale(rng):
    table = pd.DataFrame(rng.integers(0, 5, (300, 6)), columns=list("abcdef"))
    assert (aisp(table).scale == 0).all()


def test_search_is_named_and_random_numbers_are_given(two_scales):
    with pytest.raises(InvalidOption, match="give one of normal, genetic"):
        aisp(two_scales, search="ants")
    with pytest.raises(InvalidOption, match="needs rng"):
        aisp(two_scales, search="genetic")
