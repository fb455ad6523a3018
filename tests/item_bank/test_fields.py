"""The page about the bank: its reference is current, its example works."""

import re
import shutil
from pathlib import Path

import pytest

from item_bank import schema_checks
from item_bank.__main__ import main, parser
from item_bank.checks import RULES, check
from item_bank.fields import put_into, reference
from item_bank.loader import BUILT_IN

PAGE = Path(__file__).parents[2] / "docs" / "bank.md"


def described(node):
    """Every property of a schema, however deep."""
    for part in [
        *node.get("properties", {}).values(),
        *node.get("patternProperties", {}).values(),
    ]:
        yield part
        yield from described(part)
    if "items" in node:
        yield from described(node["items"])


@pytest.mark.parametrize("kind", schema_checks.kinds())
def test_every_schema_is_closed_and_every_field_described(kind):
    whole = schema_checks.schema(kind)
    for part in described(whole):
        assert part["description"].endswith(".")
    objects = [n for n in [whole, *described(whole)] if n.get("type") == "object"]
    assert all(node["additionalProperties"] is False for node in objects)


def test_the_reference_on_the_page_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert page == put_into(page), "run python -m item_bank fields --into docs/bank.md"


def test_the_reference_names_every_rule():
    assert all(f"| `{rule}` |" in reference() for rule in RULES)


def test_the_page_names_every_command():
    page = PAGE.read_text(encoding="utf-8")
    commands = re.search(r"\{([\w,-]+)\}", parser().format_help())[1].split(",")
    assert [name for name in commands if f" {name}" not in page] == []


def test_the_example_on_the_page_passes_every_rule(tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    lines = "\n".join(line.removeprefix("   ") for line in example.splitlines())
    line = page.partition("today's date:\n")[2].partition("`")[2].partition("`")[0]
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    bank = Path(shutil.copytree(BUILT_IN, tmp_path / "bank", ignore=ignored))
    (bank / "items/trust/trust_came_back_to_it.v1.yaml").write_text(lines)
    life = bank / "life.yaml"
    life.write_text(f"{life.read_text()}  {line}\n")
    assert check(bank) == []


def test_fields_are_printed_on_request(capsys):
    assert main(["fields"]) == 0
    assert capsys.readouterr().out.strip() == reference()
