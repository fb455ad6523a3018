"""From the files of an analysis to a new file of the bank, on the command line."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

from item_bank.__main__ import main
from item_bank.loader import BUILT_IN, load

FORM = "pilot_service_user.v1"
ABOUT = ["--sample", "Service users of eight teams", "--software", "a program 1.0"]
ABOUT += ["--method", "Chosen by hand.", "--date", "2026-11-22"]
ITEMS = [item.id for item in load().instruments[FORM].items]
SHORT = [item.id for item in load().instruments["short_service_user.v1"].items]
LOW = [item.id for item in load().instruments[FORM].items if item.level == "low"]


@pytest.fixture
def own(tmp_path):
    return tmp_path / "own"


@pytest.fixture
def run(own, capsys):
    """Run a command with an own folder; exit code, what was printed, complaints."""

    def run(*arguments):
        code = main(["--own", str(own), *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def answers(path, synthetic):
    rows = [["person", "synthetic", *ITEMS], *([n, synthetic, *ITEMS] for n in "abc")]
    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)
    return path


def publish_form(run, file, *more, id="core_service_user"):
    names = ["--id", id, "--title", "The core"]
    return run("publish-form", FORM, file, *names, *ABOUT, *more)


def parameters(path, rows, header="item,discrimination,b1,b2,b3,b4"):
    return written(path, "\n".join([header, *rows]) + "\n")


def publish_calibration(run, file, *more, id="first_service_user"):
    names = ["--id", id, "--collected", "2026-11-22"]
    return run("publish-calibration", FORM, file, *names, *ABOUT, *more)


def test_retained_items_become_a_form_with_its_provenance(run, own, tmp_path):
    data = answers(tmp_path / "answers.csv", 0)
    file = written(tmp_path / "kept.txt", "\n".join(LOW))
    code, out, _ = publish_form(run, file, "--data", data)
    made = load((BUILT_IN, own)).instruments["core_service_user.v1"]
    assert (code, {i.id for i in made.items}) == (0, set(LOW)) and "written to" in out
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    assert made.provenance["fingerprint"] == digest
    assert made.provenance["made_from"] == FORM and not made.provenance["synthetic"]
    assert made.provenance["date"] == "2026-11-22"


def test_the_next_publication_is_the_next_version(run, own, tmp_path):
    file = written(tmp_path / "kept.txt", "\n".join(LOW))
    told = ("--fingerprint", "0" * 64, "--real")
    outs = [publish_form(run, file, *told)[1] for _ in range(2)]
    assert outs[1].startswith("core_service_user.v2")
    code, _, err = publish_form(run, file, *told, "--version", 1)
    assert code == 2 and "is there already" in err


def test_the_ledger_of_a_reduction_and_several_forms_are_read(run, own, tmp_path):
    rows = [f"{i},{'kept' if i in LOW else 'removed'}" for i in ITEMS]
    ledger = parameters(tmp_path / "ledger.csv", rows, "item,decision")
    rows = [f"{i},{1 + (i not in LOW)}" for i in ITEMS]
    forms = parameters(tmp_path / "forms.csv", rows, ",form")
    told = ("--fingerprint", "0" * 64, "--synthetic")
    assert publish_form(run, ledger, *told, id="one")[0] == 0
    assert publish_form(run, forms, *told, id="two")[0] == 0
    made = load((BUILT_IN, own)).instruments
    assert made["one.v1"].items == made["two.v1"].items
    assert made["one.v1"].provenance["synthetic"] is True


def test_every_item_that_is_not_in_the_form_is_told_with_its_row(run, own, tmp_path):
    rows = ["trust_listened", "colour", "trust_listened", "trust_listened.v9"]
    file = parameters(tmp_path / "kept.csv", rows, "item")
    code, _, err = publish_form(run, file, "--fingerprint", "0" * 64, "--real")
    assert code == 2 and "kept.csv: row 3:" in err and "no item 'colour'" in err
    assert "row 4: trust_listened stands in it twice" in err and "row 5" in err
    assert not own.exists()


def test_parameters_of_a_result_are_read_as_it_writes_them(run, own, tmp_path):
    header = ",discrimination,b1,b2,b3,b4,discrimination_se"
    file = parameters(tmp_path / "p.csv", ["parity_asked,1.5,-2,-1,0,1.25,.1"], header)
    data = answers(tmp_path / "answers.csv", 0)
    assert publish_calibration(run, file, "--data", data)[0] == 0
    made = load((BUILT_IN, own)).calibrations["first_service_user.v1"]
    expected = {"discrimination": 1.5, "thresholds": [-2.0, -1.0, 0.0, 1.25]}
    assert made.parameters["parity_asked.v1"] == expected
    assert (made.sample["n"], made.synthetic, made.date) == (3, False, "2026-11-22")


def test_intercepts_and_json_come_to_the_same(run, own, tmp_path):
    header = "item,discrimination,d1,d2,d3,d4"
    slopes = parameters(tmp_path / "d.csv", ["parity_asked,2,4,2,0,-2"], header)
    listed = {"parity_asked": {"discrimination": 2, "thresholds": [-2, -1, 0, 1]}}
    said = {"parameters": listed, "n": 400, "synthetic": True, "fingerprint": "0" * 64}
    file = written(tmp_path / "b.json", json.dumps(said))
    told = ("--fingerprint", "0" * 64, "--synthetic", "--n", 400)
    assert publish_calibration(run, slopes, *told, id="one")[0] == 0
    assert publish_calibration(run, file, id="two")[0] == 0
    made = load((BUILT_IN, own)).calibrations
    assert made["one.v1"].parameters == made["two.v1"].parameters


def test_every_bad_parameter_is_told_with_its_row(run, own, tmp_path):
    rows = ["parity_asked,1.5,-1,-2,0,1", "trust_believed,-1,-2,-1,0,1"]
    rows += ["trust_listened,1.2,-1,0,,", "trust_respect,x,0,1,2,3"]
    rows += ["coordination_staff_knew,1,0,,1,2", "trust_contact,1,,,,"]
    file = parameters(tmp_path / "p.csv", rows)
    code, _, err = publish_calibration(run, file, "--fingerprint", "0" * 64, "--real")
    assert code == 2 and not own.exists()
    assert "p.csv: row 2: parity_asked: has thresholds that do not rise: -1, -2" in err
    assert "row 3: trust_believed: discrimination -1 is not above 0" in err
    assert "row 4: trust_listened: has 2 thresholds for 5 categories" in err
    assert "row 5: trust_respect: discrimination is 'x', not a number" in err
    assert "row 6: coordination_staff_knew: b2 is missing" in err
    assert "row 7: trust_contact: there is no threshold" in err


def test_what_made_up_answers_lead_to_is_never_called_real(run, own, tmp_path):
    data = answers(tmp_path / "answers.csv", 1)
    file = parameters(tmp_path / "p.csv", ["parity_asked,1.5,-2,-1,0,1.25"])
    code, _, err = publish_calibration(run, file, "--data", data, "--real")
    assert code == 2 and "3 of 3 rows are marked as made up" in err
    code, out, _ = publish_calibration(run, file, "--data", data)
    assert code == 0 and "for demonstrations only" in out
    assert load((BUILT_IN, own)).calibrations["first_service_user.v1"].synthetic


def test_where_it_comes_from_has_to_be_said(run, tmp_path):
    file = written(tmp_path / "kept.txt", "\n".join(LOW))
    names = ("--id", "core_service_user", "--title", "The core")
    code, _, err = run("publish-form", FORM, file, *names)
    assert code == 2 and "--sample, --method, --software, --fingerprint" in err
    code, _, err = publish_form(run, file, "--fingerprint", "0" * 64)
    assert code == 2 and "--real or --synthetic" in err


def test_an_adaptive_form_is_made_of_the_calibrated_items(run, own, tmp_path):
    left_out = next(item for item in SHORT if item not in LOW)
    rows = [f"{i},1.5,-2,-1,0,1.25" for i in ITEMS if i != left_out]
    file = parameters(tmp_path / "p.csv", rows)
    publish_calibration(run, file, "--fingerprint", "0" * 64, "--real", "--n", 900)
    names = ("--id", "adaptive_service_user", "--title", "Adaptive")
    made_of = ("publish-adaptive", "first_service_user.v1")
    code, _, err = run(*made_of, "short_service_user.v1", *names)
    assert code == 2 and "has items that are not in this form" in err
    kept = written(tmp_path / "kept.txt", "\n".join(LOW))
    publish_form(run, kept, "--fingerprint", "0" * 64, "--real")
    code, out, _ = run(*made_of, "core_service_user.v1", *names, "--min-gain", 0.01)
    made = load((BUILT_IN, own)).instruments["adaptive_service_user.v1"]
    assert code == 0 and "at most 12 of 71 items" in out
    assert (made.type, made.adaptive.min_gain) == ("adaptive", 0.01)
    assert made.provenance == {}


def test_a_published_form_that_is_changed_by_hand_is_found(run, own, tmp_path):
    file = written(tmp_path / "kept.txt", "\n".join(LOW))
    publish_form(run, file, "--fingerprint", "0" * 64, "--real")
    assert run("check")[0] == 0
    path = Path(own, "instruments", "core_service_user.v1.yaml")
    path.write_text(path.read_text().replace("last 6 months", "last 9 months"))
    code, out, _ = run("check")
    assert code == 1 and "was published and has changed" in out


def test_an_own_folder_holds_no_wordings(run, own):
    (own / "items" / "trust").mkdir(parents=True)
    (own / "items" / "trust" / "trust_new.v1.yaml").write_text("id: trust_new\n")
    code, out, _ = run("check")
    assert code == 1 and "only instrument and calibration files are read here" in out


@pytest.mark.parametrize("text", ["{", '{"items": 3}', '[{"name": 3}]', ""])
def test_a_file_that_is_no_list_is_refused_in_one_line(run, tmp_path, text):
    file = written(tmp_path / "kept.json", text)
    code, _, err = publish_form(run, file, "--fingerprint", "0" * 64, "--real")
    assert code == 2 and "kept.json" in err
