"""The public names of psychometrics, and what each promises."""

import dataclasses
import importlib
import inspect
import pkgutil
import pydoc
import re
import subprocess
import sys
from pathlib import Path

import pytest

import psychometrics

FACE = Path(psychometrics.__file__).with_suffix(".pyi").read_text("utf-8")
PUBLIC = [(name, getattr(psychometrics, name)) for name in psychometrics.__all__]
CALLS = [(name, thing) for name, thing in PUBLIC if inspect.isfunction(thing)]


def subclasses(cls):
    for one in cls.__subclasses__():
        yield one
        yield from subclasses(one)


def results():
    """Every class of results in psychometrics, wherever it is kept."""
    for module in pkgutil.walk_packages(psychometrics.__path__, "psychometrics."):
        importlib.import_module(module.name)
    found = {
        cls
        for cls in subclasses(psychometrics.Result)
        if cls.__module__.startswith("psychometrics.")
    }
    return sorted(found, key=lambda cls: cls.__name__)


RESULTS = results()


HOMES = re.findall(r"^from (\S+) import \(?\s*(\w+) as (\w+)", FACE, re.MULTILINE)


def in_a_fresh_interpreter(lines, *arguments):
    """What Python prints that has imported nothing yet."""
    command = [sys.executable, "-W", "error", "-c", "\n".join(lines), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def loaded_by(*lines):
    return {
        *in_a_fresh_interpreter([*lines, "import sys", "print(*sys.modules)"]).split()
    }


def test_the_library_is_imported_without_any_part_of_it():
    loaded = loaded_by("import psychometrics")
    assert not {"numpy", "pandas", "scipy", "matplotlib", "sklearn"} & loaded
    assert {name for name in loaded if name.startswith("psychometrics.")} == set()


def test_what_few_calls_need_waits_for_them():
    names = {*psychometrics.__all__} - {"ValidationReport", "validation_report"}
    loaded = loaded_by(f"from psychometrics import {', '.join(sorted(names))}")
    slow = {"matplotlib", "sklearn", "factor_analyzer", "flask", "scipy.stats"}
    assert not (slow | {"psychometrics.report"}) & loaded


@pytest.mark.parametrize("order", ["homes first", "forwards", "backwards"])
def test_a_name_is_the_same_thing_whatever_was_imported_before(order):
    lines = {
        "homes first": ["for h in homes: importlib.import_module(h)"],
        "forwards": [],
        "backwards": ["names.reverse()"],
    }
    printed = in_a_fresh_interpreter(
        [
            "import importlib, sys, psychometrics",
            "names, homes = psychometrics.__all__, sys.argv[1:]",
            *lines[order],
            "things = {n: getattr(psychometrics, n) for n in names}",
            "assert things == {n: getattr(psychometrics, n) for n in things}",
            "for n, t in sorted(things.items()): print(n, type(t).__name__)",
        ],
        *sorted({f"psychometrics{home.rstrip('.')}" for home, _, _ in HOMES}),
    )
    assert printed.splitlines() == [f"{n} {type(t).__name__}" for n, t in PUBLIC]


def test_all_is_sorted_and_what_type_checkers_read():
    assert [name for _, name, public in HOMES if name != public] == []
    assert psychometrics.__all__ == sorted(name for _, name, _ in HOMES)
    assert len(HOMES) == FACE.count(" as ")
    assert {*psychometrics.__all__} <= {*dir(psychometrics)}
    assert "cronbach_alpha(" in pydoc.render_doc(psychometrics)
    with pytest.raises(AttributeError, match="No psychometrics attribute alpha"):
        psychometrics.alpha
    everything = {}
    exec("from psychometrics import *", everything)
    assert {*psychometrics.__all__} <= {*everything}


@pytest.mark.parametrize("name, thing", PUBLIC, ids=[name for name, _ in PUBLIC])
def test_every_public_name_has_a_docstring(name, thing):
    assert (thing.__doc__ or "").strip(), f"{name} says nothing about itself"


@pytest.mark.parametrize("name, call", CALLS, ids=[name for name, _ in CALLS])
def test_options_are_keyword_only(name, call):
    positional = [
        p.name
        for p in inspect.signature(call).parameters.values()
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is not p.empty
    ]
    assert positional in ([], ["n_factors"]), f"{name}: {positional} can be positional"


def records_of(cls):
    """The dataclasses of ours that fields of a class hold, and those that they hold."""
    texts = [str(field.type) for field in dataclasses.fields(cls)]
    module = sys.modules[cls.__module__]
    for name in sorted(set(re.findall(r"\w+", " ".join(texts)))):
        record = getattr(module, name, None)
        if dataclasses.is_dataclass(record) and record is not cls:
            yield record
            yield from records_of(record)


@pytest.mark.parametrize("cls", RESULTS, ids=lambda cls: cls.__name__)
def test_a_result_is_public_and_made_by_names_alone(cls):
    faces = (psychometrics, psychometrics.adaptive, psychometrics.simulate)
    assert any(getattr(face, cls.__name__, None) is cls for face in faces)
    for record in (cls, *records_of(cls)):
        by_place = [f.name for f in dataclasses.fields(record) if not f.kw_only]
        assert not by_place, f"{record.__name__} takes {by_place} by place"
