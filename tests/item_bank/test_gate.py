"""One rule about the gate, in the bank and in every format that carries it."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from item_bank.interchange import fhir, limesurvey, redcap
from item_bank.languages import in_language
from item_bank.loader import load
from item_bank.models import GateFollowUp
from tests.item_bank import fhir_schema

SMALL = Path(__file__).parent / "small"
OPTIONS = {"yes": "Yes", "no": "No", "not_sure": "I am not sure"}
WANTED = GateFollowUp("wants_plan", "Would you want one?", OPTIONS, ("no",))


def first_edition():
    return load(SMALL).instruments["small.v1"]


def second_edition():
    form = first_edition()
    gate = replace(form.gate, follow_up=WANTED, when_not_sure="lowest")
    return replace(form, version=2, gate=gate)


# The table of METHOD: plan, want one, what becomes of the living-document items.
TABLE = [
    ("no", "yes", "lowest"),
    ("no", "not_sure", "lowest"),
    ("no", None, "lowest"),
    ("no", "no", "structural"),
    ("not_sure", None, "lowest"),
    (None, None, "asked"),
    ("yes", None, "asked"),
]


@pytest.mark.parametrize(("plan", "wanted", "outcome"), TABLE)
def test_the_second_edition_settles_the_items_by_the_table(plan, wanted, outcome):
    assert second_edition().gate.outcome(plan, wanted) == outcome


def test_the_first_edition_settles_them_after_a_no_alone():
    gate = first_edition().gate
    outcomes = [gate.outcome(plan) for plan in ("no", "not_sure", "yes", None)]
    assert outcomes == ["lowest", "asked", "asked", "asked"]


def test_only_a_not_sure_that_settles_something_is_uncertain():
    assert second_edition().gate.is_uncertain("not_sure")
    assert not second_edition().gate.is_uncertain("no")
    assert not first_edition().gate.is_uncertain("not_sure")


def questionnaire_items(form):
    def walk(items):
        for item in items:
            yield item["linkId"], item
            yield from walk(item.get("item", ()))

    return dict(walk(fhir.write(form)["item"]))


def shown(conditions, behaviour, answer):
    """Whether FHIR shows an item, given the answer at the gate."""
    held = [
        answer is not None
        and (answer == c["answerCoding"]["code"]) == (c["operator"] == "=")
        or (answer is None and c["operator"] == "!=")
        for c in conditions
    ]
    return all(held) if behaviour == "all" or len(held) == 1 else any(held)


@pytest.mark.parametrize("form", [first_edition(), second_edition()], ids=("v1", "v2"))
@pytest.mark.parametrize("answer", ["yes", "no", "not_sure", None])
def test_fhir_shows_the_items_where_the_gate_asks_them(form, answer):
    block = questionnaire_items(form)["block.plan"]
    behaviour = block.get("enableBehavior", "any")
    is_asked = form.gate.outcome(answer) == "asked"
    assert shown(block["enableWhen"], behaviour, answer) == is_asked


def test_fhir_asks_who_has_no_plan_whether_they_want_one():
    item = questionnaire_items(second_edition())["wants_plan"]
    assert shown(item["enableWhen"], "any", "no")
    assert not shown(item["enableWhen"], "any", "yes")
    assert [o["valueCoding"]["code"] for o in item["answerOption"]] == list(OPTIONS)


def test_fhir_of_a_second_edition_is_valid():
    validator = fhir_schema.validator("Questionnaire")
    assert not list(validator.iter_errors(fhir.write(second_edition())))


def redcap_rows(form):
    rows = csv.DictReader(io.StringIO(redcap.write(form)))
    return {row["Variable / Field Name"]: row for row in rows}


def test_redcap_branches_by_the_same_rule():
    rows = redcap_rows(second_edition())
    branch = "Branching Logic (Show field only if...)"
    assert rows["living_document_seen"][branch] == (
        "[care_plan] <> 'no' and [care_plan] <> 'not_sure'"
    )
    assert rows["wants_plan"][branch] == "[care_plan] = 'no'"
    first = redcap_rows(first_edition())
    assert first["living_document_seen"][branch] == "[care_plan] <> 'no'"


def test_limesurvey_branches_by_the_same_rule():
    rows = csv.DictReader(
        io.StringIO(limesurvey.write(second_edition())), delimiter="\t"
    )
    relevance = {row["name"]: row["relevance"] for row in rows if row["class"] != "A"}
    assert relevance["Plan"] == 'gate.NAOK != "A001" and gate.NAOK != "A002"'
    assert relevance["wanted"] == 'gate.NAOK == "A001"'


def test_each_format_gives_the_second_edition_back():
    form = second_edition()
    others = [in_language(load(SMALL), form, "en-XA", pilot=True)]
    expected = {each.language: each for each in (form, *others)}
    assert fhir.read(json.loads(json.dumps(fhir.write(form, others)))) == expected
    assert limesurvey.read(limesurvey.write(form, others)) == expected
    assert redcap.read(redcap.write(form)) == form


def test_a_booklet_keeps_what_is_asked_after_a_no():
    form = second_edition()
    booklet = form.subset(form.scales["living_document"])
    assert booklet.gate.follow_up == WANTED
