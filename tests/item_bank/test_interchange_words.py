"""What each other system would show of each form: its own reasons, words and skips.

The files are read here as that system reads them, without this bank's own reader.
"""

import csv
import io

import pytest

from item_bank.easy_read import editions_of, in_edition
from item_bank.interchange import fhir, limesurvey, redcap
from item_bank.loader import load

BANK = load()
FORMS = list(BANK.instruments.values())
WORDED = [
    *FORMS,
    *(
        in_edition(BANK, form, edition.ref)
        for form in FORMS
        for edition in editions_of(BANK, form).values()
    ),
]


def named(form):
    return f"{form.ref}-{form.edition}" if form.edition else form.ref


@pytest.fixture(scope="module", params=WORDED, ids=named)
def form(request):
    return request.param


@pytest.fixture(scope="module")
def asked(form):
    """System -> (text, answers, conditions) of what it would ask, in order."""
    return {
        "fhir": of_fhir(form),
        "redcap": of_redcap(form),
        "limesurvey": of_limesurvey(form),
    }


@pytest.fixture(scope="module")
def shown(asked):
    """System -> text -> (answers, conditions); items have texts of their own."""
    return {s: {text: told for text, *told in found} for s, found in asked.items()}


@pytest.fixture(scope="module")
def answers(asked):
    """System -> (text, answers) in order."""
    return {s: [(text, a) for text, a, _ in found] for s, found in asked.items()}


def of_fhir(form):
    found = []

    def walk(items, conditions=()):
        for item in items:
            own = (*conditions, *map(condition, item.get("enableWhen", ())))
            if item["type"] == "choice":
                answers = [o["valueCoding"]["display"] for o in item["answerOption"]]
                found.append((item["text"], answers, {*own}))
            walk(item.get("item", ()), own)

    def condition(when):
        sign = {"=": "is", "!=": "is not"}[when["operator"]]
        return sign, when["answerCoding"]["code"]

    walk(fhir.write(form)["item"])
    return found


def of_redcap(form):
    found = []
    for row in csv.DictReader(io.StringIO(redcap.write(form))):
        if row[redcap.TYPE] in ("radio", "checkbox"):
            pairs = row[redcap.CHOICES].split(" | ")
            conditions = filter(None, row[redcap.BRANCHING].split(" and "))
            signs = {"=": "is", "<>": "is not"}
            told = {(signs[c.split()[1]], c.split()[2].strip("'")) for c in conditions}
            answers = [pair.partition(", ")[2] for pair in pairs]
            found.append((row[redcap.LABEL], answers, told))
    return found


def of_limesurvey(form):
    """The gate's answers have numbers there, so conditions are turned into codes."""
    rows = csv.DictReader(io.StringIO(limesurvey.write(form)), delimiter="\t")
    found, outer, asked = [], set(), None
    codes = [*form.gate.options] if form.gate else []
    for row in rows:
        if row["class"] == "G":
            outer = conditions_of(row["relevance"], codes)
        elif row["class"] == "Q":
            asked = row["text"] if row["type/scale"] in ("L", "M") else None
            if asked is not None:
                own = conditions_of(row["relevance"], codes)
                found.append((asked, [], outer | own))
        elif row["class"] in ("A", "SQ") and asked is not None:
            found[-1][1].append(row["text"])
    return found


def conditions_of(relevance, codes):
    if relevance in ("", "1"):
        return set()
    told = set()
    for condition in relevance.split(" and "):
        name, sign, number = condition.split()
        assert name == "gate.NAOK"
        code = codes[int(number.strip('"').removeprefix("A"))]
        told.add(({"==": "is", "!=": "is not"}[sign], code))
    return told


def test_each_item_offers_the_answers_and_reasons_of_its_own_version(form, shown):
    for system, found in shown.items():
        for item in form.items:
            held = item.responses
            expected = [*held.labels.values()]
            expected += [held.reason_labels[reason] for reason in item.reasons]
            assert found[form.stem(item)][0] == expected, (system, item.ref)


def test_what_the_gate_settles_is_skipped_by_its_one_rule(form, shown):
    gate = form.gate
    settled = set()
    if gate:
        codes = [code for code in gate.options if gate.outcome(code) != "asked"]
        settled = {("is not", code) for code in codes}
        assert "no" in codes
    for system, found in shown.items():
        for block in form.blocks:
            is_gated = gate and block.prerequisite == gate.prerequisite
            for item in block.items:
                conditions = found[form.stem(item)][1]
                assert conditions == (settled if is_gated else set()), (system, item.id)


def test_who_has_no_plan_is_asked_whether_they_want_one(form, shown):
    if not form.gate or not form.gate.follow_up:
        assert not any(("is", "no") in c for f in shown.values() for _, c in f.values())
        return
    asked = form.gate.follow_up
    for system, found in shown.items():
        answers, conditions = found[asked.text]
        assert answers == [*asked.options.values()], system
        assert conditions == {("is", "no")}, system


def test_each_question_beside_the_items_has_its_answers(form, answers):
    for system, found in answers.items():
        for question in form.questions:
            if question.options:
                asked = (question.text[form.perspective], [*question.options.values()])
                assert asked in found, (system, question.ref)


def test_for_whom_the_survey_is_is_asked_before_anything_else(form, answers):
    asked = [
        (q.text[form.perspective], [*q.options.values()]) for q in form.eligibility
    ]
    for system, found in answers.items():
        assert found[: len(asked)] == asked, system
