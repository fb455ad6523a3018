"""Easy read: every question in short words, with a picture, asking the same."""

import re
import shutil
from pathlib import Path

import pytest

import item_bank
from item_bank.checks import check
from item_bank.easy_read import in_edition
from item_bank.errors import BankError
from item_bank.loader import load
from item_bank.readability import readability
from item_bank.texts import texts

HERE = Path(__file__).parent
FORMS = ("short_service_user.v1", "short_carer.v1")
DRAWING = re.compile(r'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"')


@pytest.fixture(params=FORMS)
def forms(request):
    """A form as published, and in easy read."""
    plain = item_bank.instrument(request.param)
    return plain, item_bank.instrument(request.param, edition="easy_read")


def test_every_item_has_words_of_its_own_and_a_picture(forms):
    plain, easy = forms
    assert [item.ref for item in easy.items] == [item.ref for item in plain.items]
    for item in easy.items:
        picture = easy.pictures[f"item.{item.ref}"]
        assert DRAWING.match(picture.svg) and picture.alternative.endswith(".")
    reworded = [easy.stem(a) != plain.stem(b) for a, b in zip(easy.items, plain.items)]
    assert sum(reworded) >= 22


def test_every_answer_has_a_picture_and_the_value_it_had(forms):
    plain, easy = forms
    for ours, theirs in zip(plain.items, easy.items):
        assert ours.responses.values == theirs.responses.values
        assert ours.reasons == theirs.reasons and ours.keyed == theirs.keyed
    for value in range(5):
        assert f"label.agreement_5.v1.{value}" in easy.pictures


def test_items_can_be_read_at_the_age_of_ten(forms):
    _, easy = forms
    grades = {i.id: readability(easy.stem(i)).grade for i in easy.items}
    assert {name: grade for name, grade in grades.items() if grade > 5} == {}


def test_no_text_is_lost_and_none_is_added(forms):
    plain, easy = forms
    assert len(texts(easy)) == len(texts(plain))
    assert all(texts(easy).values())


def test_words_that_need_a_meaning_are_explained_as_they_are_said(forms):
    _, easy = forms
    wordings = " ".join(easy.stem(item) for item in easy.items).lower()
    assert "physical health" not in wordings
    assert set(easy.definitions) == {
        "staff",
        "body health",
        "body health staff",
        "care plan",
    }


def test_the_edition_says_that_nobody_has_tested_it(forms):
    plain, easy = forms
    edition = item_bank.editions(plain.ref)["easy_read"]
    assert (easy.edition, edition.status) == ("easy_read.v1", "draft")
    assert edition.tested.startswith("Nobody has tested")
    assert plain.edition == "" and plain.pictures == {}


def test_an_edition_can_be_asked_for_by_its_version(forms):
    plain, easy = forms
    assert item_bank.instrument(plain.ref, edition="easy_read.v1") == easy


def test_a_form_without_the_edition_is_refused():
    assert item_bank.editions("pilot_carer.v1") == {}
    with pytest.raises(BankError, match="pilot_carer.v1 is not in this edition"):
        item_bank.instrument("pilot_carer.v1", edition="easy_read")
    with pytest.raises(BankError, match="not in this edition"):
        item_bank.instrument("short_carer.v1", edition="large_print")


@pytest.mark.parametrize("language", ["en-XA", "ar-XB"])
def test_easy_read_shows_what_a_pseudo_language_does_to_it(language):
    given = {"language": language, "edition": "easy_read", "pilot": True}
    form = item_bank.instrument("short_carer.v1", **given)
    easy = item_bank.instrument("short_carer.v1", edition="easy_read")
    assert (form.language, form.edition) == (language, "easy_read.v1")
    before, after = texts(easy), texts(form)
    assert all(after[key] != text for key, text in before.items())


@pytest.fixture
def small(tmp_path):
    """The small bank with an edition in order."""
    folder = Path(shutil.copytree(HERE / "small", tmp_path / "bank"))
    name = "easy_read.v1.yaml"
    shutil.copy(HERE / f"small_{name}", folder / "editions" / name)
    return folder


def test_what_an_edition_leaves_out_keeps_the_words_of_the_form(small):
    assert check(small) == []
    bank = load(small)
    form = in_edition(bank, bank.instruments["small.v1"], "easy_read")
    responses = form.items[0].responses
    assert responses.labels == {0: "No", 1: "In the middle", 2: "Yes"}
    assert responses.reason_labels["not_wanted"] == "I did not want it"
    assert form.blocks[1].title == "Body"
    assert form.pictures["block.trust"].id == "ear"
    assert form.pictures["label.agreement_3.v1.2"].alternative == "An ear."


def test_a_file_that_cannot_be_read_is_told_once(small):
    (small / "items/trust/trust_heard.v2.yaml").write_text("id: [\n")
    assert "editions/easy_read.v1.yaml" not in {p.file for p in check(small)}


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("picture: ask}", "picture: nose}", "there is no picture nose"),
        ("[small.v1]", "[gone.v1]", "there is no form gone.v1"),
        ('title: "Taking part", ', 'title: "", ', "should be non-empty"),
        ('"2": "Yes"', '"3": "Yes"', "is not in the source"),
        ("how my body is", "how I am", "the source speaks of 'my body'"),
        ("heard me", "heard me. They did", "write one sentence"),
    ],
)
def test_a_fault_in_an_edition_is_named(small, old, new, said):
    path = small / "editions" / "easy_read.v1.yaml"
    path.write_text(path.read_text().replace(old, new, 1))
    assert any(said in problem.message for problem in check(small))


@pytest.mark.parametrize("ref", ["short_service_user.v3", "short_carer.v3"])
def test_agreement_has_three_steps_that_keep_the_values_they_had(ref):
    plain = item_bank.instrument(ref)
    easy = item_bank.instrument(ref, edition="easy_read")
    for ours, theirs in zip(easy.items, plain.items):
        held = ours.responses
        assert held.values == theirs.responses.values
        assert len(held.offered) == 3
        assert {held.lowest, held.highest} < set(held.offered)
        assert [*theirs.responses.offered] == [*theirs.responses.values]
    assert "three of the five steps" in item_bank.editions(ref)["easy_read"].tested


@pytest.mark.parametrize("ref", ["short_service_user.v3", "short_carer.v3"])
def test_physical_health_is_named_as_people_name_it(ref):
    easy = item_bank.instrument(ref, edition="easy_read")
    said = " ".join(easy.stem(item) for item in easy.items).lower()
    assert "body staff" not in said and "mind staff" not in said
    assert "body health" not in said
