"""A printed form comes back: the keyer sees its pages, boxes and order."""

import pytest

from surveyapp.database import utc_now
from surveyapp.paper import keying, printing, reconciliation
from surveyapp.paper.keying_sheet import sheet_of
from surveyapp.paper.print_options import Choice

from ... import factories
from .test_printing import ADDRESSES

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("edition", ["standard", "compact", "easy_read"])
@pytest.mark.parametrize("perspective", ["service_user", "carer"])
def test_keying_mirrors_the_printed_pages(app, session, perspective, edition):
    campaign = factories.make_campaign(session, **ADDRESSES, item_order="rotated")
    keyer = factories.make_staff(session, trust=campaign.trust)
    session.commit()
    choice, now = Choice(perspective, "en", edition), utc_now()
    with app.app_context():
        run = printing.print_forms(
            session, campaign, 1, choice, actor="staff:1", now=now
        )
        found = keying.find_paper(session, run.copies[0][0], [campaign.id])
        form = keying.begin(
            session, campaign, found=found, keyer_id=keyer.id, now=utc_now()
        )
        pages, layout = sheet_of(form).pages, run.layouts[0]
        kept = reconciliation.words_of(form)
    assert kept == ({"words": "easy_read.v1"} if edition == "easy_read" else {})
    assert form.perspective == perspective and form.campaign == campaign
    printed = [[field.id for field in fields] for fields in layout.pages.values()]
    assert [[field.name for field in page.fields] for page in pages] == printed
    keyed = {f.name: [code for code, _ in f.boxes] for p in pages for f in p.fields}
    for field in layout.fields:
        if field.type in ("one", "many"):
            assert keyed[field.id] == list(field.values)
