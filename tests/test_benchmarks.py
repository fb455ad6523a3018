"""The benchmarks say what they lack and go on."""

import importlib.util
from pathlib import Path

import pandas as pd

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def against_r():
    return benchmark("against_r")


def benchmark(name):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
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


def test_without_a_peer_its_table_is_skipped_and_said_to_be(monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    peers = benchmark("peers")
    monkeypatch.setattr(peers, "PEER", "a_package_that_nobody_has")
    peers.main()
    assert "a_package_that_nobody_has is not installed" in capsys.readouterr().out
