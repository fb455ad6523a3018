"""The coordinator's page of paper: what it makes, keeps, refuses and notes."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from surveyapp.jobs import registry
from surveyapp.models import (
    AuditEvent,
    Campaign,
    Invitation,
    Mailing,
    MailingFile,
    PrintedCopy,
)
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


def make_forms(client, campaign):
    """The page on which forms that were made can be had."""
    sent = client.post(f"/campaigns/{campaign.id}/paper/forms", data=FORM)
    assert sent.status_code == 303
    return sent.location


def test_forms_come_as_a_pdf_that_can_be_had_again_and_no_cache_keeps(
    client, session, campaign
):
    page = make_forms(client, campaign)
    assert page in client.get(f"/campaigns/{campaign.id}/paper/").text
    for _ in range(2):  # a reload makes no second form
        assert "1 form to print" in client.get(page).text
        response = client.get(f"{page}/file")
        assert response.mimetype == "application/pdf"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.data.startswith(b"%PDF-1.7")
    assert count(session, Invitation) == count(session, PrintedCopy) == 1
    kept = session.connection().exec_driver_sql("SELECT content FROM mailing_file")
    assert b"%PDF" not in bytes(kept.scalar())
    got = select(AuditEvent.id).where(AuditEvent.action == "forms.downloaded")
    assert len(session.scalars(got).all()) == 2


def test_the_file_goes_when_somebody_says_that_it_is_printed(client, session, campaign):
    page = make_forms(client, campaign)
    for _ in range(2):
        assert client.post(page).status_code == 303
    assert count(session, MailingFile) == 0
    assert client.get(f"{page}/file").status_code == 404
    assert "has been deleted" in client.get(page).text
    assert page not in client.get(f"/campaigns/{campaign.id}/paper/").text


def test_the_file_goes_by_itself_after_seven_days(client, session, campaign):
    make_forms(client, campaign)
    registry.KINDS["printed_files"](session, None, None)
    assert count(session, MailingFile) == 1
    days_pass(session, 8)
    registry.KINDS["printed_files"](session, None, None)
    session.commit()
    assert count(session, MailingFile) == 0


def days_pass(session, days):
    made = session.scalars(select(Mailing)).one()
    made.made_at -= timedelta(days=days)
    session.commit()


def test_forms_to_print_are_no_mailing_and_another_trusts_are_not_found(
    client, session, campaign
):
    page = make_forms(client, campaign)
    number = page.rpartition("/")[2]
    outbox = f"/campaigns/{campaign.id}/outbox/mailings/{number}"
    assert client.get(outbox).status_code == 404
    assert client.post(f"{outbox}/posted").status_code == 404
    other = factories.make_trust(session, "Southmoor")
    sign_in(client, session, "coordinator", other)
    assert client.get(page).status_code == client.get(f"{page}/file").status_code == 404


def test_one_thing_is_chosen_at_a_time_and_what_there_is_one_of_is_chosen(
    client, campaign
):
    forms = f"/campaigns/{campaign.id}/paper/forms"
    first = client.get(forms).text
    assert "Who is it for?" in first and "<form method" not in first.split("<main")[1]
    edition = client.get(f"{forms}?perspective=carer").text
    assert "Which edition?" in edition and edition.count('class="app-edition"') >= 3
    last = client.get(f"{forms}?perspective=carer&edition=large_print").text
    assert "How many copies?" in last  # there is one language
    assert "Which edition?" in client.get(f"{forms}?perspective=carer&edition=x").text


def test_lost_forms_are_printed_again_after_a_second_look_at_what_closes(
    client, session, campaign
):
    make_forms(client, campaign)
    again = f"/campaigns/{campaign.id}/paper/again"
    serial = session.scalars(select(PrintedCopy.serial)).one()
    assert "1 of 1 unused" in client.get(again).text
    look = client.get(f"{again}?which=copy&serial={serial}").text
    assert "Close 1 code and print 1 new form?" in look and serial in look
    assert session.scalars(select(Invitation.status)).all() == ["made"]
    refused = client.post(again, data={"which": "copy", "serial": serial})
    assert refused.status_code == 422 and "Say that the old paper" in refused.text
    sent = client.post(again, data={"which": serial, "is_lost": "yes"})
    assert "1 form to print" in client.get(sent.location).text
    session.expire_all()
    assert {*session.scalars(select(Invitation.status))} == {"cancelled", "made"}
    assert "no unused copy" in client.get(f"{again}?which=copy&serial={serial}").text


def test_the_file_of_what_is_printed_anew_goes_or_says_which_codes_are_closed(
    client, session, campaign
):
    address = f"/campaigns/{campaign.id}/paper"
    first = client.post(f"{address}/forms", data=FORM | {"n": "2"}).location
    lost, other = session.scalars(select(PrintedCopy.serial).order_by(PrintedCopy.id))
    for serial, n_left in ((lost, 1), (other, 0)):
        sent = {"which": "copy", "serial": serial, "is_lost": "yes"}
        assert client.post(f"{address}/again", data=sent).status_code == 303
        page = client.get(first).text
        assert client.get(f"{first}/file").status_code == (200 if n_left else 404)
        assert ("Do not give out" in page and lost in page) is bool(n_left)
        assert other not in page


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


def test_what_a_draft_lacks_for_paper_is_said_before_anything_is_chosen(
    client, session, campaign
):
    here = f"/campaigns/{campaign.id}/paper"
    assert "fill in what is missing" not in client.get(f"{here}/letters").text
    campaign.is_draft, campaign.notices = True, []
    session.commit()
    for page in (f"{here}/letters", f"{here}/forms", f"{here}/forms?perspective=carer"):
        said = client.get(page).text
        assert "fill in what is missing" in said
        assert f"/campaigns/{campaign.id}/notices/" in said.partition("<h1")[2]
    assert "which stands on paper" in client.get(f"{here}/").text


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
