"""One wheel for two readers: built, installed with and without the survey, and used.

It is built from a source archive, as whoever gets one would. What it needs is linked
from the environment of the tests, and nothing else, so that a requirement that is
not declared is missing here too, and nothing is downloaded.
"""

import configparser
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from urllib.request import urlopen

import pytest
from packaging.requirements import Requirement

from surveyapp import assets

from .processes import end, moments, start
from .surveyapp.served import free_port

ROOT = Path(__file__).parent.parent
LEFT = (".*", "build", "dist", "instance", "tests", "benchmarks", "*.egg-info")
BUILD = "import sys, setuptools.build_meta as b; print(getattr(b, sys.argv[1])('.'))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy of this checkout, without the look and without npm."""
    folder = tmp_path_factory.mktemp("built")
    source, path = folder / "source", folder / "path"
    unwanted = shutil.ignore_patterns(*LEFT, "__pycache__", "nhsuk")
    shutil.copytree(ROOT, source, ignore=unwanted)
    path.mkdir()  # an empty one: npm could not be run
    archive = source / build("build_sdist", source, path)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    unpacked = folder / archive.name.removesuffix(".tar.gz")
    return unpacked / build("build_wheel", unpacked, path)


def build(what, source, path):
    env = {**os.environ, "PATH": str(path), "PYTHONPATH": ""}
    command = [sys.executable, "-c", BUILD, what]
    done = subprocess.run(command, cwd=source, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def required(extras):
    """Every distribution that the wheel needs, directly or not, with these extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = setup["options"]["install_requires"]
    lines += "".join(setup["options.extras_require"][name] for name in extras)
    left, known = [Requirement(line) for line in lines.split("\n") if line], {}
    while left:
        each = left.pop()
        about = distribution(each.name)
        assert about.version in each.specifier, f"{each}: {about.version}"
        known.setdefault(about.name, about)
        for line in about.requires or ():
            one = Requirement(line)
            wanted = [{"extra": name} for name in each.extras or ("",)]
            if one.marker and not any(map(one.marker.evaluate, wanted)):
                continue
            if one.name not in {name for name in known} or one.extras:
                left.append(one)
    return known.values()


def installed(wheel, folder, extras=()):
    """The folder of programs of an environment with the wheel and what it needs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for each in required(extras):
        for name in {file.parts[0] for file in each.files if file.parts[0] != ".."}:
            if name != "__pycache__" and not (site / name).exists():
                (site / name).symlink_to(each.locate_file(name))
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python"]
    offline = ["--no-index", "--no-deps", "--no-compile", "--quiet"]
    subprocess.run([*pip, "install", *offline, wheel], check=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def library(wheel, tmp_path_factory):
    return installed(wheel, tmp_path_factory.mktemp("library") / "venv")


@pytest.fixture(scope="module")
def survey(wheel, tmp_path_factory):
    return installed(wheel, tmp_path_factory.mktemp("survey") / "venv", ["app"])


def run(program, *arguments, cwd, **env):
    """Run a program of an environment, away from the checkout."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1", **env},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_wheel_holds_three_packages_and_the_steps_inside_one(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"psychometrics", "item_bank", "surveyapp"}
    steps = {
        f"surveyapp/migrations/{path.name}" for path in ROOT.glob("migrations/*.*")
    }
    versions = (ROOT / "migrations" / "versions").glob("[0-9]*.py")
    steps |= {f"surveyapp/migrations/versions/{path.name}" for path in versions}
    assert steps <= set(names) and len(steps) > 20
    assert {f"{top}/py.typed" for top in tops} <= set(names)
    assert not [name for name in names if "static/nhsuk" in name]


def test_every_file_that_the_packages_read_is_in_the_wheel(wheel):
    """Whatever lies in a package folder of the checkout, but what npm brings."""
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = (
        path.relative_to(ROOT).as_posix()
        for top in ("psychometrics", "item_bank", "surveyapp")
        for path in (ROOT / top).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    assert [p for p in listed if "static/nhsuk/" not in p and p not in names] == []


def test_the_library_alone_runs_the_readmes_example(library, tmp_path):
    readme = (ROOT / "README.md").read_text()
    example = re.search(r"```python\n(.*?)```", readme, re.S)[1]
    lines = [line[4:] for line in example.splitlines() if line[:4] in (">>> ", "... ")]
    done = run(library / "python", "-c", "\n".join(lines), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    absent = "import flask"
    assert run(library / "python", "-c", absent, cwd=tmp_path).returncode == 1


ANSWERS = """
    import numpy as np
    rng = np.random.default_rng(1)
    leaning = 3.5 + rng.normal(size=(400, 1)) + rng.normal(size=(400, 5))
    codes = np.clip(np.round(leaning), 1, 6).astype(int)
    head = "A1,A2,A3,A4,A5"
    np.savetxt("answers.csv", codes, "%d", delimiter=",", header=head, comments="")
"""


def test_the_library_alone_has_the_readmes_commands(library, tmp_path):
    prom = library / "prom"
    listed = run(prom, "--help", cwd=tmp_path).stdout
    named = set(re.findall(r"^  (\w[\w-]*)  ", listed, re.M))
    assert named == {"validate", "reduce", "shorten", "bank"}
    listed = run(prom, "bank", "list", cwd=tmp_path).stdout
    assert re.search(r"^\d{3} items$", listed, re.M)
    assert "in order" in run(prom, "bank", "check", cwd=tmp_path).stdout
    refused = run(prom, "up", cwd=tmp_path)
    assert refused.returncode == 2 and refused.stderr == (
        "Error: prom up needs the survey, the [app] extra: pip install '.[app]'\n"
    )


def test_the_library_alone_validates_and_reduces(library, tmp_path):
    made = run(library / "python", "-c", textwrap.dedent(ANSWERS), cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    scales = ("--scales", "A=A1-A5", "--categories", "1-6")
    prom, cwd = library / "prom", tmp_path
    done = run(prom, "validate", "answers.csv", *scales, "--out", "report", cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report" / "report.pdf").stat().st_size > 10_000
    quick = ("--resamples", "1", "--out", "reduction")
    done = run(prom, "reduce", "answers.csv", *scales, *quick, cwd=cwd)
    assert done.returncode == 0, done.stderr
    plan = run(prom, "validate", "--write-plan", "plan.yaml", cwd=cwd)
    assert plan.returncode == 0, plan.stderr


def test_the_same_wheel_serves_a_styled_survey_with_the_extra(survey, tmp_path):
    shutil.copytree(assets.fetch(), tmp_path / "instance" / "nhsuk")
    port = free_port()
    command = [survey / "prom", "up", "--empty", "--port", str(port)]
    env = {"PATH": os.defpath, "HOME": str(tmp_path), "OPENBLAS_NUM_THREADS": "1"}
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = start(command, cwd=tmp_path, env=env, **quiet)
    try:
        lines = []
        while not lines or not lines[-1].startswith("Stop with"):
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        page = answer(f"http://127.0.0.1:{port}/")
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
            assert len(answer(f"http://127.0.0.1:{port}{address}")) > 100
        assert "/static/nhsuk/nhsuk-frontend.min.css" in page
        made = run(survey / "prom", "create-admin", "a@example.org", cwd=tmp_path)
        assert f"http://127.0.0.1:{port}/staff/link/" in made.stdout, made.stderr
    finally:
        end(process)


def answer(address):
    """What the server says, once it does."""
    for _ in moments():
        try:
            with urlopen(address) as response:
                return response.read().decode()
        except ConnectionError:
            pass
        except OSError as problem:
            if not isinstance(getattr(problem, "reason", None), ConnectionError):
                raise
    raise AssertionError(f"nothing answered {address}")
