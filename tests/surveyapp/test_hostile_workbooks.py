"""What no spreadsheet writes is read or refused in bounded memory, and runs nothing."""

import random
import tracemalloc

import pandas as pd
import pyreadstat
import pytest

from surveyapp.file_limits import FileRefused
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
def test_a_workbook_is_read_or_refused_in_bounded_memory(name):
    tracemalloc.start()
    try:
        found = table(WORKBOOKS[name], is_upload=True)
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()
    assert "root:" not in repr(found) and "q7xq7x" not in repr(found)
    assert (found is not None) == (name in READ or name == "controls")


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
    assert all(table(raw, path.name, is_upload=True) is None for raw in damaged)


@pytest.mark.parametrize("name", ["q7x.csv", "q7x.xlsx", "q7x.pdf", "../q7x.sav"])
def test_what_is_no_table_is_refused_whatever_it_is_called(name):
    noise = random.Random(20260104).randbytes(3_000)
    for begins in (b"%PDF-1.7\n", b"PK\x03\x04", b"$FL2", b"\x89PNG", b"\0" * 9):
        assert table(begins + noise, name, is_upload=True) is None
