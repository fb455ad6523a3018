"""Every problem of a file is named by row and column; what is well is read as it is."""

from datetime import UTC, date, datetime

import pytest

from surveyapp.campaigns.import_table import InvalidImport, decoded, read_table

from ... import factories
from .earlier import ITEMS, csv_of, row

TODAY = date(2026, 11, 22)
MANY_NAMES = ",".join(f"n{n}" for n in range(100_000)).encode()


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


def table(campaign, *rows, **options):
    return read_table(decoded(csv_of(*rows)), campaign, today=TODAY, **options)


def problems(campaign, **changes):
    """(column, what is wrong) of a file with one row that is not well."""
    read = table(campaign, row(0), row(1, **changes))
    assert len(read.rows) == 1 and {p.row for p in read.problems} <= {3}
    return [(p.column, p.says) for p in read.problems]


def test_a_good_row_is_read_as_it_stands(campaign):
    (read,) = table(campaign, row(1, care_plan="no", wave="2", gender="woman")).rows
    assert read.at == datetime(2025, 3, 27, 12, tzinfo=UTC)
    assert (read.mode, read.care_plan, read.wave) == ("paper", "no", 2)
    assert read.replies[ITEMS[0]] == (1, 1, None)
    assert read.team_id == campaign.teams[0].id
    assert read.background == {"gender": (1, "woman")}


@pytest.mark.parametrize("typed", ["91", "did_not_happen"])
def test_a_reason_has_a_code_and_a_name(campaign, typed):
    (read,) = table(campaign, row(0, **{ITEMS[0]: typed})).rows
    assert read.replies[ITEMS[0]] == (1, None, "did_not_happen")


def test_an_unclear_mark_keeps_its_code(campaign):
    (read,) = table(campaign, row(0, **{ITEMS[0]: "83"})).rows
    assert read.replies[ITEMS[0]] == (1, None, "illegible")


@pytest.mark.parametrize(
    ("column", "typed", "says"),
    [
        (ITEMS[3], "7", "'7' is not a code here"),
        (ITEMS[3], "often", "'often' is not a code here"),
        ("mode", "pigeon", "'pigeon' is none of"),
        ("perspective", "cat", "'cat' is none of service_user, carer"),
        ("date", "31/02/2025", "is no day of the calendar"),
        ("date", "3-27-2025", "is no day such as"),
        ("date", "2027-01-01", "cannot be the day of an earlier answer"),
        ("date", "", "there is neither a day nor a quarter"),
        ("wave", "0", "is no number from 1 to 99"),
        ("team", "Nobody", "is no team of this campaign"),
        ("care_plan", "maybe", "is none of yes, no, not_sure"),
        ("language", "!", "is no language"),
        ("synthetic", "2", "is neither 0 nor 1"),
        ("gender", "goat", "is not a code here"),
        ("person", "=1+1", "would run this as a formula"),
        ("item_order", "upwards", "is none of as_printed, rotated, booklets"),
    ],
)
def test_what_is_wrong_is_named_by_its_column(campaign, column, typed, says):
    named = {"team": "Harbour team"} if column == "team" else {}
    read = table(campaign, row(0, **named), row(1, **named | {column: typed}))
    (problem,) = read.problems
    assert problem.row == 3 and says in problem.says
    assert problem.column == ("booklet" if column == "item_order" else column)


def test_every_problem_of_a_row_is_named_at_once(campaign):
    found = problems(campaign, mode="pigeon", date="soon", **{ITEMS[0]: "9"})
    assert [column for column, _ in found] == ["date", "mode", ITEMS[0]]


def test_a_row_without_any_answer_is_a_problem(campaign):
    found = problems(campaign, **dict.fromkeys(ITEMS, ""))
    assert found == [("", "no item is answered in this row")]


def test_code_96_needs_a_row_that_has_no_care_plan(campaign):
    settled = "living_document_seen"
    assert problems(campaign, **{settled: "96"})[0][0] == settled
    (read,) = table(campaign, row(0, **{settled: "96", "care_plan": "no"})).rows
    assert settled not in read.replies


def test_one_person_answers_once_from_a_perspective_in_a_wave(campaign):
    read = table(campaign, row(0), row(0), row(0, wave="2"))
    assert len(read.rows) == 2
    assert read.problems[0].says.endswith("stand in row 2 too")


def test_a_quarter_stands_for_its_middle(campaign):
    (read,) = table(campaign, row(0, date="", quarter="2025Q2")).rows
    assert read.at.date() == date(2025, 5, 15)
    found = problems(campaign, quarter="2025Q2")
    assert found == [("date", "this day is not in 2025Q2")]


def test_the_running_quarter_has_no_day_to_come(campaign):
    (read,) = table(campaign, row(0, date="", quarter="2026Q4")).rows
    assert read.at.date() == date(2026, 11, 15)


def test_what_is_not_read_is_said(campaign):
    given = row(0, name="Somebody")
    del given[ITEMS[-1]]
    read = table(campaign, given)
    assert (read.unused, read.absent) == (["name"], [ITEMS[-1]])


def test_a_row_with_too_few_cells_is_named(campaign):
    raw = csv_of(row(0)) + b"1,2\r\n"
    read = read_table(decoded(raw), campaign, today=TODAY)
    assert read.problems[0].says.startswith("2 cells under")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "the file is empty"),
        (b"a\0b", "no CSV file"),
        (b"perspective,mode\n\xff\xfe", "row 2 is not UTF-8"),
        (b"perspective,mode,mode\n", "two columns are named mode"),
        (b"mode,date\ncarer,2025-01-01\n", "no column perspective"),
        (b"perspective,mode,date\n", "no column has the name of an item"),
        (csv_of(row(0)).split(b"\n")[0], "no row below the header"),
        (csv_of(row(0)) + b'"torn', "unexpected end of data"),
        (MANY_NAMES, "this file has 100,000 columns; at most 1,000 are read"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(campaign, raw, says):
    with pytest.raises(InvalidImport, match=says):
        read_table(decoded(raw), campaign, today=TODAY)


def test_semicolons_and_a_byte_order_mark_are_read_too(campaign):
    raw = b"\xef\xbb\xbf" + csv_of(row(0), delimiter=";")
    assert len(read_table(decoded(raw), campaign, today=TODAY).rows) == 1
