"""What can go wrong in the words of the domain, and the words of each page."""


class SurveyError(Exception):
    """The root of the application's own errors; none knows of HTTP."""


class ConfigurationError(SurveyError):
    """The installation is not set up as it must be."""


class NotFound(SurveyError):
    """There is no such thing, or not for this person: the two look alike."""


class NotAllowed(SurveyError):
    """The person's roles do not reach this far."""


class NotKnownHere(SurveyError):
    """The organisation vouches for somebody who has no account here."""


class ProviderFailed(SurveyError):
    """The organisation's own sign-in did not answer, or not with what it must."""


class LinkNotValid(SurveyError):
    """A link or code that is unknown, used up or out of date."""


class CampaignClosed(SurveyError):
    """The campaign takes no answers now."""


class NotYetOpen(CampaignClosed):
    """Someone who was asked to come back is early; `opens_at` says when it opens."""

    def __init__(self, opens_at):
        self.opens_at = opens_at
        super().__init__(f"opens at {opens_at:%Y-%m-%d}")


class TimeIsOver(CampaignClosed):
    """Someone who was asked to come back is too late."""


class AssessmentClosed(SurveyError):
    """The assessment was submitted or withdrawn before."""


class InvalidAnswers(SurveyError):
    """Answers that the form refuses; `problems` says which and why, by field."""

    def __init__(self, problems=None):
        self.problems = dict(problems or {})
        super().__init__("; ".join(map(str, self.problems.values())))


class UnusableText(SurveyError):
    """A text holds a character that cannot be kept, such as a NUL."""


class TooManyAttempts(SurveyError):
    """Guessing is slowed down; `seconds` says for how long, `kind` of what."""

    def __init__(self, seconds=60, kind=None):
        self.seconds, self.kind = seconds, kind
        super().__init__(f"try again in {seconds} seconds")


class StorageUnavailable(SurveyError):
    """The database is busy, full or stopped, and nothing was stored."""


class NothingToExport(SurveyError):
    """No submitted assessment matches."""


class TooFewToExport(NothingToExport):
    """Of fewer people than this somebody could be told apart."""

    def __init__(self, n, least):
        self.n, self.least = n, least
        are = "1 person has" if n == 1 else f"{n} people have"
        super().__init__(
            f"{are} sent answers that an export could hold; it needs {least}, so that "
            "nobody can be told from the others"
        )


class StillRunning(SurveyError):
    """A run that is not over cannot be deleted."""


class WorkRefused(SurveyError):
    """A job can have no result; the message tells who asked why, and what to do."""


class FileDamaged(SurveyError):
    """A kept file is missing or no longer what it was when it was kept."""


class AuditBroken(SurveyError):
    """The chain of audit events does not hold."""


# Domain error -> status, heading and what to do. The nearest class decides.
PAGES = {
    NotFound: (404, "Page not found", "Check the address, or go back."),
    NotAllowed: (
        403,
        "You cannot open this page",
        "Your sign-in does not reach this far. An administrator can change that.",
    ),
    NotKnownHere: (
        403,
        "You have no account here",
        "Your organisation knows you, and this service does not. Ask an administrator "
        "of your trust to add you, with the address that your organisation has of you.",
    ),
    ProviderFailed: (
        502,
        "The sign-in of your organisation did not work",
        "Nothing was changed. Begin again from the sign-in page; if it goes on, tell "
        "whoever runs the service.",
    ),
    LinkNotValid: (
        404,
        "This link does not work",
        "It may have been cut short, used before, or be out of date. Open it again "
        "from your message or letter, or ask whoever gave it to you for another.",
    ),
    CampaignClosed: (
        410,
        "This survey is closed",
        "It is not taking answers at the moment. Thank you for your interest.",
    ),
    NotYetOpen: (403, "It is too early", "Come back on the day that you were told."),
    TimeIsOver: (
        410,
        "The time to answer again is over",
        "That is fine. What you sent before still counts. Thank you.",
    ),
    AssessmentClosed: (
        409,
        "Your answers were sent before",
        "They cannot be changed any more, and what you sent just now was not added. "
        "You can still withdraw them with your personal code.",
    ),
    InvalidAnswers: (
        422,
        "We could not use an answer",
        "Go back and choose one of the answers shown. Nothing else was lost.",
    ),
    UnusableText: (
        422,
        "We could not use a character",
        "Something that was typed or pasted holds a character that does not show and "
        "cannot be kept. Type that part again instead of pasting it.",
    ),
    TooManyAttempts: (
        429,
        "Please wait a while",
        "There were too many tries in a short time. Try again in a minute.",
    ),
    StorageUnavailable: (
        503,
        "We could not save this just now",
        "What you sent may not be stored. Wait a minute, go back and try again.",
    ),
    NothingToExport: (
        404,
        "There is nothing to export",
        "No answers have been sent that match this choice.",
    ),
    StillRunning: (
        409,
        "The run is not over",
        "Cancel it first; then it can be deleted.",
    ),
    FileDamaged: (
        500,
        "This file is not what was kept",
        "It was changed or removed where reports are stored. Start the run again, and "
        "tell whoever runs the service.",
    ),
    SurveyError: (500, "Something went wrong", "It is our mistake. Try again later."),
}
TOO_LARGE = ("That is too large", "Send something smaller.")
BY_STATUS = {
    400: (
        "We could not read that",
        "The page may have been open for a long time. Go back, reload it and try "
        "again.",
    ),
    403: PAGES[NotAllowed][1:],
    404: PAGES[NotFound][1:],
    405: PAGES[NotFound][1:],
    413: TOO_LARGE,
    414: TOO_LARGE,
    431: TOO_LARGE,
    429: PAGES[TooManyAttempts][1:],
    500: PAGES[SurveyError][1:],
}


def page_for(problem):
    """Status, heading and advice for a domain error, by its nearest listed class."""
    return next(PAGES[kind] for kind in type(problem).__mro__ if kind in PAGES)


def words_of(status):
    """Heading and advice for a status of HTTP."""
    return BY_STATUS.get(status, BY_STATUS[500 if status >= 500 else 400])
