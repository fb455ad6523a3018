"""Old answers scored anew: a new series of the same groups, where nobody left one.

A group that lost a member keeps the figure that was let out and gets no other: the
two would tell of the one who left. The new figure is the first one and the change of
the mean, which is what is rounded: so no number of scorings that hardly differ tells
more of the mean than the first did, and over all draws the new figure is right too.
"""

from collections import defaultdict
from statistics import fmean

from sqlalchemy import select

from ..models import Assessment, ReleasedFigure, ReleasedGroup, Score
from .release_queue import OVERALL, of_overall_score
from .released_sums import let_out
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
    first, held = {}, set()
    figures = select(ReleasedFigure).where(ReleasedFigure.group_id.in_(numbers))
    for figure in session.scalars(figures.order_by(ReleasedFigure.id)):
        if figure.scale == OVERALL:
            first.setdefault(figure.group_id, figure)
            held.add((figure.group_id, figure.series))
    scores = whole_scores(session, numbers)
    means = _means(session, [*scores])
    groups = select(ReleasedGroup).where(ReleasedGroup.id.in_(scores))
    for group in session.scalars(groups).all():
        metrics = {metric for metric, _ in scores[group.id]}
        metric = metrics.pop()
        series = f"{metric} {group.family}"
        before = first[group.id]
        was = means[group.id].get(before.series.removesuffix(f" {group.family}"))
        if metrics or was is None or (group.id, series) in held:
            continue
        change = means[group.id][metric] - was
        value = anew(draws, before.value, change, "group", group.id, OVERALL)
        figure = {"series": series, "scale": OVERALL, "n": group.n, "value": value}
        let_out(session, group, **figure)


def anew(draws, first, change, *of):
    """The first figure with the change of its mean, rounded by a draw of its own."""
    return min(max(first + draws.rounded(change, "anew", *of), 0.0), 100.0)


def _means(session, numbers):
    """Group -> metric -> mean of its members, where all have a score of that metric."""
    query = (
        select(
            Assessment.id,
            Assessment.released_group_id,
            Score.value,
            Score.method,
            Score.calibration,
        )
        .join(Score, of_overall_score())
        .where(Assessment.released_group_id.in_(numbers))
        .order_by(Score.revision)
    )
    scores, members = defaultdict(dict), defaultdict(set)
    for row in session.execute(query):
        metric = metric_of(row.method, row.calibration)
        members[row.released_group_id].add(row.id)
        if row.value is not None:
            scores[row.released_group_id, metric][row.id] = row.value
    means = defaultdict(dict)
    for (group, metric), values in scores.items():
        if len(values) == len(members[group]):
            means[group][metric] = fmean(values.values())
    return means


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
