"""Letting figures out, once a night: groups, blocks of them, spreads, new series.

Each group is kept in a transaction of its own, with the answers that are in it: who
withdrew meanwhile is in no figure, and an attempt that was cut off goes on.
"""

from collections import Counter
from datetime import datetime, time, timedelta
from statistics import fmean

from sqlalchemy import select, update

from ..calendar import LONDON
from ..database import take_turns
from ..models import Assessment, ReleasedGroup, Trust
from . import blocks, rescoring, spread, yearly_cuts
from .release_queue import OVERALL, close_groups, still_asked, waiting_entries
from .released_sums import let_out
from .response_rates import count_rates

LEAST = 10  # different people, invited personally
LATE = timedelta(days=60)
MAIN_SHARE = 0.7


def release_due(session, *, now, draws, minimum=LEAST):
    """Let out whatever may be, in every trust; commits as it goes."""
    for trust_id in session.scalars(select(Trust.id).order_by(Trust.id)).all():
        release_trust(session, trust_id, now=now, draws=draws, minimum=minimum)


def release_trust(session, trust_id, *, now, draws, minimum=LEAST):
    """Let out the groups of one trust that are complete; commits as it goes.

    `minimum` may ask for more than ten people, never for fewer.
    """
    size = max(LEAST, minimum)
    for queue, members in due_groups(
        session, trust_id, now=now, draws=draws, size=size
    ):
        _keep(session, trust_id, queue, members, now=now, draws=draws)
    rescoring.add_series(session, trust_id, draws=draws)
    blocks.release_blocks(session, trust_id, now=now, draws=draws, size=size)
    spread.freeze(session, trust_id, now=now)
    yearly_cuts.release_cuts(session, trust_id, now=now, draws=draws)
    count_rates(session, trust_id)


def due_groups(session, trust_id, *, now, draws, size=LEAST):
    """Pairs of a queue and the entries of a group that closes now."""
    asked = still_asked(session, trust_id, now=now)
    waiting = waiting_entries(session, trust_id, before=last_midnight(now), draws=draws)
    due, pools = [], {}
    for queue, entries in waiting.items():
        if queue.team_id is None:
            pools.setdefault(queue, []).extend(entries)
            continue
        is_over = _key(queue) not in asked
        groups, rest = close_groups(entries, size=size, is_over=is_over)
        due += [(queue, members) for members in groups]
        if is_over:
            pools.setdefault(queue.pooled, []).extend(rest)
    for queue, entries in pools.items():
        entries.sort(key=lambda e: (e.day, e.order))
        is_over = _key(queue) not in asked
        groups, _ = close_groups(entries, size=size, is_over=is_over)
        due += [(queue, members) for members in groups]
    return due


def last_midnight(now):
    """The start, in Europe/London, of the day that is running."""
    return datetime.combine(now.astimezone(LONDON).date(), time(), LONDON)


def _key(queue):
    return queue.team_id, queue.perspective, queue.family


def _keep(session, trust_id, queue, members, *, now, draws):
    """Commit one group, unless one of its people withdrew or is in another by now."""
    days = [entry.day for entry in members]
    group = ReleasedGroup(
        trust_id=trust_id,
        team_id=queue.team_id,
        perspective=queue.perspective,
        family=queue.family,
        n=len(members),
        first_on=min(days),
        last_on=max(days),
        main_mode=main_mode(members),
        is_late=2 * sum(e.at - e.answered_at > LATE for e in members) >= len(members),
        released_at=now,
    )
    session.add(group)
    session.flush()
    taken = session.execute(
        update(Assessment)
        .where(
            Assessment.id.in_([entry.assessment_id for entry in members]),
            Assessment.released_group_id.is_(None),
            Assessment.counts(),
        )
        .values(released_group_id=group.id)
    )
    if taken.rowcount != len(members):
        session.rollback()
        return
    mean = fmean(entry.value for entry in members)
    value = draws.rounded(mean, "group", group.id, OVERALL)
    figure = {"series": queue.series, "scale": OVERALL, "n": group.n, "value": value}
    let_out(session, group, **figure)
    session.commit()
    take_turns(session)


def main_mode(members):
    ((mode, n),) = Counter(entry.mode for entry in members).most_common(1)
    return mode if n >= MAIN_SHARE * len(members) else None
