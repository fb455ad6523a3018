"""The screens of keying follow the pages of the paper that a person had."""

import pytest

from surveyapp import bank
from surveyapp.database import utc_now
from surveyapp.models import PrintedCopy, PrintedForm
from surveyapp.paper import printing
from surveyapp.paper.box_positions import Layout
from surveyapp.paper.form_layout import Style, set_form
from surveyapp.paper.keying_sheet import Sheet, sheet_of
from surveyapp.paper.print_options import Choice

from .keyers import FIELDS, SHEET, reading, sent_as, stored
from .test_boxes_and_ink import SENDER

pytestmark = pytest.mark.one_database


@pytest.fixture
def copy(app, session, campaign):
    """A numbered copy that was printed for this campaign."""
    campaign.return_address, campaign.contact = "Freepost NORTHMOOR", "0800 000 0000"
    session.commit()
    choice = Choice("service_user", "en", "standard")
    with app.test_request_context():
        printing.print_forms(
            session, campaign, 1, choice, actor="staff:1", now=utc_now()
        )
    return session.query(PrintedCopy).one()


def test_a_printed_form_is_keyed_page_by_page_as_it_was_printed(session, keyers, copy):
    typed = {"code": copy.serial.lower()}
    response = keyers[0].client.post("/keying/", data=typed)
    form_id = int(response.location.split("/")[2])
    form = stored(session, form_id)
    sheet, layout = sheet_of(form), Layout.from_dict(copy.form.layout)
    for keyer in keyers[:2]:
        keyer.claim(form_id)
        for number, page in enumerate(sheet.pages, start=1):
            shown = keyer.client.get(f"/keying/{form_id}/page/{number}").text
            places = [shown.index(f'name="{f.name}"') for f in page.fields]
            assert places == sorted(places)
            read = reading(consent_comment="yes")
            sent = {f.name: sent_as(f, read) for f in page.fields}
            keyer.client.post(f"/keying/{form_id}/page/{number}", data=sent)
    assert [tuple(f.name for f in p.fields) for p in sheet.pages] == [
        tuple(f.id for f in fields) for fields in layout.pages.values()
    ]
    made = stored(session, form_id).assessment
    assert made.invitation_id == copy.invitation_id
    assert made.personal_code_hash == copy.invitation.paper_code_hash is not None


def test_every_box_of_the_paper_has_its_place_and_its_words(session, copy):
    layout = Layout.from_dict(session.query(PrintedForm).one().layout)
    sheet = Sheet(SHEET.instrument, layout)
    for printed in layout.fields:
        field = sheet.fields[printed.id]
        if printed.type in ("one", "many"):
            assert tuple(code for code, _ in field.boxes) == printed.values
    # Nothing follows on paper from being asked again; a comment is asked about.
    without = {"consent_retest", "consent_contact"}
    assert sheet.fields.keys() == FIELDS.keys() - without | {"consent_comment"}


def test_easy_read_has_its_three_steps_on_paper_and_for_the_keyer():
    form = bank.worded(bank.instrument("short_service_user.v3"), edition="easy_read")
    layout = set_form(form, Style("easy_read", "en", "ltr", SENDER)).layout
    sheet = Sheet(form, layout)
    for item in form.items:
        boxes = ("0", "2", "4") if len(item.responses.values) == 5 else ("0", "1", "2")
        assert layout.field(item.id).values == (*boxes, *item.reasons)
        labels = dict(sheet.fields[item.id].boxes)
        assert labels[boxes[-1]] == item.responses.labels[int(boxes[-1])]
