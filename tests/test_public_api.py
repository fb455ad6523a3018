"""The public names of psychometrics, and what each promises."""

import inspect

import pytest

import psychometrics

PUBLIC = [(name, getattr(psychometrics, name)) for name in psychometrics.__all__]
CALLS = [(name, thing) for name, thing in PUBLIC if inspect.isfunction(thing)]


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
    assert set(psychometrics.__all__) == set(names) | modules


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
