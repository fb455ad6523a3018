"""Means with and without what the question about the care plan settled."""

import pandas as pd
import pytest

from surveyapp import bank
from surveyapp.assessments.codes import NO_PLAN
from surveyapp.assessments.gate_sensitivity import LINES, means_by_line, scores_by_line
from surveyapp.models import Assessment, Reply
from surveyapp.research.files import validation
from surveyapp.research.files.answer_table import AnswerTable
from surveyapp.scoring import score_assessments

from ...factories import LONG_AGO

FORM = bank.instrument("short_service_user.v2")
FIRST = bank.instrument("short_service_user.v1")
SETTLED = len(FORM.gate.when_no)


def person(plan, wanted=None, form=FORM, **given):
    """Who gave the highest answer to everything, or `given` by item."""
    made = Assessment(instrument=form.ref, wave=1)
    made.care_plan, made.wants_plan = plan, wanted
    made.record(
        [
            Reply(i.id, i.version, value=given.get(i.id, i.responses.highest))
            for i in form.items
            if given.get(i.id, 0) is not None
        ],
        now=LONG_AGO,
    )
    return made


PEOPLE = [person("yes"), person("no", "yes"), person("no", "no"), person("not_sure")]


def test_three_lines_stand_beside_a_mean_that_the_gate_touches():
    found = means_by_line(PEOPLE, now=LONG_AGO)
    assert set(found) == {"living_document", "involvement"}
    assert found["living_document"] == {
        "as_scored": (3, pytest.approx(100 / 3)),
        "without_unsure": (2, 50.0),
        "without_gate": (1, 100.0),
    }
    low = 100 * (1 - SETTLED / len(FORM.items))
    assert found["involvement"] == {
        "as_scored": (4, pytest.approx((200 + 2 * low) / 4)),
        "without_unsure": (4, pytest.approx((300 + low) / 4)),
        "without_gate": (4, pytest.approx(100.0)),
    }


def test_the_first_line_is_what_scoring_stores():
    stored = score_assessments(PEOPLE, now=LONG_AGO)
    lines = scores_by_line(PEOPLE, now=LONG_AGO)
    for scale, values in lines["as_scored"].items():
        assert values == [
            next(s.value for s in scores if s.scale == scale) for scores in stored
        ]


def test_categories_that_a_first_edition_gate_let_stand_are_in_every_line():
    left_out = dict.fromkeys(FIRST.gate.when_no)
    people = [person("no", form=FIRST), person("no", form=FIRST, **left_out)]
    lines = scores_by_line(people, now=LONG_AGO)
    assert [lines[line]["living_document"] for line in LINES] == [
        [100.0, 0.0],
        [100.0, 0.0],
        [100.0, None],
    ]


def test_a_report_learns_from_an_export_what_the_gate_settled():
    people = pd.Index(["a", "b", "c"])
    stated = pd.DataFrame({"p1": [3.0, NO_PLAN, NO_PLAN], "t1": [1.0, 2.0, 91.0]})
    others = pd.DataFrame({"care_plan": ["yes", "no", "not_sure"]}, people)
    items = stated.set_axis(people)
    table = AnswerTable("answers.csv", items, others, stated, codebook=object())
    found = validation.gate_of(table)
    assert found["assumed"].to_numpy().tolist() == [
        [False, False],
        [True, False],
        [True, False],
    ]
    assert found["in_doubt"].tolist() == [False, False, True]
    assert validation.gate_of(AnswerTable("a.csv", items, others)) == {}
