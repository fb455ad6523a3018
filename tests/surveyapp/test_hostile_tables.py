"""Files of statistics programs that nobody saves, and readers that do not come back."""

import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from pyarrow import parquet

from surveyapp.contacts import list_files
from surveyapp.file_limits import SECONDS, FileRefused
from surveyapp.table_files import apart, as_text, reading
from surveyapp.table_files.as_text import as_csv
from surveyapp.table_files.parquet import OWN
from surveyapp.table_files.raw_table import InvalidTable
from surveyapp.table_files.reading import parse_table

from .. import factories
from .signing_in import sign_in

FRAME = pd.DataFrame({"person": ["a", "b"], "t1": [1.0, 2.0]})
ABOUT = {"known": [], "keep": False}


def packed(frame):
    made = io.BytesIO()
    parquet.write_table(pa.Table.from_pandas(frame), made)
    return made.getvalue()


def saved(folder, suffix, frame=FRAME):
    """The bytes of a whole file of a kind."""
    if suffix == ".xlsx":
        path = folder / "whole.xlsx"
        frame.to_excel(path, index=False)
        return path.read_bytes()
    if suffix == ".parquet":
        return packed(frame)
    path = folder / f"whole{suffix}"
    if suffix == ".dta":
        pyreadstat.write_dta(frame, str(path))
    else:
        pyreadstat.write_sav(frame, str(path), compress=suffix == ".zsav")
    return path.read_bytes()


