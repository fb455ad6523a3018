"""`prom` from the command line: set up, serve, export, look after."""

import os
import re
import subprocess
import sys

import pytest
from sqlalchemy import text

from surveyapp import audit
from surveyapp.demo import SIZES
from surveyapp.research.files.codebook import find_codebook

from .served import ROOT, Caller, environment, prom, server, typed


def installation(folder):
    """Settings of an installation on SQLite that has nothing yet."""
    kept = {"PATH", "HOME", "LANG", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}
    own = {name: value for name, value in os.environ.items() if name in kept}
    return {**own, "PROM_INSTANCE": str(folder / "instance")}


@pytest.fixture
def env(tmp_path):
    return installation(tmp_path)


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """The installation that one command has set up, with what it printed."""
    env = installation(tmp_path_factory.mktemp("started"))
    with server(env, "up") as (process, port):
        printed = read_until_stop(process)
        survey = re.search(r"/s/\w+", printed)[0]
        assert Caller(port).call("GET", survey)[0] == 200
    return env, printed


def test_one_command_sets_up_and_serves_and_a_second_start_keeps_the_data(started):
    env, first = started
    lead = re.search(r"lead +http://[^/]+(/staff/link/\S+)", first)[1]
    with server(env, "up") as (process, port):
        assert re.search(r"/s/\w+", first)[0] in read_until_stop(process)
        caller = Caller(port)
        assert "button" in caller.call("GET", lead)[2]
        assert caller.call("POST", lead)[0] == 303
        assert caller.call("GET", "/staff/")[1].startswith("/tracking")
        assert Caller(port).call("GET", lead)[0] == 404


def test_starting_waits_for_nothing_that_only_reports_and_figures_need(env):
    named = ["matplotlib", "pandas", "psychometrics", "scipy", "sklearn", "typst"]
    loaded = f"import sys; print(*({{*sys.modules}} & {{*{named}}}))"
    code = f"from surveyapp import create_app; create_app(); {loaded}"
    assert typed("init", env=env).returncode == 0
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )
    assert (done.stdout.split(), done.stderr) == ([], "")


def test_the_list_of_commands_waits_for_nothing_that_one_of_them_needs():
    named = ["flask", "matplotlib", "numpy", "pandas", "psychometrics", "sqlalchemy"]
    code = f"import surveyapp.cli, sys; print(*({{*sys.modules}} & {{*{named}}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout.split(), done.stderr) == ([], "")


def test_a_report_on_answers_waits_for_nothing_that_only_the_survey_needs():
    named = ["flask", "werkzeug", "structlog", "jsonschema", "sqlalchemy"]
    code = """
import sys
from surveyapp import logs
from surveyapp.research.files import commands, plans, validation
logs.take_over()
"""
    code += f"print(*({{*sys.modules}} & {{*{named}}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout.split(), done.stderr) == ([], "")


def read_until_stop(process):
    """What the server printed before it began to serve."""
    lines = []
    while not lines or not lines[-1].startswith("Stop with"):
        lines.append(process.stdout.readline())
    return "".join(lines)


def test_an_empty_start_says_what_is_missing_and_how_to_make_it(env):
    with server(env, "up", "--empty") as (process, port):
        assert "prom create-admin" in read_until_stop(process)
        assert Caller(port).call("GET", "/")[0] == 200
        refused = prom("up", "--port", str(port), env=env)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"Error: port {port} cannot be used")
    refused = typed("export", env=env)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "--campaign: none yet" in refused.stderr
    made = typed("create-admin", "head@example.org", env=env)
    assert re.search(r"/staff/link/\S{30,}", made.stdout)
    again = typed("create-admin", "head@example.org", env=env)
    assert again.returncode == 2 and "there already" in again.stderr


def test_without_secrets_a_command_says_what_to_do(env):
    refused = typed("migrate", env=env)
    assert refused.returncode == 2
    assert "PROM_SECRET_KEY is missing; `prom init` writes one" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_no_demonstration_is_made_in_production(env):
    typed("init", env=env)
    settings = {"PROM_ENVIRONMENT": "production", "PROM_BASE_URL": "https://x.example"}
    refused = typed("demo", env={**env, **settings})
    assert refused.returncode == 2
    assert "no place in production" in refused.stderr


@pytest.mark.parametrize(
    "scale", ["living_document", pytest.param(None, marks=pytest.mark.slow)]
)
def test_export_validate_and_audit_follow_one_another(started, tmp_path, scale):
    env, _ = started
    folder = tmp_path / "export"
    made = prom("export", "--perspective", "carer", "--out", str(folder), env=env)
    n = SIZES["carer"]
    assert made.stdout.startswith(f"{n} assessments in ")
    assert len((folder / "responses.csv").read_text().splitlines()) == n + 1
    report = tmp_path / "report"
    answers = folder / "responses.csv"
    one = f"{scale}={','.join(find_codebook(answers).scales[scale])}" if scale else ""
    asked = ("--scales", one) if scale else ()
    done = prom("validate", str(answers), "--out", str(report), *asked, env=env)
    assert done.returncode == 0, done.stderr
    assert "living_document" in (report / "report.html").read_text()
    told = typed("audit", "verify", env=env).stdout
    assert re.fullmatch(r"[1-9]\d* events, and every seal holds\.\n", told)


@pytest.mark.one_database
def test_a_tampered_audit_is_told_in_one_line(app, config, session):
    with app.app_context():
        audit.record(session, actor="staff:1", action="x", subject=None)
        session.commit()
    session.execute(text("UPDATE audit_event SET actor = 'staff:2'"))
    session.commit()
    broken = typed("audit", "verify", env=environment(config))
    assert broken.returncode == 2
    assert "was changed after it was recorded" in broken.stderr
