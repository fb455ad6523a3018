"""An application in which any request can be made to die, at a place and of a cause.

The headers `Dies-At` and `Dies-Of` say where and how. Whatever dies carries in its
message what the request told: the form, the address and the cookies.
"""

import errno
import logging
import os
import sqlite3
import sys
import threading
import time
import warnings
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from flask import g, request
from flask_sqlalchemy.session import Session
from sqlalchemy import event, text

from surveyapp.encryption import cipher
from surveyapp.extensions import db

from ..processes import when

HURRY = {"sqlite": "PRAGMA busy_timeout=50", "postgresql": "SET lock_timeout=50"}
FULL = "DO $$ BEGIN RAISE EXCEPTION 'no space: {0}' USING ERRCODE='53100'; END $$"
PAGES = ("freelist_count", "page_size")
END = "SELECT pg_terminate_backend({0})"
PLACES = (
    "before_request",
    "view",
    "template",
    "before_commit",
    "after_commit",
    "after_request",
    "teardown_request",
    "teardown_appcontext",
    "session",
    "body",
)


def told():
    """Everything that a log must not hold, in one text."""
    said = [*request.form.items(multi=True), *request.cookies.items()]
    return f"{said} {request.full_path} {request.headers.get('Referer')}"


def value():
    raise ValueError(told())


def key():
    {}[told()]


def decoding():
    (told() + "\udc80").encode()


def recursion():
    recursion()


def integrity():
    """A unique constraint: the driver's own message repeats the key."""
    said = {"said": told()[:60]}
    made = text(
        "INSERT INTO trust (slug, name, is_demonstration) VALUES (:said, '', false)"
    )
    for _ in range(2):
        db.session.execute(made, said)


def syntax():
    db.session.execute(
        text(f"SELECT '{told().replace(chr(39), '').replace(':', '')}' FROM")
    )


def full():
    """A database without room for another row."""
    if db.engine.dialect.name == "sqlite":
        raw = db.session.connection().connection.dbapi_connection
        free, size = (raw.execute(f"PRAGMA {n}").fetchone()[0] for n in PAGES)
        raw.execute("PRAGMA max_page_count=1")  # no more than there are now
        too_much = text(
            "CREATE TABLE t AS SELECT randomblob(:n) AS many, :said AS said"
        )
        try:
            more = {"n": (free + 100) * size, "said": told()}
            db.session.execute(too_much, more)
        finally:
            raw.execute("PRAGMA max_page_count=4294967294")
    else:
        said = told().replace("'", "").replace(":", "").replace("%", "")
        db.session.execute(text(FULL.format(said)))


def locked():
    """Another writer holds what this one wants, for longer than this one waits."""
    name = db.engine.dialect.name
    db.session.rollback()  # what was read until now holds a table too
    with db.engine.connect() as other:
        other.execute(text("SELECT 1" if name == "sqlite" else "LOCK TABLE trust"))
        with db.engine.connect().execution_options(deferred=True) as hurried:
            raw = hurried.connection.dbapi_connection
            raw.execute(HURRY[name])
            if name == "sqlite":
                raw.execute("BEGIN IMMEDIATE")
            hurried.execute(
                text("DELETE FROM trust WHERE name = :said"), {"said": told()}
            )


def lost():
    """The connection goes, as when the database is restarted; nothing says so yet."""
    connection = db.session.connection().connection.dbapi_connection
    if db.engine.dialect.name == "sqlite":
        connection.close()
        db.session.execute(text("SELECT :said"), {"said": told()})
    else:
        pid = connection.info.backend_pid
        with db.engine.connect() as other:
            other.execute(text(END.format(pid)))
            other.commit()


def disk():
    raise OSError(errno.ENOSPC, told(), told())


def damaged():
    """A file or a page of the database that cannot be read as one."""
    if db.engine.dialect.name == "sqlite":
        place = Path(db.engine.url.database).with_name("damaged")
        place.write_text("no database " * 400)
        raw = db.session.connection().connection.dbapi_connection
        raw.execute("COMMIT")
        raw.execute("ATTACH ? AS damaged", [str(place)])
        db.session.execute(text("SELECT :said FROM damaged.t"), {"said": told()})
    else:
        db.session.execute(text(FULL.format("").replace("53100", "XX001")))


def driver():
    """The driver's own error, which nothing has put into SQLAlchemy's words."""
    raise {"sqlite": sqlite3, "postgresql": psycopg}[
        db.engine.dialect.name
    ].OperationalError(told())


