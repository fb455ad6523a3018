"""The personal code: it brings a person back before sending, and withdraws after.

Each set of answers has one code and one link for coming back. Both are derived from
the respondent's random name with a key of the server's, so that any page of that
person can show them again while the database holds hashes alone. Answers of before
keep the receipt that they were given; a form on paper has the code printed on it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session

from ..errors import CampaignClosed
from ..keys import derived_key
from ..links import (
    RECEIPT_LENGTH,
    code_hash,
    derived_code,
    derived_token,
    grouped,
    is_code,
    read_code,
    token_hash,
)
from ..models import Assessment, Invitation


@dataclass(frozen=True)
class PersonalCode:
    """What a person keeps; `token` is None where there is a code alone."""

    code: str
    token: str | None


def issue(assessment: Assessment) -> None:
    """Give a stored assessment its code and link, once; the caller commits."""
    if assessment.personal_code_hash or assessment.receipt_code:
        return
    code, token = _secrets(assessment)
    assessment.personal_code_hash = code_hash(code, derived_key("codes"))
    assessment.return_token_hash = token_hash(token)


def give_printed(session: Session, assessment: Assessment) -> None:
    """Give answers from paper the code that the paper promised, where it is free."""
    invitation = assessment.invitation
    if invitation is None:
        return
    promised, hashed = invitation.promised_receipt, invitation.paper_code_hash
    if promised:
        hashed = code_hash(promised, derived_key("codes"))
    if hashed and not _is_taken(session, hashed, promised):
        assessment.receipt_code, assessment.personal_code_hash = promised, hashed


def _is_taken(session: Session, hashed: str, promised: str | None) -> bool:
    held = Assessment.personal_code_hash == hashed
    if promised:
        held |= _in_clear(Assessment.receipt_code) == promised
    return session.scalar(select(Assessment.id).where(held)) is not None


def _in_clear(column: Any) -> Any:
    """A column of receipts as it was before they were encrypted and had a hash."""
    return type_coerce(column, Text)


def shown(assessment: Assessment) -> PersonalCode | None:
    """What pages of these answers may show, or None.

    None where the code stands on paper alone, and where the server's key was changed
    since: nobody can work it out any more.
    """
    if assessment.receipt_code:
        return PersonalCode(grouped(assessment.receipt_code), None)
    if not assessment.personal_code_hash:
        return None
    code, token = _secrets(assessment)
    if code_hash(code, derived_key("codes")) != assessment.personal_code_hash:
        return None
    return PersonalCode(grouped(code), token)


def _secrets(assessment: Assessment) -> tuple[str, str]:
    who = assessment.respondent.pseudonym, assessment.campaign_id, assessment.id
    key, purpose = derived_key("personal"), ":".join(map(str, who))
    return derived_code(key, purpose, RECEIPT_LENGTH), derived_token(key, purpose)


def find(session: Session, typed: str) -> Assessment | None:
    """The assessment of a personal code, or of a receipt of before; or None."""
    if not is_code(typed, RECEIPT_LENGTH):
        return None
    hashed = code_hash(typed, derived_key("codes"))
    mine = Assessment.personal_code_hash == hashed
    of_before = _in_clear(Assessment.receipt_code) == read_code(typed)
    return session.scalar(select(Assessment).where(mine | of_before))


def find_by_token(session: Session, token: str) -> Assessment | None:
    """The assessment of a link for coming back, or None."""
    mine = Assessment.return_token_hash == token_hash(token)
    return session.scalar(select(Assessment).where(mine))


def find_paper(session: Session, typed: str) -> Invitation | None:
    """The invitation on whose paper this code is printed, or None."""
    if not is_code(typed, RECEIPT_LENGTH):
        return None
    hashed = code_hash(typed, derived_key("codes"))
    printed = Invitation.paper_code_hash == hashed
    of_before = _in_clear(Invitation.promised_receipt) == read_code(typed)
    return session.scalar(select(Invitation).where(printed | of_before))


def check_time(assessment: Assessment, *, now: datetime) -> None:
    """Raise CampaignClosed where unsent answers can no longer be gone on with.

    Who began in a later wave in time may finish.
    """
    is_late = assessment.wave == 1 and not assessment.campaign.is_open(now)
    if assessment.is_open and is_late:
        raise CampaignClosed()
