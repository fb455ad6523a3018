"""Old answers scored anew: a new series of the same groups, where nobody left one.

A group that lost a member keeps the figure that was let out and gets no other: the
two would tell of the one who left. The draw that rounds is the group's own, so the
new figure tells no more of the old mean.
"""

from collections import defaultdict
from statistics import fmean

from sqlalchemy import select

from ..models import Assessment, ReleasedFigure, ReleasedGroup, Score
from .queues import OVERALL, of_overall_score
from .series import metric_of

AT_ONCE = 500  # groups


def add_series(session, trust_id, *, draws):
    """Add a figure to each whole group whose scores were made anew. Commits."""
    anew = (
        select(Assessment.released_group_id)
        .join(Score, of_overall_score())
        .join(ReleasedGroup, ReleasedGroup.id == Assessment.released_group_id)
        .where(ReleasedGroup.trust_id == trust_id, Score.revision > 1)
        .distinct()
        .order_by(Assessment.released_group_id)
    )
    numbers = session.scalars(anew).all()
    for start in range(0, len(numbers), AT_ONCE):
        _add(session, numbers[start : start + AT_ONCE], draws)
        session.commit()


def _add(session, numbers, draws):
    held = set(
        session.execute(
            select(ReleasedFigure.group_id, ReleasedFigure.series).where(
                ReleasedFigure.group_id.in_(numbers)
            )
        ).all()
    )
    scores = whole_scores(session, numbers)
    groups = select(ReleasedGroup).where(ReleasedGroup.id.in_(scores))
    for group in session.scalars(groups):
        metrics = {metric for metric, _ in scores[group.id]}
        series = f"{metrics.pop()} {group.family}"
        if metrics or (group.id, series) in held:
            continue
        mean = fmean(value for _, value in scores[group.id])
        session.add(
            ReleasedFigure(
                group_id=group.id,
                series=series,
                scale=OVERALL,
                n=group.n,
                value=draws.rounded(mean, "group", group.id, OVERALL),
            )
        )


def whole_scores(session, numbers):
    """Group -> (metric, value) of each member, of groups that nobody has left."""
    query = (
        select(
            Assessment.id,
            Assessment.released_group_id,
            Assessment.counts().label("is_in"),
            Score.value,
            Score.method,
            Score.calibration,
        )
        .outerjoin(Score, of_overall_score())
        .where(Assessment.released_group_id.in_(numbers))
        .order_by(Score.revision)
    )
    newest = {row.id: row for row in session.execute(query)}
    left = {row.released_group_id for row in newest.values() if not row.is_in}
    scores = defaultdict(list)
    for row in newest.values():
        if row.value is not None and row.released_group_id not in left:
            metric = metric_of(row.method, row.calibration)
            scores[row.released_group_id].append((metric, row.value))
    sizes = select(ReleasedGroup.id, ReleasedGroup.n)
    n_members = dict(session.execute(sizes.where(ReleasedGroup.id.in_(scores))).all())
    return {g: each for g, each in scores.items() if len(each) == n_members[g]}
