"""The sample beside the population that it should stand for."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import InvalidResponses
from psychometrics.report.sections import representativeness
from psychometrics.report.study import prepare_study

POPULATION = pd.DataFrame(
    {
        "variable": ["sex", "sex", "mode", "mode"],
        "group": ["female", "male", "web", "paper"],
        "count": [600, 400, np.nan, np.nan],
        "invited": [np.nan, np.nan, 200, 400],
    }
)


def study(rng, population=POPULATION, n_male=30):
    answers = pd.DataFrame(rng.integers(1, 6, (100, 4)), columns=list("abcd"))
    sex = np.repeat(["female", "male"], [100 - n_male, n_male])
    mode = np.repeat(["web", "paper"], 50)
    background = pd.DataFrame({"sex": sex, "mode": mode}, answers.index)
    return prepare_study(answers, background=background, population=population)


def shown(section):
    return section.tables[0].frame


def test_shares_gaps_and_response_are_counted(rng):
    section = representativeness(study(rng), ())
    table = shown(section)
    assert table.loc["sex: female", "gap, points"] == pytest.approx(10)
    assert table.loc["mode: web", "response, %"] == pytest.approx(25)
    assert section.verdicts[0].outcome == "sufficient"
    assert "12 %" in section.plain and "25 %" in section.plain


def test_a_group_far_from_its_share_is_insufficient_and_named(rng):
    section = representativeness(study(rng, n_male=12), ())
    assert section.verdicts[0].outcome == "insufficient"
    assert "sex" in section.verdicts[0].found


def test_small_groups_are_not_shown_nor_what_gives_them_away(rng):
    table = shown(representativeness(study(rng, n_male=4), ()))
    assert table.loc[["sex: male", "sex: female"], "people"].isna().all()
    assert table.loc["mode: web", "people"] == 50


def test_a_variable_that_the_answers_do_not_have_is_said(rng):
    other = POPULATION.assign(variable="ethnicity", group=list("abcd"))
    section = representativeness(study(rng, other), ())
    assert section.verdicts[0].outcome == "indeterminate"
    assert "ethnicity" in section.plain


@pytest.mark.parametrize(
    "population, said",
    [
        (POPULATION.drop(columns="count"), "has no column count"),
        (POPULATION.iloc[[0, 0]], "has sex female twice"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(rng, population, said):
    with pytest.raises(InvalidResponses, match=said):
        representativeness(study(rng, population), ())


def test_without_a_population_there_is_no_section(rng):
    assert representativeness(study(rng, None), ()) is None
