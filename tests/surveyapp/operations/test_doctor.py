"""`prom doctor` says everything that is wrong at once, and what to do."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from surveyapp import audit
from surveyapp.config import Config, new_secrets, write_secrets
from surveyapp.database import utc_now
from surveyapp.models import AuditEvent, Job
from surveyapp.operations import doctor, health

from ... import factories
from ..served import environment, free_port, prom
from .test_health import add_beat

MADE = {"secrets.json", "survey.sqlite", "survey.sqlite-turn"}


@pytest.fixture
def env(tmp_path):
    """Settings of an installation that has its secrets and nothing else."""
    write_secrets(tmp_path / "instance" / "secrets.json")
    return {"PROM_INSTANCE": str(tmp_path / "instance")}


def found(environ, how=doctor.WRONG):
    """Part -> what is said of it, of one kind of finding."""
    findings = [f for f in doctor.examine(environ, now=utc_now()) if f.how == how]
    return [(f.part, f.words) for f in findings]


@pytest.mark.one_database
def test_all_wrong_settings_are_told_at_once(env):
    wrong = {
        "PROM_PROXIES": "two",
        "PROM_SUPPRESS_BELOW": "many",
        "PROM_STAFF_IDLE_MINUTES": "0",
        "PROM_RESPONDENT_SESSION_HOURS": "1",
        "PROM_CONTACT_EMAIL": "us\nBcc: all",
        "PROM_METRICS_TOKEN": "secret",
        "PROM_ENVIRONMENT": "live",
        "DATABASE_URL": "mysql://host/name",
        "PROM_BASE_URL": "survey.example.org",
        "PROM_OIDC_ISSUER": "the trust's own",
        "PROM_NOTIFY_URL": "ftp://notify",
        "PROM_SERVICE_NAME": "Survey\nof all",
        "PROM_SMTP_HOST": "mail server",
        "PROM_SMTP_PORT": "65536",
    }
    told = [words for part, words in found(env | wrong) if part == "settings"]
    assert {name for name in wrong if any(name in words for words in told)} == {*wrong}


@pytest.mark.one_database
@pytest.mark.parametrize("held", ["", "[]", "{", '{"field_keys": 3}'])
def test_a_file_of_secrets_that_cannot_be_used_is_told(env, tmp_path, held):
    (tmp_path / "instance" / "secrets.json").write_text(held)
    told = " ".join(words for _, words in found(env))
    assert "does not hold the secrets as texts in JSON" in told


@pytest.mark.one_database
def test_a_setting_that_nothing_reads_is_noticed(env):
    assert found(env | {"PROM_PROXY": "1"}, doctor.NOTE) == [
        ("settings", "PROM_PROXY is no setting: nothing reads it")
    ]


@pytest.mark.one_database
def test_a_key_of_backups_that_is_missing_is_told_before_the_first_backup(
    env, tmp_path
):
    secrets = tmp_path / "instance" / "secrets.json"
    held = json.loads(secrets.read_text())
    secrets.write_text(json.dumps({n: v for n, v in held.items() if n != "backup_key"}))
    ((part, words),) = found(env, doctor.NOTE)
    assert part == "backup" and "run `prom init`" in words
    write_secrets(secrets)  # what prom init does
    assert found(env, doctor.NOTE) == []


@pytest.mark.one_database
def test_a_folder_of_own_forms_that_is_not_there_is_noticed(env, tmp_path):
    folder = tmp_path / "bank"
    ((part, words),) = found(env | {"PROM_BANK_FOLDER": str(folder)}, doctor.NOTE)
    assert part == "folders" and str(folder) in words
    folder.mkdir()
    assert found(env | {"PROM_BANK_FOLDER": str(folder)}, doctor.NOTE) == []


@pytest.mark.one_database
def test_a_production_without_a_proxy_and_a_proxy_before_a_local_one_are_wrong(env):
    live = {"PROM_ENVIRONMENT": "production", "PROM_BASE_URL": "https://x.example"}
    assert "proxies" in dict(found(env | live))
    assert "proxies" not in dict(found(env | live | {"PROM_PROXIES": "1"}))
    assert "proxies" in dict(found(env | {"PROM_PROXIES": "1"}))


@pytest.mark.one_database
def test_what_others_can_read_is_named_with_what_to_type(env, tmp_path):
    instance = tmp_path / "instance"
    assert "file modes" not in dict(found(env))
    instance.chmod(0o755)
    (instance / "secrets.json").chmod(0o640)
    told = [words for part, words in found(env) if part == "file modes"]
    assert [words.partition(": ")[2] for words in told] == [
        f"chmod 700 {instance}",
        f"chmod 600 {instance / 'secrets.json'}",
    ]


@pytest.mark.one_database
def test_a_disk_without_room_and_a_database_that_is_away_are_wrong(env, monkeypatch):
    monkeypatch.setattr(health, "LOW", 2**60)
    assert "run `prom migrate`" in dict(found(env))["database"]
    env["DATABASE_URL"] = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    told = dict(found(env))
    assert told["disk"].endswith("make room")
    assert "nothing listens there: start its server" in told["database"]


@pytest.mark.postgres
def test_what_keeps_from_a_database_is_told_apart(env, postgresql):
    """Its own words are not repeated: they may hold the address."""
    known, _, rest = postgresql.partition("/postgres?")
    strange = known.replace("postgres@", "nobody-canary-4711@")
    for address in (f"{known}/none-canary-4711?{rest}", f"{strange}/postgres?{rest}"):
        told = dict(found(env | {"DATABASE_URL": address}))["database"]
        assert "no such database or user" in told and "canary-4711" not in told
    env["DATABASE_URL"] = "postgresql://canary-4711@host.invalid/none"
    told = dict(found(env))["database"]
    assert "there is no such host" in told and "canary-4711" not in told


@pytest.mark.one_database
def test_a_file_in_the_place_of_a_folder_is_called_one(env, tmp_path):
    (tmp_path / "reports").touch()
    told = found(env | {"PROM_REPORT_FOLDER": str(tmp_path / "reports")})
    assert ("folders", f"{tmp_path / 'reports'} is a file: name a folder") in told


@pytest.mark.one_database
def test_a_database_without_tables_is_not_called_stopped(env, tmp_path):
    (tmp_path / "instance" / "survey.sqlite").write_bytes(b"")
    told = dict(found(env))
    assert "run `prom migrate`" in told["migrations"] and "database" not in told


@pytest.fixture
def at_work(config, session):
    """The environment of the test's own installation, with a worker."""
    add_beat(session)
    config.instance.chmod(0o700)
    return environment(config)


