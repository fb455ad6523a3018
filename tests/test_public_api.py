"""The public names of psychometrics, and what each promises."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys

import pytest

import psychometrics

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


def test_the_library_waits_for_nothing_that_few_calls_need():
    ask = "import sys, psychometrics; print(*sys.modules)"
    command = [sys.executable, "-W", "error", "-c", ask]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    slow = {"matplotlib", "sklearn", "factor_analyzer", "flask", "scipy.stats"}
    slow |= {"psychometrics.report"}
    assert not slow & {*done.stdout.split()}


def test_all_is_sorted_and_complete():
    names = [
        name
        for name, thing in vars(psychometrics).items()
        if not name.startswith("_") and not inspect.ismodule(thing)
    ]
    modules = {
        name
        for name in psychometrics.__all__
        if inspect.ismodule(getattr(psychometrics, name))
    }
    assert psychometrics.__all__ == sorted(psychometrics.__all__)
    once_asked_for = {"ValidationReport", "validation_report"}
    assert set(psychometrics.__all__) == set(names) | modules | once_asked_for
    assert {*psychometrics.__all__} <= {*dir(psychometrics)}
    with pytest.raises(AttributeError, match="no attribute 'alpha'"):
        psychometrics.alpha


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
