"""What `deploy/` names is there: commands, options, settings, ports."""

import re
from pathlib import Path

import click
import pytest
import yaml

from surveyapp.cli import main
from surveyapp.config import Config, new_secrets
from surveyapp.file_limits import SECONDS
from surveyapp.operations import doctor

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
STARTS = re.compile(r"^ExecStart=/opt/prom/bin/prom (.+)$", re.M)
CONFINED = """\
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=
StateDirectoryMode=0700
UMask=0077
""".splitlines()
SETTING = re.compile(r"^([A-Z_]+)=(.*)$", re.M)


def assert_can_be_typed(words):
    """Whether `prom` takes these words, without doing what they say."""
    name, *rest = words
    command = main.commands[name]
    command.make_context(name, [*rest], resilient_parsing=False)
    assert isinstance(command, click.Command)


def typed():
    """Every command that a unit or a container starts."""
    for unit in UNITS:
        yield from (line.split() for line in STARTS.findall(unit.read_text()))
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    yield from (s["command"] for n, s in services.items() if n != "database")


@pytest.mark.parametrize("words", [*typed()], ids=" ".join)
def test_every_command_that_is_started_can_be_typed(words):
    assert_can_be_typed(words)


def test_the_settings_of_the_example_have_nothing_wrong(tmp_path):
    settings = dict(SETTING.findall((DEPLOY / "environment").read_text()))
    secrets = {f"PROM_{n.upper()}": v for n, v in new_secrets().items()}
    found = doctor.unknown_settings(settings | secrets)
    assert [*found] == []
    _, problems = Config.read(settings | secrets)
    assert problems == []


def test_whatever_is_started_in_a_container_starts_the_database_before():
    """`run migrate` starts what the pages depend on, and nothing else."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert "healthcheck" in services.pop("database")
    healthy = {"database": {"condition": "service_healthy"}}
    assert [s["depends_on"] for s in services.values()] == 2 * [healthy]


def test_every_timer_has_its_service_and_every_service_is_confined():
    names = {unit.name for unit in UNITS}
    timers = {n.removesuffix(".timer") for n in names if n.endswith(".timer")}
    assert {f"{timer}.service" for timer in timers} <= names
    for unit in UNITS:
        if unit.suffix == ".service":
            said = unit.read_text()
            assert [line for line in CONFINED if f"\n{line}\n" not in said] == []


def test_the_proxy_says_who_asks_and_keeps_no_log_of_addresses():
    said = (DEPLOY / "nginx.conf").read_text()
    servers = said.split("\nserver {\n")[1:]
    assert len(servers) == 2  # also the one that leads to TLS is shown the secret
    for server in servers:
        assert "access_log off;" in server and "error.log crit;" in server
    assert "http2 on" not in said  # which the nginx of Debian 12 does not know
    assert "X-Forwarded-For $remote_addr;" in said  # what the client sent is dropped
    patience = int(re.search(r"proxy_read_timeout (\d+)s;", said)[1])
    assert (
        patience > SECONDS
    )  # the page says why a file was not read, and not the proxy
    port = re.search(r"--port (\d+)", (DEPLOY / "systemd/prom.service").read_text())[1]
    assert f"proxy_pass http://127.0.0.1:{port};" in said
