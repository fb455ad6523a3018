"""How large a sample is for each property, on COSMIN's steps."""

import pytest

from psychometrics.report import adequacy


@pytest.mark.parametrize(
    "n_persons, n_items, rating",
    [
        (100, 14, "very good"),
        (98, 14, "adequate"),
        (100, 20, "adequate"),
        (95, 19, "doubtful"),
        (80, 20, "inadequate"),
    ],
)
def test_persons_an_item_are_rated_for_factor_analysis(n_persons, n_items, rating):
    assert adequacy.factor_analysis(n_persons, n_items).rating == rating


@pytest.mark.parametrize(
    "rule, steps",
    [
        (adequacy.persons, (100, 50, 30)),
        (adequacy.graded_model, (1000, 500, 250)),
        (adequacy.smallest_group, (200, 150, 100)),
    ],
)
def test_each_step_begins_where_its_rule_says(rule, steps):
    assert [rule(n).rating for n in steps] == list(adequacy.RATINGS[:3])
    assert [rule(n - 1).rating for n in steps] == list(adequacy.RATINGS[1:])
