"""Which comments may reach leads: those of whole blocks, undated and in no order.

A block is let out by a person, once somebody has read and decided on every comment
whose author agreed. Whoever withdraws, or agrees no more, takes their comment along;
where fewer than five authors are left, none of the block is shown.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from ..assessments.queries import lets_leads_read
from ..bank import PREREQUISITES
from ..models import (
    Assessment,
    Comment,
    CommentReading,
    ReleasedBlock,
    ReleasedGroup,
)
from .series import successors_in

AUTHORS = 5


@dataclass(frozen=True)
class CommentBlock:
    """Comments of one block of three groups whose authors agreed.

    `members` are (assessment, comment, reading or None), in the order of numbers.
    """

    block_id: int
    team_id: int | None
    perspective: str
    members: tuple

    @property
    def n_undecided(self):
        return sum(r is None or r.decision == "undecided" for *_, r in self.members)

    @property
    def for_leads(self):
        return [r for *_, r in self.members if r and r.decision == "for_leads"]

    @property
    def shown(self):
        """Readings that were let out and still may be; none of fewer than five."""
        found = [
            (author, reading)
            for author, _, reading in self.members
            if reading and reading.let_out_at and reading.decision == "for_leads"
        ]
        enough = len({author for author, _ in found}) >= AUTHORS
        return tuple(reading for _, reading in found) if enough else ()

    @property
    def n_authors(self):
        return len({author for author, *_ in self.members})

    @property
    def is_let_out(self):
        return any(r and r.let_out_at for *_, r in self.members)

    @property
    def may_be_let_out(self):
        """Whether all is decided, and five authors' comments are for leads."""
        authors = {a for a, _, r in self.members if r and r.decision == "for_leads"}
        return not self.n_undecided and len(authors) >= AUTHORS


@dataclass(frozen=True)
class LeadComment:
    """What leads read of one comment: the words as edited, and its themes."""

    text: str
    themes: tuple
    language: str


def comment_blocks(session, trust_id, perspective=None, *, block_id=None):
    """Every block with a comment whose author agreed that leads read it."""
    into = successors_in(session, trust_id)
    query = (
        select(ReleasedBlock, Assessment.id, Comment.id, CommentReading)
        .join(ReleasedGroup, ReleasedGroup.block_id == ReleasedBlock.id)
        .join(Assessment, Assessment.released_group_id == ReleasedGroup.id)
        .join(Comment, Comment.assessment_id == Assessment.id)
        .outerjoin(CommentReading, CommentReading.comment_id == Comment.id)
        .where(ReleasedBlock.trust_id == trust_id)
        .where(Assessment.counts(), lets_leads_read())
        .order_by(ReleasedBlock.id, Comment.id)
    )
    if perspective is not None:
        query = query.where(ReleasedBlock.perspective == perspective)
    if block_id is not None:
        query = query.where(ReleasedBlock.id == block_id)
    held, rows = defaultdict(list), {}
    for block, *member in session.execute(query):
        rows[block.id] = block
        held[block.id].append(tuple(member))
    return [
        CommentBlock(
            number,
            into.get(rows[number].team_id),
            rows[number].perspective,
            (*members,),
        )
        for number, members in held.items()
    ]


def for_leads(session, trust_id, perspective, *, draws):
    """(Team, comments) of each block that was let out, shuffled the same way always."""
    found = [
        (draws.number("comments", block.block_id), block)
        for block in comment_blocks(session, trust_id, perspective)
        if block.shown
    ]
    return [
        (block.team_id, _shuffled(block.shown, draws))
        for _, block in sorted(found, key=lambda pair: pair[0])
    ]


def _shuffled(readings, draws):
    order = sorted(readings, key=lambda r: draws.number("comment", r.comment_id))
    return tuple(
        LeadComment(
            reading.edited,
            tuple(theme for theme in PREREQUISITES if theme in reading.themes),
            reading.comment.assessment.language,
        )
        for reading in order
    )
