"""Consent: what was said to each statement, in the version that was shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from .. import audit
from ..bank import Document, Instrument
from ..errors import AssessmentClosed, InvalidAnswers
from ..models import Assessment, Consent
from ..wording import marked, say
from . import notices, recontact
from .notices import Reader

UNANSWERED = marked("Choose yes or no (statement %(n)s of %(total)s)")
COMMENT = "consent_comment"


def keep_consent(
    assessment: Assessment,
    statements: Iterable[Document],
    given: Mapping[str, str],
    *,
    now: datetime,
    notice_version: int | None = None,
) -> None:
    """One row a statement, in the version that was shown, with that of the notices.

    `given` maps statement ids to yes or no.
    """
    stored = {consent.statement_id: consent for consent in assessment.consents}
    for statement in statements:
        consent = stored.get(statement.id) or Consent(statement_id=statement.id)
        if statement.id not in stored:
            assessment.consents.append(consent)
        consent.statement_version = statement.version
        consent.given, consent.at = given[statement.id] == "yes", now
        consent.notice_version = notice_version


def forget_consent(assessment: Assessment, statement_id: str) -> None:
    """Take away what was said to a statement that is about nothing any more."""
    for consent in [c for c in assessment.consents if c.statement_id == statement_id]:
        assessment.consents.remove(consent)


def copy_consents(before: Assessment, after: Assessment, *, now: datetime) -> None:
    """The same person agreed already, before they answered as somebody else."""
    after.consents += [
        Consent(
            statement_id=c.statement_id,
            statement_version=c.statement_version,
            given=c.given,
            notice_version=c.notice_version,
            at=now,
        )
        for c in before.consents
        if c.statement_id != COMMENT  # there is no comment yet
    ]


def check_complete(given: Mapping[str, str | None]) -> None:
    """Raise InvalidAnswers that names the statements with neither yes nor no."""
    missing = {
        name: say(UNANSWERED, n=n, total=len(given))
        for n, (name, said) in enumerate(given.items(), start=1)
        if not said
    }
    if missing:
        raise InvalidAnswers(missing)


def refuses(instrument: Instrument, given: Mapping[str, str | None]) -> bool:
    """Whether somebody said no to a statement that taking part needs."""
    needed = [s.id for s in instrument.statements if s.required]
    return any(given.get(name) == "no" for name in needed)


def has_agreed(assessment: Assessment, statement_id: str) -> bool:
    """Whether the person said yes to a statement, and has not changed that since."""
    return any(c.given and c.statement_id == statement_id for c in assessment.consents)


def changeable(
    session: Session, assessment: Assessment, form: Instrument, reader: Reader
) -> tuple[Document, ...]:
    """What a person may say anew: all that follows something, but taking part itself.

    That is taken back by withdrawing. Who may read a comment is asked where there is
    one.
    """
    contact = recontact.contact_of(session, assessment)
    asked = notices.statements_of(assessment.campaign, form, reader, contact=contact)
    about_comment = [notices.comment_statement(reader)] if assessment.comments else []
    return tuple(s for s in (*asked, *about_comment) if not s.required)


def change(
    session: Session,
    assessment_id: int,
    statements: Sequence[Document],
    given: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Keep what the person says now, with all that follows from it. Commits.

    Statements that `given` does not name stay as they are. Who agrees to be asked
    again is invited from here on; who does not any more is not, and no contact is
    tied to the invitation of who does not want that.
    """
    assessment = Assessment.locked(session, assessment_id)
    if assessment is None or assessment.withdrawn_at is not None:
        raise AssessmentClosed()
    said = [statement for statement in statements if statement.id in given]
    version = notices.version_of(assessment.campaign)
    keep_consent(assessment, said, given, now=now, notice_version=version)
    session.flush()
    if assessment.submitted_at is not None:
        recontact.settle(session, assessment)
    audit.record(
        session,
        actor="respondent",
        action="consent.changed",
        subject=assessment,
        at=now,
        n=len(said),
    )
    session.commit()
