"""Each question beside the items has a use, and whoever takes it away sees that."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

import item_bank
from psychometrics.report import Occasion
from psychometrics.report.criteria import Criteria
from psychometrics.report.sections.representativeness import representativeness
from surveyapp import bank
from surveyapp.assessments.journey import Journey
from surveyapp.assessments.labels import TITLES
from surveyapp.assessments.question_uses import uses
from surveyapp.assessments.questions import ANCHORS
from surveyapp.assessments.side_answers import choosable, side_answers
from surveyapp.research.exports.assessment_columns import codes
from surveyapp.research.exports.side_columns import meanings
from surveyapp.research.files.validation import who_improved, who_was_stable
from surveyapp.research.runs.choices import groups_of
from surveyapp.respond.eligibility_views import ending
from tests.docs_side_questions import PAGE, render

FORMS = [
    *(i.ref for i in item_bank.load().instruments.values() if i.version == 2),
    "pilot_professional.v3",
]
SAID = {  # of people who come back, so that each answer changes what the report reads
    "stability": ["same", "less", "same"],
    "transition": ["4", "3", "0"],
    "transition_importance": ["not", "lot", "lot"],
}


def beside(form):
    """Every question of a form that is no item."""
    preferred = [form.preferred_involvement] if form.preferred_involvement else []
    asked = [*form.eligibility, *preferred, *form.context, *form.background]
    return [*asked, *form.follow_up]


def taken_away(form, name):
    """The form without one of its questions."""
    kept = {
        part: tuple(q for q in getattr(form, part) if q.id != name)
        for part in ("eligibility", "context", "background", "follow_up")
    }
    preferred = form.preferred_involvement
    if preferred is not None and preferred.id == name:
        preferred = None
    return replace(form, preferred_involvement=preferred, **kept)


def pages(form, question):
    """The pages that ask the question, as the person walks them."""
    if question.kind == "eligibility":
        return [form.eligibility]
    wanted = [q for q in form.follow_up if q.kind in ANCHORS.values()]
    walk = Journey(form, follow_up=tuple(wanted))
    return [walk.follow_up, *walk.more]


def columns(form):
    """Rows of an export's codebook for questions beside the items."""
    chosen = [question.id for question in choosable(form)]
    one = SimpleNamespace(
        id=1, wave=1, respondent_id=1, respondent=SimpleNamespace(pseudonym="a")
    )
    made = side_answers([SimpleNamespace(**vars(one), background=[])], form, chosen)
    return [*meanings(form, made.columns), *codes(form)]


def answers(form):
    """What three people said, as a report has it: a column a question asked."""
    said = {q.id: ([*q.options] * 3)[:3] for q in beside(form)} | SAID
    asked = {q.id for q in beside(form)}
    return pd.DataFrame({name: row for name, row in said.items() if name in asked})


def read_by(section, form, question):
    """What a report makes of the answers to a form, in the section that is named."""
    background = answers(form)
    later = Occasion(pd.DataFrame({"item": [1, 2, 3]}), background)
    if section == "groups":
        return groups_of(form)
    if section == "retest":
        return str(who_was_stable(later).stable)
    if section == "responsiveness":
        return str(who_improved(later).anchor)
    return whom_it_stands_for(background, question)


def whom_it_stands_for(background, question):
    table = {"variable": question.id, "group": [*question.options][:2]}
    many = pd.concat([background] * 10, ignore_index=True)
    population = pd.DataFrame({**table, "count": [50, 50]})
    study = SimpleNamespace(population=population, background=many, criteria=Criteria())
    return representativeness(study, []).plain


CASES = [
    pytest.param(ref, question, id=f"{ref}-{question.id}")
    for ref in FORMS
    for question in beside(bank.instrument(ref))
]


@pytest.mark.parametrize("ref, question", CASES)
def test_without_a_question_what_it_is_for_changes(ref, question):
    form, use = bank.instrument(ref), uses()[question.id]
    without = taken_away(form, question.id)
    assert any(question in page for page in pages(form, question))
    assert pages(without, question) != pages(form, question)
    assert use.column or use.filter
    if use.column:
        assert use.column == question.id
        rows = {row[0] for row in columns(form)} - {row[0] for row in columns(without)}
        assert rows == {use.column}
    if use.filter:
        said = {q.id: "yes" for q in form.eligibility} | {question.id: "no"}
        assert ending(form.eligibility, said) == question
        assert ending(without.eligibility, said) is None
    assert use.report or use.filter
    for section in use.report:
        before, after = (read_by(section, f, question) for f in (form, without))
        assert before != after, section


@pytest.mark.parametrize("ref, question", CASES)
def test_the_page_of_a_question_is_called_as_the_map_says(ref, question):
    name = TITLES.get(question.kind, "For whom the survey is")
    assert uses()[question.id].page == name.casefold()


def test_the_map_has_no_question_that_no_form_asks():
    asked = {question.id for ref in FORMS for question in beside(bank.instrument(ref))}
    assert set(uses()) == asked


def test_the_page_on_side_questions_is_made_from_the_map():
    assert PAGE.read_text() == render(), "run python -m tests.docs_side_questions"
