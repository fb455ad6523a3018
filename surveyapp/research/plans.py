"""Reads a plan of validation: strict YAML, every problem with its line and column."""

import json
from dataclasses import fields, replace
from hashlib import sha256
from importlib.resources import files

import yaml
from jsonschema import Draft202012Validator

from psychometrics import PsychometricsError, parse_model
from psychometrics.report import (
    Anchor,
    Criteria,
    Hypothesis,
    Occasions,
    Plan,
    StableAnswer,
)
from psychometrics.report.models import USUAL, USUAL_MODELS

from ..errors import SurveyError
from .scales import parse_names
from .yaml_places import place, read_strict


class InvalidPlan(SurveyError):
    """A plan that cannot be followed: one line a problem, each with its place."""


def read_plan(path):
    """Read, check and fingerprint one plan.

    The fingerprint is the SHA-256 of the file as it is. Raises InvalidPlan with all
    that is wrong.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as problem:
        raise InvalidPlan(f"{path.name}: {problem.strerror.lower()}") from problem
    except UnicodeDecodeError as problem:
        raise InvalidPlan(f"{path.name}: not UTF-8 text") from problem
    try:
        content = read_strict(text)
    except yaml.YAMLError as problem:
        raise InvalidPlan(f"{path.name}: {_yaml_words(problem)}") from problem
    wrong = [*_schema_problems(content)] or [*_meaning_problems(content)]
    if wrong:
        wrong.sort(key=lambda found: place(text, found[0])[:2])
        raise InvalidPlan(
            "\n".join(f"{path.name}: {_where(text, at)}: {said}" for at, said in wrong)
        )
    return replace(_build(content), fingerprint=sha256(raw).hexdigest(), text=text)


def starting_plan(scales=None):
    """The text of a commented plan to start from, with the scales if they are known."""
    text = (files(__package__) / "plan_template.yaml").read_text(encoding="utf-8")
    if not scales:
        example = "# scales:\n#   A: A1-A5\n#   C: [C1, C2, C3]"
        return text.replace("{scales}", example)
    known = yaml.safe_dump(
        {"scales": {name: list(items) for name, items in scales.items()}},
        sort_keys=False,
        default_flow_style=None,
        width=80,
        allow_unicode=True,
    )
    return text.replace("{scales}", known.rstrip())


def schema():
    """The schema of a plan."""
    return json.loads((files(__package__) / "plan.v1.json").read_text("utf-8"))


def _yaml_words(problem):
    mark = getattr(problem, "problem_mark", None)
    said = getattr(problem, "problem", None) or str(problem).splitlines()[0]
    if mark is None:
        return said
    return f"line {mark.line + 1}, column {mark.column + 1}: {said}"


def _where(text, path):
    line, column, words = place(text, path)
    return f"line {line}, column {column}" + (f": {words}" if words else "")


def _schema_problems(content):
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
    return error.message


def _meaning_problems(content):
    yield from _criteria_problems(content)
    yield from _model_problems(content)
    scales = content.get("scales")
    for key in ("hypotheses", "change_hypotheses"):
        names = set()
        for n, stated in enumerate(content.get(key, ())):
            if scales is not None and stated["scale"] not in scales:
                known = ", ".join(scales)
                yield (
                    key,
                    n,
                    "scale",
                ), f"no scale {stated['scale']}; there are {known}"
            if stated["name"] in names:
                yield (key, n, "name"), f"{stated['name']!r} stands twice"
            names.add(stated["name"])
            try:
                _hypothesis(stated)
            except PsychometricsError as problem:
                yield (key, n), str(problem)
    low, high = content.get("categories", (0, 1))
    if low >= high:
        yield ("categories",), f"{low} is not below {high}"


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


def _hypothesis(stated):
    own = {k: v for k, v in stated.items() if k not in {"with", "order"}}
    order = tuple(map(str, stated.get("order", ())))
    return Hypothesis(other=stated.get("with", ""), order=order, **own)


def _build(content):
    names = ("registered", "groups", "seed", "estimator", "intended", "population")
    plain = {name: content[name] for name in names if name in content}
    if "scales" in content:
        plain["scales"] = {k: _names(v) for k, v in content["scales"].items()}
    for name in ("reverse", "categories"):
        if name in content:
            plain[name] = tuple(
                _names(content[name]) if name == "reverse" else content[name]
            )
    if "occasions" in content:
        said = {"retest": None} | content["occasions"]
        plain["occasions"] = Occasions(
            **{
                key: value if value is None else str(value)
                for key, value in said.items()
            }
        )
    if "stable" in content:
        values = tuple(map(str, content["stable"]["values"]))
        plain["stable"] = StableAnswer(content["stable"]["column"], values)
    if "anchor" in content:
        plain["anchor"] = Anchor(**content["anchor"])
    return Plan(
        missing=tuple(map(str, content.get("missing", ()))),
        models=content.get("models", {}),
        criteria=Criteria(**content.get("criteria", {})),
        hypotheses=tuple(map(_hypothesis, content.get("hypotheses", ()))),
        change_hypotheses=tuple(map(_hypothesis, content.get("change_hypotheses", ()))),
        sections=tuple(content.get("sections", ())),
        **plain,
    )


def _names(stated):
    """A list as it is; text as names and ranges."""
    return parse_names(stated) if isinstance(stated, str) else list(stated)
