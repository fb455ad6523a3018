"""The square codes on paper, read back as a scanner and a phone would read them."""

from dataclasses import dataclass

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from surveyapp import bank
from surveyapp.database import utc_now
from surveyapp.paper import printing
from surveyapp.paper.address_list import Addressee
from surveyapp.paper.form_layout import Style, set_form

from .test_boxes_and_ink import SENDER

EDITIONS = ("standard", "large_print", "easy_read")
# Dots an inch, and by how many degrees the sheet lies askew.
SCANS = [(150, 0), (150, 2), (300, 0), (300, -2)]
# Each edition askew and each scan once; the rest of them is marked slow.
USUAL = {
    ("standard", 300, 0),
    ("standard", 300, -2),
    ("large_print", 150, 2),
    ("easy_read", 150, 0),
    ("easy_read", 150, 2),
}
EVERY = [
    pytest.param(
        edition,
        *scan,
        marks=() if (edition, *scan) in USUAL else pytest.mark.slow,
    )
    for edition in EDITIONS
    for scan in SCANS
]
ADDRESSEE = Addressee(("Philippa Canary", "12 Example Street"), "Philippa", None)


@dataclass(frozen=True, eq=False)
class Printed:
    """A letter with its form after it, and what was to be in their codes."""

    secrets: object
    run: object
    n_to_keep: int

    @property
    def link(self):
        return SENDER.link_start + self.secrets.token

    @property
    def page_codes(self):
        """What each page of the PDF is to be known by; None for those of the letter."""
        ((serial, form_id, first),) = self.run.copies
        n_pages = self.run.layouts[0].n_pages
        pages = [f"PROM1/{form_id}/{serial}/{n:02d}" for n in range(1, n_pages + 1)]
        return [None] * (first - 1) + pages


@pytest.fixture(scope="module", params=EDITIONS)
def printed(request):
    edition = request.param
    easy = edition if edition == "easy_read" else None
    form = bank.worded(
        bank.instrument("short_service_user.v1"), language="en", edition=easy
    )
    style = Style(edition, "en", form.direction, SENDER)
    planned = printing.CopyToPrint(printing.Secrets.new(), addressee=ADDRESSEE)
    forms = {None: set_form(form, style)}
    run = printing.typeset([planned], forms, style, utc_now())
    return Printed(planned.secrets, run, forms[None].n_to_keep)


def scanned(pdf, dpi, askew):
    """Each page as a scanner would have it, in shades of grey."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        sheet = page.render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
        yield sheet.rotate(askew, Image.Resampling.BICUBIC, fillcolor=255)
    document.close()


def read(picture):
    """The texts of the QR codes that are found on a picture."""
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in found]


@pytest.mark.parametrize("printed, dpi, askew", EVERY, indirect=["printed"])
def test_every_page_says_which_it_is_and_the_link_opens(printed, dpi, askew):
    found = [read(page) for page in scanned(printed.run.pdf, dpi, askew)]
    pages = printed.page_codes
    numbered = [[c for c in codes if c.startswith("PROM1/")] for codes in found]
    assert numbered[: len(pages)] == [[code] if code else [] for code in pages]
    others = [c for codes in found for c in codes if not c.startswith("PROM1/")]
    assert others == [printed.link] * 2  # on the letter, and on the pages to keep


def test_no_page_that_comes_back_carries_the_way_in(printed):
    found = [read(page) for page in scanned(printed.run.pdf, 150, 0)]
    ((_, _, first),) = printed.run.copies
    with_link = [n for n, codes in enumerate(found, 1) if printed.link in codes]
    assert with_link[0] < first
    assert first <= with_link[1] < first + printed.n_to_keep
