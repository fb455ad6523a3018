"""Every command of `prom` says in one line why it cannot do what was asked."""

import configparser
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import metadata
from pathlib import Path

import click
import flask_migrate
import pytest
from click.testing import CliRunner

from surveyapp import cli, context, create_app, database
from surveyapp.config import Config, new_key
from surveyapp.extensions import db

from ..conftest import KEYS
from .served import free_port

ROOT = Path(__file__).parents[2]
ANSWERS = "a1,a2,a3\n" + "1,2,3\n3,2,1\n2,2,2\n" * 4
SOUND = "a1,a2,a3\n" + "1,2,1\n3,3,2\n2,1,2\n4,4,4\n1,1,2\n3,4,3\n" * 8
PLAIN = ("--scales", "a=a1,a2,a3")
# What each command needs to be typed so that it goes on to the database or a file.
TYPED = {
    "init": (),
    "assets": (),
    "migrate": (),
    "demo": (),
    "serve": ("--port", "{port}", "--no-worker"),
    "up": ("--port", "{port}", "--empty"),
    "texts": ("xx",),
    "import": ("{answers}",),
    "undo-import": ("1",),
    "work": (),
    "doctor": (),
    "backup": ("{out}",),
    "keys add": (),
    "keys rotate": (),
    "keys drop": (),
    "restore": ("{answers}", "--check"),
    "print forms": ("1", "--out", "{out}.pdf"),
    "print letters": ("1", "{answers}", "--out", "{out}.pdf"),
    "print preview": ("1", "--out", "{out}.pdf"),
    "validate": ("{answers}", *PLAIN, "--out", "{out}"),
    "export": ("--out", "{out}"),
    "reduce": ("{answers}", *PLAIN, "--out", "{out}", "--resamples", "1"),
    "shorten": ("{answers}", *PLAIN, "--length", "2", "--out", "{out}"),
    "create-admin": ("you@example.org", "--trust", "Northmoor"),
    "staff add": ("you@example.org", "--name", "You", "--role", "administrator"),
    "staff list": (),
    "staff reset": ("you@example.org",),
    "staff disable": ("you@example.org",),
    "staff enable": ("you@example.org",),
    "contact held": ("--trust", "Northmoor", "--nhs", "9434765919", "--out", "{out}"),
    "contact erase": (
        *("--trust", "Northmoor", "--nhs", "9434765919", "--why", "asked"),
    ),
    "audit verify": (),
    "audit accept": (),
    "bank check": (),
    "bank list": (),
    "bank show": ("no_such_item",),
    "bank publish-form": ("{answers}", "--id", "x"),
    "bank publish-calibration": ("{answers}", "--id", "x"),
    "bank publish-adaptive": ("x", "--id", "x"),
}
WITHOUT_DATABASE = {"init", "assets", "texts", "validate", "reduce", "shorten"}
WITHOUT_DATABASE.add("restore")  # which asks whether the file is a backup first
WITHOUT_DATABASE.add("keys add")  # which writes into the file of secrets
SERVING = {"serve", "up", "work"}


def commands(group=cli.main, before=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield " ".join((*before, name))


COMMANDS = sorted(commands())
STORING = [
    name
    for name in COMMANDS
    if name not in WITHOUT_DATABASE | SERVING and not name.startswith("bank")
]


def test_every_command_is_walked_here():
    assert COMMANDS == sorted(TYPED)


@pytest.fixture
def env(tmp_path):
    """Settings of an installation on SQLite whose tables are not there yet."""
    (tmp_path / "answers.csv").write_text(ANSWERS)
    return {
        "PROM_INSTANCE": str(tmp_path / "instance"),
        "PROM_SECRET_KEY": KEYS["secret_key"],
        "PROM_TOKEN_PEPPER": KEYS["token_pepper"],
        "PROM_FIELD_KEYS": ",".join(KEYS["field_keys"]),
        "PROM_BACKUP_KEY": new_key(),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'survey.sqlite'}",
    }


@pytest.fixture
def run(env, tmp_path):
    def typed(name, **changes):
        places = {
            "answers": tmp_path / "answers.csv",
            "out": tmp_path / "out",
            "port": free_port(),
        }
        given = [part.format(**places | changes) for part in TYPED[name]]
        return CliRunner(env=env).invoke(cli.main, [*name.split(), *given])

    yield typed


