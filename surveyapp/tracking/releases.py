"""When figures are let out: a closed quarter once, an open one in whole groups.

Whoever looks before and after must not learn what one person said. So the figures
of a team in a quarter that is over are fixed when they are first looked at; in the
running quarter they only move when at least `minimum` of the team's assessments
have come or gone since they were fixed. Teams smaller than that join the totals
when the quarter is over, together, or not at all if even together they are few:
else the total before and after would tell what they said.

Whoever came by a link that many may use is never counted here, only added: whoever
looks could have made them up.
"""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from ..assessments.counting import through_open_links
from ..calendar import quarter_of
from ..models import Assessment, Campaign, Release, Score, Trust
from ..scoring import THETA
from .sums import Sums


def released(session, trust_id, perspective, *, now, minimum):
    """The releases of one lattice, brought up to date; oldest quarter first.

    Writes and commits only when something new may be let out.
    """
    while True:
        held, seen = _moved_on(session, trust_id, perspective, now, minimum)
        if seen is None or keep_release(session, trust_id, perspective, seen):
            return [held[quarter] for quarter in sorted(held)]


def keep_release(session, trust_id, perspective, seen):
    """Commit what was moved, unless somebody moved it since it was seen."""
    with session.no_autoflush:
        trust = select(Trust.id).where(Trust.id == trust_id)
        session.execute(trust.with_for_update(key_share=True))
        if _seen(session, trust_id, perspective) != seen:
            session.rollback()
            return False
    session.commit()
    return True


def _seen(session, trust_id, perspective):
    """When each quarter was let out last."""
    query = select(Release.quarter, Release.released_at)
    held = query.filter_by(trust_id=trust_id, perspective=perspective)
    return dict(session.execute(held).all())


def _moved_on(session, trust_id, perspective, now, minimum):
    """The releases as they would be, and when they were let out; None if as they are.

    Nothing of it is written yet: all that is long is done before anybody waits.
    """
    where = {"trust_id": trust_id, "perspective": perspective}
    seen = _seen(session, trust_id, perspective)
    held = {
        release.quarter: release
        for release in session.scalars(select(Release).filter_by(**where))
    }
    current = quarter_of(now)
    uncounted = _uncounted(session, trust_id)
    moved = False
    for quarter, teams in _by_quarter(session, trust_id, perspective).items():
        if quarter > current:
            continue
        release = held.get(quarter) or Release(
            quarter=quarter, figures={}, members={}, **where
        )
        how = {"now": now, "is_over": quarter < current, "minimum": minimum}
        if _move(release, teams, uncounted, **how):
            held[quarter] = release
            session.add(release)
            moved = True
    return held, seen if moved else None


def _move(release, teams, uncounted, *, now, is_over, minimum):
    """Let out what may be; whether anything was. A final release stays as it is."""
    if release.is_final:
        return False
    figures, members = dict(release.figures), dict(release.members)
    for team, rows in teams.items():
        change = set(members.get(team, ())) ^ set(rows)
        if len(change - uncounted) >= minimum:
            sums = _sums(rows, uncounted)
            figures[team] = _moved(figures.get(team, {}), sums, minimum)
            members[team] = sorted(rows)
    if is_over:
        small = {
            team: _sums(rows, uncounted)
            for team, rows in teams.items()
            if team not in members
        }
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
        then, now = Sums.of(before.get(scale)), Sums.of(sums.get(scale))
        if abs(now.n_counted - then.n_counted) >= minimum:
            moved[scale] = now.kept()
    return moved


def _together(small, minimum):
    """The small teams' sums, without the scales on which they are few together."""
    counts = defaultdict(int)
    for sums in small.values():
        for scale, cell in sums.items():
            counts[scale] += Sums.of(cell).n_counted
    return {
        team: {scale: s for scale, s in sums.items() if counts[scale] >= minimum}
        for team, sums in small.items()
    }


def _by_quarter(session, trust_id, perspective):
    """Quarter -> team -> assessment -> newest scores of those who are shown."""
    query = (
        _shown(trust_id, perspective)
        .join(Score, Score.assessment_id == Assessment.id)
        .add_columns(Score)
        .order_by(Score.revision)
    )
    quarters = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for assessment_id, team_id, submitted_at, score in session.execute(query):
        teams = quarters[quarter_of(submitted_at)]
        teams[str(team_id)][assessment_id][score.scale] = score.value
    return quarters


def _shown(trust_id, perspective):
    """A query for assessments that figures are made of: submitted, not withdrawn.

    Answers of those who were asked again are left out: a person counts as one.
    """
    return (
        select(Assessment.id, Assessment.team_id, Assessment.submitted_at)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(
            Campaign.trust_id == trust_id,
            Assessment.perspective == perspective,
            Assessment.counts(),
            Assessment.wave == 1,
            Assessment.team_id.is_not(None),
            Assessment.id.not_in(_given_adaptively()),
        )
    )


def _uncounted(session, trust_id):
    """Assessments of a trust, withdrawn ones too, that count towards no minimum."""
    query = (
        select(Assessment.id)
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .where(Campaign.trust_id == trust_id)
        .where(Assessment.respondent_id.in_(through_open_links()))
    )
    return set(session.scalars(query))


def _given_adaptively():
    """Assessments of campaigns with an adaptive form: theta is no mean of answers.

    Nor do those of them who chose or were sent the fixed form stand for their team.
    """
    return select(Score.assessment_id).where(Score.scale == THETA)


def _sums(rows, uncounted):
    """Scale -> sums of the scores that stand; those that nobody counts ride along."""
    sums = defaultdict(Sums)
    for assessment_id, scores in rows.items():
        for scale, value in scores.items():
            if value is not None:
                sums[scale] = sums[scale].plus(value, assessment_id not in uncounted)
    return {scale: each.kept() for scale, each in sums.items() if each.n_counted}


@dataclass(frozen=True)
class Waiting:
    """People of a team who are in no figure, by what may still become of them."""

    n_running: int = 0  # they can be added before the quarter is over
    n_over: int = 0
    n_open: int = 0  # of either, through open links


def waiting(session, trust_id, perspective, releases, *, now):
    """Team -> how many people's answers are in no figure, of teams that have any."""
    inside = {
        assessment_id
        for release in releases
        for team, members in release.members.items()
        if release.figures.get(team)
        for assessment_id in members
    }
    has_score = select(Score.id).where(Score.assessment_id == Assessment.id).exists()
    uncounted, current = _uncounted(session, trust_id), quarter_of(now)
    outside = defaultdict(Waiting)
    for number, team_id, at in session.execute(
        _shown(trust_id, perspective).where(has_score)
    ):
        if number not in inside:
            so_far = outside[team_id]
            is_over = quarter_of(at) < current
            outside[team_id] = Waiting(
                so_far.n_running + (not is_over),
                so_far.n_over + is_over,
                so_far.n_open + (number in uncounted),
            )
    return dict(outside)
