"""What the process says: one JSON line for each request and each thing that broke.

A line names the route as it is written in the code (`/s/<token>`), what kind of error
it was and where; never an address, a form or the message of an exception. A database
driver prints the values of the row that it refused, a parser the text that it could
not read. That holds for our own lines and for every library's.
"""

import json
import logging
import secrets
import sys
import threading
import time
import warnings
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from .software import OURS

KEPT = {"event", "level", "timestamp", "id", "method", "route", "status", "place"}
KEPT |= {"milliseconds", "kind", "cause", "sqlstate", "frames", "job", "n", "seal"}
KEPT.add("erased")  # a keyed hash: operations/erasures.py
KEPT.add("says")  # our own words about our own files
MOST_FRAMES = 12
LAST = 4  # frames of libraries, beside all of ours
ROOT = f"{Path(__file__).parent.parent}/"
ID, BEGAN = "prom.request_id", "prom.began"


def init_app(app):
    """Let the application, and every library that it calls, say nothing but this."""
    _structlog()  # who serves has it at hand whatever breaks
    _listen(logging.getLogger())
    _listen(logging.getLogger(app.name)).propagate = False
    app.log_exception = _log_exception


def take_over():
    """Let this whole process do so: threads, warnings, and what ends it.

    A hook that somebody else set, such as a test's, stays theirs.
    """
    _listen(logging.getLogger())
    logging.raiseExceptions = False  # its report of a broken handler repeats the record
    warnings.showwarning = _warned
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda args: broken(args.exc_value, event="thread")
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = lambda args: broken(args.exc_value, event="unraisable")
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _ended


def line():
    """What writes a line of ours; loaded with the first, as most commands say none."""
    return _structlog().get_logger()


@cache
def _structlog():
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
    return structlog


def begin(environ):
    """Give a request its number and its time."""
    environ[ID], environ[BEGAN] = secrets.token_hex(16), time.perf_counter()


def finish(environ, status, rule=None):
    """The line of a request: what was asked for, how it went; the seconds it took.

    Put together here, for every request, from nothing that could hold a value.
    """
    seconds = time.perf_counter() - environ[BEGAN]
    route = _quoted(rule.rule if rule is not None else "unknown")
    at = datetime.now(UTC).replace(tzinfo=None).isoformat()
    sys.stderr.write(
        f'{{"id": "{environ[ID]}", "method": "{_method(environ)}", "route": {route}, '
        f'"status": {status}, "milliseconds": {1000 * seconds:.1f}, '
        f'"event": "request", "level": "info", "timestamp": "{at}Z"}}\n'
    )
    return seconds


@cache
def _quoted(route):
    """A route as JSON has it: there are as many as are written in the code."""
    return json.dumps(route)


def broken(problem, *, event="broken", environ=None, **beside):
    """The line of something that broke: its kind and place, without its words."""
    line().error(
        event, id=environ.get(ID) if environ else None, **_told(problem), **beside
    )


def frames(trace):
    """File, line and function of our own calls in a traceback, and of the last ones."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        ours = trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] in OURS
        place = f"{_short(code.co_filename)}:{trace.tb_lineno} {code.co_name}"
        found.append((ours, place))
        trace = trace.tb_next
    earlier = [place for ours, place in found[:-LAST] if ours]
    last = [place for _, place in found[-LAST:]]
    return (earlier + last)[-MOST_FRAMES:]


def _short(path):
    """A file as its package knows it, wherever that is installed."""
    _, found, rest = path.rpartition("/site-packages/")
    return rest if found else path.removeprefix(ROOT)


class Lines(logging.Formatter):
    """A library's record as a line of ours: who said it and where, not what."""

    def format(self, record):
        told = {
            "event": "log",
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": _now(),
            "place": f"{_short(record.pathname)}:{record.lineno} {record.funcName}",
        }
        if record.exc_info and record.exc_info[1] is not None:
            told |= _told(record.exc_info[1])
        return json.dumps(told | getattr(record, "told", {}))


class _Stderr(logging.Handler):
    """Writes to the standard error of the moment, a line at once."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.setFormatter(Lines())

    def emit(self, record):
        sys.stderr.write(self.format(record) + "\n")


def _listen(logger):
    if not any(isinstance(each, _Stderr) for each in logger.handlers):
        logger.addHandler(_Stderr())
    return logger


def _log_exception(exc_info):
    from flask import request

    broken(exc_info[1], environ=request.environ)


def _told(problem):
    """Kind, causes and frames of an exception; of a database's, its code as well."""
    told = {"kind": type(problem).__name__, "frames": frames(problem.__traceback__)}
    causes = [*_causes(problem)]
    if causes:
        told["cause"] = [type(each).__name__ for each in causes]
    states = [_state(each) for each in (problem, *causes)]
    if known := [state for state in states if isinstance(state, str)]:
        told["sqlstate"] = known[0]
    return told


def _state(problem):
    """What a database calls an error: 57P01, or SQLITE_FULL."""
    return getattr(problem, "sqlstate", getattr(problem, "sqlite_errorname", None))


def _causes(problem):
    seen = {id(problem)}
    while (problem := problem.__cause__ or problem.__context__) is not None:
        if id(problem) in seen:
            break
        seen.add(id(problem))
        yield problem


def _warned(_message, category, filename, lineno, *_, **__):
    line().warning(
        "warning", kind=category.__name__, place=f"{_short(filename)}:{lineno}"
    )


def _ended(kind, problem, _trace):
    """What ends the process; an interrupt is nobody's fault."""
    if not issubclass(kind, KeyboardInterrupt):
        broken(problem, event="ended")


def _method(environ):
    """The method, if it is one that exists: anyone can send any word."""
    method = environ.get("REQUEST_METHOD", "")
    return method if method in METHODS else "other"


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _without_values(_logger, _name, event):
    """The last gate: only these keys leave the process."""
    return {key: value for key, value in event.items() if key in KEPT}
