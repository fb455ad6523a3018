"""Reads a plan of validation: strict YAML, every problem with its line and column."""

from dataclasses import replace
from hashlib import sha256

import yaml

from psychometrics.report import Anchor, Criteria, Occasions, Plan, StableAnswer

from ...bank import strict_yaml
from ...file_limits import PLAN
from .invalid_plan import InvalidPlan
from .plan_checks import hypothesis, names, problems

LONGEST_WORDS = 200


def read_plan(path):
    """Read, check and fingerprint one plan: `parse_plan` of a file."""
    try:
        with open(path, "rb") as file:
            raw = file.read(PLAN.n_bytes + 1)
    except OSError as problem:
        raise InvalidPlan(f"{path.name}: {problem.strerror.lower()}") from problem
    return parse_plan(raw, path.name)


def parse_plan(raw, name):
    """Check and fingerprint the bytes of a plan, which is called `name`.

    The fingerprint is the SHA-256 of the bytes as they are. Raises InvalidPlan with
    all that is wrong, or the first 50 things.
    """
    if len(raw) > PLAN.n_bytes:
        raise InvalidPlan(f"{name}: larger than {PLAN.size}")
    try:
        text = raw.decode("utf-8")
        content = strict_yaml.read_strict(text)
    except UnicodeDecodeError as problem:
        raise InvalidPlan(f"{name}: not UTF-8 text") from problem
    except yaml.YAMLError as problem:
        raise InvalidPlan(f"{name}: {_yaml_words(problem)}") from problem
    refuse(name, text, problems(content))
    return replace(_build(content), fingerprint=sha256(raw).hexdigest(), text=text)


def refuse(name, text, wrong):
    """Raise InvalidPlan if anything is wrong: pairs of a path in the text and words."""
    wrong = list(wrong)
    if wrong:
        root = strict_yaml.tree(text)
        lines = sorted((*strict_yaml.place(root, at), said) for at, said in wrong)
        raise InvalidPlan("\n".join(f"{name}: {_line(*each)}" for each in lines))


def _yaml_words(problem):
    mark = getattr(problem, "problem_mark", None)
    said = getattr(problem, "problem", None) or str(problem).splitlines()[0]
    said = said[:LONGEST_WORDS]
    if mark is None:
        return said
    return f"line {mark.line + 1}, column {mark.column + 1}: {said}"


def _line(line, column, where, said):
    at = f"line {line}, column {column}" + (f": {where}" if where else "")
    return (
        f"{at}: {said if len(said) <= LONGEST_WORDS else said[:LONGEST_WORDS] + ' …'}"
    )


def _build(content):
    own = ("registered", "groups", "seed", "estimator", "intended", "population")
    plain = {name: content[name] for name in own if name in content}
    if "scales" in content:
        plain["scales"] = {k: names(v) for k, v in content["scales"].items()}
    for name in ("reverse", "categories"):
        if name in content:
            plain[name] = tuple(
                names(content[name]) if name == "reverse" else content[name]
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
        hypotheses=tuple(map(hypothesis, content.get("hypotheses", ()))),
        change_hypotheses=tuple(map(hypothesis, content.get("change_hypotheses", ()))),
        sections=tuple(content.get("sections", ())),
        **plain,
    )
