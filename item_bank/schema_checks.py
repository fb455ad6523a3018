"""The closed JSON schemas of the bank's files."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from item_bank.contents import Content
from item_bank.errors import Problem
from item_bank.strict_yaml import line_in_words

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

FOLDER = Path(__file__).parent / "schema"


@cache
def schema(kind: str) -> Content:
    """The schema of one kind of file, such as "item"."""
    path = FOLDER / f"{kind}.v1.json"
    content: Content = json.loads(path.read_text(encoding="utf-8"))
    return content


@cache
def validator(kind: str) -> "Draft202012Validator":
    from jsonschema import Draft202012Validator  # not where the bank is only named

    return Draft202012Validator(schema(kind))


def problems(kind: str, content: object, text: str, name: str) -> list[Problem]:
    """What the schema finds wrong with one file, in the order of the file."""
    if content is None:
        return [Problem(name, "", "the file is empty")]
    return sorted(
        Problem(name, line_in_words(text, list(error.absolute_path)), _message(error))
        for error in validator(kind).iter_errors(content)
    )


def _message(error: "ValidationError") -> str:
    """What is wrong, with what the field is for, as the schema describes it."""
    said = error.message if len(error.message) < 200 else error.message[:197] + "..."
    purpose = (
        error.schema.get("description") if isinstance(error.schema, dict) else None
    )
    return f"{said} (the field: {purpose})" if purpose and error.path else said


def kinds() -> tuple[str, ...]:
    """Every kind of file that has a schema."""
    return tuple(sorted(path.name.split(".")[0] for path in FOLDER.glob("*.v1.json")))
