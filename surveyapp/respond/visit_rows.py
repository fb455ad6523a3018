"""A visit and its answers by rows alone, as pages of questions need them.

Such a page is asked for and sent more often than all others together, and loading rows
into models costs more than all else that it does. A visit is read in one statement,
into records with the names of the models' attributes, so that whatever reads a visit
reads either; what needs more than is here asks for the models.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    String,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)

from .. import bank
from ..errors import AssessmentClosed, NotFound
from ..kept_statements import Kept
from ..links import token_hash
from ..models import (
    Answer,
    AnswerHistory,
    Assessment,
    Campaign,
    Consent,
    Invitation,
    RespondentSession,
    Trust,
)


class Given(NamedTuple):
    """A statement of consent that somebody agreed to."""

    statement_id: str
    given: bool = True


class StoredReply(NamedTuple):
    """The reply that stands to an item: a category or a reason."""

    item_id: str
    value: int | None
    reason: str | None


class TrustRecord(NamedTuple):
    name: str


class CampaignRecord(NamedTuple):
    """What the pages need of a campaign."""

    languages: list
    items_per_page: int
    companion_measures: list
    opens_at: datetime
    closes_at: datetime | None
    paused_at: datetime | None
    archived_at: datetime | None
    is_draft: bool
    trust: TrustRecord

    def state(self, now):
        return Campaign.state(self, now)

    def is_open(self, now):
        return Campaign.is_open(self, now)


class AssessmentRecord(NamedTuple):
    """What the pages need of an assessment; `sent` is item=reply of all that stand."""

    id: int
    instrument_id: str
    instrument_version: int
    arrangement: str | None
    care_plan: str | None
    wants_plan: str | None
    presentation: dict
    language: str
    wave: int
    mode: str
    position: str | None
    submitted_at: datetime | None
    withdrawn_at: datetime | None
    campaign: CampaignRecord
    consents: tuple[Given, ...] = ()
    sent: tuple[str, ...] = ()

    @property
    def instrument(self):
        return f"{self.instrument_id}.v{self.instrument_version}"

    @property
    def is_open(self):
        return self.submitted_at is None and self.withdrawn_at is None

    def replies_to(self, item_ids):
        """What is stored for these items."""
        pairs = (each.split("=") for each in self.sent)
        return [_stored(item, text) for item, text in pairs if item in item_ids]


def _stored(item_id, text):
    is_category = text.isdecimal()
    value, reason = (int(text), None) if is_category else (None, text)
    return StoredReply(item_id, value, reason)


class InvitationRecord(NamedTuple):
    campaign: CampaignRecord


class VisitRecord(NamedTuple):
    """A live visit, with what it leads to."""

    mode: str
    expires_at: datetime
    ended_at: datetime | None
    is_own_device: bool | None
    invitation: InvitationRecord
    assessment: AssessmentRecord | None

    def is_live(self, now):
        """As `RespondentSession.is_live`."""
        if self.ended_at is not None:
            return False
        stays = self.is_own_device and self.invitation.campaign.is_open(now)
        return bool(stays) or now < self.expires_at

    @property
    def suffices(self):
        """Whether this is all that its pages need: no later wave, nothing adaptive."""
        asked = self.assessment
        if asked is None or asked.wave > 1:
            return False
        return bank.instrument(asked.instrument).adaptive is None


def _columns(model, record, n_beside):
    """The columns of a record, without its last fields, which are read otherwise."""
    return [getattr(model, name) for name in record._fields[: -n_beside or None]]


OF_VISIT = _columns(RespondentSession, VisitRecord, 2)
OF_CAMPAIGN = _columns(Campaign, CampaignRecord, 1)
OF_ASSESSMENT = _columns(Assessment, AssessmentRecord, 3)
IS_OF = Assessment.id == bindparam("assessment_id")
# Written out: a bound separator would be put in anew for each request.
COMMA: Any = literal_column("','")
IS: Any = literal_column("'='")
CONSENTS = select(func.aggregate_strings(Consent.statement_id, COMMA)).where(
    Consent.assessment_id == Assessment.id, Consent.given
)
SENT = func.coalesce(Answer.reason, cast(Answer.value, String))
REPLIES = select(func.aggregate_strings(Answer.item_id + IS + SENT, COMMA)).where(
    Answer.assessment_id == Assessment.id
)
VISIT = Kept(
    select(
        CONSENTS.scalar_subquery(),
        REPLIES.scalar_subquery(),
        Trust.name,
        *OF_VISIT,
        *OF_CAMPAIGN,
        *OF_ASSESSMENT,
    )
    .select_from(RespondentSession)
    .join(Invitation, Invitation.id == RespondentSession.invitation_id)
    .join(Campaign, Campaign.id == Invitation.campaign_id)
    .join(Trust, Trust.id == Campaign.trust_id)
    .outerjoin(Assessment, Assessment.id == RespondentSession.assessment_id)
    .where(RespondentSession.secret_hash == bindparam("secret_hash"))
)
LOCKED = Kept(select(*OF_ASSESSMENT).where(IS_OF).with_for_update())
MOVED = Kept(update(Assessment).where(IS_OF).values(position=bindparam("position")))
END_OF_VISIT = 3 + len(OF_VISIT)
END_OF_CAMPAIGN = END_OF_VISIT + len(OF_CAMPAIGN)


def current(connection, secret, *, now):
    """The live visit that a cookie stands for, or None."""
    if not secret:
        return None
    rows = VISIT.rows(connection, {"secret_hash": token_hash(secret)})
    visits = [_visit(*row[:3], row) for row in rows]
    return next((visit for visit in visits if visit.is_live(now)), None)


def _visit(consents, replies, trust, row):
    campaign = CampaignRecord(*row[END_OF_VISIT:END_OF_CAMPAIGN], TrustRecord(trust))
    of_assessment, assessment = row[END_OF_CAMPAIGN:], None
    if of_assessment[0] is not None:
        given = tuple(map(Given, _parts(consents)))
        sent = tuple(_parts(replies))
        assessment = AssessmentRecord(*of_assessment, campaign, given, sent)
    invitation = InvitationRecord(campaign)
    return VisitRecord(*row[3:END_OF_VISIT], invitation, assessment)


def _parts(text):
    return text.split(",") if text else ()


def locked_open(connection, assessment):
    """The assessment as it is now, while others who want to write to it wait.

    NotFound where it is gone, AssessmentClosed where it takes no answers any more. What
    stands of its answers is read after this.
    """
    rows = LOCKED.rows(connection, {"assessment_id": assessment.id})
    if not rows:
        raise NotFound()
    found = AssessmentRecord(*rows[0], assessment.campaign)
    if not found.is_open:
        raise AssessmentClosed()
    return found


def move(connection, assessment_id, position):
    """Keep how far the person has come."""
    MOVED.send(connection, {"assessment_id": assessment_id, "position": position})


OF_ONE = Answer.assessment_id == bindparam("of_assessment")
IS_TO = Answer.item_id == bindparam("to_item")
REPLY = ("item_version", "value", "reason", "answered_at", "source")
KEPT = ("assessment_id", "item_id", *REPLY, "version")

STORED = Kept(
    select(Answer.item_id, Answer.item_version, Answer.value, Answer.reason).where(
        OF_ONE
    )
)
RETIRE = Kept(
    insert(AnswerHistory).from_select(
        [*KEPT, "replaced_at"],
        select(
            *(getattr(Answer, name) for name in KEPT),
            bindparam("answered_at", type_=Answer.answered_at.type),
        ).where(OF_ONE, IS_TO),
    )
)
REPLACE = Kept(
    update(Answer)
    .where(OF_ONE, IS_TO)
    .values({name: bindparam(name) for name in REPLY} | {"version": Answer.version + 1})
)
ADD = Kept(insert(Answer).values({name: bindparam(name) for name in KEPT}))


def record(connection, assessment_id, replies, *, now, source="web"):
    """Keep each reply; the ids of all items that have an answer then.

    The caller holds the assessment's row and commits.
    """
    rows = STORED.rows(connection, {"of_assessment": assessment_id})
    stored = {item_id: tuple(said) for item_id, *said in rows}
    changed, new = [], []
    for reply in replies:
        said = reply.item_version, reply.value, reply.reason
        row = dict(zip(REPLY, (*said, now, source)))
        if reply.item_id not in stored:
            own = {"assessment_id": assessment_id, "item_id": reply.item_id}
            new.append(row | own | {"version": 1})
        elif stored[reply.item_id] != said:
            own = {"of_assessment": assessment_id, "to_item": reply.item_id}
            changed.append(row | own)
        stored[reply.item_id] = said
    _write(connection, changed, new)
    return set(stored)


def _write(connection, changed, new):
    for row in changed:
        RETIRE.send(connection, _of_history(row))
        REPLACE.send(connection, row)
    for row in new:
        ADD.send(connection, row)


def _of_history(row):
    return {name: row[name] for name in ("of_assessment", "to_item", "answered_at")}
