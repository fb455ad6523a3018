"""Letters, and forms with them, as a PDF to print: set as every other letter is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ..database import let_go, utc_now
from ..keys import derived_key
from ..links import code_hash, new_code, new_receipt
from ..models import Campaign, Mailing, Message, PrintedCopy
from . import copies, printing
from .form_layout import set_form
from .print_options import Choice, editions_of, languages_of


@dataclass(frozen=True)
class Recipient:
    """Whom a letter goes to; `mark` says which of the mailing it is."""

    lines: list
    greeting: str
    mark: str

    def to_dict(self) -> dict[str, Any]:
        return {"lines": self.lines, "greeting": self.greeting, "mark": self.mark}


def file_of(
    session: Session,
    mailing: Mailing,
    how: Any,
    messages: Sequence[tuple[int, Message]],
) -> tuple[str, bytes]:
    """A name and the bytes of a PDF: numbered messages' letters, in their order.

    A form's code becomes that of the invitation: paper that comes back is known by it.
    """
    campaign, now = mailing.campaign, utc_now()
    choice = _choice(campaign, how)
    to_print = _copies(session, mailing, choice, how.has_form, messages)
    orders = dict.fromkeys(each.arrangement for each in to_print if how.has_form)
    forms = {o: printing.form_to_print(campaign, choice, o) for o in orders}
    text = json.loads(messages[0][1].content or "{}")["text"]
    style = replace(
        printing.style_of(campaign, choice), letter=tuple(text.split("\n\n"))
    )
    let_go(session)
    set_forms = {order: set_form(form, style) for order, form in forms.items()}
    run = printing.typeset(to_print, set_forms, style, now)
    if how.has_form:
        _keep_forms(session, messages, to_print, set_forms, now)
    return f"letters-{mailing.id}.pdf", run.pdf


def _choice(campaign: Campaign, how: Any) -> Choice:
    """What there is of what somebody asked for: a language, an edition."""
    known = languages_of(campaign, how.perspective)
    language = how.language if how.language in known else next(iter(known))
    choice = Choice(how.perspective, language, how.edition)
    there = how.edition in editions_of(campaign, choice)
    return choice if there else replace(choice, edition="standard")


def _copies(
    session: Session,
    mailing: Mailing,
    choice: Choice,
    has_form: bool,
    messages: Sequence[tuple[int, Message]],
) -> list[printing.CopyToPrint]:
    campaign = mailing.campaign
    orders = printing.balanced_arrangements(session, campaign, choice.perspective)
    to_print = []
    for number, message in messages:
        said, invitation = json.loads(message.content or "{}"), message.invitation
        assert invitation is not None
        secrets = printing.Secrets(
            said["token"], said["code"], new_receipt(), new_code()
        )
        arrangement = (invitation.arrangement or next(orders)) if has_form else None
        addressee = Recipient(said["lines"], said["greeting"], f"{mailing.id}-{number}")
        to_print.append(
            printing.CopyToPrint(
                secrets, invitation.team, arrangement, has_form, addressee
            )
        )
    return to_print


def _keep_forms(
    session: Session,
    messages: Sequence[tuple[int, Message]],
    to_print: Sequence[printing.CopyToPrint],
    set_forms: dict,
    now: datetime,
) -> None:
    """What the pages of each copy are known by; the caller commits."""
    key = derived_key("codes")
    kept = {o: copies.keep_form(session, f.layout) for o, f in set_forms.items()}
    for (_, message), copy in zip(messages, to_print):
        invitation = message.invitation
        assert invitation is not None
        invitation.arrangement = copy.arrangement
        invitation.paper_code_hash = code_hash(copy.secrets.receipt, key)
        session.add(
            PrintedCopy(
                invitation=invitation,
                form=kept[copy.arrangement],
                serial=copy.secrets.serial,
                printed_at=now,
            )
        )
