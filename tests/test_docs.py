"""Commands, settings and public functions are all documented, and README is true."""

import doctest
import inspect
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import click
import pytest

import psychometrics
from surveyapp.cli import main
from surveyapp.config import Config
from tests.docs_commands import PAGE, render

_SHOWN = r"^    (\S.*)$|`([^`\n]+)`"  # what a reader would type
ROOT = Path(__file__).parent.parent
METHODS = "\n".join(p.read_text() for p in sorted((ROOT / "docs/methods").glob("*.md")))
FUNCTIONS = [
    name
    for name in psychometrics.__all__
    if inspect.isfunction(getattr(psychometrics, name))
]


def test_every_command_and_option_is_in_the_generated_page():
    assert PAGE.read_text() == render(main), (
        "docs/commands.md is out of date: run python -m tests.docs_commands"
    )


@pytest.mark.parametrize("setting", [f.name for f in fields(Config)])
def test_every_setting_is_in_the_deployment_guide(setting):
    name = "DATABASE_URL" if setting == "database_url" else f"PROM_{setting.upper()}"
    assert f"`{name}`" in (ROOT / "docs/deploy.md").read_text()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_is_in_the_method_notes(name):
    assert re.search(rf"\b{name}\b", METHODS), f"no page of docs/methods names {name}"


def test_the_readmes_example_runs():
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted and not results.failed


def test_each_snippet_gives_the_output_that_stands_below_it(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    results = doctest.testfile(str(ROOT / "docs/snippets.md"), module_relative=False)
    assert results.attempted and not results.failed


def test_the_site_is_built_without_a_warning(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    reference = (tmp_path / "api/reliability.html").read_text()
    assert "cronbach_alpha" in reference and "Parameters" in reference
    assert "tracking" in (tmp_path / "architecture.svg").read_text()


def test_every_page_is_reached_from_the_sites_menu():
    menu = (ROOT / "mkdocs.yml").read_text()
    pages = [p.relative_to(ROOT / "docs") for p in (ROOT / "docs").rglob("*.md")]
    listed = ("methods", "decisions", "api")  # by a page of their own
    assert [
        str(p) for p in pages if p.parts[0] not in listed and str(p) not in menu
    ] == []


def test_the_readme_names_targets_and_commands_that_exist():
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    shown = "\n".join(a or b for a, b in re.findall(_SHOWN, readme, re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)", shown)) <= targets
    assert set(re.findall(r"\bprom ([a-z-]+)", shown)) <= set(main.commands)


def test_the_readmes_table_names_what_is_there():
    places = re.findall(r"^\| `([^`]+)`", (ROOT / "README.md").read_text(), re.M)
    assert places and all((ROOT / place).exists() for place in places)


def test_every_command_says_what_it_does():
    silent = [
        name
        for name, command in main.commands.items()
        if not (command.help or "").strip() and not isinstance(command, click.Group)
    ]
    assert silent == []
