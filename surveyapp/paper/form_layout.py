"""One form laid out once: its elements, and what stands where on its pages."""

from dataclasses import asdict, dataclass
from typing import Any

from .. import typesetting
from ..links import grouped
from . import form_texts, qr_codes
from .box_positions import Box, Field, Layout
from .compact_form import CompactBooklet
from .content import Booklet
from .print_sizes import MARKS, PAGE, PRINT_SIZES, QR, page_marks

TEMPLATE = "paper/form.typ"


@dataclass(frozen=True, eq=False)
class SetForm:
    """A form as it was set: elements for the typesetter, its layout, pages to keep."""

    elements: list
    layout: Layout
    n_to_keep: int

    @property
    def pages_of_paper(self):
        """Pages with the empty one that makes them even, for both sides of a sheet."""
        return self.layout.n_pages + self.layout.n_pages % 2


@dataclass(frozen=True)
class Style:
    """An edition and a language: how a run of forms is set, for one sender."""

    edition: str  # a name in EDITIONS
    language: str
    direction: str
    sender: object
    is_specimen: bool = False
    letter: tuple = ()  # what a letter says before the ways to answer

    @property
    def words(self):
        return form_texts.words_of(self.language, is_easy=self.edition == "easy_read")

    def data(self, forms, copies):
        """All that the template asks for."""
        return {
            "title": self.sender.title,
            "organisation": self.sender.organisation,
            "edition": asdict(PRINT_SIZES[self.edition]),
            "words": self.words,
            "lang": self.language.split("-")[0],
            "dir": self.direction,
            "specimen": self.is_specimen,
            "contact": self.sender.contact,
            "letter_text": self.letter,
            "front_url": self.sender.front_url,
            "opt_out_url": self.sender.opt_out_url,
            "forms": forms,
            "copies": copies,
            **page_marks(),
        }

    def copy(self, secrets, *, form=None, place=None, letter=None):
        """One copy as the template takes it: a form, a letter, or both."""
        printed = {
            "form": place if form else None,
            "letter": letter,
            "comes_with_form": form is not None,
            "lead": 0,
            "blank": False,
            "pages": 0,
            "serial": grouped(secrets.serial),
            "way_in": qr_codes.of_link(self.sender.link_start + secrets.token),
            "code": grouped(secrets.code),
            "receipt": grouped(secrets.receipt),
        }
        if form is None:
            return printed
        form_id, n_pages = form.layout.form_id, form.layout.n_pages
        return printed | {
            "pages": form.pages_of_paper,
            "numbered": n_pages,
            "keep": form.n_to_keep,
            "form_id": grouped(form_id),
            "qrs": qr_codes.of_pages(form_id, secrets.serial, n_pages),
        }

    def pages_of_letters(self, copies):
        """How many pages each letter takes, by a run of the letters alone."""
        alone = [{**copy, "form": None, "blank": False} for copy in copies]
        told = typesetting.query_marks(TEMPLATE, self.data([], alone))
        ends = [mark["page"] for mark in told if mark.get("place") == "letter"]
        return [end - before for before, end in zip([0, *ends], ends)]


def set_form(instrument, style):
    """Lay a form out; the place of every box comes from the typesetter's own run."""
    columns = PRINT_SIZES[style.edition].columns
    booklet = BOOKLETS.get(style.edition, Booklet)
    elements = booklet(
        instrument, style.words, style.sender, columns=columns
    ).elements()
    told = typesetting.query_marks(TEMPLATE, style.data([elements], [UNNUMBERED]))
    places = {mark["place"]: mark["page"] for mark in told if "place" in mark}
    layout = Layout(
        instrument=instrument.ref,
        perspective=instrument.perspective,
        language=instrument.language,
        edition=instrument.edition or style.edition,
        n_pages=places["end"],
        page_width=PAGE["width"],
        page_height=PAGE["height"],
        marks=MARKS,
        qr=QR,
        fields=tuple(_fields(elements, told)),
    )
    return SetForm(elements, layout, places["kept"])


# A copy to lay out: what is printed on it has the size that it will have.
UNNUMBERED: dict[str, Any] = {
    "form": 0,
    "letter": None,
    "lead": 0,
    "pages": 0,
    "numbered": 0,
    "keep": 0,
    "form_id": "",
    "serial": "",
    "code": "ABC-DEF-GHJ",
    "receipt": "ABCD-EFGH-JKLM",
    "qrs": [],
    "way_in": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 33 33"></svg>',
}


def _fields(elements, told):
    """The questions among the elements, each with the boxes that were told of."""
    boxes = {}
    for mark in (mark for mark in told if "field" in mark):
        place = {name: mark[name] for name in ("page", "x", "y", "width", "height")}
        boxes.setdefault(mark["field"], []).append(Box(value=mark["value"], **place))
    for element in (row for e in elements for row in e.get("rows", [e])):
        if "field" in element:
            field_id, kind, ref = element["field"]
            type_ = element.get("type") or TYPES[element["is"]]
            yield Field(field_id, kind, type_, ref, tuple(boxes[field_id]))


TYPES = {"writing": "text", "date": "date"}
BOOKLETS = {"compact": CompactBooklet}
