"""Scores of stored answers: the same numbers as the library's, reasons and all."""

import ast
import subprocess
import sys
from pathlib import Path
from statistics import stdev

import pytest

import surveyapp
from surveyapp import bank
from surveyapp.models import Reply
from surveyapp.scoring import score_assessment, score_assessments, score_sittings

from ..factories import LONG_AGO, make_assessment

pytestmark = pytest.mark.any_database

FORM = bank.instrument("short_service_user.v1")
PARITY = FORM.scales["parity"]


def answered(session, **given):
    """An assessment with these replies: an integer is a category, a word a reason."""
    care_plan = given.pop("care_plan", None)
    assessment = make_assessment(session, care_plan=care_plan)
    versions = {item.id: item.version for item in FORM.items}
    replies = [
        Reply(item, versions[item], **{"value" if type(r) is int else "reason": r})
        for item, r in given.items()
    ]
    assessment.record(replies, now=LONG_AGO)
    return assessment


def scores(assessment):
    return {s.scale: s for s in score_assessment(assessment, now=LONG_AGO)}


def imports_of_the_library():
    """What scores and a lead's pages import of `psychometrics`, as lines of code."""
    app = Path(surveyapp.__file__).parent
    for path in (app / "scoring.py", *sorted((app / "tracking").glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                if node.module.partition(".")[0] == "psychometrics":
                    yield ast.unparse(node)


def test_a_worker_has_warmed_up_all_that_scores_and_a_leads_pages_import():
    lines = sorted({*imports_of_the_library()})
    assert any("xmr_chart" in line for line in lines)
    script = ["import sys", "from surveyapp.scoring import warm_up", "warm_up()"]
    script += ["before = {*sys.modules}", *lines, "print(*{*sys.modules} - before)"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def test_the_highest_categories_score_a_hundred(session):
    made = scores(answered(session, **{item.id: 4 for item in FORM.items}))
    assert {row.value for row in made.values()} == {100.0}
    assert list(made) == list(FORM.scales)


def test_what_did_not_happen_is_the_lowest_category(session):
    first, *others = PARITY
    row = scores(
        answered(session, **{first: "did_not_happen"}, **dict.fromkeys(others, 4))
    )
    assert row["parity"].value == pytest.approx(100 * len(others) / len(PARITY))
    assert row["parity"].n_answered == len(PARITY)


def test_what_was_not_wanted_does_not_count_against_the_half_rule(session):
    first, second, *others = PARITY
    wanted_little = {first: 4, **dict.fromkeys([second, *others], "not_wanted")}
    row = scores(answered(session, **wanted_little))["parity"]
    assert (row.value, row.n_answered, row.n_applicable) == (100.0, 1, 1)


def test_what_cannot_be_remembered_does_count_against_it(session):
    first, *others = PARITY
    row = scores(
        answered(session, **{first: 4}, **dict.fromkeys(others, "cannot_remember"))
    )
    assert (row["parity"].value, row["parity"].reason) == (None, "too_few_answers")
    assert row["parity"].n_applicable == len(PARITY)


def test_no_care_plan_is_the_lowest_of_what_it_settles(session):
    row = scores(answered(session, care_plan="no"))["living_document"]
    assert (row.value, row.n_answered) == (0.0, len(FORM.gate.when_no))


def test_an_answer_given_without_a_plan_is_kept(session):
    item = FORM.gate.when_no[0]
    row = scores(answered(session, care_plan="no", **{item: 4}))["living_document"]
    assert row.value == pytest.approx(100 / len(FORM.gate.when_no))


def test_not_being_sure_of_a_plan_settles_nothing(session):
    row = scores(answered(session, care_plan="not_sure"))["living_document"]
    assert (row.value, row.n_answered) == (None, 0)


def test_many_at_once_score_as_each_alone(session):
    several = [answered(session, **dict.fromkeys(PARITY, n)) for n in range(5)]
    together = score_assessments(several, now=LONG_AGO)
    alone = [score_assessment(one, now=LONG_AGO) for one in several]
    assert [[r.value for r in rows] for rows in together] == [
        [r.value for r in rows] for rows in alone
    ]


def test_a_score_names_every_version_that_made_it(session):
    row = scores(answered(session, **dict.fromkeys(PARITY, 3)))["parity"]
    assert row.instrument == "short_service_user.v1"
    assert row.method.startswith("mean_of_applicable_items_0_100.v")
    assert row.software_version


def test_a_score_keeps_the_standard_error_of_the_library_and_none_without_a_value(
    session,
):
    first, second, third, *_ = PARITY
    row = scores(answered(session, **{first: 4, second: 2, third: 0}))
    parity = row["parity"]
    assert (parity.value is None) == (parity.se is None)
    full = scores(answered(session, **{item: n % 5 for n, item in enumerate(PARITY)}))
    points = [25 * (n % 5) for n in range(len(PARITY))]
    assert full["parity"].se == pytest.approx(stdev(points) / len(points) ** 0.5)
    assert full["living_document"].se is None


def test_scores_are_the_first_revision_unless_it_is_said(session):
    assessment = answered(session, **dict.fromkeys(PARITY, 3))
    for rows in (
        score_sittings([assessment], now=LONG_AGO)[0],
        [vars(row) for row in score_assessments([assessment], now=LONG_AGO)[0]],
        [vars(row) for row in score_assessment(assessment, now=LONG_AGO)],
    ):
        assert {row["revision"] for row in rows} == {1}
