"""One half rule: scores, studies, short forms and the application ask the same."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import psychometrics
from psychometrics.report.study import prepare_study
from psychometrics.scores.half_rule import half_rule_means, has_enough_answers

ROOT = Path(psychometrics.__file__).parent.parent


@pytest.mark.parametrize(
    "n_answered, n_applies, is_enough",
    [(0, 0, False), (0, 3, False), (1, 2, True), (1, 3, False), (2, 3, True)],
)
def test_at_least_one_and_at_least_half_of_what_applies(
    n_answered, n_applies, is_enough
):
    assert has_enough_answers(n_answered, n_applies) == is_enough


def test_study_and_score_keep_the_same_people(rng):
    answers = pd.DataFrame(
        rng.integers(0, 5, (60, 5)).astype(float), columns=[*"abcde"]
    )
    gaps = rng.random(answers.shape) < 0.6
    gaps[:, 0] = False  # a row without any answer would be nobody to a study
    answers = answers.mask(gaps)
    applies = answers.notna() | (rng.random(answers.shape) < 0.6)
    scored = psychometrics.score(
        answers,
        {"total": [*"abcde"]},
        categories=dict.fromkeys("abcde", (0, 4)),
        applies=applies,
    ).values["total"]
    means = half_rule_means(answers, applies)
    np.testing.assert_allclose(means * 25, scored)
    study = prepare_study(answers, {"total": [*"abcde"]})
    pd.testing.assert_series_equal(
        study.scored(answers)["total"], half_rule_means(answers), check_names=False
    )


def test_no_other_module_compares_a_count_of_answers_with_a_share():
    """The rule is written once: `n >= share * n` stands in no other place."""
    rules = []
    for package in ("psychometrics", "surveyapp"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Compare) and "answered" in (
                    line := ast.unparse(node)
                ):
                    if any(share in line for share in ("min_share", "0.5 *", "/ 2")):
                        rules.append(path.name)
    assert rules == ["half_rule.py"]


def test_exactly_the_share_is_enough_whatever_it_is():
    for per_cent in range(1, 101):
        for n in range(1, 80):
            least = -(-per_cent * n // 100)
            assert has_enough_answers(least, n, per_cent / 100)
            assert not has_enough_answers(least - 1, n, per_cent / 100)
