"""Counts of blocks added up: how many people chose what, of a team or of a trust.

Each count of a block was rounded once, to a multiple of five; these are their sums.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from ..models import ReleasedTally, Team
from .series import successors


@dataclass(frozen=True)
class Tally:
    """`counts` is item `id.vN`, or care_plan -> category or reason -> people."""

    n: int = 0
    n_blocks: int = 0
    first_on: date | None = None
    last_on: date | None = None
    counts: dict = field(default_factory=dict)

    def __add__(self, other):
        return Tally(
            self.n + other.n,
            self.n_blocks + other.n_blocks,
            min(filter(None, (self.first_on, other.first_on)), default=None),
            max(filter(None, (self.last_on, other.last_on)), default=None),
            added(self.counts, other.counts),
        )


def added(one, other):
    """Counts of two tallies together."""
    whole = {what: dict(counts) for what, counts in one.items()}
    for what, counts in other.items():
        sums = whole.setdefault(what, {})
        for category, n in counts.items():
            sums[category] = sums.get(category, 0) + n
    return whole


def add(session, block):
    """Add the counts of one block to the row of its team and form."""
    where = {
        "trust_id": block.trust_id,
        "perspective": block.perspective,
        "family": block.family,
        "team_id": block.team_id,
    }
    row = session.scalar(select(ReleasedTally).filter_by(**where).with_for_update())
    if row is None:
        days = {"first_on": block.first_on, "last_on": block.last_on}
        row = ReleasedTally(**where, **days, n=0, n_blocks=0, counts={})
        session.add(row)
    row.n += block.n
    row.n_blocks += 1
    row.first_on = min(row.first_on, block.first_on)
    row.last_on = max(row.last_on, block.last_on)
    row.counts = added(row.counts, block.counts)
    session.flush()


def by_team(session, trust_id, perspective, family):
    """Team -> Tally of all its blocks, merged teams together; None is the pool."""
    into = successors(session.scalars(select(Team).filter_by(trust_id=trust_id)))
    query = select(ReleasedTally).filter_by(
        trust_id=trust_id, perspective=perspective, family=family
    )
    found = {}
    for row in session.scalars(query):
        team = into.get(row.team_id)
        days = row.first_on, row.last_on
        tally = Tally(row.n, row.n_blocks, *days, row.counts)
        found[team] = found.get(team, Tally()) + tally
    return found
