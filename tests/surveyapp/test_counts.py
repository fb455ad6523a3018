"""A number agrees with its noun, on every page and in every message."""

import re
from pathlib import Path

import pytest

import surveyapp
from surveyapp import wording

HERE = Path(surveyapp.__file__).parent
NOUNS = "rows|forms|items|assessments|events|fields|copies|days|questions|columns"
IN_A_TEMPLATE = re.compile(rf"\}}\}} ({NOUNS})\b|~ \" ({NOUNS})\b")
# Sentences for respondents, whose numbers are never one.
WRITTEN_OUT = HERE / "templates" / "respond"


@pytest.mark.parametrize(
    "n, nouns, said",
    [
        (1, ["row"], "1 row"),
        (0, ["row"], "0 rows"),
        (2500, ["row"], "2,500 rows"),
        (1, ["person", "people"], "1 person"),
        (3, ["person", "people"], "3 people"),
        (1, ["row was", "rows were"], "1 row was"),
    ],
)
def test_a_number_and_its_noun_agree(n, nouns, said):
    assert wording.counted(n, *nouns) == said


def test_the_noun_is_in_the_language_of_the_page(app):
    with app.test_request_context():
        wording.speak("en-XA")
        assert wording.counted(2, "row") == f"2 {wording.say('rows')}"
        assert wording.counted(2, "row") != "2 rows"


def test_no_template_prints_a_number_before_a_plural_as_it_is():
    found = [
        (path.name, line.strip())
        for path in sorted((HERE / "templates").rglob("*.html"))
        if WRITTEN_OUT not in path.parents
        for line in path.read_text(encoding="utf-8").splitlines()
        if IN_A_TEMPLATE.search(line)
    ]
    assert found == []
