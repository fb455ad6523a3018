"""Every promise of docs/security.md names tests that are there, or a decision."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
LINES = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.M)
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)


def defined_in(file):
    """Names of the tests that a file defines; none where there is no such file."""
    path = TESTS / file
    body = ast.walk(ast.parse(path.read_text())) if path.exists() else ()
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}


def test_each_of_thirty_one_promises_has_a_test_or_a_decision():
    assert [int(number) for number, _, _ in LINES] == [*range(1, 32)]
    assert [
        number
        for number, _, held in LINES
        if "::test_" not in held and not held.startswith("decision: ")
    ] == []


def test_every_test_that_a_promise_names_is_there():
    assert len(NAMED) > 60
    assert [f"{f}::{name}" for f, name in NAMED if name not in defined_in(f)] == []