def refused(result):
    """The one line of a command that could not do what was asked."""
    assert result.exception is None or isinstance(result.exception, SystemExit), (
        result.exception
    )
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 2 and line.startswith("Error: "), line
    return line


@pytest.mark.parametrize("name", sorted({*STORING, *SERVING} - {"up"}))
def test_a_missing_setting_is_one_line(run, env, name):
    env["PROM_SECRET_KEY"] = ""
    assert "PROM_SECRET_KEY is missing" in refused(run(name))


@pytest.mark.parametrize("name", sorted({*STORING} - {"migrate", "demo"}))
def test_a_missing_database_is_one_line_that_says_what_to_run(run, name):
    assert "run `prom migrate`" in refused(run(name))


@pytest.fixture
def migrated(env):
    config = Config.from_environment(env)
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    return env["DATABASE_URL"].removeprefix("sqlite:///")


def revision(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchone()


def test_tables_are_taken_back_to_a_revision_and_brought_up_again(env, migrated):
    def migrate(*given):
        return CliRunner(env=env).invoke(cli.main, ["migrate", *given])

    head = revision(migrated)
    assert "those of 0048" in migrate("--to", "0048").output
    assert revision(migrated) == ("0048",)
    assert migrate("--to", "0049").exit_code == 0 and revision(migrated) == ("0049",)
    assert "there is no revision 7" in refused(migrate("--to", "7"))
    assert "up to date" in migrate().output and revision(migrated) == head
    with closing(sqlite3.connect(migrated)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    told = refused(migrate("--to", "0048"))
    assert "the version that made them takes them back" in told


@pytest.mark.parametrize("typed", ["staff list", "migrate --to 0053"])
def test_a_key_that_is_missing_is_one_line_and_loses_nothing(run, env, migrated, typed):
    assert run("create-admin").exit_code == 0
    held, env["PROM_FIELD_KEYS"] = env["PROM_FIELD_KEYS"], new_key()
    told = refused(CliRunner(env=env).invoke(cli.main, typed.split()))
    assert "put the key that is missing at the end of PROM_FIELD_KEYS" in told
    env["PROM_FIELD_KEYS"] = held
    assert run("migrate").exit_code == 0
    assert "you@example.org" in run("staff list").output


WRITING = ["create-admin", "audit accept", "demo"]


@pytest.mark.parametrize("name", WRITING)
def test_a_locked_database_is_one_line(run, migrated, monkeypatch, name):
    monkeypatch.setitem(database.PRAGMAS, "busy_timeout", 50)
    with closing(sqlite3.connect(migrated, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        line = refused(run(name))
    assert "the database is busy, full or stopped (SQLITE_BUSY)" in line


@pytest.mark.parametrize("name", STORING)
def test_a_database_that_is_not_there_is_one_line(run, env, name):
    env["DATABASE_URL"] = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    said = "away: nothing listens" if name == "doctor" else "busy, full or stopped"
    assert f"the database is {said}" in refused(run(name))


@pytest.mark.parametrize("name", STORING)
def test_a_database_that_is_no_database_is_one_line(run, env, tmp_path, name):
    (tmp_path / "survey.sqlite").write_text("not a database at all " * 99)
    refused(run(name))


@pytest.mark.parametrize("name", ["init", "up"])
def test_an_instance_folder_that_cannot_be_made_is_one_line(run, env, name):
    env["PROM_INSTANCE"] = "/dev/null/instance"
    assert "/dev/null" in refused(run(name))


WRITES_FILES = [name for name in COMMANDS if "--out" in TYPED[name]]


@pytest.mark.parametrize("name", sorted({*WRITES_FILES} - {"export"}))
def test_a_folder_that_cannot_be_written_is_one_line(run, migrated, name):
    refused(run(name, out="/dev/null/out"))


def test_a_failed_create_admin_leaves_no_trust_behind(run, migrated):
    assert run("create-admin").exit_code == 0
    assert "there already" in refused(run("create-admin"))
    with closing(sqlite3.connect(migrated)) as database_:
        assert database_.execute("SELECT count(*) FROM trust").fetchone() == (1,)
        names = database_.execute("SELECT action FROM audit_event").fetchall()
    assert names == [("trust.created",), ("staff.created",)]


def test_create_admin_says_the_port_that_was_served_last(run, env, migrated):
    config = Config.from_environment(env)
    assert "http://127.0.0.1:8000/staff/link/" in run("create-admin").stdout
    config.remember_port(8123)
    assert "there already" in refused(run("create-admin"))
    other = ("create-admin", "other@example.org")
    told = CliRunner(env=env).invoke(cli.main, other).stdout
    assert "http://127.0.0.1:8123/staff/link/" in told
    env["PROM_BASE_URL"] = "http://survey.test/"
    third = ("create-admin", "third@example.org")
    assert "once: http://survey.test/staff/link/" in (
        CliRunner(env=env).invoke(cli.main, third).stdout
    )


def test_no_link_begins_with_what_the_request_says():
    texts = [*ROOT.glob("surveyapp/**/*.py"), *ROOT.glob("surveyapp/**/*.html")]
    assert [path.name for path in texts if "_external" in path.read_text()] == []


@pytest.fixture
def library_only(monkeypatch):
    monkeypatch.setattr(cli, "has_application", lambda: False)
    monkeypatch.setattr(context, "has_application", lambda: False)


@pytest.mark.parametrize("name", sorted({n.split()[0] for n in COMMANDS}))
def test_without_the_application_only_the_librarys_commands_are_there(
    run, library_only, name
):
    listed = CliRunner().invoke(cli.main, ["--help"]).stdout
    asked = CliRunner().invoke(cli.main, [name, "--help"])
    if name in cli.LIBRARY:
        assert f"\n  {name} " in listed and asked.exit_code == 0
    else:
        assert f"\n  {name} " not in listed
        line = refused(asked)
        assert line.endswith("pip install '.[app]'")


ONLY_LIBRARY = """
import importlib.util, sys
known = importlib.util.find_spec

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {app!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
importlib.util.find_spec = lambda name: None if name in {app!r} else known(name)
from surveyapp.cli import main
main()
"""


def modules_of_the_application():
    """Top-level modules that come with the extra alone."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extra = setup["options.extras_require"]["app"].split("\n")
    names = {re.match(r"[\w.-]*", line)[0].lower().replace("-", "_") for line in extra}
    provided = metadata.packages_distributions()
    return {
        module
        for module, packages in provided.items()
        if {package.lower().replace("-", "_") for package in packages} & names
    }


def without(modules, typed):
    """Run `prom` where these modules are not installed."""
    command = [sys.executable, "-c", ONLY_LIBRARY.format(app=modules), *typed]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_the_librarys_commands_import_nothing_that_only_the_application_needs(
    env, tmp_path
):
    app = sorted(modules_of_the_application())
    assert {"flask", "sqlalchemy", "structlog", "cryptography"} <= set(app)
    for name in ("--help", "bank list", "reduce --help", "shorten --help"):
        done = without(app, name.split())
        assert done.returncode == 0, done.stderr
    report = str(tmp_path / "report")
    (tmp_path / "answers.csv").write_text(SOUND)
    typed = ["validate", str(tmp_path / "answers.csv"), *PLAIN, "--out", report]
    done = without(app, typed)
    assert done.stdout == f"{report}/report.html\n", done.stderr
    refused_ = without(app, ["up"])
    assert refused_.stderr.startswith("Error: prom up needs the survey, the [app]")


@pytest.fixture
def lax():
    """A process whose files others may read, unless somebody says otherwise."""
    before = os.umask(0o022)
    yield
    assert os.umask(before) == 0o022


def test_whatever_a_command_writes_is_for_this_user_alone(run, tmp_path, lax):
    (tmp_path / "sound.csv").write_text(SOUND)
    for name in ("init", "migrate", "backup"):
        assert run(name).exit_code == 0
    made = run("reduce", answers=tmp_path / "sound.csv", out=tmp_path / "short")
    assert made.exit_code == 0, made.stderr
    ours = [path for path in tmp_path.rglob("*") if path.suffix != ".csv"]
    assert {"secrets.json", "survey.sqlite", "short", "rules.yaml"} <= {
        path.name for path in ours
    }
    assert [path for path in ours if path.stat().st_mode & 0o077] == []
