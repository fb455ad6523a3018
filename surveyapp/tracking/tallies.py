"""Counts of blocks added up: how many people chose what, of a team or of a trust.

Each count of a block was rounded once, to a multiple of five; these are their sums.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from ..models import ReleasedTally
from .series import successors_in


@dataclass(frozen=True)
class Tally:
    """`counts` is item `id.vN`, or care_plan -> category or reason -> people."""

    n: int = 0
    n_blocks: int = 0
    first_on: date | None = None
    last_on: date | None = None
    counts: dict = field(default_factory=dict)


def total(tallies):
    """Tallies of many, added up."""
    tallies = list(tallies)
    return Tally(
        sum(each.n for each in tallies),
        sum(each.n_blocks for each in tallies),
        min((each.first_on for each in tallies), default=None),
        max((each.last_on for each in tallies), default=None),
        added(*(each.counts for each in tallies)),
    )


def added(*every):
    """Counts of several tallies together."""
    whole = {}
    for counts in every:
        for what, chosen in counts.items():
            sums = whole.setdefault(what, {})
            for category, n in chosen.items():
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


def of_trust(session, trust_id, perspective, family, *, team_ids=None):
    """The Tally of all blocks of a trust, or of some teams that still stand.

    What was merged into a team counts there.
    """
    query = select(
        ReleasedTally.n,
        ReleasedTally.n_blocks,
        ReleasedTally.first_on,
        ReleasedTally.last_on,
        ReleasedTally.counts,
    ).filter_by(trust_id=trust_id, perspective=perspective, family=family)
    if team_ids is not None:
        into = successors_in(session, trust_id)
        merged = [team for team, end in into.items() if end in team_ids]
        query = query.where(ReleasedTally.team_id.in_(merged))
    return total(Tally(*row) for row in session.execute(query))
