"""Three groups in a row make a block, which tells more: prerequisites and items."""

from collections import Counter, defaultdict
from statistics import fmean

from sqlalchemy import select

from ..assessments.counting import OPEN_PEOPLE
from ..bank import PREREQUISITES
from ..models import (
    Answer,
    Assessment,
    ReleasedBlock,
    ReleasedFigure,
    ReleasedGroup,
    Score,
)
from . import tallies
from .release_queue import came_uninvited
from .released_sums import let_out
from .rescoring import anew, whole_scores
from .series import metric_of, successors_in

GROUPS = 3
CARE_PLAN = "care_plan"
LEFT_OUT = "left_out"


def release_blocks(session, trust_id, *, now, draws, size):
    """Let out each three groups in a row of a queue that nobody left. Commits."""
    for groups in _due(session, trust_id):
        block = ReleasedBlock(
            trust_id=trust_id,
            team_id=groups[-1].team_id,
            perspective=groups[0].perspective,
            family=groups[0].family,
            n=sum(group.n for group in groups),
            first_on=min(group.first_on for group in groups),
            last_on=max(group.last_on for group in groups),
            counts={},
            released_at=now,
        )
        session.add(block)
        session.flush()
        for group in groups:
            group.block_id = block.id
        numbers = [group.id for group in groups]
        block.counts = _counts(session, block, numbers, draws)
        tallies.add(session, block)
        _let_out(session, block, numbers, draws, size, {})
        session.commit()
    _add_series(session, trust_id, draws, size)


def _due(session, trust_id):
    """Groups in threes, in the order in which they were let out."""
    into = successors_in(session, trust_id)
    free = (
        select(ReleasedGroup)
        .filter_by(trust_id=trust_id, block_id=None, is_earlier=False)
        .order_by(ReleasedGroup.id)
    )
    groups = session.scalars(free).all()
    whole = whole_scores(session, [group.id for group in groups])
    rows = defaultdict(list)
    for group in groups:
        if group.id in whole:
            team = into.get(group.team_id)
            metrics = frozenset(metric for metric, _ in whole[group.id])
            rows[team, group.perspective, group.family, metrics].append(group)
    for (*_, metrics), row in rows.items():
        if len(metrics) == 1:
            for n in range(len(row) // GROUPS):
                yield row[n * GROUPS : (n + 1) * GROUPS]


def _let_out(session, block, numbers, draws, size, first):
    """Keep the six prerequisites, each where ten people who count have a score.

    `first` holds the figures that the block was let out with, by scale; with them
    the change alone is rounded.
    """
    query = (
        select(
            Assessment.id,
            Score.scale,
            Score.value,
            Score.method,
            Score.calibration,
            came_uninvited().label("is_open"),
        )
        .join(Score, Score.assessment_id == Assessment.id)
        .where(Assessment.released_group_id.in_(numbers))
        .where(Score.scale.in_(PREREQUISITES))
        .order_by(Score.revision)
    )
    newest, by_metric = {}, {}
    for row in session.execute(query):
        newest[row.id, row.scale] = row
        metric = metric_of(row.method, row.calibration)
        by_metric[row.id, row.scale, f"{metric} {block.family}"] = row.value
    valid = defaultdict(list)
    for row in newest.values():
        if row.value is not None:
            valid[row.scale].append(row)
    series = _series_of(session, block, numbers)
    for scale, rows in valid.items():
        n_invited = sum(not row.is_open for row in rows)
        if n_invited < size and (n_invited or len(rows) < max(OPEN_PEOPLE, size)):
            continue
        mean = fmean(row.value for row in rows)
        of = "block", block.id, scale
        if before := first.get(scale):
            was = [by_metric.get((row.id, scale, before.series)) for row in rows]
            if None in was:
                continue
            value = anew(draws, before.value, mean - fmean(was), *of)
        else:
            value = draws.rounded(mean, *of)
        figure = {"series": series, "scale": scale, "n": len(rows), "value": value}
        let_out(session, block, **figure)


def _series_of(session, block, numbers):
    (metric,) = {
        metric
        for scores in whole_scores(session, numbers).values()
        for metric, _ in scores
    }
    return f"{metric} {block.family}"


def _counts(session, block, numbers, draws):
    """Item, or care_plan -> category or reason -> people, in steps of five."""
    exact = defaultdict(Counter)
    in_block = Assessment.released_group_id.in_(numbers)
    for plan in session.scalars(select(Assessment.care_plan).where(in_block)):
        exact[CARE_PLAN][plan or LEFT_OUT] += 1
    answers = (
        select(Answer.item_id, Answer.item_version, Answer.value, Answer.reason)
        .join(Assessment, Assessment.id == Answer.assessment_id)
        .where(in_block)
    )
    for item, version, value, reason in session.execute(answers):
        category = reason if value is None else str(value)
        exact[f"{item}.v{version}"][category] += 1
    return {
        what: {
            category: draws.rounded(n, "block", block.id, what, category)
            for category, n in sorted(counts.items())
        }
        for what, counts in sorted(exact.items())
    }


def _add_series(session, trust_id, draws, size):
    """The prerequisites of whole blocks anew, where their scores were made anew."""
    with_new_scores = (
        select(ReleasedGroup.block_id)
        .join(Assessment, Assessment.released_group_id == ReleasedGroup.id)
        .join(Score, Score.assessment_id == Assessment.id)
        .where(ReleasedGroup.trust_id == trust_id, Score.revision > 1)
        .where(ReleasedGroup.block_id.is_not(None))
        .distinct()
    )
    for block_id in session.scalars(with_new_scores).all():
        figures = select(ReleasedFigure).filter_by(block_id=block_id)
        held = session.scalars(figures.order_by(ReleasedFigure.id.desc())).all()
        first = {figure.scale: figure for figure in held}
        block = session.get(ReleasedBlock, block_id)
        groups = select(ReleasedGroup.id).filter_by(block_id=block_id)
        numbers = session.scalars(groups).all()
        whole = whole_scores(session, numbers)
        metrics = {metric for scores in whole.values() for metric, _ in scores}
        if len(whole) == len(numbers) and len(metrics) == 1:
            series = f"{metrics.pop()} {block.family}"
            if series not in {figure.series for figure in held}:
                _let_out(session, block, numbers, draws, size, first)
    session.commit()
