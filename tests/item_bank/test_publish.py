"""Short forms and calibrations that an analysis hands back to the bank."""

import shutil
from pathlib import Path

import pytest

from item_bank import publish
from item_bank.errors import BankError
from item_bank.loader import BUILT_IN, load

PROVENANCE = {
    "method": "Optimal test assembly.",
    "sample": "Answers made by a program.",
    "fingerprint": "0" * 64,
    "software": "psychometrics 0.1.0",
    "synthetic": True,
}


@pytest.fixture
def folder(tmp_path):
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    return Path(shutil.copytree(BUILT_IN, tmp_path / "bank", ignore=ignored))


@pytest.fixture
def form():
    return load().instruments["pilot_service_user.v1"]


def short(form, ids):
    names = {"id": "anchor_service_user", "title": "Anchors"}
    return publish.short_form(form, ids, **names, provenance=PROVENANCE)


def calibrated(form, parameters):
    return publish.calibration(
        form,
        parameters,
        id="first",
        model="graded_response",
        sample={"n": 400, "description": "A program.", "collected": "2026-11-22"},
        fingerprint="0" * 64,
        method="Marginal maximum likelihood.",
        software="psychometrics 0.1.0",
        synthetic=True,
    )


def test_a_short_form_is_written_and_can_be_used_at_once(form, folder):
    kept = [item.id for item in form.items if item.level == "low"]
    path = publish.write(short(form, kept), folder)
    again = load(folder).instruments["anchor_service_user.v1"]
    assert path.name == "anchor_service_user.v1.yaml"
    assert {item.id for item in again.items} == set(kept)
    assert again.provenance["made_from"] == form.ref


def test_a_short_form_that_breaks_a_rule_is_not_written(form, folder):
    with pytest.raises(BankError, match="no item of level low"):
        publish.write(short(form, ["parity_same_help"]), folder)
    assert not list(folder.glob("instruments/anchor*"))


def test_a_file_is_never_written_over(form, folder):
    publish.write(short(form, form.scales["trust"]), folder)
    with pytest.raises(BankError, match="is there already"):
        publish.write(short(form, form.scales["trust"]), folder)


def test_a_calibration_keeps_its_parameters_and_says_if_it_is_made_up(form, folder):
    made = calibrated(form, {"parity_asked": (1.5, [-2, -1, 0, 1.25])})
    publish.write(made, folder)
    again = load(folder).calibrations["first.v1"]
    assert again == made and again.synthetic
    assert again.parameters["parity_asked.v1"]["thresholds"] == [-2.0, -1.0, 0.0, 1.25]


def test_parameters_that_do_not_fit_the_item_are_refused(form, folder):
    with pytest.raises(BankError, match="has 2 thresholds for 5 categories"):
        publish.write(calibrated(form, {"parity_asked": (1.5, [0, 1])}), folder)


def test_parameters_of_a_strange_item_are_refused(form):
    with pytest.raises(ValueError, match="has no item colour"):
        calibrated(form, {"colour": (1.5, [0, 1])})
