"""A run that follows a plan: the report that the command makes, and nothing less."""

import io
import json
from types import SimpleNamespace

import pypdf
import pytest
from click.testing import CliRunner

from psychometrics.report import Plan
from psychometrics.report.settings import settled_groups
from surveyapp import bank, demo
from surveyapp.cli import main
from surveyapp.errors import WorkRefused
from surveyapp.research.exports.export import tables
from surveyapp.research.files.plans import parse_plan
from surveyapp.research.runs import task
from surveyapp.research.runs.choices import Choices

from .... import factories

pytestmark = pytest.mark.one_database

PLAN = """\
plan: 1
registered: "A public register, 5 January 2026"
scales:
  trust: [{items}]
seed: 3
criteria: {{alpha: 0.8}}
hypotheses:
  - {{name: a plan helps, scale: trust, groups: care_plan, order: ["yes", "no"]}}
  - {{name: satisfied, scale: trust, with: satisfaction, at_least: 0.3}}
occasions: {{person: person, column: wave, baseline: 1, retest: 2, follow_up: 3}}
stable: {{column: stability, values: ["no"]}}
population: people.csv
"""
PEOPLE = "variable,group,count\nmode,web,60\nmode,paper,30\nmode,telephone,10\n"


@pytest.fixture
def planned(session, campaign, kept_run):
    """Makes a run of the campaign that follows a plan, and waits for a worker."""

    def make(text, population=None, **choices):
        files = [factories.make_attachment(session, campaign, text, n_sent=4)]
        if population:
            made = {"kind": "population", "name": "people.csv"}
            files.append(
                factories.make_attachment(session, campaign, population, **made)
            )
        chosen = Choices(scales=("trust", "parity"), **choices).kept()
        return kept_run(campaign, status="running", attachments=files, choices=chosen)

    return make


def perform(app, session, run):
    with app.app_context():
        task.perform(session, run.job, lambda *_: None)


def trust_items():
    return list(bank.instrument(demo.FORM.format("service_user")).scales["trust"])


def sections(text):
    return {s["key"]: s for s in json.loads(text)["sections"]}


def test_a_planned_run_makes_what_the_command_makes_of_the_same_plan(
    app, session, campaign, planned, tmp_path
):
    text = PLAN.format(items=", ".join(trust_items()))
    left = ("scales", "structure", "waves", "seed")
    run = planned(text, PEOPLE, planned=left, groups="none")
    with app.app_context():
        exported = tables(session, campaign, "service_user").files
    for name, content in {**exported, "plan.yaml": text, "people.csv": PEOPLE}.items():
        (tmp_path / name).write_text(content)
    answers, plan, out = (
        str(tmp_path / name) for name in ("responses.csv", "plan.yaml", "report")
    )
    command = ["validate", answers, "--plan", plan, "--out", out]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    perform(app, session, run)
    kept = {file.name: file.content for file in run.files}
    ours = sections(kept["report.json"])
    theirs = sections((tmp_path / "report" / "report.json").read_text())
    note = ours["plan"]["notes"].pop()
    assert note.startswith("Attached: ") and note.endswith(
        "when 4 forms had been sent."
    )
    assert ours == theirs
    assert {"representativeness", "hypotheses", "reliability"} <= {*ours}
    departed = {row["what"] for row in ours["plan"]["tables"]["Deviations"]}
    assert departed == {"hypothesis satisfied", "follow-up"}
    cover = json.loads(kept["report.json"])["cover"]
    assert cover["plan_fingerprint"] == run.plan.sha256
    assert run.plan.sha256.encode() in kept["report.html"]
    assert note.encode() in kept["report.html"]
    printed = pypdf.PdfReader(io.BytesIO(kept["report.pdf"])).pages
    words = " ".join(" ".join(page.extract_text() for page in printed).split())
    assert note in words and run.plan.sha256 in words.replace(" ", "")


@pytest.fixture
def looked_at(app, session, monkeypatch):
    """Runs a run as far as the validation, and gives what that was called with."""

    def look(run):
        seen = SimpleNamespace()

        def stop(table, out, scales, **options):
            seen.scales, seen.options, seen.others = scales, options, table.others
            raise task.InvalidTable("seen enough")

        monkeypatch.setattr(task, "validate_table", stop)
        with pytest.raises(WorkRefused, match="seen enough"):
            perform(app, session, run)
        return seen

    return look


@pytest.mark.parametrize(
    "left, groups, scales, seed, compared",
    [
        (("groups", "seed"), "team", ["trust", "parity"], None, None),
        ((), "team", ["trust", "parity"], 1, "team"),
        ((), "none", ["trust", "parity"], 1, False),
    ],
)
def test_what_the_form_says_counts_where_it_was_told_to(
    planned, looked_at, left, groups, scales, seed, compared
):
    text = "plan: 1\nseed: 3\ngroups: care_plan\ncategories: [0, 9]\n"
    seen = looked_at(planned(text, planned=left, groups=groups))
    assert [*seen.scales] == scales
    assert (seen.options["seed"], seen.options["groups"]) == (seed, compared)
    assert seen.options["categories"] is None  # the plan's


def test_the_plans_occasions_count_before_a_choice_of_waves(planned, looked_at):
    text = "plan: 1\noccasions: {person: person, column: wave, baseline: 1}\n"
    first = planned(text, waves="first")
    every = planned(text, waves="first", planned=("waves",))
    assert len(looked_at(first).others) < len(looked_at(every).others)


def test_small_groups_of_a_plan_are_left_out_of_its_comparisons(
    session, campaign, planned, looked_at
):
    sent = [a for a in session.query(factories.Assessment) if a.wave == 1]
    for n, assessment in enumerate(sent):
        assessment.care_plan = ("yes", "no")[n < 4]
    session.commit()
    hypothesis = '{name: a, scale: trust, groups: care_plan, order: ["yes", "no"]}'
    seen = looked_at(planned(f"plan: 1\nhypotheses: [{hypothesis}]\n"))
    plans = seen.others["care_plan"].dropna().tolist()
    assert set(plans) == {"yes"} and len(plans) > 100


@pytest.mark.parametrize(
    "plan, said",
    [
        ("groups: language", "no two groups of 10 people"),
        (
            "occasions: {person: person, column: wave, baseline: 9}",
            "answers of no people",
        ),
    ],
)
def test_a_plan_that_cannot_be_followed_yet_says_why(app, session, planned, plan, said):
    run = planned(f"plan: 1\n{plan}\n", planned=("groups", "waves"))
    with pytest.raises(WorkRefused, match=said):
        perform(app, session, run)


def test_a_plan_from_before_the_reader_was_stricter_is_refused_in_words(
    app, session, planned
):
    with pytest.raises(WorkRefused, match="plan.yaml: line 1, column 1: plan: 2 is"):
        perform(app, session, planned("plan: 2\n"))


def test_no_groups_on_purpose_is_a_departure_from_a_plan_with_groups():
    plan = Plan(groups="gender")
    assert settled_groups(plan, False, None) == (None, [("groups", "gender", "none")])
    assert settled_groups(None, False, None) == (None, [])
    assert parse_plan(b"plan: 1", "p").groups is None
