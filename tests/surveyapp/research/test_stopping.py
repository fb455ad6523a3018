"""Ctrl-C while `prom validate` works: nothing half-written, and a line that says so."""

import os
import signal
import subprocess
import sys
import time

import pytest

from surveyapp.research.stopping import held, stoppable
from tests.golden.reference import dataset

# One step of writing takes longer than it would, to be stopped in the midst of it.
SLOWLY = """
import sys, time
from surveyapp.cli import main
from surveyapp.research import keeping

def slow(write):
    return lambda *given: (time.sleep(2), write(*given))

step = sys.argv.pop(1)
keeping.STEPS = tuple(
    (name, slow(write) if name == step else write) for name, write in keeping.STEPS
)
main()
"""
PROM = [sys.executable, "-c", SLOWLY]


@pytest.fixture
def folder(tmp_path):
    dataset("bfi").head(300).to_csv(tmp_path / "bfi.csv", index=False)
    return tmp_path


def start(folder, *more, slow="none"):
    return subprocess.Popen(
        [
            *PROM,
            slow,
            "validate",
            "bfi.csv",
            "--scales",
            "N",
            "--categories",
            "1-6",
            *more,
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def stop_at(process, step):
    """Send Ctrl-C once the step has begun; return what was said after it."""
    for line in process.stderr:
        if step in line:
            break
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=60)


@pytest.mark.parametrize("step", ["Sample", "Structure", "PDF", "Tables and figures"])
def test_ctrl_c_leaves_nothing_and_says_so(folder, step):
    process = start(folder, slow=step)
    said, complaint = stop_at(process, step)
    assert process.returncode == 130
    assert complaint.splitlines()[-1] == "Stopped: nothing was written to report."
    assert "Traceback" not in complaint and said == ""
    assert [path.name for path in folder.iterdir()] == ["bfi.csv"]


def test_ctrl_c_leaves_an_earlier_report_as_it_was(folder):
    earlier = folder / "report"
    earlier.mkdir()
    (earlier / "report.json").write_text("{}")
    process = start(folder, slow="PDF")
    stop_at(process, "PDF")
    assert process.returncode == 130
    assert [path.name for path in earlier.iterdir()] == ["report.json"]


def test_ctrl_c_stops_the_other_processes_too(folder):
    process = start(folder, "--workers", "2")
    said, complaint = stop_at(process, "Structure")
    assert process.returncode == 130
    assert complaint.splitlines()[-1].startswith("Stopped: ")
    assert "Traceback" not in complaint


def test_ctrl_c_waits_until_a_held_block_is_done():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with held():
            signal.raise_signal(signal.SIGINT)
            done.append("whole")
    assert done == ["whole"]


def test_ctrl_c_comes_too_late_for_the_last_block():
    done = []
    with held(is_last=True):
        signal.raise_signal(signal.SIGINT)
        done.append("whole")
    assert done == ["whole"]


def test_what_is_stopped_exits_with_130(capsys):
    with pytest.raises(Exception) as stopped:
        with stoppable("Stopped."):
            signal.raise_signal(signal.SIGINT)
    assert stopped.value.exit_code == 130
    assert capsys.readouterr().err == "Stopped.\n"
