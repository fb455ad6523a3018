"""The page of a request that failed: what was typed stays in it for another try.

It asks the database nothing, which may be why it is shown. Where even its template
cannot be used there is a plain one, made of nothing but these words.
"""

import errno
import sqlite3

import psycopg
from cryptography.fernet import InvalidToken
from markupsafe import Markup
from sqlalchemy import exc

from . import logs
from .errors import StorageUnavailable, SurveyError, page_for
from .headers import nonce_of
from .request import REQUEST, Request
from .wording import ENGLISH

# The database is away, busy, full, read-only, or lost in the midst of a transaction;
# or somebody renewed what is encrypted before this server was told the new key.
UNAVAILABLE = (
    InvalidToken,
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.TimeoutError,
    exc.DisconnectionError,
    exc.PendingRollbackError,
    exc.ResourceClosedError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
    sqlite3.OperationalError,
    sqlite3.InterfaceError,
    sqlite3.InternalError,
)
# What a driver has no nearer word for: SQLite's of a file that it cannot read as one.
NOT_NARROWED = (exc.DatabaseError, psycopg.DatabaseError, sqlite3.DatabaseError)
RETRY_AFTER = 10  # seconds
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
# Passwords and codes are typed there, which no page repeats.
NOT_REPEATED = "/staff/"
PLAIN = Markup(
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{heading}'
    '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
    "</head><body><main><h1>{heading}</h1><p>{advice}</p>{form}</main></body></html>"
)
FORM = Markup('<form method="post">{}<button>Try again</button></form>')
FIELD = Markup('<input type="hidden" name="{}" value="{}">')


def domain(problem):
    """What a foreign error is in the words of the domain."""
    if not isinstance(problem, Exception):  # the process is being ended
        return StorageUnavailable()
    for each in (problem, getattr(problem, "orig", None), problem.__cause__):
        if isinstance(each, SurveyError):
            return each
    unavailable = any(map(is_unavailable, _chain(problem)))
    return StorageUnavailable() if unavailable else SurveyError()


def _chain(problem):
    """The problem and all that it came of: a clean-up fails with its database away."""
    seen, waiting = [], [problem]
    while waiting:
        each = waiting.pop()
        if each is None or any(each is other for other in seen):
            continue
        seen.append(each)
        before = None if each.__suppress_context__ else each.__context__
        waiting += [getattr(each, "orig", None), each.__cause__, before]
    return seen


def more_headers(status):
    """What a response of this status says beside its page: when to try again."""
    return {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}


def is_unavailable(problem):
    """Whether storing may work again without anything being mended."""
    if isinstance(problem, OSError):
        return problem.errno in FULL
    invalid = getattr(problem, "connection_invalidated", False)
    return invalid or isinstance(problem, UNAVAILABLE) or type(problem) in NOT_NARROWED


def kept(request):
    """What a form sent, as pairs, for a page that sends it again; its token as well.

    Nothing where a file was sent along: no page can choose that file again.
    """
    if request.method != "POST" or request.path.startswith(NOT_REPEATED):
        return []
    try:
        if any(file.filename for file in request.files.values()):
            return []
        return list(request.form.items(multi=True))
    except Exception as problem:  # it could not be read, which may be what failed
        logs.broken(problem, event="unread", environ=request.environ)
        return []


def page(app, environ, problem):
    """Status and text of the page outside of any request, whatever else is broken."""
    status, heading, advice = page_for(domain(problem))
    words, text = {"heading": heading, "advice": advice, "kept": []}, None
    try:
        with app.app_context():
            request = environ.get(REQUEST) or Request(environ, populate_request=False)
            words["kept"] = kept(request)
            text = _render(app, environ, words)
    except Exception as another:
        logs.broken(another, event="page", environ=environ)
    return status, text or plain(**words)


def _render(app, environ, words):
    addresses = app.url_map.bind_to_environ(environ)
    template = app.jinja_env.get_template("errors/failure.html")
    return template.render(
        url_for=lambda endpoint, **values: addresses.build(endpoint, values),
        prom=app.config["PROM"],
        csp_nonce=nonce_of(environ),
        spoken=ENGLISH,
        **words,
    )


def plain(heading, advice, kept=()):
    """The same page without a template."""
    fields = Markup("").join(FIELD.format(*pair) for pair in kept)
    form = FORM.format(fields) if kept else ""
    return PLAIN.format(heading=heading, advice=advice, form=form)
