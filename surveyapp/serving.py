"""The production server, started from here, and what it tells to open."""

import socket
import threading
from contextlib import nullcontext

from flask import current_app
from gunicorn.app.base import BaseApplication

from . import bank, demo, logs, schema_version, scoring
from .auth import sign_in_links
from .auth.permissions import DOES
from .config import LOOPBACK
from .database import utc_now
from .extensions import db
from .jobs.supervisor import supervised_worker
from .models import StaffUser
from .operations.counters import Rows
from .server import Logger, Worker

THREADS = 4
PAGES = {
    **{role: does for role, does in DOES.items() if role in demo.STAFF},
    demo.SECOND: "keys paper forms for the second time",
}


class Server(BaseApplication):
    """Gunicorn with settings of ours instead of a file of its own.

    Each worker counts requests in a row of its own, which the next one inherits.
    """

    def __init__(self, app, options):
        rows, counters = Rows(), app.extensions["prom.counters"]
        hooks = {
            "pre_fork": lambda _, worker: setattr(worker, "row", rows.take(worker)),
            "post_fork": lambda _, worker: counters.use_row(worker.row),
            "child_exit": lambda _, worker: rows.give_back(worker),
        }
        self.app, self.options = app, {**options, **hooks}
        super().__init__()

    def load_config(self):
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self):
        return self.app


def warm_up(_worker):
    """Let a new worker take its first request while the library is imported."""
    threading.Thread(target=scoring.warm_up, daemon=True).start()


def options(port, workers):
    """Gunicorn's settings; threads, because most of a request is waiting to write."""
    return {
        "bind": f"{LOOPBACK}:{port}",
        "workers": workers,
        "worker_class": Worker,
        "threads": THREADS,
        "preload_app": True,
        "logger_class": Logger,
        "accesslog": None,  # the guard has a line of its own for each request
        "loglevel": "warning",
        "control_socket_disable": True,  # a way in that nothing here uses
        "post_worker_init": warm_up,
        "graceful_timeout": 10,
        "limit_request_line": 2048,
    }


def run(app, port, workers, *, with_worker=True):
    """Serve until stopped. The bank is read once, before the workers part.

    ConfigurationError where the tables are older than this software.

    The worker that does what pages do not wait for is a process beside the server,
    and ends with it.
    """
    logs.take_over()
    schema_version.refuse_pending()
    bank.check()
    db.session.remove()
    db.engine.dispose()  # no worker may inherit a connection
    with supervised_worker() if with_worker else nullcontext():
        Server(app, options(port, workers)).run()


def port_problem(port):
    """Why the port cannot be used, in one line; None where it can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as problem:
            return (
                f"port {port} cannot be used ({problem.strerror.lower()}); "
                f"choose another: make run PORT={port + 1}"
            )
    return None


def what_to_open(with_demo):
    """The lines that tell someone who just started it where to look."""
    root = current_app.config["PROM"].root
    yield ""
    if with_demo and demo.exists(db.session):
        key = current_app.config["PROM"].derived_key("demonstration")
        yield f"The survey:  {root}/s/{demo.open_link_token(key)}"
        yield f"  that chooses: {root}/s/{demo.adaptive_link_token(key)}"
        yield "Staff pages of the demonstration trust; each link signs in once:"
        people = demo.staff(db.session)
        for role in (role for role in PAGES if role in people):
            token = sign_in_links.make(db.session, people[role], now=utc_now())
            yield f"  {role:18} {root}/staff/link/{token}  ({PAGES[role]})"
        db.session.commit()
    else:
        yield f"The front page:  {root}/"
        if db.session.query(StaffUser.id).first() is None:
            yield "Nobody can sign in yet: prom create-admin you@example.nhs.uk"
    yield "Stop with Ctrl-C. The data stay in the instance folder."
