"""The benchmarks say what they lack and go on."""

import importlib.util
from pathlib import Path

import pandas as pd


def against_r():
    path = Path(__file__).parent.parent / "benchmarks" / "against_r.py"
    spec = importlib.util.spec_from_file_location("against_r", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_r_the_ratios_are_skipped_and_said_to_be(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert against_r().r_times(pd.DataFrame({"a": [1]}), [], {}) is None
    assert "R is not installed" in capsys.readouterr().out


def test_cpu_time_is_the_least_of_several_calls():
    calls = []
    assert against_r().cpu_time(lambda: calls.append(1), repeats=4) >= 0
    assert len(calls) == 4
