"""One form laid out once: its elements, and what stands where on its pages."""

from dataclasses import asdict, dataclass

from . import typesetting, words
from .content import Booklet
from .editions import EDITIONS, MARKS, PAGE, QR, furniture
from .layout import Box, Field, Layout

TEMPLATE = "form.typ"
NO_COPY = {"form_id": "", "serial": "", "code": "", "receipt": "", "way_in": ""}


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

    @property
    def words(self):
        return words.words_of(self.language)

    def data(self, forms, copies):
        """All that the template asks for."""
        return {
            "title": self.sender.title,
            "organisation": self.sender.organisation,
            "edition": asdict(EDITIONS[self.edition]),
            "words": self.words,
            "lang": self.language.split("-")[0],
            "dir": self.direction,
            "specimen": self.is_specimen,
            "forms": [form for form in forms],
            "copies": copies,
            **furniture(),
        }


def set_form(instrument, style):
    """Lay a form out; the place of every box comes from the typesetter's own run."""
    columns = EDITIONS[style.edition].columns
    booklet = Booklet(instrument, style.words, style.sender, columns=columns)
    elements = booklet.elements()
    a_copy = {**NO_COPY, "form": 0, "pages": 0, "numbered": 0, "keep": 0, "qrs": []}
    a_copy["way_in"] = BLANK_SQUARE
    told = typesetting.told(TEMPLATE, style.data([elements], [a_copy]))
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


BLANK_SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="33" height="33" '
    'viewBox="0 0 33 33"></svg>'
)


def _fields(elements, told):
    """The questions among the elements, each with the boxes that were told of."""
    boxes = {}
    for mark in (mark for mark in told if "field" in mark):
        place = {name: mark[name] for name in ("page", "x", "y", "width", "height")}
        boxes.setdefault(mark["field"], []).append(Box(value=mark["value"], **place))
    for element in elements:
        if "field" in element:
            field_id, kind, ref = element["field"]
            type_ = element.get("type") or TYPES[element["is"]]
            yield Field(field_id, kind, type_, ref, tuple(boxes[field_id]))


TYPES = {"writing": "text", "date": "date"}
