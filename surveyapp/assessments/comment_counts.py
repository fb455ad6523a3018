"""How many comments nobody has read yet, by campaign, and which of them are due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..models import Assessment, Comment, CommentProtocol, CommentReading


@dataclass(frozen=True)
class Unread:
    """Comments of one campaign that wait for a person."""

    n: int = 0
    n_overdue: int = 0
    n_flagged: int = 0  # told of danger, and what was done is not closed


def is_to_be_read() -> tuple:
    """For queries: sent and not withdrawn, whether or not the sending counts."""
    return Assessment.submitted_at.is_not(None), Assessment.withdrawn_at.is_(None)


def unread_comments(
    session: Session, campaign_ids: Collection[int], *, now: datetime
) -> dict[int, Unread]:
    """Campaign -> Unread, of campaigns in which something waits.

    Without a protocol nothing is overdue: no day was named.
    """
    waiting = (
        select(Assessment.campaign_id, Assessment.submitted_at, CommentProtocol.days)
        .join(Comment, Comment.assessment_id == Assessment.id)
        .outerjoin(CommentReading, CommentReading.comment_id == Comment.id)
        .outerjoin(
            CommentProtocol, CommentProtocol.campaign_id == Assessment.campaign_id
        )
        .where(Assessment.campaign_id.in_(campaign_ids), *is_to_be_read())
        .where(CommentReading.id.is_(None))
    )
    n: dict[int, list[bool]] = {}
    for campaign_id, sent, days in session.execute(waiting):
        late = days is not None and sent is not None and due_on(sent, days) <= now
        n.setdefault(campaign_id, []).append(late)
    flagged = _flagged(session, campaign_ids)
    return {
        each: Unread(len(n.get(each, ())), sum(n.get(each, ())), flagged.get(each, 0))
        for each in n.keys() | flagged.keys()
    }


def due_on(sent: datetime, days: int) -> datetime:
    """When a comment that was sent has to be read."""
    return sent + timedelta(days=days)


def _flagged(session: Session, campaign_ids: Collection[int]) -> dict[int, int]:
    query = (
        select(Assessment.campaign_id, func.count(CommentReading.id))
        .join(Comment, Comment.assessment_id == Assessment.id)
        .join(CommentReading, CommentReading.comment_id == Comment.id)
        .where(Assessment.campaign_id.in_(campaign_ids), *is_to_be_read())
        .where(CommentReading.risk == "open")
        .group_by(Assessment.campaign_id)
    )
    return {campaign_id: n for campaign_id, n in session.execute(query)}
