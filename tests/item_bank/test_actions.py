"""What could be done and what scores say: read, checked, complete."""

import shutil
from pathlib import Path

import pytest

import item_bank
from item_bank.checks import check
from item_bank.models import PERSPECTIVES, PREREQUISITES

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def small(tmp_path):
    return Path(shutil.copytree(SMALL, tmp_path / "bank"))


def test_every_prerequisite_has_actions_for_service_users_and_carers():
    held = {
        (action.prerequisite, perspective)
        for action in item_bank.load().actions.values()
        for perspective in action.perspectives
    }
    assert held == {(p, who) for p in PREREQUISITES for who in PERSPECTIVES[:2]}


def test_every_action_follows_from_what_somebody_said_of_its_people():
    bank = item_bank.load()
    for action in bank.actions.values():
        for perspective in action.perspectives:
            findings = [bank.findings[name] for name in action.evidence]
            assert any(f.strength(perspective) for f in findings), action.id


def test_every_score_has_an_interpretation_and_no_change_is_made_up():
    held = item_bank.load().interpretations
    assert set(held) == {"involvement", *PREREQUISITES}
    assert all(not each.smallest_change for each in held.values())


def test_a_smallest_change_comes_with_method_and_source():
    change = item_bank.load(SMALL).interpretations["trust"].smallest_change["group"]
    assert change == {
        "points": 5,
        "method": "anchor",
        "source": "A made-up study of nobody.",
    }


@pytest.mark.parametrize(
    "folder, name", [("actions", "parity"), ("interpretation", "trust")]
)
def test_what_stands_in_two_files_is_told(small, folder, name):
    shutil.copy(small / folder / f"{name}.yaml", small / folder / f"{name}_again.yaml")
    (problem,) = check(small)
    assert (problem.rule, problem.file) == ("duplicate", f"{folder}/{name}_again.yaml")
