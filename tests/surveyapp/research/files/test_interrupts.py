"""Ctrl-C while `prom validate` works: nothing half-written, and a line that says so."""

import os
import signal
import subprocess
import sys
import time

import pytest

from surveyapp.research.files.interrupts import held, stoppable
from tests.golden.reference import dataset
from tests.processes import PATIENCE, own_signals, start

# After one step it works on until the next, and there it waits for Ctrl-C.
WAITING = f"""
import sys, time
from surveyapp.cli import main

step, is_last = sys.argv.pop(1), False
write = sys.stderr.write

def write_and_wait(text):
    global is_last
    write(text)
    if is_last and text.startswith("["):
        time.sleep({PATIENCE})
    is_last = is_last or step in text

sys.stderr.write = write_and_wait
main()
"""


@pytest.fixture(autouse=True)
def own_ctrl_c():
    """Ctrl-C reaches a test although the shell that runs all of them ignores it."""
    with own_signals():
        yield


@pytest.fixture
def folder(tmp_path):
    dataset("bfi").head(300).to_csv(tmp_path / "bfi.csv", index=False)
    return tmp_path


def validate(folder, *more, waits_after):
    options = ["--scales", "N", "--categories", "1-6", *more]
    return start(
        [sys.executable, "-c", WAITING, waits_after, "validate", "bfi.csv", *options],
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
    return process.communicate()


@pytest.mark.parametrize(
    "before, step",
    [
        ("Sample", "Sample"),
        pytest.param("Structure", "Structure", marks=pytest.mark.slow),
        pytest.param("Page", "PDF", marks=pytest.mark.slow),
        ("PDF", "Tables and figures"),
    ],
)
def test_ctrl_c_leaves_nothing_and_says_so(folder, before, step):
    process = validate(folder, waits_after=before)
    said, complaint = stop_at(process, step)
    assert process.returncode == 130
    assert complaint.splitlines()[-1] == "Stopped: nothing was written to report."
    assert "Traceback" not in complaint and said == ""
    assert [path.name for path in folder.iterdir()] == ["bfi.csv"]


def test_ctrl_c_leaves_an_earlier_report_as_it_was(folder):
    earlier = folder / "report"
    earlier.mkdir()
    (earlier / "report.json").write_text("{}")
    process = validate(folder, waits_after="Page")
    stop_at(process, "PDF")
    assert process.returncode == 130
    assert [path.name for path in earlier.iterdir()] == ["report.json"]


def test_ctrl_c_stops_the_other_processes_too(folder):
    process = validate(folder, "--workers", "2", waits_after="Structure")
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
