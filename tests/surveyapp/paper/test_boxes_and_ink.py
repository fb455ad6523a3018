"""The stated places of boxes and marks are where the ink of the PDF is."""

import pytest

from surveyapp import bank
from surveyapp.database import utc_now
from surveyapp.paper import printing
from surveyapp.paper.content import Sender
from surveyapp.paper.form_layout import Style, set_form

from . import ink

WITHIN = 0.5  # millimetres
FORMS = [
    ("short_service_user.v1", "en", "standard"),
    ("short_carer.v1", "en", "large_print"),
    ("short_service_user.v1", "en", "easy_read"),
    ("short_service_user.v1", "ar-XB", "standard"),
    ("pilot_professional.v1", "en-XA", "standard"),
    ("short_carer.v2", "ar-XB", "compact"),
]
SENDER = Sender(
    organisation="Northmoor",
    title="How involved are you?",
    return_address=("Freepost NORTHMOOR SURVEY",),
    contact=("The survey team", "Telephone: 01632 960001"),
    front_url="https://survey.example.org",
    withdraw_url="https://survey.example.org/withdraw",
    link_start="https://survey.example.org/s/",
)


def make_run(ref, language, edition, n=1):
    """Copies of a form as they are printed, without anything being stored."""
    form = bank.worded(
        bank.instrument(ref),
        language=language,
        edition=edition if edition == "easy_read" else None,
    )
    style = Style(edition, language, form.direction, SENDER)
    plan = [printing.CopyToPrint(printing.Secrets.new()) for _ in range(n)]
    return printing.typeset(plan, {None: set_form(form, style)}, style, utc_now())


@pytest.fixture(scope="module", params=FORMS, ids="-".join)
def run(request):
    return make_run(*request.param, n=2)


def test_every_box_and_mark_is_within_half_a_millimetre(run):
    layout, wrong = run.layouts[0], {}
    pages = list(ink.pages(run.pdf))
    starts = [page for _, _, page in run.copies]
    assert len(pages) == 2 * (starts[1] - 1)
    for start in starts:
        for field in layout.fields:
            for box in field.boxes:
                off = max(ink.edges(pages[start + box.page - 2], box))
                if off > WITHIN:
                    wrong[start, field.id, box.value] = off
        for number in range(layout.n_pages):
            for mark in layout.marks:
                off = ink.extent(pages[start + number - 1], mark)
                if off > WITHIN:
                    wrong[start, number, mark.name] = off
    assert wrong == {}


def test_no_box_leaves_its_page_or_meets_another(run):
    layout = run.layouts[0]
    for fields in layout.pages.values():
        boxes = [box for field in fields for box in field.boxes]
        for n, box in enumerate(boxes):
            assert 10 < box.x and box.x + box.width < layout.page_width - 10
            assert 10 < box.y and box.y + box.height < layout.qr.y
            assert not any(_meet(box, other) for other in boxes[:n])


def _meet(box, other):
    apart_x = box.x > other.x + other.width or other.x > box.x + box.width
    apart_y = box.y > other.y + other.height or other.y > box.y + box.height
    return not (apart_x or apart_y)
