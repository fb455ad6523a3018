"""Persons that a study needs, beside published figures and the intervals themselves."""

import numpy as np
import pytest

from psychometrics import (
    InvalidOption,
    NotIdentified,
    rmsea_power,
    sample_size_plan,
)
from psychometrics.reliability.alpha_inference import log_interval
from psychometrics.sample_size_plan import SECTIONS

SIX = {name: [f"{name}{k}" for k in range(12)] for name in "abcdef"}


def needed(section, **options):
    return sample_size_plan(SIX, sections=[section], **options).table["n"]


@pytest.mark.parametrize(("icc", "published"), [(0.8, 50), (0.7, 100)])
def test_an_icc_needs_what_the_textbook_says(icc, published):
    # de Vet, Terwee, Mokkink & Knol (2011): two measurements, within .10
    found = needed("retest", expected={"icc": icc})["retest"]
    assert 0 <= found - published <= 1


@pytest.mark.parametrize(("d", "each"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_two_groups_need_what_cohens_table_says(d, each):
    assert needed("known_groups", difference=d)["known groups"] == 2 * each


@pytest.mark.parametrize("n_items", [4, 12])
@pytest.mark.parametrize("alpha", [0.7, 0.8, 0.93])
def test_the_interval_of_alpha_is_just_as_narrow_as_asked(n_items, alpha):
    scale = {"a": range(n_items)}
    options = {"expected": {"alpha": alpha}, "width": {"alpha": 0.1}}
    plan = sample_size_plan(scale, sections=["reliability"], **options)

    def width(n):
        step = 1.959964 * np.sqrt(2 * n_items / ((n_items - 1) * (n - 2)))
        return (1 - alpha) * (np.exp(step) - np.exp(-step))

    assert width(plan.n) <= 0.1 < width(plan.n - 1)
    se = np.sqrt(2 * n_items / ((n_items - 1) * (plan.n - 2)))
    low, high = log_interval(alpha, (1 - alpha) * se, np.inf)
    assert high - low == pytest.approx(width(plan.n), rel=1e-4)


def test_the_test_of_close_fit_has_its_power():
    plan = sample_size_plan({"a": range(16)}, sections=["structure"], power=0.9)
    n = plan.table.loc["close fit", "n"]
    assert rmsea_power(104, n) >= 0.9 > rmsea_power(104, n - 1)


def test_rules_are_those_that_reports_are_rated_by():
    plan = sample_size_plan(SIX, n_groups=3).table["n"]
    assert plan["persons an item"] == 7 * 72
    assert plan["invariance"] == 3 * 7 * 72
    assert plan["items in groups"] == 600
    assert plan["calibration"] == 1000
    assert needed("calibration", model="pcm", rarest=0.02).to_dict() == {
        "calibration": 200,
        "rarest option": 500,
    }
    assert sample_size_plan({"a": "xyz"}, sections=["structure"]).n == 100


def test_the_largest_is_marked_and_those_lost_are_asked_too():
    plan = sample_size_plan(SIX, loss=0.25)
    assert plan.n == plan.table["n"].max() == 1008
    assert plan.asked == 1344
    assert plan.table.index[plan.table["is_largest"]].tolist() == ["invariance"]
    assert "1008 persons, set by invariance; ask 1344" in plan.summary()


def test_each_section_has_a_reason_a_source_and_what_it_assumes():
    plan = sample_size_plan(SIX).table
    assert set(plan["section"]) == set(SECTIONS)
    assert (plan[["reason", "source", "assumption"]] != "").all(axis=None)
    assert (plan["n"] >= 10).all()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sections": ["power"]}, "sections: 'power' is none of reliability"),
        ({"sections": []}, "sections is empty"),
        ({"model": "rasch"}, "model: 'rasch'"),
        ({"quality": "fair"}, "quality: 'fair'"),
        ({"expected": {"omega": 0.8}}, "expected: 'omega'"),
        ({"expected": {"alpha": 1.0}}, "expected alpha is 1.0"),
        ({"width": {"icc": 0}}, "width icc is 0"),
        ({"rarest": 0}, "rarest is 0"),
        ({"power": 1.2}, "power is 1.2"),
        ({"confidence": 95}, "confidence is 95"),
        ({"loss": 1}, "loss is 1"),
        ({"n_groups": 1}, "n_groups is 1"),
        ({"difference": -0.5}, "difference is -0.5"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(options, said):
    with pytest.raises(InvalidOption, match=said):
        sample_size_plan(SIX, **options)


def test_a_scale_of_one_item_is_refused_by_name():
    with pytest.raises(NotIdentified, match="scale b has 1 item"):
        sample_size_plan({"a": "xy", "b": ["z"]})
    with pytest.raises(InvalidOption, match="scales is empty"):
        sample_size_plan({})
