"""What can go wrong in the words of the domain, and the page each becomes."""

from http import HTTPStatus


class SurveyError(Exception):
    """The root of the application's own errors; none knows of HTTP."""


class ConfigurationError(SurveyError):
    """The installation is not set up as it must be."""


class NotFound(SurveyError):
    """There is no such thing, or not for this person: the two look alike."""


class NotAllowed(SurveyError):
    """The person's roles do not reach this far."""


class LinkNotValid(SurveyError):
    """A link or code that is unknown, used up or out of date."""


class CampaignClosed(SurveyError):
    """The campaign takes no answers now."""


class AssessmentClosed(SurveyError):
    """The assessment was submitted or withdrawn before."""


class InvalidAnswers(SurveyError):
    """Answers that the form refuses; `problems` says which and why, by field."""

    def __init__(self, problems=None):
        self.problems = dict(problems or {})
        super().__init__("; ".join(map(str, self.problems.values())))


class TooManyAttempts(SurveyError):
    """Guessing is slowed down; `seconds` says for how long."""

    def __init__(self, seconds=60):
        self.seconds = seconds
        super().__init__(f"try again in {seconds} seconds")


class StorageUnavailable(SurveyError):
    """The database is busy, full or stopped, and nothing was stored."""


class NothingToExport(SurveyError):
    """No submitted assessment matches."""


class AuditBroken(SurveyError):
    """The chain of audit events does not hold."""


# Domain error -> status and template. The nearest class decides.
PAGES = {
    NotFound: (HTTPStatus.NOT_FOUND, "errors/not_found.html"),
    NotAllowed: (HTTPStatus.FORBIDDEN, "errors/not_allowed.html"),
    LinkNotValid: (HTTPStatus.NOT_FOUND, "errors/link_not_valid.html"),
    CampaignClosed: (HTTPStatus.GONE, "errors/campaign_closed.html"),
    AssessmentClosed: (HTTPStatus.CONFLICT, "errors/assessment_closed.html"),
    InvalidAnswers: (HTTPStatus.UNPROCESSABLE_ENTITY, "errors/invalid_answers.html"),
    TooManyAttempts: (HTTPStatus.TOO_MANY_REQUESTS, "errors/too_many_attempts.html"),
    StorageUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "errors/unavailable.html"),
    NothingToExport: (HTTPStatus.NOT_FOUND, "errors/nothing_to_export.html"),
    SurveyError: (HTTPStatus.INTERNAL_SERVER_ERROR, "errors/broken.html"),
}
STATUS_PAGES = {
    400: "errors/refused.html",
    403: "errors/not_allowed.html",
    404: "errors/not_found.html",
    405: "errors/not_found.html",
    413: "errors/too_large.html",
    429: "errors/too_many_attempts.html",
    500: "errors/broken.html",
}


def page_for(problem):
    """Status and template for a domain error, by its nearest listed class."""
    return next(PAGES[kind] for kind in type(problem).__mro__ if kind in PAGES)


def init_app(app):
    """Answer every error with a page of our own that repeats nothing of the request."""
    from flask import render_template
    from sqlalchemy.exc import OperationalError
    from werkzeug.exceptions import HTTPException

    def domain(problem):
        status, template = page_for(problem)
        response = render_template(template, problem=problem), status
        if isinstance(problem, TooManyAttempts):
            return *response, {"Retry-After": str(problem.seconds)}
        return response

    def http(problem):
        if problem.code not in STATUS_PAGES:
            return problem
        page = render_template(STATUS_PAGES[problem.code], problem=problem)
        return page, problem.code

    def storage(problem):
        app.extensions["sqlalchemy"].session.rollback()
        return domain(StorageUnavailable())

    app.register_error_handler(SurveyError, domain)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(OperationalError, storage)
