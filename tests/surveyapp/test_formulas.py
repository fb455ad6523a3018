"""No cell of a file that leaves is run by a spreadsheet, whatever somebody wrote."""

import ast
import csv
import io
import zipfile
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

import item_bank
import psychometrics
import surveyapp
from item_bank import csv_cells as of_bank
from item_bank.errors import BankError
from item_bank.interchange import limesurvey, redcap
from surveyapp import csv_cells
from surveyapp.csv_cells import FORMULA, csv_text, frame_text, neutral, plain
from surveyapp.models import (
    Assessment,
    Campaign,
    Contact,
    Invitation,
    StaffUser,
    Team,
    Trust,
)
from surveyapp.models.staff import ROLES, RoleGrant
from surveyapp.research.exports.workbook import xlsx
from surveyapp.research.files.earlier_reduction import read_reduction

from .. import factories
from .crawler import addresses
from .signing_in import sign_in
from .test_access import world  # noqa: F401

RUN = "q7x(1)"
# What a person may write in words, and stands in files of the staff's.
WORDS = {
    Trust: ("name",),
    Team: ("name", "code"),
    Campaign: ("title", "purpose", "return_address", "contact", "headline", "thanks"),
    StaffUser: ("name",),
    Invitation: ("label",),
    Contact: ("name", "postal_address", "email"),
}
# Who writes cells, and why none of them is run.
WRITERS = {
    "surveyapp/csv_cells.py": "neutral",
    "surveyapp/table_files/as_text.py": "it is read again at once, and goes nowhere",
    "surveyapp/research/exports/workbook.py": "text is of a type of its own",
    "item_bank/csv_cells.py": "neutral",
    "item_bank/interchange/limesurvey.py": "refused",
    "item_bank/interchange/redcap.py": "refused",
    "psychometrics/cfa/result.py": "a call of the library's own",
    "psychometrics/report/fingerprint.py": "it is hashed",
}
WRITING = {"csv.writer", "csv.DictWriter", "Workbook"}


