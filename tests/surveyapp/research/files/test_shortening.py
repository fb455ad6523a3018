"""`prom reduce` and `prom shorten`: files in, a folder of decisions out."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from surveyapp.cli import main

SCALES = {d: [f"{d}{k}" for k in range(1, 7)] for d in "ab"}


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """A file of two scales of six items, of which a1 is noise and b1 copies b2."""
    rng = np.random.default_rng(3)
    theta = rng.standard_normal((400, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    latent = 0.75 * np.repeat(theta, 6, axis=1) + 0.66 * rng.standard_normal((400, 12))
    latent[:, 0] = rng.standard_normal(400)
    latent[:, 6] = latent[:, 7] + 0.2 * rng.standard_normal(400)
    codes = np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1
    frame = pd.DataFrame(codes, columns=sum(SCALES.values(), []))
    frame["b3"] = 6 - frame["b3"]
    frame["sex"] = rng.choice(["f", "m"], 400)
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.fixture
def run(answers, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(command, *options):
        typed = [command, str(answers), "--scales", "a,b", "--reverse", "b3"]
        return CliRunner().invoke(main, [*typed, *map(str, options)])

    return run


def test_the_noise_goes_and_the_ballots_are_heard(run, tmp_path):
    votes = tmp_path / "votes.csv"
    votes.write_text("voter,item,vote\nP1,a6,drop\nP2,a6,drop\nP1,b1,keep\n")
    done = run("reduce", "--votes", votes, "--groups", "sex", "--resamples", 2)
    assert done.exit_code == 0, done.output
    decisions = pd.read_csv("reduction/decisions.csv", index_col="item")["decision"]
    assert decisions["a1"] == decisions["a6"] == "removed"
    assert decisions["b1"] == "kept by vote"
    assert decisions["b3"] == "kept"
    assert json.loads(Path("reduction/about.json").read_text())["n_persons"] == 400


def test_changed_rules_change_the_decisions(run, tmp_path):
    assert run("reduce", "--resamples", 0).exit_code == 0
    rules = yaml.safe_load(Path("reduction/rules.yaml").read_text())
    path = tmp_path / "none.yaml"
    path.write_text(yaml.safe_dump([{**rules[0], "limit": -1.0}]))
    assert run("reduce", "--resamples", 0, "--rules", path).exit_code == 0
    ledger = pd.read_csv("reduction/ledger.csv")
    assert len(ledger) == 12
    assert not ledger["flagged"].any()


def test_a_short_form_is_chosen_on_one_half_and_checked_on_the_other(run):
    assert run("reduce", "--resamples", 0).exit_code == 0
    retained = ["--retained", "reduction/decisions.csv"]
    done = run("shorten", *retained, "--length", 6, "--minimum", 3)
    assert done.exit_code == 0, done.output
    form = pd.read_csv("short-form/form.csv")
    assert form["domain"].value_counts().to_dict() == {"a": 3, "b": 3}
    assert "a1" not in set(form["item"])
    compared = pd.read_csv("short-form/comparison.csv", index_col=["score", "version"])
    assert list(compared.index) == [(s, v) for s in "ab" for v in ("full", "form")]
    assert (compared["correlation"] > 0.85).all()
    about = json.loads(Path("short-form/about.json").read_text())
    assert about["n_chosen_on"] + about["n_checked_on"] == 400
    assert "proven optimal" in done.output


def changed(answers, path, **columns):
    """The same answers in a new file, some columns replaced."""
    pd.read_csv(answers).assign(**columns).to_csv(path, index=False)
    return str(path)


def test_flags_of_a_reduction_stand_beside_the_items_of_the_form(
    run, answers, tmp_path
):
    (tmp_path / "votes.csv").write_text("voter,item,vote\nP1,a1,keep\n")
    votes = tmp_path / "votes.csv"
    assert run("reduce", "--resamples", 0, "--votes", votes).exit_code == 0
    # No --scales and no --reverse: the reduction's folder says how answers are read.
    typed = [str(answers), "--retained", "reduction/decisions.csv", "--length", "6"]
    done = CliRunner().invoke(main, ["shorten", *typed, "--forced", "a1"])
    assert done.exit_code == 0, done.output
    form = pd.read_csv("short-form/form.csv", index_col="item")
    assert "item_rest" in form.loc["a1", "flags"]
    assert form["not_assessed"].str.contains("dif").all()
    assert "a1 stands in the form though flagged: item_rest" in done.stderr
    assert "Not assessed of all items in the form" in done.stderr
    other = changed(answers, tmp_path / "other.csv", sex="f")
    done = CliRunner().invoke(main, ["shorten", other, *typed[1:]])
    assert "was made from answers.csv" in done.stderr


def test_items_that_tell_nobody_apart_are_findings_not_an_end(answers, tmp_path):
    b2 = pd.read_csv(answers)["b2"]
    dead = changed(answers, tmp_path / "dead.csv", a1=3, a2=None, b1=b2)
    typed = [dead, "--scales", "a,b", "--reverse", "b3"]
    out = ["--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, ["reduce", *typed, "--resamples", "1", *out])
    assert done.exit_code == 0, done.output
    decisions = pd.read_csv(tmp_path / "out" / "decisions.csv", index_col="item")
    removed = decisions.index[decisions["decision"] == "removed"]
    assert set(removed) in ({"a1", "a2", "b1"}, {"a1", "a2", "b2"})
    typed = ["shorten", *typed, "--length", "4", "--out", str(tmp_path / "short")]
    done = CliRunner().invoke(main, typed)
    assert done.exit_code == 0, done.output
    assert "a1 cannot be chosen: all answered alike." in done.stderr
    done = CliRunner().invoke(main, [*typed, "--forced", "a1"])
    assert (done.exit_code, "--forced a1" in done.stderr) == (2, True)


def test_two_items_a_scale_are_reduced_on_what_they_allow(answers, tmp_path):
    typed = [str(answers), "--scales", "a=a4,a5;b=b4,b5", "--groups", "sex"]
    out = tmp_path / "two"
    done = CliRunner().invoke(
        main, ["reduce", *typed, "--resamples", "2", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    decisions = pd.read_csv(out / "decisions.csv", index_col="item")
    assert set(decisions["decision"]) == {"kept"}
    assert decisions["not_assessed"].str.contains("misfit").all()
    assert "misfit was not assessed for any item" in done.stderr


def test_two_items_a_scale_are_shortened_with_equal_slopes(answers, tmp_path):
    typed = ["shorten", str(answers), "--scales", "a=a4,a5;b=b3-b5", "--length", "3"]
    done = CliRunner().invoke(main, [*typed, "--out", str(tmp_path / "short")])
    assert done.exit_code == 0, done.output
    assert "a has two items, whose slopes are taken as equal." in done.stderr
    information = pd.read_csv(tmp_path / "short" / "information.csv", index_col=0)
    assert (information > 0).all().all()
    one = [*typed[:3], "a=a4;b=b3-b5", *typed[4:]]
    done = CliRunner().invoke(main, [*one, "--out", str(tmp_path / "none")])
    assert (done.exit_code, "--together" in done.stderr) == (2, True)


def test_a_stray_code_is_no_answer_for_either_command(answers, tmp_path):
    a2 = pd.read_csv(answers)["a2"].where(lambda column: column.index != 7, 55)
    stray = changed(answers, tmp_path / "stray.csv", a2=a2)
    for command in (["reduce"], ["shorten", "--length", "4"]):
        done = CliRunner().invoke(main, [*command, stray, "--scales", "a,b"])
        assert done.exit_code == 2
        assert "55 stands once beside 1 to 5 in a2" in done.stderr


@pytest.mark.parametrize(
    "command, options, says",
    [
        ("reduce", ["--groups", "age"], "no column age"),
        ("reduce", ["--votes", "bad.csv"], "column vote, row 3: 'perhaps'"),
        ("reduce", ["--content", "rated.csv"], "column relevance, row 2: '85'"),
        ("reduce", ["--rules", "bad.csv"], "not a list of rules"),
        ("shorten", ["--length", 30], "no form satisfies all rules"),
        ("shorten", ["--length", 4, "--forced", "z"], "item z is not among"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_nothing_is_written(
    run, tmp_path, command, options, says
):
    (tmp_path / "bad.csv").write_text("item,vote\na1,keep\na2,perhaps\n")
    (tmp_path / "rated.csv").write_text("item,relevance\na1,85\n")
    done = run(command, *options)
    assert done.exit_code == 2
    assert says in done.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv", "rated.csv"]


def test_a_folder_of_other_files_is_left_alone(run, tmp_path):
    (tmp_path / "reduction").mkdir()
    (tmp_path / "reduction" / "thesis.txt").write_text("mine")
    assert run("reduce", "--resamples", 0).exit_code == 2
    assert (tmp_path / "reduction" / "thesis.txt").read_text() == "mine"
