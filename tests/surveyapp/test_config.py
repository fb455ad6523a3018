"""Settings are checked before anything starts, all problems at once."""

import json
import stat
from dataclasses import fields
from pathlib import Path

import pytest
from flask import request

from surveyapp.config import Config, new_secrets, write_secrets
from surveyapp.errors import ConfigurationError

pytestmark = pytest.mark.one_database


def environment(**given):
    secrets = {f"PROM_{name.upper()}": value for name, value in new_secrets().items()}
    return {**secrets, **given}


def test_a_production_without_secrets_does_not_start(tmp_path):
    environ = {"PROM_ENVIRONMENT": "production", "PROM_INSTANCE": str(tmp_path)}
    with pytest.raises(ConfigurationError) as problem:
        Config.from_environment(environ)
    for name in ("SECRET_KEY", "TOKEN_PEPPER", "FIELD_KEYS", "BASE_URL"):
        assert f"PROM_{name}" in str(problem.value)


@pytest.mark.parametrize("key", ["development", "secret", "short", "changeme!!!!"])
def test_a_key_of_an_example_is_refused(tmp_path, key):
    environ = environment(PROM_SECRET_KEY=key, PROM_INSTANCE=str(tmp_path))
    with pytest.raises(ConfigurationError, match="PROM_SECRET_KEY is not random"):
        Config.from_environment(environ)


def test_secrets_come_from_a_file_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "secrets.json"
    assert write_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = Config.from_environment({"PROM_SECRETS_FILE": str(path)})
    assert config.secret_key == json.loads(path.read_text())["secret_key"]


def test_secrets_that_exist_are_kept(tmp_path):
    path = tmp_path / "secrets.json"
    write_secrets(path)
    before = path.read_text()
    assert not write_secrets(path)
    assert path.read_text() == before


def test_small_groups_cannot_be_switched_on(tmp_path):
    environ = environment(PROM_SUPPRESS_BELOW="3", PROM_INSTANCE=str(tmp_path))
    with pytest.raises(
        ConfigurationError, match="PROM_SUPPRESS_BELOW is 3; 5 is least"
    ):
        Config.from_environment(environ)


def test_a_number_that_is_none_is_named(tmp_path):
    environ = environment(PROM_PROXIES="two", PROM_INSTANCE=str(tmp_path))
    with pytest.raises(ConfigurationError, match="PROM_PROXIES is not a number"):
        Config.from_environment(environ)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_an_address_of_postgresql_gets_its_driver(scheme):
    config = Config(database_url=f"{scheme}://user@host/survey")
    assert config.url == "postgresql+psycopg://user@host/survey"


def test_every_setting_is_documented():
    page = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
    names = {f"PROM_{field.name.upper()}" for field in fields(Config)}
    names -= {"PROM_DATABASE_URL"}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def test_a_proxy_is_believed_only_where_it_is_announced(app_with):
    for proxies, seen in ((0, "127.0.0.1"), (1, "203.0.113.5")):
        app = app_with(proxies=proxies)
        app.add_url_rule("/who", view_func=lambda: request.remote_addr)
        answer = app.test_client().get(
            "/who", headers={"X-Forwarded-For": "203.0.113.5"}
        )
        assert answer.text == seen
