"""A layout as data: read back as it was written, and known by what it says."""

from dataclasses import replace

import pytest

from surveyapp.links import is_code
from surveyapp.paper.box_positions import Box, Field, Layout, Square


def make_layout(**changes):
    """Two questions on the third page and a comment on the fourth."""
    yes, no = Box("yes", 3, 20, 40, 5, 5), Box("no", 3, 20, 50, 5, 5)
    scale = [Box(str(n), 3, 20, 70.25 + 8 * n, 5, 5) for n in range(5)]
    fields = (
        Field("care_plan", "gate", "one", "", (yes, no)),
        Field("trust_listened", "item", "one", "trust_listened.v1", tuple(scale)),
        Field("comment", "comment", "text", "", (Box("", 4, 20, 40, 170, 90),)),
    )
    given = {
        "instrument": "short_service_user.v1",
        "perspective": "service_user",
        "language": "en-GB",
        "edition": "standard",
        "n_pages": 4,
        "page_width": 210.0,
        "page_height": 297.0,
        "marks": (Square("top_left", 7, 7, 5), Square("top_right", 198, 7, 5)),
        "qr": Square("qr", 170, 272, 15),
        "fields": fields,
    }
    return Layout(**given | changes)


def test_a_layout_is_read_back_as_it_was_written():
    layout = make_layout()
    assert Layout.from_dict(layout.to_dict()) == layout


def test_a_changed_layout_is_refused():
    told = make_layout().to_dict()
    told["fields"][0]["boxes"][0]["x"] += 0.1
    with pytest.raises(ValueError, match="not the layout of form"):
        Layout.from_dict(told)


def test_forms_that_differ_anywhere_have_different_ids():
    layout = make_layout()
    others = [
        replace(layout, language="ar-XB"),
        replace(layout, edition="large_print"),
        replace(layout, qr=replace(layout.qr, x=171)),
        replace(layout, fields=layout.fields[::-1]),
    ]
    assert len({form.form_id for form in [layout, *others]}) == 5
    assert is_code(layout.form_id)


def test_pages_hold_their_fields_in_reading_order():
    pages = make_layout().pages
    assert [*pages] == [3, 4]
    assert [field.id for field in pages[3]] == ["care_plan", "trust_listened"]
    assert make_layout().field("trust_listened").values == ("0", "1", "2", "3", "4")
