"""Whether a run finds that service users and carers may be compared."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import simulate
from surveyapp.bank import PREREQUISITES
from surveyapp.research.runs import perspectives

pytestmark = pytest.mark.one_database
FORMS = {"service_user": "short_service_user.v1", "carer": "short_carer.v1"}
ITEMS, APART = perspectives.shared_scales(FORMS)["trust"]


@pytest.fixture(autouse=True)
def of_one_scale(monkeypatch):
    found = {"trust": (ITEMS, APART)}
    monkeypatch.setattr(perspectives, "shared_scales", lambda _: found)


@pytest.fixture
def answers(rng):
    """As many people of each perspective as it takes, of one factor."""
    loadings = pd.DataFrame({"trust": 0.75}, index=ITEMS)
    return {
        who: simulate.responses(
            perspectives.LEAST + 50,
            rng=rng,
            loadings=loadings,
            thresholds=(-1.1, -0.35, 0.3, 1.15),
            lowest=0,
        ).responses
        for who in FORMS
    }


def found(answers):
    return perspectives.compare(answers, FORMS)["scales"]["trust"]


def test_the_same_questions_of_the_same_people_are_comparable(answers):
    kept = perspectives.compare(answers, FORMS)
    assert kept["n"] == {"service_user": 250, "carer": 250}
    assert kept["instruments"] == FORMS
    same = {"freed": [], "apart": [], "points": 0.0, "why": ""}
    assert kept["scales"] == {"trust": same | {"verdict": "scalar"}}


def test_an_item_that_carers_find_harder_is_freed_and_its_effect_is_told(answers):
    harder = ITEMS[1]
    answers["carer"][harder] = (answers["carer"][harder] - 1).clip(lower=0)
    trust = found(answers)
    assert (trust["verdict"], trust["freed"]) == ("partial", [harder])
    # One step of four, of one item in five, less where it was the lowest already.
    assert -5 < trust["points"] < -3


@pytest.mark.parametrize(
    "apart, verdict", [("a", "partial"), ("abcde", "partial"), ("abcdef", "none")]
)
def test_items_of_one_form_alone_count_as_not_equal(
    answers, apart, verdict, monkeypatch
):
    of_forms = {"trust": (ITEMS, [*apart])}
    monkeypatch.setattr(perspectives, "shared_scales", lambda _: of_forms)
    trust = found(answers)
    assert (trust["verdict"], trust["points"]) == (verdict, None)
    assert trust["apart"] == [*apart]


def test_an_item_that_carers_left_out_is_not_called_equal(answers):
    answers["carer"][ITEMS[0]] = np.nan
    trust = found(answers)
    assert (trust["verdict"], trust["points"]) == ("partial", None)
    assert trust["freed"] == ITEMS[:1] and ITEMS[0] in trust["why"]


def test_too_few_people_of_one_perspective_are_said(answers):
    answers["carer"] = answers["carer"].iloc[:199]
    trust = found(answers)
    assert trust["verdict"] == "unknown" and "carers 199" in trust["why"]


def test_answers_that_no_model_fits_are_not_judged(answers, rng):
    for table in answers.values():
        table[:] = rng.integers(0, 5, table.shape)
    assert found(answers)["verdict"] == "unknown"


def test_a_category_that_few_of_one_perspective_chose_joins_its_neighbour():
    groups = pd.Series(["a"] * 30 + ["b"] * 30)
    column = pd.Series(np.tile([0, 1, 2, 3, 4, 4], 10), dtype=float)
    column[30:] = np.repeat([1.0, 2.0, 3.0], 10)
    joined = perspectives.joined(column, groups)
    assert [joined[column == code].iloc[0] for code in range(5)] == [0, 0, 1, 2, 2]
    assert joined.groupby(groups).value_counts().min() >= perspectives.THIN


def test_forms_of_two_perspectives_share_the_items_of_one_version(monkeypatch):
    monkeypatch.undo()
    shared = perspectives.shared_scales(FORMS)
    assert [*shared] == [*PREREQUISITES]
    assert all(len(items) >= perspectives.ITEMS for items, _ in shared.values())
    assert shared["collaboration"][1] and not shared["trust"][1]
