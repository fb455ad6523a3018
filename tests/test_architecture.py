"""The arrows between the packages, read from their imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WEB = {"flask", "sqlalchemy", "wtforms", "surveyapp"}
FORBIDDEN = {
    "psychometrics": WEB | {"item_bank"},
    "item_bank": WEB | {"psychometrics", "numpy", "pandas", "scipy"},
}
BRIDGES = {
    "psychometrics": (
        "surveyapp/scoring.py",
        "surveyapp/research/",
        "surveyapp/tracking/",
        "surveyapp/demo.py",
    ),
    "item_bank": ("surveyapp/bank.py",),
}


def imported_names(path):
    """Top-level names of the absolute imports in one module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_library_packages_know_neither_the_app_nor_each_other(package):
    crossed = {
        str(path.relative_to(ROOT)): sorted(
            FORBIDDEN[package] & {*imported_names(path)}
        )
        for path in modules(package)
        if FORBIDDEN[package] & {*imported_names(path)}
    }
    assert crossed == {}


@pytest.mark.parametrize("package", sorted(BRIDGES))
def test_the_app_reaches_a_library_over_its_bridges_only(package):
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in modules("surveyapp")
        if package in imported_names(path)
        and not str(path.relative_to(ROOT)).startswith(BRIDGES[package])
    ]
    assert elsewhere == []


def test_matplotlib_waits_until_something_is_drawn():
    eager = []
    for path in modules("psychometrics") + modules("surveyapp"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                text = ast.unparse(node)
                if "matplotlib" in text:
                    eager.append(f"{path.relative_to(ROOT)}: {text}")
    assert eager == []


def test_migrations_import_nothing_of_the_app():
    versions = sorted((ROOT / "migrations" / "versions").glob("*.py"))
    assert [p.name for p in versions if "surveyapp" in imported_names(p)] == []
