"""Plans and settings that were spoilt are refused in words, whatever is in them."""

import pytest

from surveyapp.research.files.answer_settings import InvalidTable, read_settings
from surveyapp.research.files.plans import InvalidPlan, parse_plan

from ....spoiling import spoilings
from .test_occasions import PLAN

SETTINGS = """\
scales:
  trust: [t1, t2, t3]
  safety: s1-s4
reverse: [t2]
categories: [0, 4]
missing: ["9", ""]
labels:
  - {Never: 0, Always: 4}
header_rows: 1
"""


def test_a_spoilt_plan_is_read_whole_or_refused_in_words():
    refused = 0
    for spoilt in spoilings(PLAN, 200):
        try:
            plan = parse_plan(spoilt.encode(), "plan.yaml")
            assert plan.text == spoilt
        except InvalidPlan as problem:
            refused += 1
            assert str(problem).startswith("plan.yaml: ")
            assert len(str(problem)) < 20_000
    assert refused > 50


@pytest.mark.parametrize("form", [SETTINGS, "trust: [t1, t2]\nsafety: s1-s4\n"])
def test_spoilt_settings_are_read_or_refused_in_words(form, tmp_path):
    file, refused = tmp_path / "answers.scales.yaml", 0
    for spoilt in spoilings(form, 150):
        file.write_text(spoilt, encoding="utf-8")
        try:
            read_settings(file)
        except InvalidTable as problem:
            refused += 1
            assert str(problem).startswith("answers.scales.yaml: ")
    assert refused > 20
