"""Lists what looks like a secret in the files of the repository; ends with 1 if any.

Keys of the tests are known by their place: they are of no installation.
"""

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


def main():
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True)
    problems = [line for name in listed.stdout.split("\n") for line in found(name)]
    print("\n".join(problems) or "No secret among the files.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
