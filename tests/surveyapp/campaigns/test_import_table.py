"""Every problem of a file is named by row and column; what is well is read as it is."""

import io
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow
import pyreadstat
import pytest
from pyarrow import parquet

from surveyapp import bank
from surveyapp.assessments.questions import arranged_questions
from surveyapp.campaigns import import_table
from surveyapp.campaigns.import_orders import arrangement_of
from surveyapp.campaigns.import_table import Reader
from surveyapp.delimited import encoding_of, opened, pieces
from surveyapp.file_limits import EARLIER_ANSWERS, EARLIER_WORKBOOK, FileRefused
from surveyapp.table_files.apart import environment

from ... import factories
from .earlier import ITEMS, csv_of, file_of, row

pytestmark = pytest.mark.one_database

TODAY = date(2026, 11, 22)
MANY_NAMES = ",".join(f"n{n}" for n in range(100_000)).encode()


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


def read(raw, campaign, **options):
    """The bytes of a file, read as an upload is."""
    file = io.BytesIO(raw)
    encoding = encoding_of(file)
    return Reader(
        pieces(file, encoding), campaign, today=TODAY, encoding=encoding, **options
    )


def table(campaign, *rows, **options):
    """The good rows of a file, the problems of the others, and what was not read."""
    reader = read(csv_of(*rows), campaign, **options)
    given = [*reader]
    good = [row for row, _ in given if row is not None]
    return SimpleNamespace(
        rows=good,
        problems=[problem for _, problems in given for problem in problems],
        unused=reader.unused,
        absent=reader.absent({row.perspective for row in good}),
    )


def problems(campaign, **changes):
    """(column, what is wrong) of a file with one row that is not well."""
    held = table(campaign, row(0), row(1, **changes))
    assert len(held.rows) == 1 and {p.row for p in held.problems} <= {3}
    return [(p.column, p.says) for p in held.problems]


def test_a_good_row_is_read_as_it_stands(campaign):
    (good,) = table(campaign, row(1, care_plan="no", wave="2", gender="woman")).rows
    assert good.at == datetime(2025, 3, 27, 12, tzinfo=UTC)
    assert (good.mode, good.care_plan, good.wave) == ("paper", "no", 2)
    assert good.replies[ITEMS[0]] == (1, 1, None)
    assert good.team_id == campaign.teams[0].id
    assert good.background == {"gender": (1, "woman")}


@pytest.mark.parametrize("typed", ["91", "did_not_happen"])
def test_a_reason_has_a_code_and_a_name(campaign, typed):
    (good,) = table(campaign, row(0, **{ITEMS[0]: typed})).rows
    assert good.replies[ITEMS[0]] == (1, None, "did_not_happen")


def test_an_unclear_mark_keeps_its_code(campaign):
    (good,) = table(campaign, row(0, **{ITEMS[0]: "83"})).rows
    assert good.replies[ITEMS[0]] == (1, None, "illegible")


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
        ("item_order", "upwards", "is none of as_printed, rotated, mixed"),
    ],
)
def test_what_is_wrong_is_named_by_its_column(campaign, column, typed, says):
    named = {"team": "Harbour team"} if column == "team" else {}
    held = table(campaign, row(0, **named), row(1, **named | {column: typed}))
    (problem,) = held.problems
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
    (good,) = table(campaign, row(0, **{settled: "96", "care_plan": "no"})).rows
    assert settled not in good.replies


def test_one_person_answers_once_from_a_perspective_in_a_wave(campaign):
    held = table(campaign, row(0), row(0), row(0, wave="2"))
    assert len(held.rows) == 2
    assert held.problems[0].says.endswith("stand in row 2 too")


def test_a_quarter_stands_for_its_middle(campaign):
    (good,) = table(campaign, row(0, date="", quarter="2025Q2")).rows
    assert good.at.date() == date(2025, 5, 15)
    found = problems(campaign, quarter="2025Q2")
    assert found == [("date", "this day is not in 2025Q2")]


def test_the_running_quarter_has_no_day_to_come(campaign):
    (good,) = table(campaign, row(0, date="", quarter="2026Q4")).rows
    assert good.at.date() == date(2026, 11, 15)


def test_what_is_not_read_is_said(campaign):
    given = row(0, name="Somebody")
    del given[ITEMS[-1]]
    held = table(campaign, given)
    assert (held.unused, held.absent) == (["name"], [ITEMS[-1]])


