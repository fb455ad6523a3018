"""The real server in processes of its own, and callers that speak plain http."""

import itertools
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

from click.testing import CliRunner

from surveyapp.cli import main

from ..processes import PATIENCE, end, moments, own_signals, start

ROOT = Path(__file__).parents[2]
MAIN = "from surveyapp.cli import main; main()"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
FIRST_PORT, LAST_PORT = 11_000, 32_000
NUMBERS = itertools.count(os.getpid() % 210 * 100)
STATEMENTS = ("taking_part", "retest", "contact", "sharing")


def environment(config):
    """The settings of a Config as the environment of another process."""
    return {
        **os.environ,
        "DATABASE_URL": config.database_url,
        "PROM_INSTANCE": str(config.instance),
        "PROM_SECRET_KEY": config.secret_key,
        "PROM_TOKEN_PEPPER": config.token_pepper,
        "PROM_FIELD_KEYS": ",".join(config.field_keys),
        "OPENBLAS_NUM_THREADS": "1",
    }


def typed(*arguments, env):
    """What `prom` says in this very process, where starting one is not the point."""
    done = CliRunner(env=env).invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return SimpleNamespace(
        returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr
    )


def prom(*arguments, env):
    """Run a `prom` command to its end, in a process of its own."""
    command = [sys.executable, "-c", MAIN, *arguments]
    with own_signals():
        return subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True
        )


@contextmanager
def server(env, *arguments):
    """A running server: its process and port. Ended with everything it started."""
    port = free_port()
    command = [sys.executable, "-c", MAIN, *(arguments or ["serve"])]
    process = start(
        [*command, "--port", str(port)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        wait_until_it_answers(process, port)
        yield process, port
    finally:
        end(process)


def free_port():
    """A port that nobody takes meanwhile, since it is given out but once.

    It is below those of outgoing connections and of this process's own hundred.
    """
    for number in NUMBERS:
        port = FIRST_PORT + number % (LAST_PORT - FIRST_PORT)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until_it_answers(process, port):
    caller = Caller(port)
    for _ in moments():
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            if caller.call("GET", "/api/health")[0] == 200:
                return
        except OSError:
            continue
    raise RuntimeError("the server did not answer")


def workers(process):
    """The pids of gunicorn's workers: forks, with the command of their parent."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    pids = [int(pid) for pid in children.read_text().split()]
    return [pid for pid in pids if _command(pid) == _command(process.pid)]


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return None


class Caller:
    """A browser without scripts over real http; redirects are not followed."""

    def __init__(self, port):
        self.port, self.cookies, self.csrf = port, {}, ""
        self.headers, self.received = {}, {}  # to send along, and of the last response

    def call(self, method, path, **fields):
        """Status, the place to go on to, and the page."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        if method == "POST":
            fields["csrf_token"] = self.csrf
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            **self.headers,
        }
        try:
            connection.request(method, path, urlencode(fields), headers)
            response = connection.getresponse()
            page = response.read().decode()
        except HTTPException as problem:
            raise ConnectionError(str(problem)) from problem
        finally:
            connection.close()
        self.received = response.headers
        for cookie in response.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if found := TOKEN.search(page):
            self.csrf = found[1]
        return response.status, response.headers.get("Location"), page

    def persist(self, method, path, **fields):
        """Call until something answers: a worker may have just been ended."""
        for _ in moments():
            try:
                return self.call(method, path, **fields)
            except OSError:
                continue
        raise AssertionError(f"nothing answered {method} {path}")

    def begin(self, token, role="service_user"):
        """From the link to the questions."""
        self.persist("GET", f"/s/{token}")
        self.persist("POST", f"/s/{token}")
        self.persist("GET", "/survey/consent")
        said = {f"consent_{name}": "yes" for name in STATEMENTS}
        self.persist("POST", "/survey/consent", **said)
        self.persist("GET", "/survey/role")
        return self.persist("POST", "/survey/role", role=role)
