"""A test message to the mailbox of whoever asks, as a person of the list gets it."""

import json
import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from .. import audit
from ..errors import InvalidAnswers
from ..models import Campaign, Contact, Message, StaffUser
from ..running_config import running_config
from . import composing, texts
from .carriers.choice import carriers_of, names_for

NO_SERVER = (
    "No mail server is set up here (PROM_SMTP_HOST or GOV.UK Notify): read the message "
    "on this page instead"
)
MARK = "Test message: its link and code open nothing.\n\n"


def carrier_here() -> str | None:
    """What carries e-mail of this installation at once; None where a file does."""
    config = running_config()
    usual = names_for(config, "email")[0]
    return usual if usual in carriers_of(config) else None


def send(
    session: Session,
    campaign: Campaign,
    contact: Contact,
    words: texts.Words,
    *,
    to: StaffUser,
    now: datetime,
) -> Message:
    """Put a test of an e-mail in the outbox, for the asker's own address. Commits.

    InvalidAnswers where nothing here sends e-mail.
    """
    carrier = carrier_here()
    if carrier is None:
        raise InvalidAnswers({"own_box": NO_SERVER})
    said = composing.example(campaign, contact, words, "email")
    said |= {"to": to.email, "text": MARK + said["text"]}
    del said["opt_out"]
    message = Message(
        campaign_id=campaign.id,
        channel="email",
        carrier=carrier,
        template=words.ref,
        idempotency_key=f"test.{campaign.id}.{secrets.token_hex(8)}",
        content=json.dumps(said),
        due_at=now,
    )
    session.add(message)
    done = {"action": "message_text.tested", "subject": campaign, "at": now}
    audit.record(session, actor=to, **done)
    session.commit()
    return message
