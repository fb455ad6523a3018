"""One sitting of one instrument, and everything a person gave in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import (
    Mapped,
    Session,
    mapped_column,
    object_session,
    relationship,
)

from ..bank import PERSPECTIVES, REASONS
from ..database import UtcDateTime, utc_now
from ..encryption import EncryptedWords
from ..errors import AssessmentClosed, NotFound
from ..extensions import Model
from .adaptive_sitting import AdaptiveSitting
from .campaign import MODES, Campaign, split_ref
from .invitation import Invitation
from .trust import Team

if TYPE_CHECKING:
    from .keyed_form import KeyedForm

# What is on a paper form where one answer should be; never offered to anybody.
UNCLEAR_MARKS = ("several_marked", "between_boxes", "illegible")
CARE_PLANS = ("yes", "no", "not_sure")
COMMENT_LENGTH = 4000
COUNTS_IN_LATER_WAVE = text(
    "wave > 1 AND withdrawn_at IS NULL AND submitted_at IS NOT NULL "
    "AND duplicate_number IS NULL"
)


@dataclass(frozen=True)
class Reply:
    """One reply as it was given: the integer of a category, or a reason."""

    item_id: str
    item_version: int
    value: int | None = None
    reason: str | None = None


class Respondent(Model):
    """Clusters the assessments of one person, who has no name here."""

    id: Mapped[int] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    assessments: Mapped[list["Assessment"]] = relationship(back_populates="respondent")


class Assessment(Model):
    __table_args__ = (
        CheckConstraint(f"perspective IN {PERSPECTIVES}", name="known_perspective"),
        CheckConstraint(f"mode IN {MODES}", name="known_mode"),
        CheckConstraint(f"care_plan IN {CARE_PLANS}", name="known_care_plan"),
        CheckConstraint(f"wants_plan IN {CARE_PLANS}", name="known_wants_plan"),
        Index("ix_assessment_campaign_submitted", "campaign_id", "submitted_at"),
        CheckConstraint("duplicate_number > 1", name="later_sendings_are_numbered"),
        # Nobody counts twice in one later wave, however many links they open.
        Index(
            "uq_assessment_later_wave",
            *("respondent_id", "campaign_id", "perspective", "wave"),
            unique=True,
            sqlite_where=COUNTS_IN_LATER_WAVE,
            postgresql_where=COUNTS_IN_LATER_WAVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondent.id"), index=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id"), index=True
    )
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    instrument_id: Mapped[str] = mapped_column(String(64))
    instrument_version: Mapped[int]
    perspective: Mapped[str] = mapped_column(String(32))
    mode: Mapped[str] = mapped_column(String(16), default="web")
    assisted_by: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(16), default="en")
    care_plan: Mapped[str | None] = mapped_column(String(16))
    # Asked of who has no plan, in forms that have the question.
    wants_plan: Mapped[str | None] = mapped_column(String(16))
    presentation: Mapped[dict] = mapped_column(JSON, default=dict)
    # Where the link brings the person back to, in the journey's own words.
    position: Mapped[str | None] = mapped_column(String(64))
    # Which order or booklet this person was given: assessments/item_order.py.
    arrangement: Mapped[str | None] = mapped_column(String(32))
    wave: Mapped[int] = mapped_column(default=1)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    # Of before personal codes, and as paper printed it then; in no new row.
    receipt_code: Mapped[str | None] = mapped_column(EncryptedWords, unique=True)
    personal_code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    return_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    # When the personal code first brought somebody back before sending.
    continued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # 2, 3, ... where another sending by the same invitation counts in its place.
    duplicate_number: Mapped[int | None]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The group of people in whose figure it was let out; that is for good.
    released_group_id: Mapped[int | None] = mapped_column(
        ForeignKey("released_group.id"), index=True
    )

    respondent: Mapped[Respondent] = relationship(back_populates="assessments")
    campaign: Mapped[Campaign] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    team: Mapped[Team | None] = relationship()
    consents: Mapped[list["Consent"]] = relationship(
        cascade="all, delete-orphan", order_by="Consent.statement_id"
    )
    answers: Mapped[list["Answer"]] = relationship(cascade="all, delete-orphan")
    history: Mapped[list["AnswerHistory"]] = relationship(
        back_populates="assessment",
        cascade="all, delete-orphan",
        order_by="AnswerHistory.id",
    )
    background: Mapped[list["BackgroundAnswer"]] = relationship(
        cascade="all, delete-orphan"
    )
    comments: Mapped[list["Comment"]] = relationship(
        back_populates="assessment", cascade="all, delete-orphan"
    )
    keyed_form: Mapped["KeyedForm | None"] = relationship(
        back_populates="assessment", passive_deletes=True
    )
    sitting: Mapped[AdaptiveSitting | None] = relationship(cascade="all, delete-orphan")

    @property
    def instrument(self) -> str:
        """The reference `id.vN` under which the bank knows the instrument."""
        return f"{self.instrument_id}.v{self.instrument_version}"

    @instrument.setter
    def instrument(self, ref: str) -> None:
        self.instrument_id, self.instrument_version = split_ref(ref)

    @classmethod
    def is_of(cls, ref: str) -> ColumnElement[bool]:
        """For queries: whether an assessment is of the instrument `id.vN`."""
        identifier, version = split_ref(ref)
        return and_(cls.instrument_id == identifier, cls.instrument_version == version)

    @property
    def trust_id(self) -> int:
        return self.campaign.trust_id

    @property
    def is_open(self) -> bool:
        return self.submitted_at is None and self.withdrawn_at is None

    @classmethod
    def counts(cls) -> ColumnElement[bool]:
        """For queries: sent, not withdrawn, and the one sending that counts."""
        is_sent = and_(cls.submitted_at.is_not(None), cls.withdrawn_at.is_(None))
        return and_(is_sent, cls.duplicate_number.is_(None))

    @classmethod
    def locked(cls, session: Session, assessment_id: int) -> "Assessment | None":
        """The assessment, while others who want to write to it wait; None if none."""
        return session.scalar(LOCKED, {"assessment_id": assessment_id})

    @classmethod
    def locked_open(cls, session: Session, assessment_id: int) -> "Assessment":
        """The same where it still takes answers; else NotFound or AssessmentClosed."""
        assessment = cls.locked(session, assessment_id)
        if assessment is None:
            raise NotFound()
        if not assessment.is_open:
            raise AssessmentClosed()
        return assessment

    def answer_to(self, item_id: str) -> "Answer | None":
        """The stored answer to an item, or None."""
        return next((a for a in self.answers if a.item_id == item_id), None)

    def record(
        self, replies: Iterable[Reply], *, now: datetime, source: str = "web"
    ) -> None:
        """Keep each reply; one that changed goes to the history first.

        The caller holds the lock of `locked` and commits.
        """
        stored = {answer.item_id: answer for answer in self.answers}
        for reply in replies:
            answer = stored.get(reply.item_id)
            if answer is None:
                answer = Answer(item_id=reply.item_id, version=0)
                self.answers.append(answer)
            elif answer.says(reply):
                continue
            else:
                self._keep_history(answer.retired(now))
            answer.replace(reply, now=now, source=source)

    def _keep_history(self, retired: "AnswerHistory") -> None:
        """Add to the history without reading what it holds."""
        retired.assessment = self
        session = object_session(self)
        if session is not None:
            session.add(retired)

    def replies_to(self, item_ids: Sequence[str]) -> "Sequence[Answer | Row]":
        """What is stored for these items: `item_id`, `value` and `reason` of each."""
        session = object_session(self)
        if session is None or "answers" not in inspect(self).unloaded:
            return [a for a in self.answers if a.item_id in item_ids]
        asked = {"assessment_id": self.id, "item_ids": item_ids}
        return session.execute(REPLIES, asked).all()

    def forget_answers(self) -> None:
        """Take away everything this person said, as withdrawal promises."""
        for given in (self.answers, self.history, self.background, self.comments):
            given.clear()
        if self.keyed_form is not None:
            self.keyed_form.forget()
        self.sitting = None  # which items were given tells what was said before


class Consent(Model):
    """What was said to one statement, in the version that was shown.

    `notice_version` is that of the campaign's notices which the person could read
    before; None where the texts came with the form.
    """

    __table_args__ = (UniqueConstraint("assessment_id", "statement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    statement_id: Mapped[str] = mapped_column(String(64))
    statement_version: Mapped[int]
    given: Mapped[bool]
    notice_version: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Answer(Model):
    """The reply that stands, to one item in one version."""

    __table_args__ = (
        UniqueConstraint("assessment_id", "item_id"),
        CheckConstraint("(value IS NULL) <> (reason IS NULL)", name="value_or_reason"),
        CheckConstraint(f"reason IN {REASONS + UNCLEAR_MARKS}", name="known_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    item_id: Mapped[str] = mapped_column(String(64))
    item_version: Mapped[int]
    value: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]

    def says(self, reply: Reply) -> bool:
        mine = (self.item_version, self.value, self.reason)
        return mine == (reply.item_version, reply.value, reply.reason)

    def replace(self, reply: Reply, *, now: datetime, source: str) -> None:
        self.item_version = reply.item_version
        self.value, self.reason = reply.value, reply.reason
        self.answered_at, self.source = now, source
        self.version += 1

    def retired(self, now: datetime) -> "AnswerHistory":
        """This reply as a row of the history, superseded at `now`."""
        return AnswerHistory(
            item_id=self.item_id,
            item_version=self.item_version,
            value=self.value,
            reason=self.reason,
            answered_at=self.answered_at,
            source=self.source,
            version=self.version,
            replaced_at=now,
        )


# Asked on every page and with every answer, and therefore put together once.
LOCKED = (
    select(Assessment)
    .where(Assessment.id == bindparam("assessment_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
REPLIES = select(Answer.item_id, Answer.value, Answer.reason).where(
    Answer.assessment_id == bindparam("assessment_id"),
    Answer.item_id.in_(bindparam("item_ids", expanding=True)),
)


class AnswerHistory(Model):
    """A reply that a later one replaced."""

    __table_args__ = (UniqueConstraint("assessment_id", "item_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    item_id: Mapped[str] = mapped_column(String(64))
    item_version: Mapped[int]
    value: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)

    assessment: Mapped[Assessment] = relationship(back_populates="history")


class BackgroundAnswer(Model):
    """A reply to a question about the person, or of context; never scored."""

    __table_args__ = (UniqueConstraint("assessment_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    question_id: Mapped[str] = mapped_column(String(64))
    question_version: Mapped[int] = mapped_column(default=1)
    value: Mapped[str] = mapped_column(String(200))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class Comment(Model):
    """Free text, which the page says nobody reads at once."""

    __table_args__ = (UniqueConstraint("assessment_id", "prompt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    prompt_id: Mapped[str] = mapped_column(String(64), default="anything_else")
    text: Mapped[str] = mapped_column(EncryptedWords)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)

    assessment: Mapped[Assessment] = relationship(back_populates="comments")


class RespondentSession(Model):
    """What a respondent's cookie stands for; only a hash of its secret is kept."""

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id"))
    assessment_id: Mapped[int | None] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), index=True
    )
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    mode: Mapped[str] = mapped_column(String(16), default="web", server_default="web")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the person said of the device, if anything: their own, or shared.
    is_own_device: Mapped[bool | None]

    invitation: Mapped[Invitation] = relationship()
    assessment: Mapped[Assessment | None] = relationship()

    def is_live(self, now: datetime) -> bool:
        """Whether its cookie opens it: on an own device while the campaign runs."""
        if self.ended_at is not None:
            return False
        stays = self.is_own_device and self.invitation.campaign.is_open(now)
        return bool(stays) or now < self.expires_at