def test_a_row_with_too_few_cells_is_named(campaign):
    raw = csv_of(row(0)) + b"1,2\r\n"
    *_, (none, problems) = read(raw, campaign)
    assert none is None and problems[0].says.startswith("2 cells under")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "the file is empty"),
        (b"a\0b", "this is no text file"),
        (b"PK\x03\x04", "this is a workbook; save its sheet as CSV"),
        (b"perspective,mode\n\xff\x81", "row 2 is no text in Windows-1252"),
        (b"perspective,mode,mode\n", "two columns are named mode"),
        (b"mode,date\ncarer,2025-01-01\n", "no column perspective"),
        (b"perspective,mode,date\n", "no column has the name of an item"),
        (csv_of(row(0)).split(b"\n")[0], "no row below the header"),
        (csv_of(row(0)) + b'"torn', "unexpected end of data"),
        (MANY_NAMES, "this file has 100,000 columns; at most 1,000 are read"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(campaign, raw, says):
    with pytest.raises(FileRefused, match=says):
        list(read(raw, campaign))


def as_saved(text, encoding, delimiter):
    return text.replace(",", delimiter).encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_file_is_read_however_a_spreadsheet_saved_it(campaign, encoding, delimiter):
    campaign.teams[0].name = "Ménière team"
    text = csv_of(row(0, team="Ménière team")).decode()
    reader = read(as_saved(text, encoding, delimiter), campaign)
    ((good, problems),) = reader
    assert problems == [] and good.replies[ITEMS[1]] == (1, 1, None)
    assert reader.form.delimiter == delimiter


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_may_end_in_any_way_and_the_delimiter_may_be_named(campaign, end):
    lines = ["sep=;", *csv_of(row(0), row(1), delimiter=";").decode().split()]
    given = [*read(end.join(lines).encode(), campaign)]
    assert [good.line for good, _ in given] == [3, 4]


def test_a_row_too_many_is_refused_with_both_numbers(campaign, monkeypatch):
    limit = replace(EARLIER_ANSWERS, n_rows=2)
    monkeypatch.setattr(import_table, "EARLIER_ANSWERS", limit)
    with pytest.raises(FileRefused, match="more than 2 rows"):
        list(read(csv_of(*map(row, range(3))), campaign))


def test_a_cell_that_is_too_long_is_named_with_its_row(campaign):
    long = "x" * (EARLIER_ANSWERS.longest + 1)
    assert problems(campaign, remark=long) == [
        ("remark", "this has more than 5,000 letters")
    ]


def declared_missing(kind):
    """A file whose first item has 1 as a code that is missing, and one of ours."""
    frame = pd.DataFrame(
        [row(n, **{ITEMS[0]: code}) for n, code in enumerate(DECLARED)]
    )
    frame[ITEMS[0]] = frame[ITEMS[0]].astype(float)
    made = io.BytesIO()
    if kind == "parquet":
        told = {"care_planning_survey": json.dumps({"missing": ["1", "92"]})}
        whole = pyarrow.Table.from_pandas(frame, preserve_index=False)
        fields = [
            each.with_metadata(told) if each.name == ITEMS[0] else each
            for each in whole.schema
        ]
        parquet.write_table(whole.cast(pyarrow.schema(fields)), made)
        return made.getvalue()
    with tempfile.NamedTemporaryFile(suffix=".sav") as file:
        ranges = {ITEMS[0]: [{"lo": 1, "hi": 1}, {"lo": 92, "hi": 92}]}
        pyreadstat.write_sav(frame, file.name, missing_ranges=ranges)
        return Path(file.name).read_bytes()


DECLARED = (2, 1, 92)


@pytest.mark.parametrize("kind", ["sav", "parquet"])
def test_a_category_that_a_file_declares_missing_is_no_answer(campaign, kind):
    file, encoding = opened_file(declared_missing(kind), kind)
    reader = Reader(pieces(file, encoding), campaign, today=TODAY)
    rows = [*reader]
    assert [problems for _, problems in rows] == [[]] * 3
    replies = [row.replies.get(ITEMS[0], ()) for row, _ in rows]
    assert [reply[1:] for reply in replies] == [
        (2, None),
        (),
        (None, "not_wanted"),
    ]


KINDS = ("xlsx", "sav", "dta", "parquet")


def opened_file(raw, kind, **options):
    limit = options.pop("limit", EARLIER_WORKBOOK)
    return opened(io.BytesIO(raw), f"round.{kind}", limit=limit, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_upload", [False, True])
def test_a_file_of_any_kind_holds_the_same_rows(campaign, kind, is_upload):
    rows = [row(0), row(1, wave="2", person="0012")]
    options = {"known": ["person", *ITEMS], "is_upload": is_upload}
    file, encoding = opened_file(file_of(kind, *rows), kind, **options)
    reader = Reader(pieces(file, encoding), campaign, today=TODAY)
    good = [row for row, _ in reader]
    expected = table(campaign, *rows).rows
    assert good == expected and encoding in ("excel", ".sav", ".dta", "parquet")


ENDS_BADLY = (
    "import atexit, os; atexit.register(os.abort); "
    "from surveyapp.table_files import apart; apart.main()"
)


def test_what_breaks_as_a_process_ends_takes_nothing_from_its_answer(tmp_path):
    about = {"name": "round.parquet", "kind": "parquet", "known": [], "keep": True}
    ended = subprocess.run(
        [sys.executable, "-c", ENDS_BADLY],
        input=json.dumps(about).encode() + b"\n" + file_of("parquet", row(0)),
        stdout=subprocess.PIPE,
        env=environment(str(tmp_path)),
    )
    assert ended.returncode == 0 and json.loads(ended.stdout)["header"][0] == "person"


@pytest.mark.parametrize("kind", KINDS)
def test_no_large_file_of_a_kind_that_is_read_as_a_whole_is_taken(kind):
    raw = file_of(kind, row(0))
    with pytest.raises(FileRefused, match="more than 1 kB.*save it as CSV"):
        opened_file(raw, kind, limit=replace(EARLIER_WORKBOOK, n_bytes=1000))


def test_a_row_of_a_workbook_keeps_its_number(campaign):
    raw = file_of("xlsx", row(0), {}, {}, row(1, mode="pigeon"))
    file, encoding = opened_file(raw, "xlsx")
    reader = Reader(pieces(file, encoding), campaign, today=TODAY)
    ((problem,),) = [problems for row, problems in reader if row is None]
    assert (problem.row, problem.column) == (5, "mode")


IDS = {name: f'{{"ImportId":"QID{n}"}}' for n, name in enumerate(row(0))}
ASKED = {name: f"What of {name}, in words?" for name in row(0)}


@pytest.mark.parametrize("below", [[ASKED], [ASKED, IDS], [IDS]])
@pytest.mark.parametrize("above", [b"", b"Survey of 2025,,,\n\n"])
def test_rows_of_titles_and_of_texts_are_no_answers(campaign, above, below):
    reader = read(above + csv_of(*below, row(0), row(1)), campaign)
    assert [(r is None, problems) for r, problems in reader] == [(False, [])] * 2
    assert "texts of questions, not answers, in row" in reader.notes[0]


def test_answers_in_words_alone_are_no_texts_of_questions(campaign):
    words = dict.fromkeys(ITEMS, "not_applicable")
    reader = read(csv_of(row(0) | words, row(1), row(2)), campaign)
    assert len([*reader]) == 3


@pytest.mark.parametrize("mark", ["#NULL!", "NA", "N/A", ".", "NULL"])
def test_what_a_program_writes_for_nothing_is_nothing(campaign, mark):
    (good,) = table(campaign, row(0, assisted_by=mark) | {ITEMS[0]: mark}).rows
    assert ITEMS[0] not in good.replies and good.assisted_by is None


def test_a_second_time_before_the_first_is_a_problem(campaign):
    early = row(0, wave="2", date="2025-01-02")
    held = table(campaign, row(0), early)
    says = "wave 2 is before wave 1 in row 2"
    assert [(p.row, p.column, p.says) for p in held.problems] == [(3, "date", says)]
    held = table(campaign, early, row(0))
    assert held.problems[0].says == "wave 1 is after wave 2 in row 2"


def test_an_identifier_that_a_spreadsheet_shortened_is_a_problem(campaign):
    ((column, says),) = problems(campaign, person="1.2E+11")
    assert column == "person" and "shortens a long number" in says


def test_waves_without_a_first_and_lost_zeros_are_noted(campaign):
    rows = [row(n, person=str(1000 + 700 * n)) for n in range(9)]
    reader = read(csv_of(*rows, row(9, person="371", wave="2")), campaign)
    assert len([*reader]) == 10
    assert "371 in row 11 is shorter than most" in reader.notes[0]
    assert reader.notes[1].startswith("row 11 is of a later wave")


@pytest.mark.parametrize("first", ["trust", "living_document"])
def test_a_mixed_order_is_known_by_the_part_that_came_first(first):
    form = bank.instrument("short_service_user.v3")
    said = {"item_order": "mixed", "first_part": first}
    text = arrangement_of(form, said, frozenset())
    given = arranged_questions(form.ref, text).instrument
    assert text.startswith("mixed:") and given.items[0].prerequisite == first
    assert any(block.is_mixed for block in given.blocks)