def spoilt(whole, noise):
    """Cut at every tenth, and with some bytes changed anywhere but in its mark."""
    yield from (whole[: len(whole) * part // 10] for part in range(1, 10))
    for _ in range(15):
        changed = bytearray(whole)
        for _ in range(4):
            changed[noise.randrange(12, len(changed))] = noise.randrange(256)
        yield bytes(changed)


# Reads one file after another, each in a process with the limits of one that is sent.
READER = """
import os, sys
import pandas, pyreadstat
from pyarrow import parquet
from surveyapp.table_files import apart
kind, *paths = sys.argv[1:]
for path in paths:
    child = os.fork()
    if not child:
        apart._limit()
        about = {"name": "q7x", "kind": kind, "known": [], "keep": False}
        with open(path, "rb") as file:
            said = apart.answer(file.read(), about)
        with open(path + ".json", "w") as file:
            file.write(said)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize("suffix", [".zsav", ".dta", ".parquet"])
def test_a_damaged_file_is_read_or_refused_or_ends_its_own_process(tmp_path, suffix):
    whole = saved(tmp_path, suffix)
    paths = []
    for n, raw in enumerate([whole, *spoilt(whole, random.Random(20260105))]):
        paths.append(tmp_path / f"{n}{suffix}")
        paths[-1].write_bytes(raw)
    kind = {".zsav": ".sav", ".parquet": "parquet"}.get(suffix, suffix)
    program = [sys.executable, "-c", READER, kind, *map(str, paths)]
    subprocess.run(program, check=True, env=apart.environment(tmp_path))
    answers = [
        json.loads(kept.read_text()) if kept.exists() else {}
        for kept in (path.with_name(path.name + ".json") for path in paths)
    ]
    assert answers[0]["header"] == ["person", "t1"]
    assert sum("rows" not in answer for answer in answers) >= 10
    for answer in answers:
        assert "root:" not in str(answer)
        if "rows" in answer:
            apart.checked(answer)


def own(about):
    """A Parquet file in which this is said of its column."""
    field = pa.field("t1", pa.int64(), metadata={OWN: about})
    made = io.BytesIO()
    parquet.write_table(pa.table([pa.array([1])], schema=pa.schema([field])), made)
    return made.getvalue()


@pytest.mark.parametrize(
    "about",
    [
        b"{",
        b"\xff",
        b"7",
        b"[1]",
        b"[" * 100_000,
        b'{"labels": [1]}',
        b'{"labels": 7}',
        b'{"missing": 7}',
        b'{"labels": null, "missing": null}',
    ],
)
def test_what_a_parquet_file_says_of_a_column_may_be_anything(about):
    with pytest.raises(InvalidTable, match="q7x.parquet: a damaged Parquet file"):
        parse_table(own(about), "q7x.parquet")


def test_a_day_of_no_calendar_is_a_refusal():
    made, days = io.BytesIO(), pa.array([2**31 - 1], pa.date32())
    parquet.write_table(pa.table({"day": days}), made)
    with pytest.raises(InvalidTable, match="damaged"):
        parse_table(made.getvalue(), "q7x.parquet")


def test_parquet_columns_of_odd_kinds_are_text_or_refused():
    made = io.BytesIO()
    odd = {"a": [[{"x": [1]}]], "b": [b"\xff\x00"], "\x07": ["\ud7ff"], "d": [None]}
    parquet.write_table(pa.table(odd), made)
    read = parse_table(made.getvalue(), "q7x.parquet")
    assert read.rows == {1: ["[{'x': [1]}]", "b'\\xff\\x00'", "\ud7ff", ""]}
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    made = io.BytesIO()
    parquet.write_table(twice, made)
    with pytest.raises(InvalidTable):
        parse_table(made.getvalue(), "q7x.parquet")


def test_few_bytes_that_are_long_texts_are_refused_before_they_are_told(
    tmp_path, monkeypatch
):
    swollen = pd.DataFrame({"t1": ["q7x" * 1000] * 100})
    raw = saved(tmp_path, ".zsav", swollen)
    assert len(raw) < 40_000
    monkeypatch.setattr(apart, "MOST_SAID", 200_000)
    said = json.loads(apart.answer(raw, ABOUT | {"name": "q", "kind": ".sav"}))
    assert said["refused"]["says"] == "q: unpacks to more than 0 MB"


LIMITED = """
import pathlib, sys
from surveyapp.table_files import apart
apart.ON_DISK = 5_000
apart._limit()
"""


@pytest.mark.parametrize(
    "does",
    [
        "sys.stdout.write('q' * 9_000); sys.stdout.flush()",
        "pathlib.Path('more').write_text('q' * 9_000)",
        "bytearray(3 * 10**9)",
    ],
)
def test_a_process_may_write_and_take_no_more_than_its_limits(tmp_path, does):
    with open(tmp_path / "out", "w") as out:
        ended = subprocess.run(
            [sys.executable, "-c", LIMITED + does],
            stdout=out,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env=apart.environment(tmp_path),
        )
    assert ended.returncode != 0
    assert all(each.stat().st_size <= 5_000 for each in tmp_path.iterdir())


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a file by a process that does something else; no file of it may stay."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    raw = saved(tmp_path, ".parquet")

    def by(does=None, name="q7x.parquet"):
        if does:
            program = tmp_path / "python"
            program.write_text(f"#!/bin/sh\ncat > /dev/null\n{does}\n")
            program.chmod(0o700)
            monkeypatch.setattr(apart.sys, "executable", str(program))
        return parse_table(raw, name, is_upload=True)

    yield by
    assert os.listdir(folder) == []


REFUSED = "a Parquet file that cannot be read; save it as CSV UTF-8"


@pytest.mark.parametrize(
    "does",
    [
        "head -c 3000 /dev/zero",
        "touch $TMPDIR/left; kill -SEGV $$",
        'echo \'{"header": [], "rows": [[1e999, []]], "columns": []}\'',
        'echo \'{"header": ["a"], "rows": [[1, []]], "columns": []}\'',
        "head -c 1500 /dev/zero | tr '\\0' '['",
        "echo '{\"refused\": 7}'",
    ],
)
def test_a_reader_that_dies_or_says_too_much_ends_with_a_sentence(
    read, monkeypatch, does
):
    monkeypatch.setattr(apart, "MOST_SAID", 2000)
    with pytest.raises(InvalidTable, match=REFUSED):
        read(does)


WAYS = {
    ".xlsx": lambda raw: parse_table(raw, "q7x.xlsx", is_upload=True),
    ".parquet": lambda raw: parse_table(raw, "q7x.parquet", is_upload=True),
    ".sav": lambda raw: as_csv(raw, "q7x.sav", is_upload=True),
    "lines": lambda raw: as_csv(raw, "q7x.xlsx", is_upload=True),
    "names": lambda raw: list_files.header_of(io.BytesIO(raw), "xlsx"),
}


@pytest.mark.parametrize("does", ["exec sleep 60", "kill -XCPU $$"])
@pytest.mark.parametrize("way", WAYS)
def test_nobody_waits_longer_for_a_file_than_the_page_says(
    tmp_path, monkeypatch, way, does
):
    raw = saved(tmp_path, way if way.startswith(".") else ".xlsx")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{does}\n")
    program.chmod(0o700)
    monkeypatch.setattr(apart.sys, "executable", str(program))
    if "sleep" in does:
        monkeypatch.setattr(apart, "WAIT", 0.2)
    with pytest.raises((InvalidTable, FileRefused), match="longer to read than .* sec"):
        WAYS[way](raw)


def test_a_process_ends_by_a_signal_of_its_own_when_its_time_is_over(tmp_path):
    code = "from surveyapp.table_files import apart\n" + (
        "import time\napart.CPU_SECONDS = int(time.process_time()) + 1\n"
        "apart._limit()\nwhile True: pass"
    )
    env = apart.environment(tmp_path)
    assert subprocess.run([sys.executable, "-c", code], env=env).returncode == -24


def test_all_that_is_sent_to_a_page_is_read_by_that_process(tmp_path, monkeypatch):
    whole = {way: saved(tmp_path, way if "." in way else ".xlsx") for way in WAYS}

    def here(*_others, **_options):
        raise AssertionError("read in the process that answers pages")

    for name in ("read_excel", "read_here"):
        for module in (apart, as_text, reading):
            monkeypatch.setattr(module, name, here, raising=False)
    monkeypatch.setattr(openpyxl, "load_workbook", here)
    assert WAYS["names"](whole["names"]) == ["person", "t1"]
    for way in (".xlsx", ".parquet"):
        assert [*WAYS[way](whole[way]).rows.values()] == [["a", "1"], ["b", "2"]]
    for way in (".sav", "lines"):
        assert WAYS[way](whole[way]).decode().split() == ["person,t1", "a,1", "b,2"]


@pytest.mark.parametrize("kind", ["imports", "contacts"])
def test_the_page_says_how_long_a_file_is_read(client, session, kind):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    where = {"imports": f"campaign/{campaign.id}", "contacts": "trust/1"}[kind]
    page = client.get(f"/{kind}/{where}").text
    assert re.search(rf"takes\s+longer (to \w+ )?than {SECONDS} seconds", page)


def test_two_files_at_once_are_read_apart_and_leave_nothing(read):
    names = ("one.parquet", "../../two.parquet")
    with ThreadPoolExecutor(2) as workers:
        found = list(workers.map(lambda name: read(name=name), names))
    assert [table.name for table in found] == [*names]
    assert found[0].rows == found[1].rows == {1: ["a", "1"], 2: ["b", "2"]}
