"""A plan of validation: read strictly, fingerprinted, and told where it is wrong."""

import hashlib
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.report import Criteria, Occasions
from psychometrics.report.sections import SECTIONS
from surveyapp.research.files.plan_checks import schema
from surveyapp.research.files.plan_template import starting_plan
from surveyapp.research.files.plans import InvalidPlan, parse_plan, read_plan

from ....counting import calls

GOOD = """\
plan: 1
scales:
  N: N1-N5
  O: [O1, O2, O3]
reverse: O2
categories: [1, 6]
criteria: {alpha: 0.80}
hypotheses:
  - name: older people worry less
    scale: N
    with: age
    expect: negative
    at_least: 0.05
  - {name: women, scale: N, groups: gender, order: [2, 1], at_least: 0.1}
occasions: {person: id, column: wave, baseline: 1, retest: 2}
stable: {column: changed, values: [0]}
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plan_is_read_as_it_says_and_fingerprinted_as_it_is(written):
    plan = read_plan(written(GOOD))
    assert plan.scales == {
        "N": ["N1", "N2", "N3", "N4", "N5"],
        "O": ["O1", "O2", "O3"],
    }
    assert plan.criteria == Criteria(alpha=0.80)
    assert plan.hypotheses[0].bounds == (-1.0, -0.05)
    assert plan.hypotheses[1].order == ("2", "1")
    assert plan.occasions.retest == "2" and plan.occasions.follow_up is None
    assert plan.fingerprint == hashlib.sha256(GOOD.encode()).hexdigest()
    assert plan.text == GOOD


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("plan: 1", "plan: 2", "line 1, column 1: plan: 2 is not 1"),
        ("expect: negative", "expect: down", "line 12, column 5: hypotheses.0.expect"),
        ("at_least: 0.05", "at_least: much", "line 13, column 5: hypotheses.0.at_l"),
        ("with: age", "wiht: age", "line 11, column 5: hypotheses.0.wiht: no such key"),
        ("    scale: N\n    with", "    with", "scale is missing"),
        ("scale: N, gr", "scale: P, gr", "line 14, column 19: hypotheses.1.scale: no"),
        ("alpha: 0.80", "alpah: 0.80", "line 7, column 12: criteria.alpah: no such"),
        ("categories: [1, 6]", "categories: [6, 1]", "6 is not below 1"),
        ("name: women", "name: older people worry less", "stands twice"),
        ("expect: negative", "expect: either", "either direction takes an upper"),
        ("order: [2, 1]", "order: [2]", "line 14"),
        ("order: [2, 1]", "order: [yes, no]", "True is not of the kind"),
        ("reverse: O2", "reverse: O2\nreverse: O1", "line 6, column 1: the key rev"),
        ("reverse: O2", "reverse: [O2", "line 6"),
        ("reverse: O2", "intended: mine", "line 5, column 1: intended: no such model"),
        ("reverse: O2", "models: {mine: f =~}", "line 5, column 10: models.mine"),
        ("reverse: O2", "models: {mine: usual}", "no usual model of this name"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_column(written, old, new, said):
    with pytest.raises(InvalidPlan) as refused:
        read_plan(written(GOOD.replace(old, new, 1)))
    assert said in str(refused.value)
    assert str(refused.value).startswith("plan.yaml: line ")


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file(written):
    text = GOOD.replace("plan: 1", "plan: 2").replace("with: age", "wiht: age")
    with pytest.raises(InvalidPlan) as refused:
        read_plan(written(text))
    first, second = str(refused.value).splitlines()
    assert "line 1," in first and "line 11," in second


@pytest.mark.parametrize("scales", [None, {"A": ["A1", "A2"], "B": ["B1", "B2"]}])
def test_the_plan_to_start_from_can_be_followed_as_it_is(written, scales):
    plan = read_plan(written(starting_plan(scales)))
    assert plan.scales == scales
    assert plan.criteria == Criteria()
    assert plan.intended == "correlated factors"


def test_the_examples_of_the_plan_to_start_from_are_right(written):
    lines = starting_plan({"involvement": ["A1", "A2"]}).splitlines()
    head, rest = lines[:5], lines[5:]
    uncommented = [
        line[2:] if line[:2] == "# " and (":" in line or "- " in line) else line
        for line in rest
        if not line.startswith("# ") or line[2:3].islower() or line[2:4] == "  "
    ]
    plan = read_plan(written("\n".join([*head, *uncommented])))
    assert len(plan.hypotheses) == 3 and len(plan.change_hypotheses) == 1
    assert plan.anchor.column == "transition" and plan.population == "population.csv"


def test_every_key_of_a_plan_is_shown_in_the_plan_to_start_from():
    text = starting_plan()
    assert [key for key in schema()["properties"] if f"{key}:" not in text] == []


def test_the_sections_and_criteria_that_a_plan_may_name_are_those_there_are():
    named = schema()["properties"]["sections"]["items"]["enum"]
    assert len(named) == len(SECTIONS) - 1  # all but the methods
    shown = starting_plan().split("criteria:")[1].split("# What is expected")[0]
    known = {f.name: f.default for f in fields(Criteria)}
    for line in shown.strip().splitlines():
        name, value = line.split("#")[0].split(":")
        assert float(value) == known[name.strip()]


LAUGHS = "a: &a [ha]\n" + "".join(
    f"{new}: &{new} [{', '.join(10 * ['*' + old])}]\n"
    for old, new in zip("abcdefgh", "bcdefghi")
)
HOSTILE = {
    "billion laughs": (LAUGHS, "line 2, column 8: *a stands in what has a name itself"),
    "itself": ("plan: &a [*a]", "*a stands in what has a name itself"),
    "references": ("plan: &a 1\nx: [" + "*a, " * 21 + "*a]", "more than 20 references"),
    "deep": ("plan: " + "[" * 40_000, "line 1, column 18: more than 12 levels"),
    "long": ("#" * 100_001, "larger than 100 kB"),
    "object": ("plan: !!python/object/apply:os.getcwd []", "leave it out"),
    "bool": ("plan: !!bool x", "line 1, column 7: the tag tag:yaml.org,2002:bool"),
    "number": ("plan: " + "9" * 5000, "a number of more than 40 digits"),
    "date": ("plan: 2026-13-45", "'2026-13-45' is not 1"),
    "range": ("plan: 1\nscales: {A: A1-A99999999}", "a range of more than 1000"),
    "name": ("plan: 1\nreverse: " + "1" * 90_000, "more than 40 digits"),
    "long name": ("plan: 1\nreverse: A" + "1" * 90_000, "longer than 100 letters"),
    "no number": ("plan: 1\ncriteria: {cfi: .nan}", "nan is no number to judge by"),
    "models": (
        f"plan: 1\nmodels: {{m: {' + '.join(150 * 'a')} =~ {' + '.join(150 * 'b')}}}",
        "more than 20000 parameters are stated",
    ),
    "formula": (
        "plan: 1\nscales: {'=HYPERLINK(1)': [a, b]}",
        "line 2, column 10: scales.=HYPERLINK(1): begins as a formula does",
    ),
    "zero bytes": ("plan: \0", "unacceptable character"),
    "documents": ("plan: 1\n---\nplan: 1", "but found another document"),
    "many problems": ("\n".join(f"k{n}: 1" for n in range(9_000)), "no such key"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_plan_made_to_do_harm_is_refused_before_it_does(kind):
    text, said = HOSTILE[kind]
    refused = []

    def read():
        with pytest.raises(InvalidPlan) as refusal:
            parse_plan(text.encode(), "plan.yaml")
        refused.append(refusal.value)

    assert calls(read) < 10_000_000
    assert said in str(refused[0])
    assert len(str(refused[0])) < 50 * 400


PIECES = ["{}", "[]", "~", "&a ", "*a", "1e999", "0x1F", "1:30", "2026-13-40", "yes"]
PIECES += ["'", "|", "---", "%", "- ", "!!bool x", "<<: ", "? ", "\t", "\x85", "A5-A1"]


@given(
    st.lists(st.tuples(st.sampled_from(PIECES) | st.text(max_size=4), st.floats(0, 1)))
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_into_a_plan_it_is_read_or_refused(changes):
    text = GOOD
    for piece, where in changes:
        at = int(where * len(text))
        text = text[:at] + piece + text[at:]
    try:
        plan = parse_plan(text.encode("utf-8", "surrogatepass"), "plan.yaml")
    except InvalidPlan as refused:
        assert str(refused).startswith("plan.yaml: ")
    else:
        assert plan.text == text


def test_what_stands_twice_may_be_said_by_reference():
    text = "plan: 1\nscales: {A: &a [A1, A2], B: *a}"
    assert parse_plan(text.encode(), "plan.yaml").scales["B"] == ["A1", "A2"]


def test_a_plan_to_start_from_can_be_made_for_an_export(written):
    columns = {"care_plan": "Is there a care plan: yes, no, not_sure"}
    text = starting_plan({"A": ["A1", "A2"]}, columns=columns, waves={"follow_up": "2"})
    plan = read_plan(written(text))
    assert "#   care_plan          Is there a care plan" in text
    assert plan.occasions == Occasions("person", "wave", "1", None, "2")
    assert (plan.stable, plan.anchor.improved_from) == (None, 3)
