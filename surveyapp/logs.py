"""One line a request: what was asked for and how it went, never what was said.

The line names the route as it is written in the code (`/s/<token>`), so that no
token, code, answer or name from an address or a form can reach it.
"""

import logging
import sys
import time
import uuid

import structlog
from flask import g, request


def init_app(app):
    """Log each request as JSON on stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    app.before_request(_start)
    app.after_request(_finish)
    app.log_exception = _log_exception


def _start():
    g.request_id = uuid.uuid4().hex
    g.started = time.perf_counter()


def _finish(response):
    structlog.get_logger().info(
        "request",
        id=g.get("request_id"),
        method=request.method,
        route=request.url_rule.rule if request.url_rule else "unknown",
        status=response.status_code,
        milliseconds=round(1000 * (time.perf_counter() - g.get("started", 0)), 1),
    )
    return response


def _log_exception(exc_info):
    """Where it broke and what kind of error, without the message's values.

    The text of an exception may repeat what a person typed: a database driver
    prints the parameters of the statement that failed.
    """
    kind, _, trace = exc_info
    structlog.get_logger().error(
        "broken",
        id=g.get("request_id"),
        kind=kind.__name__,
        frames=frames(trace),
    )


def frames(trace):
    """File, line and function of a traceback's last calls."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-12:]


def _without_values(_logger, _name, event):
    """The last gate: only these keys leave the process."""
    kept = {"event", "level", "timestamp", "id", "method", "route", "status"}
    kept |= {"milliseconds", "kind", "frames", "job", "n", "seal"}
    return {key: value for key, value in event.items() if key in kept}
