"""`prom validate` on a file: what it writes, and what it refuses."""

import json

import pytest
from click.testing import CliRunner

from surveyapp.cli import main
from tests.golden.reference import dataset


@pytest.fixture
def bfi_file(tmp_path):
    path = tmp_path / "bfi.csv"
    dataset("bfi").head(600).to_csv(path, index=False)
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


OPTIONS = ["--reverse", "A1,C4,C5,E1,E2,O2,O5", "--categories", "1-6"]


def test_public_answers_become_a_report_in_a_folder(bfi_file, tmp_path):
    out = tmp_path / "report"
    done = run(
        bfi_file, "--scales", "C,N", *OPTIONS, "--groups", "gender", "--out", out
    )
    assert done.exit_code == 0, done.output
    assert {p.name for p in out.iterdir()} == {
        "report.html",
        "report.pdf",
        "report.json",
        "verdicts.csv",
        "properties.csv",
        "tables",
        "figures",
    }
    cover = json.loads((out / "report.json").read_text())["cover"]
    assert (cover["n_persons"], cover["n_items"]) == (600, 10)


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda t: t.replace("A1", "A2", 1), "two columns are named A2"),
        (lambda t: t.replace("\n2.0,", "\ntwo,", 1), "column A1, row 2: 'two'"),
        (lambda t: t.replace("\n2.0,", "\n7,", 1), "column A1, row 2: 7 is outside"),
        (lambda t: "", "the file is empty"),
        (
            lambda t: "\n".join(t.splitlines()[:9]),
            "8 persons for 25 items; at least 25",
        ),
        (lambda t: "\n".join(t.splitlines()[:2]), "1 person for 25 items; at least 25"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(bfi_file, spoil, said):
    bfi_file.write_text(spoil(bfi_file.read_text()))
    out = bfi_file.parent / "report"
    done = run(bfi_file, "--scales", "A,C,E,N,O", *OPTIONS, "--out", out)
    assert done.exit_code == 2
    assert said in done.stderr and "bfi.csv" in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(p.name for p in bfi_file.parent.iterdir()) == ["bfi.csv"]


def test_a_folder_with_other_files_is_never_replaced(bfi_file, tmp_path):
    done = run(bfi_file, "--scales", "N", "--categories", "1-6", "--out", tmp_path)
    assert done.exit_code == 2
    assert "holds other files" in done.stderr
    assert bfi_file.exists()


def test_an_earlier_report_is_replaced_whole(bfi_file, tmp_path):
    out = tmp_path / "report"
    for scales in ("N,O", "N"):
        assert run(bfi_file, "--scales", scales, "--out", out).exit_code == 0
    assert json.loads((out / "report.json").read_text())["cover"]["n_items"] == 5


@pytest.mark.slow
def test_other_processes_change_no_number(bfi_file, tmp_path):
    reports = []
    for workers in ("1", "2"):
        out = tmp_path / f"report{workers}"
        options = ["--scales", "N,O", *OPTIONS, "--out", out, "--workers", workers]
        assert run(bfi_file, *options).exit_code == 0
        reports.append(json.loads((out / "report.json").read_text()))
    assert reports[0] == reports[1]
