"""What a person is asked comes from one place."""

import pytest

from surveyapp import bank
from surveyapp.assessments.questions import questions_of

from ...factories import make_assessment

pytestmark = pytest.mark.any_database


def test_a_form_given_as_printed_is_asked_whole_and_in_its_order(session):
    plan = questions_of(make_assessment(session))
    assert plan.items == bank.instrument("short_service_user.v1").items
    assert [block.prerequisite for block in plan.blocks] == [*bank.PREREQUISITES]
    assert plan.not_asked == frozenset()
