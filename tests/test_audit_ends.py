"""An audit of the dependencies ends well only where it looked at every one of them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).parents[1] / ".ci"
SOUND = {"name": "flask", "version": "3.0", "vulns": []}
FAULTY = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED = {"name": "wtforms", "skip_reason": "not on the index"}


@pytest.mark.parametrize(
    "found, code, says",
    [
        ([SOUND], 0, "1 of 1 dependencies were looked at."),
        ([SOUND, FAULTY], 1, "jinja2 2.0: PYSEC-1"),
        ([SKIPPED, FAULTY], 1, "jinja2 2.0: PYSEC-1"),
        ([SOUND, SKIPPED], 3, "1 of 2 dependencies were looked at."),
        ([SKIPPED], 3, "the index knows no faults of 1"),
        (None, 3, "pip-audit said nothing"),
    ],
)
def test_an_audit_that_looked_at_nothing_does_not_end_well(tmp_path, found, code, says):
    report = tmp_path / "found"
    if found is not None:
        report.write_text(json.dumps({"dependencies": found}))
    command = [sys.executable, CI / "faults.py", report]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code and says in done.stdout


def test_an_index_that_cannot_be_reached_is_not_taken_for_a_sound_one(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(CI / "audit", tmp_path / ".ci")
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, does in (
        ("python", "exit 0"),
        (
            "python3",
            'mkdir "$3/bin"; printf "exit 1" >"$3/bin/pip"; chmod +x "$3/bin/pip"',
        ),
    ):
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o700)
    env = {"PATH": f"{programs}:/usr/bin:/bin"}
    command = [tmp_path / ".ci" / "audit"]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 3
    assert "the package index cannot be reached" in done.stderr
