"""What is wrong with a plan of validation: its shape, then what it means."""

import json
from dataclasses import fields
from importlib.resources import files
from itertools import islice
from math import isfinite

from psychometrics import PsychometricsError, parse_model
from psychometrics.report import Criteria, Hypothesis
from psychometrics.report.rival_models import USUAL, USUAL_MODELS

from ...csv_cells import FORMULA
from ...table_files.raw_table import InvalidTable
from .cli_options import parse_names

MOST = 50
FORMULA_WORDS = "begins as a formula does in a spreadsheet; begin with a letter"


def problems(content):
    """Pairs of a path in the content and what is wrong there, 50 at most."""
    wrong = [*islice(_schema_problems(content), MOST)]
    return wrong or [*islice(_meaning_problems(content), MOST)]


def schema():
    """The schema of a plan."""
    return json.loads((files(__package__) / "plan.v1.json").read_text("utf-8"))


def _schema_problems(content):
    from jsonschema import Draft202012Validator  # most runs have no plan

    for error in Draft202012Validator(schema()).iter_errors(content):
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = ", ".join(error.schema["properties"])
            for name in sorted(set(error.instance) - set(error.schema["properties"])):
                yield (*path, name), f"no such key; there are {known}"
        else:
            yield path, _words(error)


def _words(error):
    value, kind = error.validator_value, error.validator
    if kind == "required":
        absent = [name for name in value if name not in error.instance]
        return f"{', '.join(absent)} is missing"
    if kind == "enum":
        known = ", ".join(map(str, value))
        return f"{error.instance!r} is not one of {known}"
    if kind == "const":
        return f"{error.instance!r} is not {value}"
    if kind == "type":
        kinds = value if isinstance(value, str) else " or ".join(value)
        return f"{error.instance!r} is not of the kind {kinds}"
    if kind == "anyOf":
        return f"{error.instance!r} is neither text nor a list of names"
    if kind.startswith("max") and kind != "maximum":
        return f"{len(error.instance)} of them; {value} at most"
    return error.message


def _meaning_problems(content):
    yield from _number_problems(content)
    yield from _name_problems(content)
    yield from _formula_problems(content)
    yield from _criteria_problems(content)
    yield from _model_problems(content)
    for key in ("hypotheses", "change_hypotheses"):
        yield from _hypothesis_problems(key, content)
    low, high = content.get("categories", (0, 1))
    if low >= high:
        yield ("categories",), f"{low} is not below {high}"


def _number_problems(part, at=()):
    """Infinite numbers, and what is not a number although it is written as one."""
    if isinstance(part, float) and not isfinite(part):
        yield at, f"{part} is no number to judge by"
    pairs = part.items() if isinstance(part, dict) else ()
    for name, inside in enumerate(part) if isinstance(part, list) else pairs:
        yield from _number_problems(inside, (*at, name))


def _name_problems(content):
    """Ranges that are no reasonable list of items."""
    stated = {
        ("scales", name): said for name, said in content.get("scales", {}).items()
    }
    for at, said in (stated | {("reverse",): content.get("reverse", [])}).items():
        try:
            names(said)
        except InvalidTable as problem:
            yield at, str(problem)


def _formula_problems(content):
    """Words that stand in the report's tables, which people open in a spreadsheet."""
    for key in ("scales", "models"):
        for name in content.get(key, {}):
            if name.startswith(FORMULA):
                yield (key, name), FORMULA_WORDS
    for key in ("hypotheses", "change_hypotheses"):
        for n, stated in enumerate(content.get(key, ())):
            for part in ("name", "because"):
                if stated.get(part, "").startswith(FORMULA):
                    yield (key, n, part), FORMULA_WORDS


def _hypothesis_problems(key, content):
    scales, seen = content.get("scales"), set()
    for n, stated in enumerate(content.get(key, ())):
        if scales is not None and stated["scale"] not in scales:
            said = f"no scale {stated['scale']}; there are {', '.join(scales)}"
            yield (key, n, "scale"), said
        if stated["name"] in seen:
            yield (key, n, "name"), f"{stated['name']!r} stands twice"
        seen.add(stated["name"])
        try:
            hypothesis(stated)
        except PsychometricsError as problem:
            yield (key, n), str(problem)


def _criteria_problems(content):
    known = [f.name for f in fields(Criteria)]
    for name in content.get("criteria", {}):
        if name not in known:
            yield ("criteria", name), f"no such criterion; there are {', '.join(known)}"


def _model_problems(content):
    models = content.get("models", {})
    for name, text in models.items():
        if text == USUAL and name not in USUAL_MODELS:
            known = ", ".join(USUAL_MODELS)
            yield ("models", name), f"no usual model of this name; there are {known}"
        elif text != USUAL:
            try:
                parse_model(text)
            except PsychometricsError as problem:
                yield ("models", name), str(problem)
    known = list(models) or list(USUAL_MODELS)
    if content.get("intended", known[0]) not in known:
        yield ("intended",), f"no such model; there are {', '.join(known)}"


def hypothesis(stated):
    """One hypothesis as a plan states it; PsychometricsError where it cannot be."""
    own = {k: v for k, v in stated.items() if k not in {"with", "order"}}
    order = tuple(map(str, stated.get("order", ())))
    return Hypothesis(other=stated.get("with", ""), order=order, **own)


def names(stated):
    """A list as it is; text as names and ranges."""
    return parse_names(stated) if isinstance(stated, str) else list(stated)
