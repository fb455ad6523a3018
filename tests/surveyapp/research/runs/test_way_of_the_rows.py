"""How far answers travel from their tables to the library: few files, few forms."""

import sys
from pathlib import Path

import pandas as pd
import pytest

import surveyapp
from surveyapp import csv_cells
from surveyapp.research.exports.export import tables
from surveyapp.research.files import validation
from surveyapp.research.runs import task

pytestmark = pytest.mark.one_database

HOME = Path(surveyapp.__file__).parent
# The database's own guard sees every answer; perspectives are a comparison by itself.
BESIDE = {"database.py", "research/runs/perspectives.py"}
TABLES = (list, tuple, dict, pd.DataFrame)
WRITERS = ("_texts", "csv_text", "to_csv", "to_dict", "to_json")


class Arrived(Exception):
    """The rows are with the library: what comes after is no matter here."""


class Way:
    """Where tables with a row an assessment go, and how often they become text.

    A file is on the way when one of its functions is handed such a table or hands one
    on, by itself or in a record.
    """

    def __init__(self, n):
        self.sizes, self.files, self.texts = {n, n + 1}, set(), []

    def is_table(self, thing):
        return isinstance(thing, TABLES) and len(thing) in self.sizes

    def has_table(self, thing):
        held = vars(thing).values() if hasattr(thing, "__dict__") else ()
        return self.is_table(thing) or any(map(self.is_table, held))

    def note(self, frame, kind, returned):
        code = frame.f_code
        is_ours = code.co_filename.startswith(f"{HOME}/")
        if kind not in ("call", "return") or not (is_ours or code.co_name in WRITERS):
            return
        taken = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        handed = [frame.f_locals.get(name) for name in taken]
        if is_ours and any(map(self.has_table, [*handed, returned])):
            self.files.add(str(Path(code.co_filename).relative_to(HOME)))
        if kind == "call" and code.co_name in WRITERS and self.is_table(handed[0]):
            self.texts.append(code.co_name)

    def followed(self, act):
        sys.setprofile(self.note)
        try:
            return act()
        finally:
            sys.setprofile(None)


@pytest.fixture
def way(app, session, campaign, kept_run, monkeypatch):
    """The way of a run's rows to the library; texts of the fingerprint's count too."""
    run = kept_run(campaign, status="running")

    def arrive(*_, **__):
        raise Arrived

    monkeypatch.setattr(validation, "validation_report", arrive)
    with app.app_context():
        exported = tables(session, campaign, run.perspective)
        way = Way(exported.n)
        with pytest.raises(Arrived):
            way.followed(lambda: task.perform(session, run.job, lambda *_: None))
        crossed = set(way.files)
        way.followed(lambda: task.fingerprint(exported))
    way.files = crossed
    return way


def test_rows_reach_the_library_through_ten_files_and_are_text_twice(way):
    crossed = way.files - BESIDE
    assert "research/exports/export.py" in crossed
    assert len(crossed) <= 10, sorted(crossed)
    assert way.texts.count(csv_cells.csv_text.__name__) == 1  # for the fingerprint
    assert len(way.texts) <= 2, way.texts
