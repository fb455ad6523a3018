"""A table of several occasions, and the commands that read one with a plan."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from surveyapp.cli import main

ITEMS = [f"q{k}" for k in range(1, 5)]
PLAN = """\
plan: 1
scales: {total: q1-q4}
categories: [1, 5]
occasions: {person: id, column: wave, baseline: 1, retest: 2, follow_up: 3}
stable: {column: changed, values: [0]}
hypotheses:
  - {name: older, scale: total, with: age, expect: either, at_most: 0.3}
  - {name: missing one, scale: total, with: income, at_least: 0.2}
population: population.csv
"""


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(4)
    level = np.tile(rng.normal(3, 0.8, 200), 2)
    drawn = (level[:, None] + rng.normal(0, 0.7, (400, 4))).round().clip(1, 5)
    frame = pd.DataFrame(drawn.astype(int), columns=ITEMS)
    frame.insert(0, "id", [f"p{k}" for k in range(200)] * 2)
    frame.insert(1, "wave", np.repeat([1, 2], 200))
    frame["changed"] = np.where(frame["wave"] == 2, rng.integers(0, 2, 400), 0)
    frame["age"] = rng.integers(18, 80, 400)
    frame["sex"] = rng.choice(["f", "m"], 400)
    frame.drop(range(390, 400)).to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "plan.yaml").write_text(PLAN)
    people = "variable,group,count\nsex,f,50\nsex,m,50\n"
    (tmp_path / "population.csv").write_text(people)
    return tmp_path


def run(folder, *more):
    arguments = [folder / "answers.csv", "--plan", folder / "plan.yaml"]
    out = ["--out", folder / "report"]
    return CliRunner().invoke(main, ["validate", *map(str, [*arguments, *out, *more])])


def report_of(folder):
    return json.loads((folder / "report" / "report.json").read_text("utf-8"))


def section(report, key):
    return next(s for s in report["sections"] if s["key"] == key)


def test_a_plan_parts_the_occasions_and_is_kept_with_its_fingerprint(folder):
    done = run(folder)
    assert done.exit_code == 0, done.output
    report = report_of(folder)
    assert report["cover"]["n_persons"] == 200
    (retest,) = section(report, "reliability")["tables"]["Retest"]
    assert 60 < retest["people"] < 140 and retest["ICC"] > 0.6
    assert (folder / "report" / "plan.yaml").read_text() == PLAN
    assert report["cover"]["plan_fingerprint"] in done.stderr.splitlines()[0]
    assert section(report, "representativeness")["verdicts"]


def test_the_deviations_of_a_run_are_in_its_report(folder):
    assert run(folder, "--estimator", "mlr", "--seed", "7").exit_code == 0
    listed = section(report_of(folder), "plan")["tables"]["Deviations"]
    said = {row["what"]: row["done"] for row in listed}
    assert "no column income" in said["hypothesis missing one"]
    assert said["follow-up"] == "no later answers"


def test_the_plan_is_fingerprinted_before_the_data_are_read(folder):
    (folder / "answers.csv").unlink()
    done = run(folder)
    assert done.exit_code == 2
    first, second = done.stderr.splitlines()
    assert first.startswith("Plan plan.yaml, SHA-256 ")
    assert "answers.csv" in second


def test_every_problem_of_a_plan_is_told_and_nothing_is_read(folder):
    wrong = PLAN.replace("plan: 1", "plan: 2").replace("at_least", "atleast")
    (folder / "plan.yaml").write_text(wrong)
    done = run(folder)
    assert done.exit_code == 2 and not (folder / "report").exists()
    assert "plan.yaml: line 1, column 1: plan: 2 is not 1" in done.stderr
    assert "plan.yaml: line 8, column 53: hypotheses.1.atleast" in done.stderr


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("p1,1", "p0,1", "row 3: p0 has a row of this occasion already (row 2)"),
        ("p1,1", ",1", "column id, row 3: no person is named"),
    ],
)
def test_rows_that_cannot_be_parted_are_refused(folder, old, new, said):
    path = folder / "answers.csv"
    path.write_text(path.read_text().replace(f"\n{old}", f"\n{new}", 1))
    done = run(folder)
    assert done.exit_code == 2 and said in done.stderr


@pytest.mark.parametrize(
    "text, said",
    [
        ("variable,group\nsex,f\n", "no column count"),
        ("variable,group,count\nsex,f,many\n", "column count, row 2: 'many'"),
        ("variable,group,count\nsex,f,1\nsex,f,2\n", "row 3: sex f stands in row 2"),
        ("variable,group,count\nsex,=f(),1\n", "column group, row 2: '=f()' is a form"),
        ("variable,group,count\nsex,f\rg,1\n", "row 2: 2 cells under 3 column names"),
        ("variable,group,count\n" + 501 * "a,b,1\n", "more than 500 rows"),
    ],
)
def test_a_population_that_cannot_be_used_is_refused(folder, text, said):
    (folder / "population.csv").write_text(text)
    done = run(folder)
    assert done.exit_code == 2 and said in done.stderr


def test_a_plan_to_start_from_is_written_once(folder):
    path = folder / "new.yaml"
    options = ["validate", "--write-plan", str(path), "--scales", "T=q1-q4"]
    assert CliRunner().invoke(main, options).exit_code == 0
    assert "T: [q1, q2, q3, q4]" in path.read_text()
    again = CliRunner().invoke(main, options)
    assert again.exit_code == 2 and "there is such a file" in again.stderr


def test_without_a_file_the_command_says_what_it_needs():
    done = CliRunner().invoke(main, ["validate"])
    assert done.exit_code == 2 and "--write-plan" in done.stderr


EXPORT = """\
column,code,label,counts_as,scale,item_version
person,,Who,,,
"""


@pytest.fixture
def export(folder):
    """The same answers as an export has them: a retest, then a follow-up."""
    frame = pd.read_csv(folder / "answers.csv").drop(columns="age")
    later = frame[frame["wave"] == 1].assign(wave=3)
    later[ITEMS] = (later[ITEMS] + (later["sex"] == "f").to_numpy()[:, None]).clip(1, 5)
    whole = pd.concat([frame, later], ignore_index=True).rename(
        columns={"id": "person"}
    )
    said = whole.pop("changed").map({0: "no", 1: "little"})
    whole["stability"] = said.where(whole["wave"] == 2)
    moved = (whole["sex"] == "f").map({True: "3", False: "2"})
    moved[whole.index % 9 == 0] = "2"  # some say otherwise than they answer
    whole["transition"] = moved.where(whole["wave"] == 3)
    whole.to_csv(folder / "answers.csv", index=False)
    codes = [f"{q},{code},,category,total,1\n" for q in ITEMS for code in range(1, 6)]
    (folder / "codebook.csv").write_text(EXPORT + "".join(codes))
    return folder


def test_an_export_says_by_itself_who_was_stable_and_who_improved(export):
    command = ["validate", str(export / "answers.csv"), "--out", str(export / "report")]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    report = report_of(export)
    assert report["cover"]["n_persons"] == 200
    (retest,) = section(report, "reliability")["tables"]["Retest"]
    assert 60 < retest["people"] < 140
    (change,) = section(report, "responsiveness")["tables"]["Change"]
    assert change["AUC"] > 0.8 and change["MIC"] is not None


def test_a_wave_that_was_asked_of_change_is_the_follow_up(export):
    frame = pd.read_csv(export / "answers.csv", dtype=str)
    frame = frame[frame["wave"] != "2"].replace({"wave": {"3": "2"}})
    frame.to_csv(export / "answers.csv", index=False)
    command = ["validate", str(export / "answers.csv"), "--out", str(export / "report")]
    assert CliRunner().invoke(main, command).exit_code == 0
    keys = [s["key"] for s in report_of(export)["sections"]]
    assert "responsiveness" in keys and "reliability" not in keys
