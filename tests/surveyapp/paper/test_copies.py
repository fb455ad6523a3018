"""Copies are found by the number on their pages, within one's own trusts alone."""

import pytest

from surveyapp.errors import NotFound
from surveyapp.models import PrintedCopy, PrintedForm
from surveyapp.paper import copies

from ... import factories
from .test_box_positions import make_layout

pytestmark = pytest.mark.any_database


def make_copy(session, layout=None, **given):
    invitation = factories.make_invitation(session)
    form = copies.keep_form(session, layout or make_layout())
    defaults = {"serial": "ABCDEFGH2"}
    copy = PrintedCopy(form=form, invitation=invitation, **defaults | given)
    return factories.added(session, copy)


def test_a_copy_is_found_however_its_number_is_typed(session):
    copy = make_copy(session)
    campaigns = [copy.invitation.campaign_id]
    assert copies.find_copy(session, " abc-def gh2 ", campaigns) is copy
    assert copies.layout_of(copy) == make_layout()


def test_a_copy_of_another_campaign_is_not_found(session):
    make_copy(session)
    elsewhere = factories.make_campaign(session)
    for campaign_ids in ([elsewhere.id], []):
        with pytest.raises(NotFound):
            copies.find_copy(session, "ABCDEFGH2", campaign_ids)


def test_a_form_that_is_laid_out_alike_is_kept_once(session):
    first, second = (copies.keep_form(session, make_layout()) for _ in range(2))
    assert first is second
    assert session.query(PrintedForm).count() == 1
