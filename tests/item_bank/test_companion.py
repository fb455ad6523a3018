"""Companion measures: another instrument's text, with the right to show it."""

import pytest

import item_bank


def test_the_worked_example_may_be_shown_and_is_kept_apart():
    measure = item_bank.companion("phq_4.v1")
    assert "no permission is required" in measure.source["permission"]
    assert measure.role == "discriminant"
    assert not set(measure.items) & {i.id for i in item_bank.load().items.values()}


def test_its_scales_cover_its_items():
    measure = item_bank.companion("phq_4.v1")
    assert set(measure.scales["phq_4"]) == set(measure.items)
    assert measure.range == (0, max(measure.labels) * len(measure.items))


def test_an_unknown_companion_is_refused():
    with pytest.raises(item_bank.UnknownReference):
        item_bank.companion("phq_9.v1")
