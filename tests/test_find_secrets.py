"""The search for secrets looks at files wherever it runs, and never passes for none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "find_secrets.py"
KEY = "A" * 43 + "="


def searched(folder, path):
    (folder / ".venv").mkdir()
    (folder / ".venv" / "theirs.py").write_text(KEY)
    command = [sys.executable, SCRIPT]
    told = subprocess.run(
        command, cwd=folder, env={"PATH": path}, capture_output=True, text=True
    )
    return told.returncode, told.stdout.splitlines(), told.stderr


@pytest.mark.parametrize("path", ["/is/no/folder", "/usr/bin:/bin"])
def test_a_copy_that_git_does_not_list_is_searched_all_the_same(tmp_path, path):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "some.py").write_text(f"\n{KEY}\n")
    assert searched(tmp_path, path) == (1, [".ci/some.py:2: a Fernet key"], "")


def test_where_there_is_no_file_nothing_is_called_free_of_secrets(tmp_path):
    assert searched(tmp_path, "/is/no/folder")[0] == 1


def test_a_file_is_searched_whatever_its_name(tmp_path):
    (tmp_path / "Zürich.py").write_text(KEY)
    git = shutil.which("git")  # without it the files are walked
    for words in (["init", "-q"], ["add", "Zürich.py"]) if git else ():
        subprocess.run([git, *words], cwd=tmp_path, check=True)
    assert searched(tmp_path, "/usr/bin:/bin")[:2] == (1, ["Zürich.py:1: a Fernet key"])
