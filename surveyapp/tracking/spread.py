"""How people differ within teams: what limits and intervals of small groups rest on."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ..calendar import LONDON
from ..models import Assessment, ReleasedFigure, ReleasedGroup, ReleasedSpread, Score
from .series import metric_of

PEOPLE = 100
YEAR = timedelta(days=365)


def freeze(session, trust_id, *, now):
    """Keep the pooled deviation of the last year once a year for each series. Commits.

    Of people who were let out, and of a hundred at least; older ones stay.
    """
    today = now.astimezone(LONDON).date()
    query = (
        select(ReleasedGroup.perspective, ReleasedGroup.family, ReleasedFigure.series)
        .join(ReleasedFigure, ReleasedFigure.group_id == ReleasedGroup.id)
        .where(ReleasedGroup.trust_id == trust_id)
        .where(ReleasedGroup.last_on > today - YEAR)
        .distinct()
    )
    held = select(ReleasedSpread.perspective, ReleasedSpread.series).where(
        ReleasedSpread.trust_id == trust_id, ReleasedSpread.until > today - YEAR
    )
    fresh = set(session.execute(held).all())
    for perspective, family, series in session.execute(query).all():
        if (perspective, series) in fresh:
            continue
        where = {"trust_id": trust_id, "perspective": perspective}
        sums = _within_teams(session, **where, family=family, since=now - YEAR)
        for (metric, scale), (n, freedom, squares) in sums.items():
            if f"{metric} {family}" == series and n >= PEOPLE and freedom > 0:
                sd = float(max(round((squares / freedom) ** 0.5), 1))
                known = {"series": series, "scale": scale, "until": today}
                session.add(ReleasedSpread(**where, **known, n=n, sd=sd))
    session.commit()


def _within_teams(session, *, trust_id, perspective, family, since):
    """(Metric, scale) -> people, degrees of freedom, squares about the teams' means."""
    other = aliased(Score)
    newest = (
        select(func.max(other.revision))
        .where(other.assessment_id == Score.assessment_id, other.scale == Score.scale)
        .scalar_subquery()
    )
    query = (
        select(
            Score.method,
            Score.calibration,
            Score.scale,
            func.count(Score.id),
            func.sum(Score.value),
            func.sum(Score.value * Score.value),
        )
        .join(Assessment, Assessment.id == Score.assessment_id)
        .join(ReleasedGroup, ReleasedGroup.id == Assessment.released_group_id)
        .where(
            ReleasedGroup.trust_id == trust_id,
            ReleasedGroup.perspective == perspective,
            ReleasedGroup.family == family,
            Assessment.counts(),
            Assessment.submitted_at >= since,
            Score.value.is_not(None),
            Score.revision == newest,
        )
        .group_by(Score.method, Score.calibration, Score.scale, Assessment.team_id)
    )
    found = defaultdict(lambda: (0, 0, 0.0))
    for method, calibration, scale, n, total, squares in session.execute(query):
        key = metric_of(method, calibration), scale
        so_far, about = found[key], squares - total**2 / n
        found[key] = (so_far[0] + n, so_far[1] + n - 1, so_far[2] + max(about, 0))
    return dict(found)
