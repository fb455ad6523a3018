"""How much the report's means rest on answers that a filter question gave."""

import pandas as pd
import pytest

from psychometrics.errors import EmptyRowWarning
from psychometrics.report.sections.filter_question import filter_question
from psychometrics.report.study import BY_PERSON, prepare_study

SCALES = {"plan": ["p1", "p2"], "talk": ["t1", "t2"]}
# Two with a plan, one with none, one not sure: the last two count as the lowest.
ANSWERS = pd.DataFrame(
    {"p1": [4, 2, 0, 0], "p2": [4, 2, 0, 0], "t1": [3, 1, 2, 4], "t2": [1, 1, 4, 4]}
)
RULED = pd.DataFrame(
    {i: [False] * 4 for i in ANSWERS}
    | {
        "p1": [False, False, True, True],
        "p2": [False, False, True, True],
    }
)
UNSURE = pd.Series([False, False, False, True])


def made(**given):
    study = prepare_study(ANSWERS, SCALES, categories=(0, 4), **given)
    return filter_question(study, ())


def means(section):
    table = section.tables[0].frame.reset_index()
    return table.set_index(["scale", "line"])["mean"].to_dict()


def test_means_stand_with_and_without_what_the_rule_answered():
    found = means(made(assumed=RULED, in_doubt=UNSURE))
    assert found == pytest.approx(
        {
            ("plan", "as scored"): 1.5,
            ("plan", "without those not sure"): 2.0,
            ("plan", "without the rule"): 3.0,
            ("all items", "as scored"): (3.0 + 1.5 + 1.5 + 2.0) / 4,
            ("all items", "without those not sure"): (3.0 + 1.5 + 1.5 + 4.0) / 4,
            ("all items", "without the rule"): (3.0 + 1.5 + 3.0 + 4.0) / 4,
        }
    )


def test_it_says_how_many_were_not_asked_and_how_many_not_sure():
    plain = made(assumed=RULED, in_doubt=UNSURE).plain
    assert (
        "2 of 4 people were not asked" in plain and "1 of them were not sure" in plain
    )
    assert "plan: without the rule it is 3.00, +1.50" in plain


def test_without_anybody_in_doubt_that_line_is_the_mean_as_scored():
    found = means(made(assumed=RULED))
    assert found["plan", "without those not sure"] == found["plan", "as scored"]


def test_items_that_do_not_apply_stay_out_of_every_line():
    applies = ANSWERS.notna()
    applies.loc[0, "t1"] = False
    found = means(made(assumed=RULED, applies=applies))
    assert found["all items", "without the rule"] == pytest.approx(2.875)


def test_answers_that_no_rule_gave_have_no_such_section():
    assert made() is None
    assert made(assumed=RULED & False, in_doubt=UNSURE) is None


def test_who_answered_nothing_is_in_nothing_that_is_said_of_persons():
    nobody = ANSWERS.astype(float).loc[[*ANSWERS.index, 3]].reset_index(drop=True)
    nobody.loc[4] = None
    said = {
        "assumed": RULED.loc[[*RULED.index, 0]].reset_index(drop=True),
        "in_doubt": UNSURE.loc[[*UNSURE.index, 0]].reset_index(drop=True),
        "applies": nobody.notna(),
        "as_lowest": nobody.isna(),
        "groups": pd.Series(list("aabbb")),
        "variants": pd.Series(list("ababa")),
    }
    assert set(said) == set(BY_PERSON)
    with pytest.warns(EmptyRowWarning):
        study = prepare_study(nobody, SCALES, categories=(0, 4), **said)
    assert study.n_empty == 1
    for name in BY_PERSON:
        assert getattr(study, name).index.equals(ANSWERS.index), name
    assert means(filter_question(study, ())) == pytest.approx(
        means(made(assumed=RULED, in_doubt=UNSURE))
    )