def sealed():
    """A column that was encrypted with a key which this server does not hold."""
    cipher().decrypt(Fernet(Fernet.generate_key()).encrypt(told().encode()))


def aftermath():
    """A clean-up that fails because the database is gone before it."""
    try:
        driver()
    except Exception:
        None.close()


def thread():
    """A thread and a warning of its own, and then the request."""
    said = told()

    def fail():
        raise RuntimeError(said)

    other = threading.Thread(target=fail, name=said)
    other.start()
    other.join()
    warnings.warn(said, stacklevel=1)
    value()


def library():
    """A library that logs what it met, in its words and with its exception."""
    for name in ("urllib3.connectionpool", "sqlalchemy.pool", "gunicorn.error"):
        try:
            value()
        except ValueError as problem:
            logging.getLogger(name).exception("%s: %s", told(), problem)
            logging.getLogger(name).critical(f"{told()}")
    value()


def waiting():
    """In the midst of a transaction, until whoever watches has done something."""
    folder = Path(os.environ["PROM_INSTANCE"])
    db.session.execute(text("SELECT :said FROM trust"), {"said": told()})
    (folder / "waiting").touch()
    when((folder / "go on").exists)
    db.session.execute(text("SELECT :said FROM trust"), {"said": told()})


def stuck():
    """A worker that its master takes for dead."""
    (Path(os.environ["PROM_INSTANCE"]) / "stuck").write_text(str(os.getpid()))
    while told():
        time.sleep(0.05)


def leaving():
    raise SystemExit(told())


def interrupt():
    raise KeyboardInterrupt(told())


CAUSES = {
    each.__name__: each
    for each in (
        value,
        key,
        decoding,
        recursion,
        integrity,
        syntax,
        full,
        locked,
        lost,
        disk,
        damaged,
        driver,
        aftermath,
        sealed,
        thread,
        library,
        waiting,
        stuck,
        leaving,
        interrupt,
    )
}


def die_at(place):
    """Die, if this is where the request is to."""
    if request and request.headers.get("Dies-At") == place:
        CAUSES[request.headers["Dies-Of"]]()


def make_mortal(app):
    """Let requests of this application die; call it before the first."""
    app.testing = app.config["TESTING"] = False
    app.before_request_funcs.setdefault(None, []).append(
        lambda: die_at("before_request")
    )
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = _dying(view)
    app.context_processor(lambda: die_at("template") or {})
    event.listen(Session, "before_commit", lambda _: die_at("before_commit"))
    event.listen(Session, "after_commit", lambda _: die_at("after_commit"))
    app.after_request(_after)
    app.teardown_request(lambda _: die_at("teardown_request"))
    app.teardown_appcontext(_last)
    save = app.session_interface.save_session

    def saving(*args):
        die_at("session")
        return save(*args)

    app.session_interface.save_session = saving
    return app


def _dying(view):
    def dying(*args, **kwargs):
        die_at("view")
        return view(*args, **kwargs)

    dying.__dict__ |= view.__dict__
    dying.__name__, dying.__module__ = view.__name__, view.__module__
    return dying


def _after(response):
    die_at("after_request")
    wanted = request.headers.get("Dies-At")
    if wanted in ("body", "midst"):
        of = CAUSES[request.headers["Dies-Of"]]
        context = _context()
        response.response = _body(of, context, wanted == "midst")
        response.headers.pop("Content-Length", None)
    g.dies_last = wanted == "teardown_appcontext" and told()
    return response


def _context():
    from flask.globals import request_ctx

    return request_ctx.copy()


def _body(cause, context, has_begun):
    if has_begun:
        yield b"some of it"
    with context:
        cause()
    yield b"the rest"


def _last(_problem):
    if said := g.pop("dies_last", False):
        raise ValueError(said)


def serve(port):
    """The production server around such an application, with every log there is."""
    from surveyapp import create_app, serving

    folder = Path(os.environ["PROM_INSTANCE"])
    usual = serving.options
    logs = {
        "errorlog": str(folder / "error.log"),
        "accesslog": str(folder / "access.log"),
    }
    serving.options = lambda *given: {**usual(*given), **logs, "loglevel": "debug"}
    app = make_mortal(create_app())
    with app.app_context():
        serving.run(app, port, 2, with_worker=False)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
