"""What no spreadsheet writes is read or refused in bounded memory, and runs nothing."""

import json
import random
import tracemalloc

import pandas as pd
import pyreadstat
import pytest

from surveyapp.file_limits import FileRefused
from surveyapp.table_files import apart, reading
from surveyapp.table_files.raw_table import InvalidTable
from surveyapp.table_files.reading import parse_table

from .hostile_workbooks import hostile_workbooks

MOST = 150_000_000  # bytes
WORKBOOKS = hostile_workbooks()
READ = {"formula", "laughs in strings", "said to be endless", "said to be small"}


def table(raw, name="q7x.xlsx", **options):
    """The cells that were read; None where the file is refused."""
    try:
        return parse_table(raw, name, **options)
    except (InvalidTable, FileRefused) as problem:
        assert "root:" not in str(problem)
        return None


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_is_read_or_refused_in_bounded_memory(name, monkeypatch):
    monkeypatch.setattr(reading, "read_workbook_apart", as_that_process_does)
    tracemalloc.start()
    try:
        found = table(WORKBOOKS[name], is_upload=True)
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()
    assert "root:" not in repr(found) and "q7xq7x" not in repr(found)
    assert (found is not None) == (name in READ or name == "controls")


def as_that_process_does(raw, name):
    said = json.loads(apart.answer(raw, {"name": name, "kind": "excel"}))
    if "refused" in said:
        raise InvalidTable(said["refused"]["says"])
    return apart.checked_records(said)


def test_how_large_a_sheet_says_that_it_is_counts_for_nothing():
    small, endless = (
        table(WORKBOOKS[f"said to be {size}"], is_upload=True).rows
        for size in ("small", "endless")
    )
    assert small == endless == {2: ["1", ""]}


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_a_damaged_file_of_a_statistics_program_is_read_or_refused(tmp_path, suffix):
    path, noise = tmp_path / f"whole{suffix}", random.Random(20260103)
    write = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    write(pd.DataFrame({"person": ["a", "b"], "t1": [1.0, 2.0]}), str(path))
    whole = path.read_bytes()
    damaged = [whole[: len(whole) * part // 20] for part in range(1, 20)]
    for _ in range(25):
        changed = bytearray(whole)
        for _ in range(4):
            changed[noise.randrange(12, len(changed))] = noise.randrange(256)
        damaged.append(bytes(changed))
    assert table(whole, path.name) is not None
    refused = [raw for raw in damaged if table(raw, path.name) is None]
    assert len(refused) >= 15
    for raw in (whole, *damaged[::9]):  # each takes a process
        assert table(raw, path.name, is_upload=True) == table(raw, path.name)


def sav(folder, **columns):
    path = folder / "whole.sav"
    pyreadstat.write_sav(pd.DataFrame(columns), str(path))
    return path.read_bytes()


def test_a_process_that_breaks_over_a_file_is_a_refusal(tmp_path, monkeypatch):
    raw = sav(tmp_path, t1=[1.0, 2.0])
    for ends in ("exit(1)", "kill $$", "echo no JSON", "echo '{\"header\": 3}'"):
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\ncat > /dev/null\n{ends}\n")
        program.chmod(0o700)
        monkeypatch.setattr(apart.sys, "executable", str(program))
        with pytest.raises(InvalidTable, match="an SPSS file that cannot be read; sav"):
            parse_table(raw, "q7x.sav", is_upload=True)


def test_the_process_that_reads_a_file_knows_no_keys(tmp_path, monkeypatch):
    told = tmp_path / "told"
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncat > /dev/null\nenv > {told}\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PROM_SECRET_KEY", "q7xkey")
    monkeypatch.setattr(apart.sys, "executable", str(program))
    assert table(sav(tmp_path, t1=[1.0]), "q7x.sav", is_upload=True) is None
    assert "PYTHONPATH" in told.read_text() and "q7xkey" not in told.read_text()


def test_a_file_that_swells_is_refused_by_what_a_process_may_take(
    tmp_path, monkeypatch
):
    raw = sav(tmp_path, t1=[1.0] * 3000)
    monkeypatch.setattr(apart, "MOST_CELLS_SENT", 2000)
    said = apart.answer(raw, {"name": "q", "kind": ".sav", "known": [], "keep": True})
    assert json.loads(said)["refused"]["says"] == "q: more than 2,000 cells"


@pytest.mark.parametrize("name", ["q7x.csv", "q7x.xlsx", "q7x.pdf", "../q7x.sav"])
def test_what_is_no_table_is_refused_whatever_it_is_called(name):
    noise = random.Random(20260104).randbytes(3_000)
    for begins in (b"%PDF-1.7\n", b"PK\x03\x04", b"$FL2", b"\x89PNG", b"\0" * 9):
        assert table(begins + noise, name, is_upload=True) is None
