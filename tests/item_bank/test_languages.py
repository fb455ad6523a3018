"""Forms in other languages: complete, keyed by value, and given when validated."""

import shutil
from pathlib import Path

import pytest

from item_bank.errors import BankError
from item_bank.languages import in_language, side_by_side
from item_bank.loader import FOLDERS, load
from item_bank.lock import parts
from item_bank.texts import source_text, texts
from item_bank.yaml_writer import to_yaml

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def translated(tmp_path):
    """The small bank with a complete translation; a function sets its status."""
    folder = Path(shutil.copytree(SMALL, tmp_path / "bank"))

    def with_status(status):
        form = load(folder).instruments["small.v1"]
        for kind, record in parts(form):
            home = folder / "translations" / "xx" / FOLDERS[kind]
            home.mkdir(exist_ok=True)
            text = {"ref": record.ref, "status": status}
            text |= upper(source_text(kind, record))
            (home / f"{record.ref}.yaml").write_text(to_yaml(text), encoding="utf-8")
        return load(folder)

    return with_status


def upper(value):
    """Capitals stand for another language."""
    if isinstance(value, dict):
        return {key: upper(part) for key, part in value.items()}
    return value.upper()


def test_every_text_of_a_form_is_translated(translated):
    bank = translated("validated")
    form = bank.instruments["small.v1"]
    turned = in_language(bank, form, "xx")
    expected = {key: text.upper() for key, text in texts(form).items()}
    assert texts(turned) == expected
    assert (turned.language, turned.direction) == ("xx", "ltr")


def test_a_translation_changes_no_value_and_no_coding(translated):
    bank = translated("validated")
    form = bank.instruments["small.v1"]
    turned = in_language(bank, form, "xx")
    for item, other in zip(form.items, turned.items):
        assert item.responses.values == other.responses.values
        assert item.reasons == other.reasons and item.ref == other.ref


def test_an_unvalidated_translation_is_given_in_a_pilot_only(translated):
    bank = translated("reconciled")
    form = bank.instruments["small.v1"]
    with pytest.raises(BankError, match="only reconciled; mark the campaign"):
        in_language(bank, form, "xx")
    assert in_language(bank, form, "xx", pilot=True).title == "A SMALL FORM"


def test_an_incomplete_translation_names_what_is_missing():
    bank = load(SMALL)
    with pytest.raises(BankError, match="trust_heard.v2: is not translated"):
        in_language(bank, bank.instruments["small.v1"], "xx", pilot=True)


def test_an_unknown_language_names_those_there_are():
    bank = load(SMALL)
    with pytest.raises(BankError, match="there are en-GB, en-XA, ar-XB, xx"):
        in_language(bank, bank.instruments["small.v1"], "cy")


def test_the_source_language_is_the_form_itself():
    form = load().instruments["short_carer.v1"]
    assert in_language(load(), form, "en-GB") is form


@pytest.mark.parametrize("language, direction", [("en-XA", "ltr"), ("ar-XB", "rtl")])
def test_a_pseudo_language_marks_every_text(language, direction):
    form = load().instruments["short_carer.v1"]
    turned = in_language(load(), form, language, pilot=True)
    before, after = texts(form), texts(turned)
    assert turned.direction == direction
    assert all(after[key] != text for key, text in before.items() if text)


def test_a_pseudo_language_is_never_given_in_earnest():
    form = load().instruments["short_carer.v1"]
    with pytest.raises(BankError, match="is made up"):
        in_language(load(), form, "ar-XB")


def test_the_accented_pseudo_language_is_about_a_third_longer():
    form = load().instruments["pilot_service_user.v1"]
    turned = in_language(load(), form, "en-XA", pilot=True)
    longer = len("".join(texts(turned).values())) / len("".join(texts(form).values()))
    assert 1.25 < longer < 1.45


def test_a_reader_sees_each_label_beside_its_own_value(translated):
    bank = translated("translated")
    rows = list(side_by_side(bank, bank.instruments["small.v1"], "xx"))
    beside = {(ref, place): (text, turned) for _, ref, place, _, text, turned in rows}
    assert beside["agreement_3.v1", "labels.2"] == ("Agree", "AGREE")
    assert beside["trust_heard.v2", "stem.carer"][1].startswith("STAFF HEARD")
    assert all(turned == text.upper() for text, turned in beside.values())


def test_a_reader_sees_what_is_not_translated():
    bank = load(SMALL)
    rows = list(side_by_side(bank, bank.instruments["small.v1"], "xx"))
    missing = {ref for _, ref, _, status, _, turned in rows if status == "missing"}
    assert "trust_heard.v2" in missing and "agreement_3.v1" not in missing
