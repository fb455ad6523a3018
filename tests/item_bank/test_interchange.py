"""Forms to other systems and back: nothing is lost, and what comes is valid."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from item_bank.csv_cells import FORMULA
from item_bank.errors import BankError
from item_bank.interchange import fhir, limesurvey, redcap
from item_bank.languages import in_language
from item_bank.loader import load
from item_bank.texts import texts, with_texts
from tests.item_bank import fhir_schema

SMALL = Path(__file__).parent / "small"
FORMS = [*load().instruments.values(), *load(SMALL).instruments.values()]
PSEUDO = ("en-XA", "ar-XB")


def in_pseudo(form):
    return [in_language(load(), form, name, pilot=True) for name in PSEUDO]


@pytest.fixture(params=FORMS, ids=lambda form: form.ref)
def form(request):
    return request.param


@pytest.fixture(scope="session")
def questionnaires():
    return fhir_schema.validator("Questionnaire")


def walk(items):
    for item in items:
        yield item
        yield from walk(item.get("item", ()))


def test_fhir_gives_back_what_it_was_given(form):
    others = in_pseudo(form)
    through = json.loads(json.dumps(fhir.write(form, others)))
    expected = {each.language: each for each in (form, *others)}
    assert fhir.read(through) == expected


def test_limesurvey_gives_back_what_it_was_given(form):
    others = in_pseudo(form)
    expected = {each.language: each for each in (form, *others)}
    assert limesurvey.read(limesurvey.write(form, others)) == expected


def test_redcap_gives_back_what_it_was_given(form):
    assert redcap.read(redcap.write(form)) == form


@pytest.mark.parametrize("language", PSEUDO)
def test_redcap_takes_a_form_in_another_language(language):
    turned = in_language(load(), FORMS[0], language, pilot=True)
    assert redcap.read(redcap.write(turned)) == turned


def test_fhir_is_valid_by_the_official_schema(form, questionnaires):
    resource = json.loads(json.dumps(fhir.write(form, in_pseudo(form))))
    assert [error.message for error in questionnaires.iter_errors(resource)] == []


def test_the_official_schema_refuses_what_is_wrong(questionnaires):
    wrong = {**fhir.write(FORMS[0]), "status": "bogus"}
    assert [error.path[0] for error in questionnaires.iter_errors(wrong)] == ["status"]


def test_fhir_has_the_elements_that_the_schema_does_not_ask_for(form):
    resource = fhir.write(form)
    items = list(walk(resource["item"]))
    links = [item["linkId"] for item in items]
    assert len(links) == len(set(links))
    assert resource["version"] == str(form.version) and resource["url"]
    for item in items:
        assert item["type"] != "choice" or item["answerOption"]
        assert item.get("text") or item["type"] == "group"
        for condition in item.get("enableWhen", ()):
            assert condition["question"] in links


def test_fhir_puts_values_on_categories_and_none_on_reasons(form):
    by_link = {item["linkId"]: item for item in walk(fhir.write(form)["item"])}
    for item in form.items:
        codings = [o["valueCoding"] for o in by_link[item.ref]["answerOption"]]
        values = {
            coding["code"]: coding["extension"][0]["valueDecimal"]
            for coding in codings
            if "extension" in coding
        }
        assert values == {str(value): value for value in item.responses.labels}
        reasons = [c["code"] for c in codings if "extension" not in c]
        assert reasons == list(item.reasons)


def test_fhir_numbers_the_items_and_hides_the_plan_after_a_no():
    form = next(form for form in FORMS if form.ref == "pilot_carer.v1")
    items = list(walk(fhir.write(form)["item"]))
    prefixes = [item["prefix"] for item in items if "prefix" in item]
    assert prefixes == [f"{number}." for number in range(1, 73)]
    hidden = [item["linkId"] for item in items if "enableWhen" in item]
    assert hidden == ["block.living_document"]


def test_a_wording_changed_in_another_system_is_read_back():
    form = FORMS[0]
    key = f"item.{form.items[0].ref}"
    changed = with_texts(form, {key: "Staff said hello."})
    resource = fhir.write(form)
    old, new = form.stem(form.items[0]), "Staff said hello."
    assert fhir.read(json.loads(json.dumps(resource).replace(old, new)))[
        form.language
    ] == (changed)
    assert redcap.read(redcap.write(form).replace(old, new)) == changed


def test_redcap_has_its_columns_and_codes():
    form = next(form for form in FORMS if form.ref == "short_service_user.v1")
    rows = list(csv.DictReader(io.StringIO(redcap.write(form))))
    assert tuple(rows[0]) == redcap.COLUMNS and len(redcap.COLUMNS) == 18
    assert rows[0][redcap.NAME] == "record_id"
    by_name = {row[redcap.NAME]: row for row in rows}
    choices = by_name["trust_listened"][redcap.CHOICES]
    assert choices.startswith("0, Strongly disagree | 1, Disagree")
    assert "did_not_happen, It did not happen, and I wanted it to" in choices
    branching = by_name["living_document_seen"][redcap.BRANCHING]
    assert branching == "[care_plan] <> 'no'"
    assert by_name["consent_taking_part"][redcap.REQUIRED] == "y"


def test_redcap_refuses_a_label_that_it_would_cut_in_two():
    form = FORMS[0]
    held = form.items[0].responses.ref
    barred = with_texts(form, {f"label.{held}.0": "No | never"})
    with pytest.raises(BankError, match=f"label.{held}.0: holds a bar"):
        redcap.write(barred)


def test_limesurvey_keeps_to_the_lengths_of_its_codes():
    form = next(form for form in FORMS if form.ref == "pilot_service_user.v1")
    text = limesurvey.write(form)
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    questions = [row["name"] for row in rows if row["class"] == "Q"]
    assert len(questions) == len(set(questions))
    assert all(code.isalnum() and len(code) <= 20 for code in questions)
    answers = [row["name"] for row in rows if row["class"] in ("A", "SQ")]
    assert all(code.isalnum() and len(code) <= 5 for code in answers)


def test_limesurvey_ties_answers_to_questions_and_languages_to_each_other():
    form = next(form for form in FORMS if form.ref == "short_carer.v1")
    text = limesurvey.write(form, in_pseudo(form))
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    columns = ("id", "class", "type/scale")
    by_language = {
        language: [
            [row[c] for c in columns] for row in rows if row["language"] == language
        ]
        for language in ("en-GB", *PSEUDO)
    }
    assert by_language["en-GB"] == by_language["en-XA"] == by_language["ar-XB"]
    questions = {row["id"] for row in rows if row["class"] == "Q"}
    assert {row["id"] for row in rows if row["class"] == "A"} <= questions


@pytest.mark.parametrize(
    "read, given",
    [
        (fhir.read, {"resourceType": "Questionnaire", "status": "draft"}),
        (redcap.read, ",".join(redcap.COLUMNS) + "\n"),
        (limesurvey.read, "\t".join(limesurvey.COLUMNS) + "\n"),
    ],
    ids=["fhir", "redcap", "limesurvey"],
)
def test_a_file_from_elsewhere_is_refused_with_a_reason(read, given):
    with pytest.raises(BankError, match="only files that this bank wrote"):
        read(given)


def test_a_form_that_lost_a_question_is_not_read_back():
    resource = fhir.write(FORMS[0])
    resource["item"] = [i for i in resource["item"] if i["linkId"] != "care_plan"]
    with pytest.raises(BankError, match="gate.text: is missing"):
        fhir.read(resource)


def test_words_of_reasons_that_no_item_offers_survive():
    form = FORMS[0]
    items = tuple(
        replace(item, reasons={"cannot_remember": "missing"})
        for item in form.blocks[0].items
    )
    few = replace(form, blocks=(replace(form.blocks[0], items=items),), gate=None)
    assert fhir.read(fhir.write(few))[few.language] == few
    assert redcap.read(redcap.write(few)) == few


SMALL_FORM = FORMS[-1]
ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="|")
    | st.sampled_from("\n\t"),
    min_size=1,
    max_size=30,
).filter(lambda words: not words.startswith(FORMULA))
ANY_WORDS = st.fixed_dictionaries({key: ANY_TEXT for key in texts(SMALL_FORM)})


@settings(deadline=None, max_examples=40)
@given(ANY_WORDS)
def test_any_words_survive_any_format(words):
    form = with_texts(SMALL_FORM, words)
    through = json.loads(json.dumps(fhir.write(form)))
    assert fhir.read(through)[form.language] == form
    assert limesurvey.read(limesurvey.write(form))[form.language] == form
    assert redcap.read(redcap.write(form)) == form


@settings(deadline=None, max_examples=20)
@given(ANY_WORDS)
def test_putting_texts_back_changes_nothing(words):
    form = with_texts(SMALL_FORM, words)
    assert texts(form) == words
    assert with_texts(form, texts(SMALL_FORM)) == SMALL_FORM
