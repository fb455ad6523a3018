"""Gunicorn's logger and worker, which say and send nothing of a request.

Gunicorn's own would log an address with the secret in it, the message of an exception
with what a person typed, and would repeat a broken request in a page without headers.
"""

import re
import selectors
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus

from gunicorn.glogging import Logger as GunicornLogger
from gunicorn.http import errors as http
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from . import errors, failures, headers, logs

STATUS = {
    http.LimitRequestLine: 414,
    http.LimitRequestHeaders: 431,
    http.ExpectationFailed: 417,
    http.UnsupportedTransferCoding: 501,
    http.ForbiddenProxyRequest: 403,
}
OURS = (http.InvalidResponseHeader, http.InvalidResponseHeaderName)
# What gunicorn says of itself: fixed words, and numbers in the place of these.
WORDS = re.compile(
    r"(Starting gunicorn|Booting worker|Worker exiting|WORKER TIMEOUT|Worker \(pid|"
    r"Handling signal|Quick shutdown|graceful stop|Autorestarting|Shutting down|"
    r"Reason: Worker failed to boot)[\w :.!()%]*"
)
LONGEST = b"HEAD /api/health?"
HEALTH = re.compile(rb"(GET|HEAD) /api/health[? ]")
FIRST_DATA = 7.0  # seconds in which a new connection has to say something
PLACE = re.compile(r"%[sd]|\{\w*\}")


class Logger(GunicornLogger):
    """Every line is one JSON object: of what happened to a process, kind and place."""

    def _set_handler(self, log, output, fmt, stream=None):
        super()._set_handler(log, output, Lines(), stream)

    def access(self, resp, req, environ, request_time):
        """How a request went, without its address: the guard's line has its route."""
        if self.access_log_enabled:
            told = {
                "event": "access",
                "method": environ.get("REQUEST_METHOD"),
                "status": int(str(resp.status).split()[0]),
                "bytes": getattr(resp, "sent", None),
                "milliseconds": round(1000 * request_time.total_seconds(), 1),
            }
            self.access_log.info("access", extra={"told": told})


class Lines(logs.Lines):
    """A record of gunicorn's, with its words where they are only about processes."""

    def format(self, record):
        said = record.msg if isinstance(record.msg, str) else ""
        if WORDS.fullmatch(said):
            numbers = [arg for arg in _arguments(record) if isinstance(arg, int)]
            record.told = {"said": PLACE.sub("…", said), "numbers": numbers}
        return super().format(record)


def _arguments(record):
    return record.args if isinstance(record.args, tuple) else ()


class Worker(ThreadWorker):
    """Answers what is no request at all with a page of ours, and health at any time.

    Health has a thread of its own: it is asked most when all others wait for a lock.
    """

    def init_process(self):
        self.for_health = ThreadPoolExecutor(1)
        super().init_process()

    def enqueue_req(self, conn):
        """Give a request to the threads, once some of it has come."""
        begun = _peek(conn.sock)
        if begun is None and not conn.data_ready and not conn.initialized:
            self._await_data(conn)
            return
        pool = self.for_health if HEALTH.match(begun or b"") else self.tpool
        asked = pool.submit(self.handle, conn)
        asked.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )

    def _await_data(self, conn):
        """Let the poller say when the first data are there; no thread waits."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + FIRST_DATA
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)

    def handle_error(self, req, client, addr, exc):
        status = _status(exc)
        logs.broken(exc, event="refused", status=status)
        body = failures.plain(*errors.words_of(status)).encode()
        pairs = headers.completed(
            [
                ("Connection", "close"),
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", str(len(body))),
            ],
            self.wsgi.config["PROM"],
            {},
        )
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in pairs]
        try:
            write_nonblock(client, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        except OSError:
            return  # whoever asked is gone


def _peek(connection):
    """How what was sent begins; None where nothing has come yet."""
    try:
        return connection.recv(len(LONGEST), socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:
        return b""  # whoever asked is gone: the thread that reads will find that


def _status(problem):
    if isinstance(problem, OURS) or not isinstance(problem, http.ParseException):
        return 500
    return next((STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS), 400)
