"""The outermost layer: what escapes the application becomes a page of ours.

A server answers what escapes with a page of its own: bare, without a header, with
what was typed gone from the browser and printed into the log.
"""

from . import failures, headers, logs
from .request import REQUEST


class BrokenOff(Exception):
    """A response ended in its midst, so that whoever reads it sees that it did."""


def init_app(app):
    """Stand around everything else that was put around the application."""
    app.wsgi_app = Guard(app)


class Guard:
    """A WSGI application whose every response is whole, and has all headers.

    What fails while testing is left to the test, as Flask does.
    """

    def __init__(self, app):
        self.app, self.inner = app, app.wsgi_app

    def __call__(self, environ, start_response):
        logs.begin(environ)
        response = _Response(environ)
        try:
            body = response.begin(self.inner(environ, response))
        except BaseException as problem:
            if self._propagates():
                raise
            body = self._failure(environ, response, problem)
        config, request = self.app.config["PROM"], environ.pop(REQUEST, None)
        pairs = headers.completed(response.headers, config, environ)
        rule = request.url_rule if request is not None else None
        status, feature = int(response.status[:3]), _feature(rule)
        seconds = logs.finish(environ, status, rule)
        self.app.extensions["prom.counters"].count(feature, status, seconds)
        start_response(response.status, pairs)
        return body

    def _propagates(self):
        wanted = self.app.config["PROPAGATE_EXCEPTIONS"]
        return self.app.testing or self.app.debug if wanted is None else wanted

    def _failure(self, environ, response, problem):
        logs.broken(problem, environ=environ)
        status, text = failures.page(self.app, environ, problem)
        body = text.encode()
        response.status = "503 Service Unavailable" if status == 503 else ERROR
        response.headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            *failures.more_headers(status).items(),
        ]
        sent = [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]
        return _Body(sent, environ, _raising(problem))


def _feature(rule):
    """The feature that a route is of: its blueprint."""
    return rule.endpoint.rpartition(".")[0] if rule is not None else ""


ERROR = "500 Internal Server Error"


class _Response:
    """Status and headers, held back until the first part of the body is there."""

    def __init__(self, environ):
        self.environ, self.status, self.headers = environ, ERROR, []

    def __call__(self, status, headers, exc_info=None):
        self.status, self.headers = status, headers
        return _no_writing

    def begin(self, body):
        """The body, begun; a file is left to the server, which sends it best."""
        if isinstance(body, self.environ.get("wsgi.file_wrapper", ())):
            return body
        close = getattr(body, "close", None)
        try:
            parts = iter(body)
            first = next(parts, b"")
        except BaseException:
            _Body((), self.environ, close).close()
            raise
        return _Body(_joined(first, parts), self.environ, close)


def _no_writing(_data):
    raise TypeError("a body is returned, not written")


def _joined(first, parts):
    yield first
    yield from parts


class _Body:
    """A body that ends with nothing in a log but the kind of what broke it."""

    def __init__(self, parts, environ, close):
        self.parts, self.environ, self._close = iter(parts), environ, close

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return next(self.parts)
        except StopIteration:
            raise
        except Exception as problem:
            logs.broken(problem, environ=self.environ)
            raise BrokenOff() from None

    def close(self):
        if self._close is None:
            return
        try:
            self._close()
        except Exception as problem:
            logs.broken(problem, environ=self.environ)


def _raising(problem):
    """What ends the process goes on to do so, once the page has been sent."""
    if isinstance(problem, Exception):
        return None

    def end():
        raise problem.with_traceback(None)

    return end
