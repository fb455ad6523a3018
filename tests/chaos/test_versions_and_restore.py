"""A newer version's tables under the old one, and a machine that is lost for good."""

import json
from dataclasses import replace

import flask_migrate
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from surveyapp import create_app, schema_version
from surveyapp.config import new_key
from surveyapp.extensions import db

from .. import factories
from ..surveyapp.served import Caller, environment, free_port, prom
from . import people

pytestmark = pytest.mark.one_database
# What a newer version's migration adds first: a column and a table of its own.
EXPAND = (
    "ALTER TABLE answer ADD COLUMN of_tomorrow VARCHAR(8)",
    "CREATE TABLE of_tomorrow (id INTEGER PRIMARY KEY)",
    "UPDATE alembic_version SET version_num = '9999'",
)


@pytest.fixture
def own(config, tmp_path):
    """An installation of its own, and a session on it."""
    theirs = replace(
        config,
        database_url=f"sqlite:///{tmp_path / 'one' / 'own.sqlite'}",
        instance=tmp_path / "one",
        backup_key=new_key(),
    )
    theirs.instance.mkdir()
    app = create_app(theirs)
    with app.app_context():
        flask_migrate.upgrade()
        with Session(db.engine) as session:
            factories.make_invitation(session, token="open", is_open=True)
            session.commit()
            yield theirs, session
        db.session.remove()
        db.engine.dispose()


def test_the_old_version_goes_on_with_newer_tables_and_can_be_gone_back_to(own):
    config, session = own
    env, port = environment(config), free_port()
    with people.host(env, port, "--no-worker"):
        with people.people(3, port) as everyone:
            people.until_acknowledged(everyone, 20)
            for statement in EXPAND:
                session.execute(text(statement))
            session.commit()
            people.until_acknowledged(everyone, 40)
    assert schema_version.is_newer("9999")
    with people.host(env, port, "--no-worker"):  # started again, as after a way back
        told = json.loads(Caller(port).call("GET", "/api/health")[2])
        assert (told["database"], told["migrations"]) == ("writable", "up to date")
        caller = Caller(port)
        caller.cookies = everyone[0].caller.cookies
        assert caller.call("GET", "/survey/1")[0] == 200
    missing, half = people.lost(session, everyone), people.half_written(session)
    people.tell("newer tables", everyone, lost=len(missing), half=len(half))
    assert (missing, half) == ([], [])


def test_a_lost_machine_is_put_back_from_a_backup_made_under_load(own, tmp_path):
    config, session = own
    env = environment(config) | {"PROM_BACKUP_KEY": config.backup_key}
    port, kept = free_port(), tmp_path / "kept"
    with people.host(env, port, "--no-worker"):
        with people.people(3, port) as everyone:
            people.until_acknowledged(everyone, 20)
            before = [dict(person.acknowledged) for person in everyone]
            made = prom("backup", str(kept), env=env)
            assert made.returncode == 0, made.stderr
    (file,) = kept.iterdir()
    assert prom("restore", str(file), "--check", env=env).returncode == 0
    other = tmp_path / "other"
    place = {"PROM_INSTANCE": str(other), "DATABASE_URL": f"sqlite:///{other}/s.sqlite"}
    done = prom("restore", str(file), env=env | place)
    assert done.returncode == 0, done.stderr
    assert "every seal holds" in prom("audit", "verify", env=env | place).stdout
    app = create_app(replace(config, database_url=place["DATABASE_URL"]))
    with app.app_context():
        with Session(db.engine) as restored:
            n = restored.scalar(text("SELECT count(*) FROM answer"))
        db.engine.dispose()
    print(f"restored: {n} answers of {sum(map(len, before))} acknowledged before")
    assert n >= sum(map(len, before))
    with people.host(env | place, port, "--no-worker"):
        assert Caller(port).call("GET", "/s/open")[0] == 200
