"""Printed forms: what is in the PDF, what is kept, and that the two agree."""

import io
from concurrent.futures import ThreadPoolExecutor

import pypdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.links import code_hash, read_code
from surveyapp.models import Campaign, Invitation, PrintedCopy
from surveyapp.paper import copies, printing
from surveyapp.paper.print_options import Choice

from ... import factories

pytestmark = pytest.mark.any_database

STANDARD = Choice("service_user", "en", "standard")
ADDRESSES = {
    "return_address": "Freepost NORTHMOOR SURVEY",
    "contact": "The survey team\nTelephone: 01632 960001",
}


@pytest.fixture
def campaign(app, session):
    made = factories.make_campaign(session, **ADDRESSES)
    with app.app_context():
        yield made


def print_some(session, campaign, n=1, choice=STANDARD):
    session.commit()
    return printing.print_forms(
        session, campaign, n, choice, actor="staff:1", now=utc_now()
    )


def text_of(pdf):
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_copy_has_a_way_in_of_its_own_and_only_hashes_are_kept(
    app, session, campaign
):
    run = print_some(session, campaign, 2)
    text, key = text_of(run.pdf), app.config["PROM"].derived_key("codes")
    kept = session.scalars(select(Invitation)).all()
    found = {code_hash(word, key) for word in text.split() if len(read_code(word)) == 9}
    assert {i.tokens[0].short_code_hash for i in kept} <= found and len(kept) == 2
    assert all(i.perspective == "service_user" and i.status == "made" for i in kept)


def test_a_serial_leads_to_the_layout_that_was_printed(session, campaign):
    run = print_some(session, campaign)
    serial = session.scalar(select(PrintedCopy.serial))
    copy = copies.find_copy(session, serial, [campaign.id])
    assert copies.layout_of(copy) == run.layouts[0]
    assert serial == run.copies[0][0]
    assert run.layouts[0].n_pages == 18


def test_nobody_waits_for_the_database_while_forms_are_set(
    session, campaign, monkeypatch
):
    held, set_type = [], printing.typesetting.to_pdf

    def watched(*args, **kwargs):
        held.append(session.in_transaction())
        return set_type(*args, **kwargs)

    monkeypatch.setattr(printing.typesetting, "to_pdf", watched)
    print_some(session, campaign, 2)
    assert held == [False]


@pytest.mark.both_databases
def test_two_who_print_a_new_form_at_once_both_get_it(app, session, campaign):
    number = campaign.id
    session.commit()

    def print_one(_):
        with app.app_context(), Session(db.engine) as own:
            mine = own.get(Campaign, number)
            return print_some(own, mine).copies[0][0]

    with ThreadPoolExecutor(4) as threads:
        serials = set(threads.map(print_one, range(4)))
    kept = session.scalars(select(PrintedCopy)).all()
    assert {copy.serial for copy in kept} == serials and len(kept) == 4
    assert len({copy.printed_form_id for copy in kept}) == 1
