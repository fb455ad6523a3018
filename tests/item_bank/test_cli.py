"""The command line, tried as somebody who looks after the bank would."""

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from item_bank.__main__ import main
from item_bank.loader import load

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def small(tmp_path):
    return Path(shutil.copytree(SMALL, tmp_path / "bank"))


def run(capsys, *arguments):
    """Exit code, what was printed, and what was complained of."""
    code = main([str(part) for part in arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_check_counts_what_is_in_order(capsys):
    code, out, _ = run(capsys, "check")
    assert code == 0
    assert out.endswith(f"{len(load().instruments)} forms: in order\n")


def test_check_lists_problems_and_fails(capsys, small):
    path = small / "items/parity/parity_asked.v1.yaml"
    path.write_text(path.read_text().replace("Staff asked", "Staff never asked"))
    code, out, _ = run(capsys, "--bank", small, "check")
    assert code == 1
    assert "items/parity/parity_asked.v1.yaml: stem.service_user: 'never'" in out


def test_the_module_runs_as_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "item_bank", "list", "instrument"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pilot_carer.v1" in done.stdout


def test_list_is_narrowed_by_prerequisite_and_status(capsys, small):
    code, out, _ = run(capsys, "--bank", small, "list", "--prerequisite", "trust")
    assert code == 0 and "trust_heard.v2" in out and "parity" not in out
    _, out, _ = run(capsys, "--bank", small, "list", "--status", "retired")
    assert out.splitlines()[-1] == "1 items"


def test_show_gives_the_file_and_the_grounds_of_an_item(capsys):
    _, out, _ = run(capsys, "show", "coordination_who_does_what.v1")
    assert 'id: "coordination_who_does_what"' in out
    assert "flag: of service users, only staff said it" in out
    assert "grade, carer:" in out


def test_an_unknown_reference_is_one_message_and_code_two(capsys):
    code, out, err = run(capsys, "show", "trust_listened.v7")
    assert (code, out) == (2, "")
    assert "there is trust_listened.v1" in err


def test_coverage_names_every_finding(capsys):
    _, out, _ = run(capsys, "coverage")
    assert set(load().findings) == {line.split()[0] for line in out.splitlines()}


def test_the_matrix_has_a_row_for_each_item_and_a_column_for_each_finding(capsys):
    _, out, _ = run(capsys, "coverage", "--matrix")
    header, *rows = csv.reader(io.StringIO(out))
    assert header == ["item", *load().findings]
    assert len(rows) == len(load().items)
    assert all(any(row[1:]) for row in rows)


def test_diff_shows_what_changed_between_versions(capsys, small):
    _, out, _ = run(capsys, "--bank", small, "diff", "trust_heard.v1", "trust_heard.v2")
    assert '-  service_user: "Staff took heed of what I said."' in out
    assert '+  service_user: "Staff heard what I said."' in out


def test_lock_publishes_a_form_and_all_that_it_shows(capsys, small):
    code, out, _ = run(capsys, "--bank", small, "lock", "small.v1")
    assert code == 0
    published = set(load(small).lock)
    assert {"instrument/small.v1", "item/trust_heard.v2", "document/consent.v1"} <= (
        published
    )
    path = small / "documents/consent.v1.yaml"
    path.write_text(path.read_text().replace("I agree", "I am glad"))
    code, out, _ = run(capsys, "--bank", small, "check")
    assert code == 1 and "was published and has changed" in out


def test_lock_refuses_a_bank_that_is_not_in_order(capsys, small):
    before = (small / "published.lock").read_text()
    path = small / "items/parity/parity_asked.v1.yaml"
    path.write_text(path.read_text().replace("Staff asked", "Staff never asked"))
    code, _, _ = run(capsys, "--bank", small, "lock", "small.v1")
    assert code == 1 and (small / "published.lock").read_text() == before


def test_print_writes_html_and_a_tagged_pdf(capsys, tmp_path):
    page, paper = tmp_path / "bank.html", tmp_path / "bank.pdf"
    assert run(capsys, "print", "--out", page)[0] == 0
    assert run(capsys, "print", "--out", paper)[0] == 0
    text = page.read_text(encoding="utf-8")
    for item in load().items.values():
        assert f'id="{item.ref}"' in text
    assert paper.read_bytes().startswith(b"%PDF")
    assert b"StructTreeRoot" in paper.read_bytes()


@pytest.mark.parametrize("name", ["fhir", "redcap", "limesurvey"])
def test_export_writes_a_form_for_another_system(capsys, tmp_path, name):
    out = tmp_path / "form"
    asked = ("export", "short_carer.v1", "--format", name, "--out", out)
    assert run(capsys, *asked, "--language", "en-XA")[0] == 0
    assert "[Štáff" in out.read_text(encoding="utf-8")


def test_a_dictionary_of_two_languages_is_refused(capsys, tmp_path):
    asked = ["export", "short_carer.v1", "--format", "redcap", "--out", tmp_path / "x"]
    languages = ["--language", "en-XA", "--language", "ar-XB"]
    code, _, err = run(capsys, *asked, *languages)
    assert code == 2 and err == "a data dictionary has one language\n"


def test_ratings_shows_shares_by_group(capsys, tmp_path):
    file = tmp_path / "round1.csv"
    head = "rater,group,about,relevance,clarity,complete,comment\n"
    file.write_text(f"{head}L1,lived_experience,trust_listened.v1,2,4,,\n")
    code, out, _ = run(capsys, "ratings", file)
    assert code == 0
    assert "0%  below 85 %" in out and "100%" in out


def test_ratings_that_cannot_be_read_are_code_two(capsys, tmp_path):
    code, _, err = run(capsys, "ratings", tmp_path / "nothing.csv")
    assert code == 2 and "cannot be read" in err


def test_a_folder_without_a_bank_is_not_in_order(capsys, tmp_path):
    code, _, err = run(capsys, "--bank", tmp_path / "nowhere", "check")
    assert code == 2 and "is no folder with a bank" in err


def test_a_file_that_cannot_be_written_is_one_message(capsys, tmp_path):
    code, _, err = run(capsys, "print", "--out", tmp_path / "no" / "bank.html")
    assert code == 2 and "No such file" in err


def test_translation_puts_two_languages_side_by_side(capsys):
    code, out, _ = run(capsys, "--bank", SMALL, "translation", "xx", "small.v1")
    assert code == 0
    assert "response_set,agreement_3.v1,labels.2,translated,Agree,Ja" in out


@pytest.mark.parametrize("name", ["fhir", "redcap", "limesurvey"])
def test_import_shows_what_was_reworded_elsewhere(capsys, tmp_path, name):
    file = tmp_path / "form"
    run(capsys, "export", "short_carer.v1", "--format", name, "--out", file)
    old, new = "Staff asked about the physical", "Staff spoke about the physical"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new))
    code, out, _ = run(capsys, "import", file, "--format", name)
    assert code == 0
    assert out.splitlines() == [
        "short_carer.v1 in en-GB: the same items",
        "  item.parity_asked.v1",
        "    bank: Staff asked about the physical health of the person I care for.",
        "    file: Staff spoke about the physical health of the person I care for.",
    ]


def test_import_of_something_else_is_code_two(capsys, tmp_path):
    file = tmp_path / "other.json"
    file.write_text('{"resourceType": "Patient"}')
    code, _, err = run(capsys, "import", file)
    assert code == 2 and "only files that this bank wrote" in err
    file.write_text("no json")
    assert run(capsys, "import", file)[0] == 2
