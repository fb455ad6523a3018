"""How two variants of a form differ, and where "it did not happen" stands."""

import numpy as np
import pandas as pd
import pytest

from psychometrics import simulate
from psychometrics.report.sections.lowest_category import lowest_category
from psychometrics.report.sections.split_ballot import REASON, split_ballot
from psychometrics.report.study import prepare_study

HALVES = pd.Series(list("ab") * 10)


def study_of(frame, **given):
    scales = {"talk": list(frame.columns)}
    return prepare_study(frame, scales, categories=(0, 4), **given)


def halves(one, other):
    """Two items, of which the first is answered otherwise in each half."""
    changes = [n for pair in zip(one, other) for n in pair]
    return pd.DataFrame({"asked": changes, "same": [0, 0, 1, 1, 2, 2, 3, 3, 4, 4] * 2})


def test_item_means_stand_by_variant_with_welchs_interval():
    one, other = [0, 1, 2, 3, 4] * 2, [2, 3, 4, 4, 4] * 2
    section = split_ballot(study_of(halves(one, other), variants=HALVES), ())
    found = section.tables[0].frame.loc[("asked", "b")]
    assert found[["mean first", "mean other"]].tolist() == [2.0, 3.4]
    # t.test(c(2,3,4,4,4,2,3,4,4,4), rep(0:4, 2)): df 13.99, 0.3089 to 2.4911
    assert found["difference"] == pytest.approx(1.4)
    spread = (np.var(one, ddof=1) / 10, np.var(other, ddof=1) / 10)
    assert found["upper"] - found["lower"] == pytest.approx(
        2 * 2.1451 * sum(spread) ** 0.5, rel=2e-3
    )
    same = section.tables[0].frame.loc[("same", "b")]
    assert same["lower"] < 0 < same["upper"]
    assert "1 of 2 differences" in section.plain and "(asked)" in section.plain


def test_category_use_stands_by_variant_with_newcombes_interval():
    one, other = [0] * 8 + [1] * 2, [0] * 5 + [1] * 5
    section = split_ballot(study_of(halves(one, other), variants=HALVES), ())
    found = section.tables[1].frame.loc[("asked", "0", "b")]
    assert found["difference"] == pytest.approx(-30)
    # Wilson: 8 of 10 is .4902 to .9433, 5 of 10 is .2366 to .7634.
    down = ((0.5 - 0.2366) ** 2 + (0.9433 - 0.8) ** 2) ** 0.5
    up = ((0.7634 - 0.5) ** 2 + (0.8 - 0.4902) ** 2) ** 0.5
    assert found["lower"] == pytest.approx(-30 - 100 * down, abs=0.05)
    assert found["upper"] == pytest.approx(-30 + 100 * up, abs=0.05)


def test_a_reason_that_counts_as_the_lowest_has_its_own_line():
    frame = halves([0] * 8 + [1] * 2, [0] * 5 + [1] * 5)
    gave = pd.DataFrame({"asked": frame["asked"].eq(0), "same": False})
    study = study_of(frame, variants=HALVES, as_lowest=gave)
    uses = split_ballot(study, ()).tables[1].frame
    assert uses.loc[("asked", REASON, "b"), "first"] == 80
    assert uses.loc[("asked", "0", "b"), "first"] == 0
    assert ("same", REASON, "b") not in uses.index


@pytest.mark.parametrize("variants", [None, pd.Series(["a"] * 20)])
def test_one_form_for_everybody_is_not_compared(variants):
    frame = halves([0, 1, 2, 3, 4] * 2, [0, 1, 2, 3, 4] * 2)
    assert split_ballot(study_of(frame, variants=variants), ()) is None


def test_a_half_of_fewer_than_ten_people_is_not_compared():
    few = pd.Series(["a"] * 11 + ["b"] * 9)
    frame = halves([0, 1, 2, 3, 4] * 2, [0, 1, 2, 3, 4] * 2)
    assert split_ballot(study_of(frame, variants=few), ()) is None


@pytest.fixture(scope="module")
def six_categories():
    """Answers of 800 people in six ordered categories to five items."""
    loadings, _ = simulate.simple_structure(1, 5, loading=0.75)
    cuts = (-1.2, -0.7, -0.1, 0.5, 1.1)
    made = simulate.responses(800, rng=7, loadings=loadings, thresholds=cuts)
    return made.responses - made.responses.min().min()


def place(answers, gave):
    study = study_of(answers, as_lowest=gave)
    return lowest_category(study, ())


def test_a_reason_that_lies_below_the_categories_is_seen_to(six_categories):
    gave = six_categories.eq(0)
    section = place((six_categories - 1).clip(lower=0), gave)
    table = section.tables[0].frame
    assert (table["slope of the lowest"] > 0).all()
    assert (table["order"] == "reason < 0 < 1 < 2 < 3 < 4").sum() >= 4
    assert list(table["n reason"]) == gave.sum().tolist()
    assert "below the lowest category" in section.plain


def test_a_reason_that_says_nothing_of_the_trait_is_not_below(six_categories, rng):
    answers = (six_categories - 1).clip(lower=0)
    gave = pd.DataFrame(rng.random(answers.shape) < 0.15, columns=answers.columns)
    table = place(answers.mask(gave, 0), gave).tables[0].frame
    assert (table["upper"] < 0).all()  # the lowest category lies below the reason
    assert not table["order"].str.startswith("reason").any()


def test_answers_that_a_filter_question_gave_are_no_categories(six_categories):
    gave = six_categories.eq(0)
    answers = (six_categories - 1).clip(lower=0)
    ruled = answers.eq(0) & ~gave
    study = study_of(answers, as_lowest=gave, assumed=ruled)
    assert lowest_category(study, ()) is None


def test_without_reasons_nothing_is_said_of_their_place(six_categories):
    answers = (six_categories - 1).clip(lower=0)
    assert place(answers, None) is None
    assert place(answers, six_categories.eq(9)) is None
