"""Scale scores: the half rule over what applies, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import (
    InvalidResponses,
    UnstatedCodeWarning,
    check_responses,
    code_reasons,
    score,
)

SCALES = {"trust": ["t1", "t2", "t3", "t4"], "parity": ["p1", "p2"]}
ITEMS = [item for ids in SCALES.values() for item in ids]
CATEGORIES = {item: (0, 4) for item in ITEMS}


def people(*rows):
    return pd.DataFrame(rows, columns=ITEMS, dtype=float)


def no_reasons():
    return pd.DataFrame([[None] * 6], columns=ITEMS)


def scored(table, **options):
    return score(table, SCALES, categories=CATEGORIES, **options)


def test_score_is_the_mean_of_the_answered_items_from_0_to_100():
    result = scored(people([0, 1, 2, 3, 4, 4], [4, np.nan, 4, np.nan, 0, 2]))
    assert result.values["trust"].tolist() == [37.5, 100.0]
    assert result.values["parity"].tolist() == [100.0, 25.0]


def test_below_half_of_the_items_that_apply_there_is_a_reason_and_no_score():
    result = scored(people([3, np.nan, np.nan, np.nan, 1, 1]))
    assert np.isnan(result.values.at[0, "trust"])
    assert result.reason.loc[0].tolist() == ["too_few_answers", None]


def test_items_that_do_not_apply_do_not_count_against_the_half_rule():
    table = people([3, np.nan, np.nan, np.nan, np.nan, np.nan])
    applies = table.notna()
    result = scored(table, applies=applies)
    assert result.values.at[0, "trust"] == 75
    assert result.reason.at[0, "parity"] == "nothing_applies"


def test_it_did_not_happen_is_the_lowest_category_and_lowers_the_score():
    table = people([4, 4, np.nan, np.nan, 2, 2])
    reasons = no_reasons().assign(t3="did_not_happen", t4="not_wanted")
    coding = {"did_not_happen": "lowest", "not_wanted": "structural"}
    result = scored(table, reasons=reasons, coding=coding)
    assert result.values.at[0, "trust"] == pytest.approx(200 / 3)
    assert result.n_applies.at[0, "trust"] == 3


def test_an_item_may_code_a_reason_in_its_own_way():
    coding = {"cannot_remember": "missing", "p1": {"cannot_remember": "lowest"}}
    reasons = no_reasons().assign(t2="cannot_remember", p1="cannot_remember")
    table = people([1, np.nan, 1, 1, np.nan, 1])
    coded = code_reasons(table, reasons, coding, categories=CATEGORIES)
    assert np.isnan(coded.responses.at[0, "t2"]) and coded.responses.at[0, "p1"] == 0
    assert coded.applies.to_numpy().all()


def test_standard_error_of_the_mean_of_a_persons_own_answers():
    result = scored(people([0, 1, 2, 3, 2, 2], [0, 4, np.nan, np.nan, np.nan, np.nan]))
    assert result.se.at[0, "trust"] == pytest.approx(
        np.std([0, 25, 50, 75], ddof=1) / 2
    )
    assert result.se.at[1, "trust"] == pytest.approx(50)
    assert result.se["parity"].isna().all()  # alike, or not answered


def test_a_validated_standard_error_widens_as_answers_are_missing():
    table = people([1, 2, np.nan, np.nan, 3, 3])
    result = scored(table, sem={"trust": 6.0, "parity": 8.0})
    assert result.se.loc[0].tolist() == pytest.approx([6 * 2**0.5, 8.0])


def test_a_validated_standard_error_stands_by_a_score_alone():
    table = people([np.nan] * 4 + [3, np.nan], [1, np.nan, np.nan, np.nan, 3, 3])
    result = scored(table, sem={"trust": 6.0, "parity": 8.0})
    assert result.se["trust"].isna().all()
    assert result.se["parity"].tolist() == pytest.approx([8 * 2**0.5, 8.0])


def test_categories_may_begin_at_any_number():
    table = pd.DataFrame({"a": [1.0, 3.0, 5.0], "b": [10.0, 15.0, 30.0]})
    ranges = {"a": (1, 5), "b": (10, 30)}
    result = score(table, {"one": ["a"], "both": ["a", "b"]}, categories=ranges)
    assert result.values["one"].tolist() == [0, 50, 100]
    assert result.values["both"].tolist() == [0, 37.5, 100]


@pytest.mark.parametrize("code", [0, 1001])
def test_a_code_just_outside_the_categories_is_refused(code):
    table = pd.DataFrame({"a": [1.0, code]})
    with pytest.raises(InvalidResponses, match="its categories run from 1 to 1000"):
        score(table, {"one": ["a"]}, categories={"a": (1, 1000)})


def test_a_category_that_stands_apart_is_an_answer_where_it_was_stated():
    table = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 99], "b": [1.0, 2, 3, 4, 5, 1]})
    with pytest.warns(UnstatedCodeWarning, match="99 stands beside"):
        check_responses(table)
    ranges = {"a": (0, 99), "b": (0, 99)}
    assert score(table, {"one": ["a"]}, categories=ranges).values.at[5, "one"] == 100


def test_coded_responses_are_shown_as_they_are_scored():
    table = people([np.nan] * 6)
    reasons = no_reasons().assign(t3="did_not_happen")
    coding = {"did_not_happen": "lowest"}
    coded = code_reasons(table, reasons, coding, categories=CATEGORIES)
    assert coded.to_frame().at[0, "t3"] == 0
    assert coded.to_frame().notna().to_numpy().sum() == 1


def test_a_small_spread_between_answers_is_a_standard_error_too():
    table = pd.DataFrame({"a": [500.0], "b": [501.0]})
    ranges = {"a": (0, 1000), "b": (0, 1000)}
    result = score(table, {"both": ["a", "b"]}, categories=ranges)
    assert result.se.at[0, "both"] == pytest.approx(0.05)


def test_what_is_said_to_apply_and_what_reasons_say_hold_together():
    table = people([4, np.nan, np.nan, 4, 2, 2])
    reasons = no_reasons().assign(t2="not_wanted")
    applies = pd.DataFrame([[True, True, False]], columns=["t1", "t2", "t3"])
    coding = {"not_wanted": "structural"}
    result = scored(table, reasons=reasons, coding=coding, applies=applies)
    assert result.n_applies.loc[0].tolist() == [2, 2]


def test_table_has_one_row_for_each_person_and_scale_with_the_method():
    result = scored(people([1] * 6, [2] * 6))
    assert result.to_frame().shape == (4, 5)
    assert "mean_of_applicable_items_0_100, version 1" in result.summary()
    assert result.plot().get_ylabel() == "score, 0 to 100"


@pytest.mark.parametrize(
    "change, options, said",
    [
        ({"t2": 5}, {}, "item t2 has 5 at row 0; its categories run from 0 to 4"),
        ({"t2": 1.5}, {}, "item t2 has 1.5"),
        ({}, {"categories": {}}, "item t1 has no .lowest, highest."),
        ({}, {"scales": {"empty": []}}, "scale empty has no items"),
        ({}, {"scales": {"other": ["q"]}}, "item q has no column"),
    ],
)
def test_unusable_input_is_refused_by_name(change, options, said):
    table = people([1] * 6).assign(**change)
    options = {"scales": SCALES, "categories": CATEGORIES} | options
    with pytest.raises(InvalidResponses, match=said):
        score(table, options.pop("scales"), **options)


def test_an_answer_to_an_item_that_does_not_apply_is_a_contradiction():
    table = people([1] * 6)
    with pytest.raises(InvalidResponses, match="item p2 has an answer at row 0"):
        scored(table, applies=(table > 0).assign(p2=False))


def test_a_reason_needs_a_declared_coding_and_an_empty_cell():
    reasons = no_reasons().assign(t1="did_not_happen")
    with pytest.raises(InvalidResponses, match="coded as None; declare one of"):
        scored(people([np.nan] * 6), reasons=reasons, coding={})
    with pytest.raises(InvalidResponses, match="a category and the reason"):
        scored(people([1] * 6), reasons=reasons, coding={"did_not_happen": "lowest"})


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4) | st.none(), min_size=6, max_size=6), st.data())
def test_score_never_falls_when_an_answer_rises(row, data):
    table = people([np.nan if value is None else value for value in row])
    item = data.draw(st.sampled_from(ITEMS))
    before = scored(table).values
    raised = table.assign(**{item: (table[item] + 1).clip(upper=4)})
    after = scored(raised).values
    assert (after.fillna(-1) >= before.fillna(-1) - 1e-9).to_numpy().all()
