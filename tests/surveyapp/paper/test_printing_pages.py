"""The coordinator's page of paper: what it makes, keeps, refuses and notes."""

import pytest
from sqlalchemy import func, select

from surveyapp.models import AuditEvent, Campaign, Invitation, PrintedCopy
from surveyapp.paper.box_positions import Layout

from ... import factories
from ..signing_in import sign_in
from .test_printing import ADDRESSES, text_of

pytestmark = pytest.mark.one_database

FORM = {"perspective": "carer", "edition": "large_print", "n": "1"}


@pytest.fixture
def campaign(client, session):
    made = factories.make_campaign(session, **ADDRESSES)
    sign_in(client, session, "coordinator", made.trust)
    return made


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_forms_come_as_a_pdf_that_no_cache_keeps(client, session, campaign):
    response = client.post(f"/campaigns/{campaign.id}/paper/forms", data=FORM)
    assert response.status_code == 200 and response.mimetype == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.data.startswith(b"%PDF-1.7")
    assert count(session, Invitation) == count(session, PrintedCopy) == 1


def test_the_places_of_boxes_are_there_to_be_fetched(client, session, campaign):
    client.post(f"/campaigns/{campaign.id}/paper/forms", data=FORM)
    page = client.get(f"/campaigns/{campaign.id}/paper/").text
    form_id = session.scalars(select(PrintedCopy)).one().form.form_id
    assert form_id in page
    told = client.get(f"/campaigns/{campaign.id}/paper/layouts/{form_id}.json").json
    assert Layout.from_dict(told).form_id == form_id


def test_what_is_wrong_is_said_and_nothing_is_made(client, session, campaign):
    address = f"/campaigns/{campaign.id}/paper/forms"
    wrong = [
        ({"n": "0"}, "from 1 to 50"),
        ({"n": "many"}, "from 1 to 50"),
        ({"perspective": "professional"}, "Choose who the form is for"),
        ({"edition": "gold"}, "Choose an edition that this form has"),
        ({"language": "tlh"}, "Choose a language of the campaign"),
    ]
    for change, said in wrong:
        response = client.post(address, data=FORM | change)
        assert response.status_code == 422 and said in response.text
    assert count(session, Invitation) == 0


def test_nothing_is_printed_before_there_is_an_address(client, session, campaign):
    campaign.return_address = campaign.contact = ""
    campaign.notices = []
    response = client.post(f"/campaigns/{campaign.id}/paper/forms", data=FORM)
    assert response.status_code == 422
    assert "Enter the address that forms are sent back to" in response.text
    assert "Enter how people can reach you" in response.text


def test_addresses_are_kept_without_empty_lines(client, session, campaign):
    given = {"return_address": " Freepost A \r\n\r\nB ", "contact": "Call us"}
    address = f"/campaigns/{campaign.id}/paper/addresses"
    assert client.post(address, data=given).status_code == 303
    session.expire_all()
    kept = session.get(Campaign, campaign.id)
    assert (kept.return_address, kept.contact) == ("Freepost A\nB", "Call us")
    too_long = given | {"contact": "x" * 61}
    assert client.post(address, data=too_long).status_code == 422


def test_a_preview_says_so_and_leaves_nothing_behind(client, session, campaign):
    before = count(session, AuditEvent)
    for language in ("en", "ar-XB"):
        query = f"perspective=service_user&language={language}&edition=standard"
        response = client.get(f"/campaigns/{campaign.id}/paper/preview?{query}")
        assert response.mimetype == "application/pdf"
        assert language != "en" or "Preview: not for use" in text_of(response.data)
    assert count(session, Invitation) == count(session, PrintedCopy) == 0
    assert count(session, AuditEvent) == before


def test_a_preview_of_what_there_is_not_is_not_found(client, campaign):
    for query in ("perspective=professional", "perspective=carer&edition=gold"):
        address = f"/campaigns/{campaign.id}/paper/preview?{query}"
        assert client.get(address).status_code == 404


def test_printing_is_in_the_record_with_numbers_alone(client, session, campaign):
    client.post(f"/campaigns/{campaign.id}/paper/forms", data=FORM)
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "forms.printed")
    ).one()
    form_id = session.scalars(select(PrintedCopy)).one().form.form_id
    assert event.detail == {"n": 1, "forms": [form_id]}
    assert event.trust_id == campaign.trust_id