def test_an_installation_that_is_well_has_no_finding(at_work, monkeypatch):
    monkeypatch.setattr(health, "LOW", 1)
    monkeypatch.setattr(doctor, "DURABLE", {"synchronous_commit": "on"})
    assert found(at_work) == []
    assert dict(found(at_work, doctor.OK))["database"] == "a row can be stored"


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")
def test_a_server_that_forgets_acknowledged_rows_is_wrong(at_work):
    assert "set it to on" in dict(found(at_work))["durability"]  # the tests' own


def test_work_that_waits_a_backup_of_long_ago_and_a_wrong_clock_are_told(
    app, at_work, session
):
    session.add(Job(name="figures", run_after=utc_now() - timedelta(hours=1)))
    session.add(Job(name="figures", status="failed"))
    with app.app_context():
        for action, ago in (("backup.made", 5), ("of tomorrow", -1)):
            at = utc_now() - timedelta(days=ago)
            audit.record(session, actor="system", action=action, subject=None, at=at)
        session.commit()
    told = dict(found(at_work))
    assert "a job has waited" in told["jobs"]
    assert "let a timer run `prom backup` daily" in told["backup"]
    assert "set this machine's clock" in told["clock"]
    assert session.query(AuditEvent).count() == 2
    assert ("jobs", "1 failed; the log says of each where") in found(
        at_work, doctor.NOTE
    )


def test_keys_that_open_nothing_are_told_with_where(at_work, session):
    factories.make_staff(session, email="someone@example.org")
    session.commit()
    assert "keys" not in dict(found(at_work))
    mine, other = at_work["PROM_FIELD_KEYS"], new_secrets()["field_keys"]
    told = dict(found(at_work | {"PROM_FIELD_KEYS": other}))["keys"]
    assert "staff_user.email" in told and "PROM_FIELD_KEYS" in told
    assert "someone" not in told
    assert "keys" not in dict(found(at_work | {"PROM_FIELD_KEYS": f"{other},{mine}"}))
    assert "keys" not in dict(found(at_work | {"PROM_FIELD_KEYS": "short"}))


@pytest.mark.one_database
def test_a_silent_worker_is_wrong(config, app):
    assert "start `prom work`" in dict(found(environment(config)))["worker"]


@pytest.mark.one_database
def test_the_command_lists_all_and_ends_with_what_is_wrong(env):
    done = prom("doctor", env=env | {"PROM_PROXIES": "x"})
    assert done.returncode == 2
    assert "wrong  settings     PROM_PROXIES is not a number" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: wrong in 2: settings: PROM_PROXIES")


@pytest.mark.one_database
def test_what_is_made_can_be_read_by_its_owner_alone(tmp_path):
    env = {"PROM_INSTANCE": str(tmp_path / "new" / "instance"), "PATH": "/usr/bin:/bin"}
    for command in ("init", "migrate"):
        assert prom(command, env=env).returncode == 0
    instance = tmp_path / "new" / "instance"
    modes = {p.name: p.stat().st_mode & 0o777 for p in instance.iterdir()}
    assert modes == dict.fromkeys(MADE, 0o600)
    assert instance.stat().st_mode & 0o777 == 0o700


@pytest.mark.one_database
def test_a_number_below_the_least_is_refused_wherever_there_is_one():
    config = Config(**new_secrets() | {"field_keys": (new_secrets()["field_keys"],)})
    numbers = {n for n, v in vars(config).items() if type(v) is int}
    told = str(Config.read({f"PROM_{n.upper()}": "-1" for n in numbers})[1])
    assert [n for n in numbers if f"PROM_{n.upper()} is -1" not in told] == []
    assert replace(config, proxies=0).checked()
