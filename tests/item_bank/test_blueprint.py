"""What a form asks of the findings, and what became of its items since the last."""

import csv
import io
from dataclasses import replace

import pytest

from item_bank import cli
from item_bank.checks import broken_rules
from item_bank.coverage import blueprint, findings_for
from item_bank.crosswalk import RELATIONS, crosswalk
from item_bank.loader import BUILT_IN, load
from item_bank.models import PREREQUISITES
from item_bank.publish import short_form
from tests.item_bank.test_publish import PROVENANCE

PAIRS = [
    (f"{name}.v1", f"{name}.v2")
    for name in (
        "pilot_service_user",
        "pilot_carer",
        "pilot_professional",
        "short_service_user",
        "short_carer",
    )
]
PAIRS += [
    (f"{name}_{who}.v2", f"{name}_{who}.v3")
    for name in ("pilot", "short")
    for who in ("service_user", "carer")
]


@pytest.fixture(scope="module")
def bank():
    return load()


def problems_with(bank, form):
    """What the rule says of the bank when this form stands in the place of its own."""
    other = replace(bank, instruments={**bank.instruments, form.ref: form})
    return [p for p in broken_rules(other) if p.rule == "blueprint"]


def test_a_form_that_drops_an_item_has_to_say_why_its_finding_goes(bank):
    form = bank.instruments["short_carer.v3"]
    names = [item.id for item in form.items if item.id != "trust_contact"]
    gone = form.evidence - form.subset(names).evidence
    told = problems_with(bank, form.subset(names))
    assert gone and {problem.message.split()[0] for problem in told} == gone


def test_a_reason_goes_when_its_finding_comes_back(bank):
    form = bank.instruments["pilot_carer.v3"]
    left_out = {**form.findings_left_out, "trust_heard": "No longer true of this form."}
    told = problems_with(bank, replace(form, findings_left_out=left_out))
    assert [problem.place for problem in told] == ["findings_left_out.trust_heard"]


def test_a_form_chosen_from_data_carries_the_findings_that_left(bank):
    form = bank.instruments["pilot_service_user.v3"]
    ids = [item.id for block in form.blocks for item in block.items[:3]]
    made = short_form(form, ids, id="mine", title="Mine", provenance=PROVENANCE)
    missing = set(findings_for(bank, made)) - made.evidence
    assert missing and missing <= set(made.findings_left_out)


@pytest.mark.parametrize("ref", [newer for _, newer in PAIRS])
def test_a_blueprint_counts_every_item_and_every_finding_once(bank, ref):
    form = bank.instruments[ref]
    rows = blueprint(bank, form)
    assert [row["prerequisite"] for row in rows] == [*PREREQUISITES, "context"]
    assert sum(row["low"] + row["middle"] + row["high"] for row in rows) == len(
        form.items
    )
    findings = [name for row in rows for name in (*row["findings"], *row["left_out"])]
    assert sorted(findings) == sorted(findings_for(bank, form))


@pytest.mark.parametrize("old, new", PAIRS)
def test_a_crosswalk_has_each_item_of_both_forms_once(bank, old, new):
    older, newer = bank.instruments[old], bank.instruments[new]
    rows = crosswalk(older, newer)
    assert sorted(r["newer"] for r in rows if r["newer"]) == sorted(
        item.ref for item in newer.items
    )
    assert sorted(r["older"] for r in rows if r["older"]) == sorted(
        item.ref for item in older.items
    )
    assert {row["relation"] for row in rows} <= set(RELATIONS)
    assert all(row["changes"] for row in rows if row["relation"] == "reworded")


def test_the_same_words_with_other_answers_are_told_apart_from_the_same(bank):
    form = bank.instruments["short_carer.v2"]
    assert {row["relation"] for row in crosswalk(form, form)} == {"same"}
    older = bank.instruments["short_carer.v1"]
    kept = {r["item"]: r["relation"] for r in crosswalk(older, form)}
    item = next(i for i in form.items if kept[i.id] == "other_answers")
    before = next(i for i in older.items if i.id == item.id)
    assert form.stem(item) == older.stem(before)
    assert (item.responses, item.reasons) != (before.responses, before.reasons)


def test_both_are_commands(bank):
    shown, status = cli.blueprint_of(BUILT_IN, ref="short_carer.v2")
    assert status == 0 and "collaboration_influence: It is about shaping" in shown
    table, status = cli.crosswalk_of(
        BUILT_IN, old="short_carer.v1", new="short_carer.v2"
    )
    rows = list(csv.DictReader(io.StringIO(table)))
    forms = bank.instruments["short_carer.v1"], bank.instruments["short_carer.v2"]
    assert status == 0 and len(rows) == len(crosswalk(*forms)) > 30
