"""Booklets, parts in turns and adaptive campaigns on paper."""

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.assessments.questions import arranged_questions
from surveyapp.database import utc_now
from surveyapp.models import Invitation
from surveyapp.paper import printing

from ... import factories
from .test_printing import ADDRESSES, STANDARD

pytestmark = pytest.mark.one_database


@pytest.fixture
def print_run(app, session):
    """Prints copies for a campaign; the run and its invitations in order."""

    def run(n, **given):
        campaign = factories.make_campaign(session, **ADDRESSES, **given)
        session.commit()
        with app.app_context():
            runs = [
                printing.print_forms(
                    session, campaign, 1, STANDARD, actor="staff:1", now=utc_now()
                )
                for _ in range(n)
            ]
        kept = session.scalars(select(Invitation).order_by(Invitation.id)).all()
        return runs, kept

    return run


def items_of(layout):
    return [field.id for field in layout.fields if field.kind == "item"]


def test_parts_take_turns_on_paper_too(print_run):
    runs, kept = print_run(3, item_order="rotated")
    assert len({i.arrangement for i in kept}) == 3
    for run, invitation in zip(runs, kept):
        plan = arranged_questions("short_service_user.v1", invitation.arrangement)
        assert items_of(run.layouts[0]) == [item.id for item in plan.items]


def test_a_booklet_holds_the_items_of_its_arrangement(print_run):
    pilot = {"service_user": "pilot_service_user.v1"}
    given = {"item_order": "booklets", "booklet_length": 30, "instruments": pilot}
    runs, kept = print_run(2, **given)
    for run, invitation in zip(runs, kept):
        plan = arranged_questions("pilot_service_user.v1", invitation.arrangement)
        assert items_of(run.layouts[0]) == [item.id for item in plan.items]
        assert 24 <= len(plan.items) <= 36
    assert runs[0].layouts[0].form_id != runs[1].layouts[0].form_id


def test_an_adaptive_form_is_printed_as_its_fixed_form(print_run):
    """Paper cannot choose the next question."""
    chooses = {"service_user": "demonstration_adaptive_service_user.v1"}
    (run,), (invitation,) = print_run(1, instruments=chooses)
    fixed = bank.instrument("short_service_user.v1")
    assert run.layouts[0].instrument == fixed.ref
    assert items_of(run.layouts[0]) == [item.id for item in fixed.items]
