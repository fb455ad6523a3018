"""Which comments may reach leads: those of whole blocks, undated and in no order."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from ..models import Assessment, Comment, Consent, ReleasedBlock, ReleasedGroup
from .rescoring import whole_scores

AUTHORS = 5


@dataclass(frozen=True)
class CommentBlock:
    """Numbers of comments of one block of three groups, shuffled."""

    block_id: int
    team_id: int | None
    comment_ids: tuple


def comment_blocks(session, trust_id, perspective, *, statement_id, draws):
    """Blocks in which five authors or more agreed that leads see their comments.

    `statement_id` is the statement that they said yes to. Who withdrew has no
    comment any more, and a block that lost a member tells nothing more. Before a lead
    sees one, a person reads and edits it: that is the caller's to see to.
    """
    query = (
        select(ReleasedBlock.id, ReleasedBlock.team_id, Assessment.id, Comment.id)
        .join(ReleasedGroup, ReleasedGroup.block_id == ReleasedBlock.id)
        .join(Assessment, Assessment.released_group_id == ReleasedGroup.id)
        .join(Comment, Comment.assessment_id == Assessment.id)
        .join(Consent, Consent.assessment_id == Assessment.id)
        .where(
            ReleasedBlock.trust_id == trust_id,
            ReleasedBlock.perspective == perspective,
            Consent.statement_id == statement_id,
            Consent.given,
        )
        .order_by(ReleasedBlock.id)
    )
    held, authors = defaultdict(list), defaultdict(set)
    for block_id, team_id, author, comment in session.execute(query):
        held[block_id, team_id].append(comment)
        authors[block_id].add(author)
    whole = _whole(session, [*authors])
    return [
        CommentBlock(
            block_id,
            team_id,
            tuple(sorted(comments, key=lambda c: draws.number("comment", c))),
        )
        for (block_id, team_id), comments in held.items()
        if block_id in whole and len(authors[block_id]) >= AUTHORS
    ]


def _whole(session, block_ids):
    """The blocks of which nobody has left any group."""
    query = select(ReleasedGroup.block_id, ReleasedGroup.id)
    rows = session.execute(query.where(ReleasedGroup.block_id.in_(block_ids))).all()
    whole = whole_scores(session, [group for _, group in rows])
    lost = {block for block, group in rows if group not in whole}
    return set(block_ids) - lost