def cells_of(name, raw):
    """Every cell of a file, or of the files in an archive, that is text."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for inside in archive.namelist():
                yield from cells_of(inside, archive.read(inside))
    elif name.endswith(".xlsx"):
        for sheet in load_workbook(io.BytesIO(raw)).worksheets:
            for row in sheet.iter_rows():
                yield from (("=" if c.data_type == "f" else "") for c in row)
    elif name.endswith(".csv"):
        text = raw.decode("utf-8-sig")
        yield from (cell for row in csv.reader(io.StringIO(text)) for cell in row)


def run_in(name, raw):
    """The cells that a spreadsheet would run."""
    is_number = csv_cells.BELOW_NOUGHT.fullmatch
    return [
        c for c in cells_of(name, raw) if c.startswith(FORMULA) and not is_number(c)
    ]


@pytest.mark.parametrize("begins", FORMULA)
def test_a_formula_is_text(begins):
    cell = begins + RUN
    assert neutral(cell) == f"'{cell}" and plain(neutral(cell)) == cell
    assert neutral(neutral(cell)) == neutral(cell)
    frame = pd.DataFrame({cell: [cell, 1]}, index=pd.Index([cell, "a"], name=cell))
    for text in (csv_text([[cell, 1]]), frame_text(frame), of_bank.csv_text([[cell]])):
        assert run_in("a.csv", text.encode()) == [] and RUN in text
    table = SimpleNamespace(
        variables=[SimpleNamespace(is_number=False)], header=[cell], rows=[[cell]]
    )
    made = xlsx(table, [[cell], [cell]])
    assert run_in("a.xlsx", made) == []
    kept = load_workbook(io.BytesIO(made)).active["A1"].value
    assert kept == cell.replace("\r", "\n")  # as every reader of XML takes it


@pytest.mark.parametrize("write", [csv_text, of_bank.csv_text])
def test_what_follows_a_carriage_return_is_no_cell_of_its_own(write):
    text = write([[f"a\r={RUN}", f"b\r\n={RUN}"], ["c", "d"]])
    assert "\r" not in text
    assert [*csv.reader(io.StringIO(text))][0] == [f"a\n={RUN}", f"b\n={RUN}"]


def test_numbers_below_nought_stay_numbers():
    row = [-1, -0.5, "-2", "-0.25", "-1e-05", "-inf", "", None]
    assert csv_text([row]) == "-1,-0.5,-2,-0.25,-1e-05,-inf,,\n"
    assert csv_text([["-1+1", "-a"]]) == "'-1+1,'-a\n"
    numbers = [-0.5, 1e-5, 1e16, 1 / 3, 2.0, float("-inf"), float("nan")]
    frame = pd.DataFrame({"a": numbers, "n": range(7), "is": True, "text": 'a,"'})
    assert frame_text(frame, index=False) == frame.to_csv(index=False)


def test_the_bank_and_the_survey_know_the_same_beginnings():
    assert of_bank.FORMULA == csv_cells.FORMULA


def test_nobody_writes_cells_by_another_way():
    found = set()
    for package in (surveyapp, psychometrics, item_bank):
        root = Path(package.__file__).parent
        for path in root.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and writes(node.func):
                    found.add(path.relative_to(root.parent).as_posix())
    assert found == WRITERS.keys()


def writes(called):
    name = ast.unparse(called)
    return name in WRITING or name.endswith((".to_csv", ".to_excel"))


@pytest.fixture
def written(session, world):  # noqa: F811
    """A world in which every word that somebody wrote begins as a formula does."""
    begins = cycle(FORMULA)
    for model, names in WORDS.items():
        for record in session.scalars(select(model)):
            for name in names:
                setattr(record, name, f"{next(begins)}{RUN}{record.id}")
    campaign = session.scalars(select(Campaign)).one()
    when = factories.LONG_AGO
    for _ in range(10):
        factories.make_assessment(session, campaign, submitted_at=when)
    session.commit()
    return world


@pytest.mark.one_database
def test_no_file_of_the_staff_runs_what_somebody_wrote(app, client, session, written):
    user = sign_in(client, session, ROLES[0], written.trust)
    user.grants += [RoleGrant(role=r, trust=written.trust) for r in ROLES[1:]]
    session.commit()
    met, wrong = set(), {}
    numbers = written.numbers | {"name": "tables.zip"}
    for endpoint, address in addresses(app, numbers):
        note(endpoint, client.get(address), met, wrong)
    note("audit.download", client.post("/admin/audit/download"), met, wrong)
    asked = {"perspective": "service_user", "purpose": "own", "layout": "long"}
    asked |= {"formats": ["csv", "xlsx"], "quasi": ["team"]}
    number = session.scalars(select(Assessment)).first().campaign_id
    done = client.post(f"/research/campaigns/{number}/export", data=asked)
    note("research.download", done, met, wrong)
    assert wrong == {}
    assert {"responses.table", "audit.download", "research.download"} <= met
    assert len(met) > 8


def note(endpoint, response, met, wrong):
    endings = {"text/csv": ".csv", "application/zip": ".zip"}
    if ending := endings.get(response.mimetype):
        met.add(endpoint)
        if cells := run_in(ending, response.data):
            wrong[endpoint] = cells


def test_an_item_is_known_again_by_the_name_that_it_has_in_the_answers(tmp_path):
    frame = pd.DataFrame(
        {"decision": ["removed"]}, index=pd.Index(["-q7"], name="item")
    )
    path = tmp_path / "decisions.csv"
    path.write_text(frame_text(frame))
    assert [*read_reduction(path).decisions.index] == ["-q7"]


@pytest.mark.parametrize("system", [redcap, limesurvey])
def test_no_other_program_is_told_a_text_that_it_would_run(system):
    form = item_bank.instrument("short_service_user.v1")
    told = system.write(form)
    delimiter = "\t" if system is limesurvey else ","
    cells = [
        c for row in csv.reader(io.StringIO(told), delimiter=delimiter) for c in row
    ]
    own = redcap.HIDDEN  # what REDCap itself calls a field that is not shown
    assert not [c for c in cells if c.startswith(FORMULA) and not c.startswith(own)]
    with pytest.raises(BankError, match="begins as a formula does"):
        system.write(replace(form, title=f"={RUN}"))
