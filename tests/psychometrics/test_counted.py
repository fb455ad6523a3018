"""One factor, two factors: what a text counts is singular or plural as it is."""

import ast
import re
from pathlib import Path

import pytest

import psychometrics
from psychometrics.counted import counted, people

PACKAGE = Path(psychometrics.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize(
    "n, words", [(0, "0 factors"), (1, "1 factor"), (2, "2 factors")]
)
def test_a_noun_follows_its_number(n, words):
    assert counted(n, "factor") == words


def test_an_unusual_plural_is_said():
    assert [counted(n, "person", "people") for n in (1, 2)] == ["1 person", "2 people"]


@pytest.mark.parametrize(
    "n_persons, n_complete, words",
    [
        (None, None, "n = 180"),
        (200, 200, "200 persons"),
        (200, 150, "200 persons with an answer, 150 complete"),
        (1, 0, "1 person with an answer, 0 complete"),
    ],
)
def test_persons_are_counted_as_a_reader_knows_them(n_persons, n_complete, words):
    assert people(180, n_persons, n_complete) == words


def test_no_text_of_the_library_leaves_the_plural_to_the_reader():
    assert len(FILES) > 150
    left = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"[a-z]\(s\)", node.value)
    ]
    assert left == []
