"""The bank as the application sees it, with forms of the installation's own."""

import logging
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from item_bank.yaml_writer import dump
from surveyapp import bank
from surveyapp.campaigns import services
from surveyapp.cli import main
from surveyapp.errors import NotFound

pytestmark = pytest.mark.any_database

FORM = bank.instrument("short_service_user.v1")


@pytest.fixture
def own(app_with, tmp_path):
    """The own folder of an application that is running."""
    folder = tmp_path / "own"
    app = app_with(bank_folder=str(folder))
    with app.app_context():
        yield folder


def publish(folder, id="local_service_user"):
    path = folder / "instruments" / f"{id}.v1.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump(replace(FORM, id=id)))
    return path


def test_a_published_form_can_be_chosen_at_once(own):
    with pytest.raises(NotFound):
        bank.instrument("local_service_user.v1")
    publish(own)
    assert services.forms()["local"] == {"service_user": "local_service_user.v1"}
    assert bank.instrument("local_service_user.v1").items == FORM.items
    publish(own, "second_service_user")
    assert "second" in services.forms()


def test_other_installations_do_not_see_it(own, app):
    publish(own)
    with app.app_context(), pytest.raises(NotFound):
        bank.instrument("local_service_user.v1")


def test_a_file_spoilt_by_hand_does_not_stop_those_who_answer(own, caplog):
    publish(own)
    bank.instruments()
    publish(own, "spoilt").write_text("id: [\n")
    with caplog.at_level(logging.ERROR):
        assert bank.instrument("local_service_user.v1").title == FORM.title
        assert "local" in services.forms()
    assert "own forms are not read anew" in caplog.text


def test_a_fixed_form_is_its_own_fixed_form():
    assert bank.fixed_form(FORM) is FORM and not bank.is_synthetic(FORM)


def test_prom_bank_writes_into_the_installations_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PROM_INSTANCE", str(tmp_path))
    kept = tmp_path / "kept.txt"
    kept.write_text("\n".join(item.id for item in FORM.items if item.level == "low"))
    names = ["--id", "core_service_user", "--title", "Core", "--fingerprint", "0" * 64]
    about = ["--sample", "All", "--method", "By hand", "--software", "none", "--real"]
    typed = ["bank", "publish-form", FORM.ref, str(kept), *names, *about]
    done = CliRunner().invoke(main, typed)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "bank/instruments/core_service_user.v1.yaml").is_file()
    listed = CliRunner().invoke(main, ["bank", "list", "instrument"]).output
    assert "core_service_user.v1" in listed and FORM.ref in listed


def test_prom_bank_says_what_is_wrong_and_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("PROM_BANK_FOLDER", str(tmp_path))
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "broken.v1.yaml").write_text("id: broken\n")
    done = CliRunner().invoke(main, ["bank", "check"])
    assert done.exit_code == 1 and "instruments/broken.v1.yaml" in done.output
    shutil.rmtree(tmp_path / "instruments")
    assert CliRunner().invoke(main, ["bank", "list", "--bad"]).exit_code == 2
