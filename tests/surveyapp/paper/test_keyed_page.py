"""Two readings of any form: differences are the same either way, and all settled."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from werkzeug.datastructures import MultiDict

from surveyapp.errors import InvalidAnswers
from surveyapp.paper.error_rate import design_effect, interval, rate
from surveyapp.paper.keyed_page import read_page
from surveyapp.paper.keying_sheet import MARKS
from surveyapp.paper.reading_comparison import agreed_reading, differences

from .keyers import FIELDS, SHEET, reading, sent_as

OPENED, TODAY = date(2026, 1, 5), date(2026, 11, 22)
few = settings(max_examples=40, deadline=None)


def codes(field):
    """Any code that a keyer may give for a field."""
    boxes = [code for code, _ in field.boxes]
    if field.kind == "one":
        return st.sampled_from([*boxes, *MARKS])
    if field.kind == "many":
        chosen = st.lists(st.sampled_from(boxes), unique=True, min_size=1)
        ordered = chosen.map(lambda some: ";".join(sorted(some, key=boxes.index)))
        return ordered | st.sampled_from(["blank", "illegible"])
    if field.kind == "date":
        days = st.dates(OPENED, TODAY).map(date.isoformat)
        return days | st.just("blank")
    return st.text("abc XY\n", max_size=12).map(str.strip)


readings = st.fixed_dictionaries({name: codes(f) for name, f in FIELDS.items()})


def names(first, second):
    return [field.name for field in differences(SHEET, first, second)]


@few
@given(readings, readings)
def test_who_read_first_makes_no_difference(first, second):
    assert names(first, second) == names(second, first)
    assert names(first, first) == []


@few
@given(readings, readings, st.data())
def test_what_both_read_stands_and_every_difference_is_settled(first, second, data):
    differing = names(first, second)
    resolved = {n: [data.draw(codes(FIELDS[n])), "slip"] for n in differing}
    standing = agreed_reading(SHEET, first, second, resolved)
    assert standing.keys() == FIELDS.keys()
    assert {n: standing[n] for n in differing} == {n: r[0] for n, r in resolved.items()}
    assert all(standing[n] == first[n] for n in FIELDS if n not in differing)


@few
@given(readings, readings)
def test_nothing_stands_while_a_difference_is_open(first, second):
    differing = names(first, second)
    if differing:
        with pytest.raises(KeyError):
            agreed_reading(SHEET, first, second, dict.fromkeys(differing[1:], ["", ""]))


@few
@given(readings)
def test_what_is_sent_is_read_back_as_it_was(read):
    for page in SHEET.pages:
        sent = MultiDict({f.name: sent_as(f, read) for f in page.fields})
        given_ = read_page(page, sent, opened=OPENED, today=TODAY)
        assert given_ == {f.name: read[f.name] for f in page.fields}


def test_capitals_and_spaces_of_words_are_no_difference_but_boxes_are():
    first = reading(comment="They were  kind", gender="woman")
    assert names(first, reading(comment="they were kind", gender="woman")) == []
    assert names(first, first | {"gender": "blank"}) == ["gender"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("27 3 2026", "2026-03-27"),
        ("27/03/26", "2026-03-27"),
        ("2026-03-27", "2026-03-27"),
        ("", "blank"),
    ],
)
def test_a_day_is_read_as_people_write_it(typed, read):
    page = SHEET.page(1)
    sent = MultiDict({f.name: "yes" for f in page.fields} | {"completed_on": typed})
    given_ = read_page(page, sent, opened=OPENED, today=TODAY)
    assert given_["completed_on"] == read


def test_a_mark_beside_a_box_cannot_stand_for_several_answers():
    page = next(p for p in SHEET.pages if any(f.kind == "many" for f in p.fields))
    sent = MultiDict({f.name: sent_as(f, reading()) for f in page.fields})
    name = next(f.name for f in page.fields if f.kind == "many")
    sent.setlist(name, ["illegible", FIELDS[name].boxes[0][0]])
    with pytest.raises(InvalidAnswers):
        read_page(page, sent, opened=OPENED, today=TODAY)


def test_the_interval_is_wilsons_where_forms_differ_no_more_than_fields_would():
    ours = interval([(5, 250)] * 4)
    theirs = binomtest(20, 1000).proportion_ci(method="wilson")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_differences_that_come_together_widen_the_interval():
    spread, heaped = [(2, 50)] * 10, [(20, 50)] + [(0, 50)] * 9
    assert design_effect(spread) == 1.0 and design_effect(heaped) > 5
    assert rate("all", spread).value == rate("all", heaped).value == 4.0
    assert interval(heaped)[1] > interval(spread)[1]


@few
@given(st.lists(st.tuples(st.integers(0, 50), st.just(50)), min_size=1, max_size=8))
def test_a_rate_lies_within_its_interval(counts):
    made = rate("any", counts)
    assert (
        0 <= made.lower <= made.value + 1e-9 and made.value - 1e-9 <= made.upper <= 100
    )
