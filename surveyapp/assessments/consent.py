"""Consent: what was said to each statement, in the version that was shown."""

from collections.abc import Mapping
from datetime import datetime

from .. import bank
from ..bank import Instrument
from ..errors import InvalidAnswers
from ..models import Assessment, Consent
from ..wording import marked, say

UNANSWERED = marked("Choose yes or no (statement %(n)s of %(total)s)")


def keep_consent(
    assessment: Assessment, given: Mapping[str, str], *, now: datetime
) -> None:
    """One row a statement, in the version that was shown."""
    stored = {consent.statement_id: consent for consent in assessment.consents}
    for statement in bank.instrument(assessment.instrument).statements:
        consent = stored.get(statement.id) or Consent(statement_id=statement.id)
        if statement.id not in stored:
            assessment.consents.append(consent)
        consent.statement_version = statement.version
        consent.given, consent.at = given[statement.id] == "yes", now


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
