"""Thanks due and given, by person, with nothing of what anybody answered.

Due are those who need no reminder, as that list tells it: ten more at a time, whether
they answered, withdrew or posted a form. So this list says nothing that the other
does not, and withdrawing costs nobody their thanks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session

from .. import audit
from ..assessments import suppression
from ..assessments.reminders import listed
from ..calendar import LONDON, local_date
from ..errors import InvalidAnswers
from ..models import Campaign, Contact, Invitation, Thanks

SHOWN = 50
LONGEST = 200
FILTERS = {"due": "Due", "given": "Given"}
NOBODY = "Tick who is meant"
IS_GIVEN = "Some were given it: say what they were given, or take that back first"


@dataclass(frozen=True)
class Line:
    """One person, how they can be reached, and when they were thanked, if so."""

    contact_id: int
    name: str
    address: str
    given_on: str


def name_what(session: Session, campaign: Campaign, text: str, *, actor: str) -> None:
    """Keep what the campaign gives; nothing where it is empty. Commits.

    While somebody has theirs it is not empty: they may ask what they were given.
    """
    if len(text.strip()) > LONGEST:
        raise InvalidAnswers({"thanks": f"Use {LONGEST} letters at most"})
    session.get(Campaign, campaign.id, with_for_update=True)
    given = select(Thanks.id).where(Thanks.campaign_id == campaign.id).limit(1)
    if not text.strip() and session.scalar(given) is not None:
        session.rollback()
        raise InvalidAnswers({"thanks": IS_GIVEN})
    campaign.thanks = text.strip()
    audit.record(session, actor=actor, action="thanks.named", subject=campaign)
    session.commit()


def counts(session: Session, campaign: Campaign, *, now: datetime) -> dict[str, int]:
    """Filter -> how many people."""
    return {
        which: session.scalar(
            _people(campaign, which, now).with_only_columns(func.count(Contact.id))
        )
        or 0
        for which in FILTERS
    }


def lines(
    session: Session,
    campaign: Campaign,
    which: str,
    *,
    now: datetime,
    actor: str,
    most: int | None = SHOWN,
) -> list[Line]:
    """People of a filter, the first `most`; a look at them is noted. Commits."""
    asked = _people(campaign, which, now)
    if which == "given":  # the last first, so that a mistake can be taken back
        asked = asked.order_by(_given_at(campaign).desc())
    people = session.scalars(asked.order_by(Contact.id).limit(most)).all()
    of = select(Thanks.contact_id, Thanks.given_at).filter_by(campaign_id=campaign.id)
    given = {contact_id: at for contact_id, at in session.execute(of)}
    found = [
        Line(
            contact.id,
            contact.name,
            (contact.postal_address or "").replace("\n", ", "),
            local_date(given[contact.id]) if contact.id in given else "",
        )
        for contact in people
    ]
    audit.record(
        session, actor=actor, action="thanks.listed", subject=campaign, n=len(found)
    )
    session.commit()
    return found


def give(
    session: Session,
    campaign: Campaign,
    contact_ids: Collection[int],
    *,
    actor: str,
    now: datetime,
) -> int:
    """Note that these were given their thanks; how many of them were due. Commits."""
    due = _chosen(session, campaign, "due", contact_ids, now)
    session.add_all(
        Thanks(campaign_id=campaign.id, contact_id=id_, given_at=now) for id_ in due
    )
    return _note(session, campaign, "thanks.given", due, actor)


def take_back(
    session: Session,
    campaign: Campaign,
    contact_ids: Collection[int],
    *,
    actor: str,
    now: datetime,
) -> int:
    """Note that these were not given them after all; how many. Commits."""
    given = _chosen(session, campaign, "given", contact_ids, now)
    session.execute(
        delete(Thanks)
        .where(Thanks.campaign_id == campaign.id, Thanks.contact_id.in_(given))
        .execution_options(synchronize_session=False)
    )
    return _note(session, campaign, "thanks.taken_back", given, actor)


def _chosen(
    session: Session,
    campaign: Campaign,
    which: str,
    contact_ids: Collection[int],
    now: datetime,
) -> list[int]:
    if not contact_ids:
        raise InvalidAnswers({"people": NOBODY})
    session.get(Campaign, campaign.id, with_for_update=True)
    people = _people(campaign, which, now).where(Contact.id.in_(contact_ids))
    return [*session.scalars(people.with_only_columns(Contact.id))]


def _note(
    session: Session, campaign: Campaign, action: str, people: list[int], actor: str
) -> int:
    audit.record(session, actor=actor, action=action, subject=campaign, n=len(people))
    session.commit()
    return len(people)


def _given_at(campaign: Campaign) -> ColumnElement[datetime]:
    at = select(Thanks.given_at).where(
        Thanks.contact_id == Contact.id, Thanks.campaign_id == campaign.id
    )
    return at.scalar_subquery()


def _people(campaign: Campaign, which: str, now: datetime) -> Select:
    given = exists().where(
        Thanks.contact_id == Contact.id, Thanks.campaign_id == campaign.id
    )
    if which == "given":
        return select(Contact).where(Contact.trust_id == campaign.trust_id, given)
    willing = suppression.who_may_be_written_to(
        campaign.trust_id,
        now.astimezone(LONDON).date(),
        heeds_opt_out=suppression.heeds_data_opt_out(campaign),
    )
    settled = exists().where(
        Invitation.contact_id == Contact.id,
        Invitation.campaign_id == campaign.id,
        Invitation.needs_no_reminder,
        Invitation.status != "cancelled",
    )
    return willing.where(listed(campaign), settled, ~given)
