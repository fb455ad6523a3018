"""When figures are let out: a closed quarter once, an open one in whole groups.

Whoever looks before and after must not learn what one person said. So the figures
of a team in a quarter that is over are fixed when they are first looked at; in the
running quarter they only move when at least `minimum` of the team's assessments
have come or gone since they were fixed. Teams smaller than that join the totals
when the quarter is over, together, or not at all if even together they are few:
else the total before and after would tell what they said.
"""

from collections import defaultdict

from sqlalchemy import select

from ..calendar import quarter_of
from ..models import Assessment, Campaign, Release, Score
from ..scoring import THETA


def released(session, trust_id, perspective, *, now, minimum):
    """The releases of one lattice, brought up to date; oldest quarter first.

    Writes and commits only when something new may be let out.
    """
    where = {"trust_id": trust_id, "perspective": perspective}
    held = {
        release.quarter: release
        for release in session.scalars(select(Release).filter_by(**where))
    }
    current = quarter_of(now)
    moved = False
    for quarter, teams in _by_quarter(session, trust_id, perspective).items():
        if quarter > current:
            continue
        release = held.get(quarter) or Release(
            quarter=quarter, figures={}, members={}, **where
        )
        if _move(release, teams, now=now, is_over=quarter < current, minimum=minimum):
            held[quarter] = release
            session.add(release)
            moved = True
    if moved:
        session.commit()
    return [held[quarter] for quarter in sorted(held)]


def _move(release, teams, *, now, is_over, minimum):
    """Let out what may be; whether anything was. A final release stays as it is."""
    if release.is_final:
        return False
    figures, members = dict(release.figures), dict(release.members)
    for team, rows in teams.items():
        change = set(members.get(team, ())) ^ set(rows)
        if len(change) >= minimum:
            figures[team] = _moved(figures.get(team, {}), _sums(rows), minimum)
            members[team] = sorted(rows)
    if is_over:
        small = {t: _sums(rows) for t, rows in teams.items() if t not in members}
        figures |= _together(small, minimum)
        members |= {team: sorted(teams[team]) for team in small}
    if (figures, members, is_over) == (release.figures, release.members, False):
        return False
    release.figures, release.members = figures, members
    release.released_at, release.is_final = now, is_over
    return True


def _moved(before, sums, minimum):
    """Each scale's sums anew where enough people came or went, else as before."""
    moved = dict(before)
    for scale in {*before, *sums}:
        then, now = before.get(scale, [0]), sums.get(scale, [0, 0.0, 0.0])
        if abs(now[0] - then[0]) >= minimum:
            moved[scale] = now
    return moved


def _together(small, minimum):
    """The small teams' sums, without the scales on which they are few together."""
    counts = defaultdict(int)
    for sums in small.values():
        for scale, (n, *_) in sums.items():
            counts[scale] += n
    return {
        team: {scale: s for scale, s in sums.items() if counts[scale] >= minimum}
        for team, sums in small.items()
    }


def _by_quarter(session, trust_id, perspective):
    """Quarter -> team -> assessment -> newest scores; submitted, not withdrawn.

    Answers of those who were asked again are left out: a person counts as one.
    """
    query = (
        select(Assessment.id, Assessment.team_id, Assessment.submitted_at, Score)
        .join(Score, Score.assessment_id == Assessment.id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(
            Campaign.trust_id == trust_id,
            Assessment.perspective == perspective,
            Assessment.submitted_at.is_not(None),
            Assessment.withdrawn_at.is_(None),
            Assessment.wave == 1,
            Assessment.team_id.is_not(None),
            Assessment.id.not_in(_given_adaptively()),
        )
        .order_by(Score.revision)
    )
    quarters = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for assessment_id, team_id, submitted_at, score in session.execute(query):
        teams = quarters[quarter_of(submitted_at)]
        teams[str(team_id)][assessment_id][score.scale] = score.value
    return quarters


def _given_adaptively():
    """Assessments of campaigns with an adaptive form: theta is no mean of answers.

    Nor do those of them who chose or were sent the fixed form stand for their team.
    """
    return select(Score.assessment_id).where(Score.scale == THETA)


def _sums(rows):
    """Scale -> [n, sum, sum of squares] of the scores that stand."""
    sums = defaultdict(lambda: [0, 0.0, 0.0])
    for scores in rows.values():
        for scale, value in scores.items():
            if value is not None:
                cell = sums[scale]
                cell[0] += 1
                cell[1] += value
                cell[2] += value * value
    return dict(sums)
