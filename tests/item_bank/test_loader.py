"""Reading the bank: what it gives, and how it says what is wrong."""

import shutil
from pathlib import Path

import pytest

import item_bank
from item_bank.models import PREREQUISITES, REASONS

BUILT_IN = Path(item_bank.__file__).parent
CAMPAIGN_FORMS = ("pilot_service_user.v1", "pilot_carer.v1")
WHO = ("service_user", "carer")


@pytest.fixture
def copy(tmp_path):
    """A copy of the built-in bank that a test may break."""
    target = tmp_path / "bank"
    unwanted = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(BUILT_IN, target, ignore=unwanted)
    return target


def test_the_built_in_bank_is_read_once():
    assert item_bank.load() is item_bank.load()


@pytest.mark.parametrize("ref", CAMPAIGN_FORMS)
def test_a_pilot_form_has_twelve_items_for_each_prerequisite(ref):
    form = item_bank.instrument(ref)
    counts = {name: len(ids) for name, ids in form.scales.items()}
    assert counts == {**dict.fromkeys(PREREQUISITES, 12), "involvement": 72}


@pytest.mark.parametrize("per_page", [1, 4, 100])
def test_no_page_crosses_a_block(per_page):
    form = item_bank.instrument("pilot_service_user.v1")
    pages = form.pages(per_page)
    assert [item for page in pages for item in page] == list(form.items)
    assert all(len({item.prerequisite for item in page}) == 1 for page in pages)


def test_no_at_the_gate_settles_the_living_document():
    form = item_bank.instrument("pilot_carer.v1")
    assert form.gate.when_no == form.scales["living_document"]
    assert set(form.gate.options) == {"yes", "no", "not_sure"}


def test_every_reason_that_an_item_offers_has_words_and_a_coding():
    for item in item_bank.load().items.values():
        assert set(item.reasons) <= set(REASONS)
        assert set(item.reasons) <= set(item.responses.reason_labels)
        assert item.responses.values[0] == 0


def test_flags_follow_from_the_evidence():
    assert item_bank.item("trust_listened.v1").flags == ()
    flags = item_bank.item("coordination_who_does_what.v1").flags
    assert flags == ("service_user_staff_only", "carer_extrapolated")


def test_an_unknown_reference_names_the_versions_there_are():
    with pytest.raises(item_bank.UnknownReference, match="there is trust_listened.v1"):
        item_bank.item("trust_listened.v9")


def test_a_subset_keeps_the_blocks_in_the_order_asked_for():
    form = item_bank.instrument("pilot_service_user.v1")
    short = form.subset(form.anchors, order=("trust", "parity"))
    assert [block.prerequisite for block in short.blocks][:2] == ["trust", "parity"]
    assert {item.id for item in short.items} == set(form.anchors)
    assert set(short.gate.when_no) == set(short.scales["living_document"])


def test_a_subset_without_plan_items_asks_about_no_plan():
    form = item_bank.instrument("pilot_service_user.v1")
    assert form.subset(form.scales["trust"]).gate is None


def test_a_subset_refuses_an_item_that_is_not_there():
    form = item_bank.instrument("pilot_service_user.v1")
    with pytest.raises(ValueError, match="has no item no_such_item"):
        form.subset(["no_such_item"])


def test_all_problems_are_told_with_file_and_place(copy):
    (copy / "items/trust/trust_equal.v1.yaml").write_text(
        "id: trust_equal\ncolour: 1\n"
    )
    (copy / "response_sets/agreement_5.v1.yaml").write_text('labels: {0: "No"}\n')
    with pytest.raises(item_bank.BankError) as caught:
        item_bank.load(copy)
    text = str(caught.value)
    assert 'agreement_5.v1.yaml: line 1: the key 0 needs quotes: "0"' in text
    assert "trust_equal.v1.yaml: line 1: Additional properties" in text


def test_what_only_follows_from_a_broken_file_is_not_told(copy):
    (copy / "items/trust/trust_listened.v1.yaml").write_text("id: trust_listened\n")
    (copy / "response_sets/agreement_5.v1.yaml").write_text('labels: {0: "No"}\n')
    with pytest.raises(item_bank.BankError) as caught:
        item_bank.load(copy)
    assert {problem.file for problem in caught.value.problems} == {
        "items/trust/trust_listened.v1.yaml",
        "response_sets/agreement_5.v1.yaml",
    }


def test_a_file_that_is_not_utf_8_is_a_problem_not_a_crash(copy):
    (copy / "questions/gender.v1.yaml").write_bytes(b"id: \xff\xfe")
    with pytest.raises(item_bank.BankError, match="gender.v1.yaml: is not UTF-8"):
        item_bank.load(copy)


@pytest.mark.parametrize("kind", ["pilot", "short"])
def test_service_users_and_carers_share_their_anchors(kind):
    forms = [item_bank.instrument(f"{kind}_{who}.v1") for who in WHO]
    assert forms[0].anchors == forms[1].anchors
    by_prerequisite = [item_bank.item(f"{a}.v1").prerequisite for a in forms[0].anchors]
    assert {name: by_prerequisite.count(name) for name in PREREQUISITES} == (
        dict.fromkeys(PREREQUISITES, 2)
    )


def test_the_professionals_answer_to_the_same_items():
    professional = item_bank.instrument("pilot_professional.v1")
    asked = {item.id for item in item_bank.instrument("pilot_service_user.v1").items}
    assert {item.id for item in professional.items} <= asked
    assert professional.gate is None


@pytest.mark.parametrize("who", WHO)
def test_every_form_lets_people_agree_to_each_thing_apart(who):
    documents = item_bank.instrument(f"short_{who}.v1").documents
    statements = {d.id: d.required for d in documents if d.kind == "consent"}
    assert statements == {
        "consent_taking_part": True,
        "consent_retest": False,
        "consent_contact": False,
        "consent_sharing": False,
    }


@pytest.mark.parametrize("who", WHO)
def test_nothing_beside_the_items_is_ever_scored(who):
    form = item_bank.instrument(f"pilot_{who}.v1")
    beside = [*form.context, *form.background, *form.follow_up]
    beside.append(form.preferred_involvement)
    scored = set(form.scales["involvement"])
    assert beside and not scored & {question.id for question in beside}
    assert {question.kind for question in form.follow_up} == {"stability", "transition"}
