"""Lists what looks like a secret in the files of the repository; ends with 1 if any.

Where git does not list them, as in a copy that was unpacked, every file is looked at
but what was installed or built beside them. Keys of the tests are known by their
place: they are of no installation.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

KINDS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a key of a cloud": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of a forge": re.compile(r"\b(ghp|gho|ghs|glpat)[-_][0-9A-Za-z_-]{20,}\b"),
    "a Fernet key": re.compile(r"\b[0-9A-Za-z_-]{43}=(?![0-9A-Za-z=])"),
    "a password in an address": re.compile(r"\w+://[^\s/:@\"'{}<]+:[^\s/@\"'{}<]+@"),
}
KNOWN = {"tests/conftest.py", "tests/surveyapp/test_strength.py", ".ci/find_secrets.py"}
LARGEST = 2_000_000  # bytes
BESIDE = {"build", "dist", "instance", "nhsuk", "__pycache__"}


def found(name):
    """Line and kind of what looks like a secret in one file."""
    path = Path(name)
    if name in KNOWN or not path.is_file() or path.stat().st_size > LARGEST:
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        for kind, pattern in KINDS.items():
            if pattern.search(line):
                yield f"{name}:{number}: {kind}"


def files():
    """Names of the files to look at, from the top of the repository."""
    try:
        asked = subprocess.run(
            ["git", "ls-files", "-z"], capture_output=True, text=True
        )
    except FileNotFoundError:
        return walked()
    return [name for name in asked.stdout.split("\0") if name] or walked()


def walked():
    for folder, folders, names in os.walk("."):
        folders[:] = sorted(name for name in folders if is_ours(name))
        yield from (os.path.relpath(os.path.join(folder, each)) for each in names)


def is_ours(folder):
    return folder == ".ci" or not (folder in BESIDE or folder.startswith("."))


def main():
    looked_at = list(files())
    problems = [line for name in looked_at for line in found(name)]
    print("\n".join(problems) or f"No secret among {len(looked_at)} files.")
    return bool(problems) or not looked_at


if __name__ == "__main__":
    sys.exit(main())
