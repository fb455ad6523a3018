"""What stands where on a printed form, as data that a machine or a keyer can follow.

Lengths are millimetres from the top left corner of the page, in every language:
where text runs from right to left, the boxes stand on the right by their numbers.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from ..links import ALPHABET, CODE_LENGTH, check_character

FORMAT = "printed_form.v1"
KINDS = (
    "consent",
    "gate",
    "item",
    "question",
    "helped",
    "comment",
    "completed_on",
)


@dataclass(frozen=True)
class Box:
    """A box to mark or to write in; `value` is what a mark in it says.

    That is the integer of a category as text, a reason, the code of an option,
    `yes` or `no`; in a date the sign it takes, such as `day_1`; or empty where
    there is one box to write in.
    """

    value: str
    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Field:
    """A question on paper, under the name that it has in the web form.

    `type` is `one`, `many`, `text` or `date`; `ref` is the bank's reference of the
    wording, or empty for the form's own questions. All its boxes are on one page.
    """

    id: str
    kind: str
    type: str
    ref: str
    boxes: tuple

    @property
    def page(self):
        return self.boxes[0].page

    @property
    def values(self):
        return tuple(box.value for box in self.boxes)


@dataclass(frozen=True)
class Square:
    """A corner mark or the page's QR code: `name`, its place and its side."""

    name: str
    x: float
    y: float
    side: float


@dataclass(frozen=True)
class Layout:
    """One edition of one form: its fields in the order in which they are read.

    `edition` is `standard`, `large_print` or one of the bank, such as `easy_read.v1`.
    `marks` and `qr` stand in the same place on every page. `form_id` is made
    from everything else, so that two forms which differ never share one.
    """

    instrument: str
    perspective: str
    language: str
    edition: str
    n_pages: int
    page_width: float
    page_height: float
    marks: tuple
    qr: Square
    fields: tuple

    @cached_property
    def form_id(self):
        """Eight signs of a SHA-256, and one that checks what was typed."""
        content = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        number = int.from_bytes(hashlib.sha256(content.encode()).digest()[:5])
        signs = (ALPHABET[number >> 5 * n & 31] for n in range(CODE_LENGTH))
        body = "".join(signs)
        return body + check_character(body)

    @property
    def pages(self):
        """Page number -> its fields in order; only pages that have any."""
        held = {}
        for field in self.fields:
            held.setdefault(field.page, []).append(field)
        return {number: tuple(fields) for number, fields in sorted(held.items())}

    def field(self, field_id):
        """The field of this name; KeyError where the form has none."""
        found = {field.id: field for field in self.fields}
        return found[field_id]

    def to_dict(self):
        """Plain data, as it is stored and written beside the PDF."""
        return {"format": FORMAT, "form_id": self.form_id, **asdict(self)}

    @classmethod
    def from_dict(cls, data):
        """The layout that `to_dict` wrote; ValueError if it was changed since."""
        told = dict(data)
        form_id, format_ = told.pop("form_id"), told.pop("format")
        fields = [_field(each) for each in told.pop("fields")]
        layout = cls(**told, fields=tuple(fields))
        layout = replace(
            layout,
            marks=tuple(Square(**mark) for mark in layout.marks),
            qr=Square(**layout.qr),
        )
        if format_ != FORMAT or layout.form_id != form_id:
            raise ValueError(f"this is not the layout of form {form_id}")
        return layout


def _field(data):
    boxes = tuple(Box(**box) for box in data["boxes"])
    return Field(**{**data, "boxes": boxes})
