"""Answers beside the items as researchers get them: nobody stands out."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from surveyapp import bank
from surveyapp.assessments.question_uses import broader_codes, uses
from surveyapp.assessments.side_answers import (
    LEAST,
    choosable,
    is_identifying,
    offered,
    side_answers,
)
from surveyapp.errors import InvalidAnswers

FORM = bank.instrument("short_service_user.v2")
BY_ID = {question.id: question for question in offered(FORM)}
ALL = [question.id for question in choosable(FORM)]


def person(number, wave=1, **said):
    """An assessment as far as side answers read it."""
    rows = [SimpleNamespace(question_id=q, value=value) for q, value in said.items()]
    return SimpleNamespace(
        id=10 * number + wave,
        wave=wave,
        respondent_id=number,
        respondent=SimpleNamespace(pseudonym=f"p{number:04}"),
        background=rows,
    )


def people(codes, question="ethnic_group"):
    return [person(n, **{question: code}) for n, code in enumerate(codes, 1)]


def column(found, name):
    place = [c.id for c in found.columns].index(name)
    return [cells[place] for cells in found.cells.values()]


def test_what_is_about_the_person_is_there_only_where_it_was_chosen():
    said = people(["white"] * 12)
    found = side_answers(said, FORM)
    assert {c.id for c in found.columns}.isdisjoint({q.id for q in choosable(FORM)})
    assert found.smallest is None
    assert column(side_answers(said, FORM, ["ethnic_group"]), "ethnic_group") == [
        *["white"] * 12
    ]


def test_what_is_liked_and_what_got_in_the_way_needs_no_choice():
    found = side_answers([person(1, context_staff_skill="3")], FORM)
    assert column(found, "context_staff_skill") == ["3"]
    assert column(found, "preferred_involvement") == [""]


def test_few_people_are_put_together_before_anything_is_left_out():
    said = people(["white"] * 60 + ["black"] * 6 + ["asian"] * 6)
    found = side_answers(said, FORM, ["ethnic_group"])
    assert Counter(column(found, "ethnic_group")) == {"white": 60, "minority": 12}
    (made,) = (c for c in found.columns if c.id == "ethnic_group")
    assert made.is_broader and made.n_withheld == 0
    assert made.codes["minority"] == "Any ethnic group other than White"


def test_a_few_who_cannot_be_put_together_are_left_out_among_ten():
    found = side_answers(people(["female"] * 200 + ["male"] * 4, "sex"), FORM, ["sex"])
    assert Counter(column(found, "sex")) == {"female": 194, "": 10}
    assert found.smallest == LEAST


def test_fewer_than_ten_people_have_nothing_let_out():
    found = side_answers(people(["white"] * 9), FORM, ["ethnic_group"])
    assert set(column(found, "ethnic_group")) == {""}


def test_many_conditions_become_several_where_too_few_share_them():
    said = ["diabetes"] * 40 + [f"diabetes;{c}" for c in ("heart", "pain", "teeth")] * 5
    found = side_answers(
        people(said, "long_term_condition"), FORM, ["long_term_condition"]
    )
    assert Counter(column(found, "long_term_condition")) == {
        "diabetes": 40,
        "several": 15,
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("chosen", [ALL[:1], ALL[1:4], ALL, ALL[::-1]])
def test_each_combination_that_is_let_out_is_shared_by_ten(seed, chosen):
    rng = np.random.default_rng(seed)
    said = [person(n, **_drawn(rng)) for n in range(int(rng.integers(10, 400)))]
    found = side_answers(said, FORM, chosen)
    places = [n for n, c in enumerate(found.columns) if c.id in chosen]
    shared = Counter(tuple(c[n] for n in places) for c in found.cells.values())
    assert min(shared.values()) == found.smallest >= LEAST
    for each in found.columns:
        assert set(column(found, each.id)) <= {*each.codes, ""}


def _drawn(rng):
    """Answers with rare codes, and with some left out."""
    said = {}
    for name in ALL:
        codes = [*BY_ID[name].options, ""]
        weights = 0.5 ** np.arange(len(codes))
        said[name] = str(rng.choice(codes, p=weights / weights.sum()))
    return {name: code for name, code in said.items() if code}


def test_a_person_has_the_first_answer_in_each_row_and_counts_once():
    said = [person(n, 1, sex="female") for n in range(5)]
    said += [person(n, 2, sex="male") for n in range(5)]
    assert set(column(side_answers(said, FORM, ["sex"]), "sex")) == {""}
    said += [person(n, 1, sex="female") for n in range(5, 12)]
    assert set(column(side_answers(said, FORM, ["sex"]), "sex")) == {"female"}


def test_the_minimum_of_an_installation_counts_where_it_is_higher():
    said = people(["white"] * 12 + ["asian"] * 30)
    for least, expected in ((10, {"white", "asian"}), (15, {"asian", ""}), (3, None)):
        found = side_answers(said, FORM, ["ethnic_group"], least=least)
        assert set(column(found, "ethnic_group")) == (expected or {"white", "asian"})


@pytest.mark.parametrize("name", ["nothing", "preferred_involvement", "adult"])
def test_a_question_that_cannot_be_chosen_is_named(name):
    with pytest.raises(InvalidAnswers, match=name):
        side_answers(people(["white"] * 12), FORM, [name])


@pytest.mark.parametrize("question", uses())
def test_codes_are_put_together_once_and_into_new_ones(question):
    together = [code for each in broader_codes(question) for code in each.of]
    assert len(together) == len(set(together))
    if question in BY_ID and together:
        assert is_identifying(BY_ID[question])
        new = {each.code for each in broader_codes(question)}
        assert new.isdisjoint(set(BY_ID[question].options) - set(together))
