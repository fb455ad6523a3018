"""Every error becomes a page of ours, that repeats nothing of the request."""

import sqlite3

import psycopg
from flask import g, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from . import failures, logs, uploads
from .errors import (
    StorageUnavailable,
    SurveyError,
    TooManyAttempts,
    page_for,
    words_of,
)
from .extensions import db

# Blueprints whose pages are for who answers.
FOR_ANYBODY = ("entry", "respond", "display", "about")


def init_app(app):
    """Answer every error with a page of our own that repeats nothing of the request."""

    def domain(problem):
        give_up()
        return page(*page_for(problem))

    def wait(problem):
        give_up()
        said = render_template("errors/wait.html", problem=problem, again=request.path)
        return said, 429, {"Retry-After": str(problem.seconds)}

    def http(problem):
        if problem.code < 400:
            return problem
        if problem.code >= 500:
            return failed(getattr(problem, "original_exception", None) or problem)
        return refused(problem)

    def stored(problem):
        """An error of the database or the disk: it may work again, or never will."""
        known = failures.domain(problem)
        if type(known) is SurveyError:
            raise problem
        if not isinstance(known, StorageUnavailable):
            return domain(known)
        logs.broken(problem, event="unavailable", environ=request.environ)
        return failed(problem)

    def failed(problem):
        """The page that keeps what was sent, and asks the database nothing."""
        give_up()
        g._login_user = app.login_manager.anonymous_user()
        g.visit = g.preview = None
        g.pop("policy", None)
        status, heading, advice = page_for(failures.domain(problem))
        words = {"heading": heading, "advice": advice, "kept": failures.kept(request)}
        beside = failures.more_headers(status)
        try:
            return render_template("errors/failure.html", **words), status, beside
        except Exception as another:
            logs.broken(another, event="page", environ=request.environ)
            return failures.plain(**words), status, beside

    def give_up():
        """A transaction that failed holds no lock while its page is made."""
        try:
            db.session.rollback()
        except Exception as problem:
            logs.broken(problem, event="rollback", environ=request.environ)

    app.context_processor(lambda: {"is_staff_page": is_staff_page()})
    app.register_error_handler(SurveyError, domain)
    app.register_error_handler(TooManyAttempts, wait)
    app.register_error_handler(HTTPException, http)
    for kind in (SQLAlchemyError, sqlite3.Error, psycopg.Error, OSError):
        app.register_error_handler(kind, stored)


def is_staff_page():
    """Whether an address is of staff; an unknown one is shown to anybody."""
    return request.blueprint is not None and request.blueprint not in FOR_ANYBODY


def page(status, heading, advice):
    words = {"heading": heading, "advice": advice}
    return render_template("errors/page.html", **words), status


def refused(problem):
    """The page of an error that HTTP has a number for."""
    heading, advice = words_of(problem.code)
    if problem.code == 413:
        advice = uploads.advice() or advice
    return *page(problem.code, heading, advice), allowed(problem)


def allowed(problem):
    """What HTTP asks of an error beside its page: the methods that there are."""
    methods = getattr(problem, "valid_methods", None)
    return {"Allow": ", ".join(sorted(methods))} if methods else {}
