"""Who waits to be let out, in which queue and order, and where a group closes.

A group closes at ten different people who were invited personally. Whoever has a
poster's link can make people up, so those who came by one ride along and never
count; where nobody else waits, twenty of them over two weeks do, five of a day
counted. Within a day the order is shuffled, and a day is looked at once it is over.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from ..assessments.counting import (
    OPEN_A_DAY,
    OPEN_DAYS,
    OPEN_PEOPLE,
    came_by_an_open_link,
)
from ..calendar import LONDON
from ..models import Assessment, Campaign, Invitation, KeyedForm, Score, Team
from ..models.campaign import CampaignInstrument, campaign_team
from ..scoring import THETA
from .series import Queue, family_of, metric_of, successors, successors_in

OVERALL = "involvement"


@dataclass(frozen=True)
class Entry:
    """One person's answers in a queue; `person` is the same for one contact.

    `at` is when they came in, which for paper is later than when they were given.
    """

    assessment_id: int
    person: tuple
    at: datetime
    is_open: bool
    mode: str
    answered_at: datetime
    value: float
    order: float = 0.0

    @property
    def day(self) -> date:
        return self.at.astimezone(LONDON).date()


def close_groups(entries, *, size, is_over):
    """Entries in order -> groups that close now, and those who go on waiting.

    Where the series is over, who is left joins the last group that closes now.
    """
    groups, rest = [], list(entries)
    while (end := _end_of_group(rest, size)) is not None:
        groups.append(rest[:end])
        rest = rest[end:]
    if is_over and groups:
        groups[-1] += rest
        rest = []
    return groups, rest


def n_needed(entries, *, size):
    """How many more people close the next group, at least."""
    if any(not entry.is_open for entry in entries) or not entries:
        return max(size - len(_invited(entries)), 0)
    return max(max(size, OPEN_PEOPLE) - _n_open(entries), 0)


def _end_of_group(entries, size):
    """How many entries the first group takes; None where it does not close yet."""
    if any(not entry.is_open for entry in entries):
        people = set()
        for n, entry in enumerate(entries, start=1):
            if not entry.is_open:
                people.add(entry.person)
            if len(people) == size:
                return n
        return None
    for n in range(OPEN_PEOPLE, len(entries) + 1):
        days = (entries[n - 1].day - entries[0].day).days + 1
        if days >= OPEN_DAYS and _n_open(entries[:n]) >= max(OPEN_PEOPLE, size):
            return n
    return None


def _invited(entries):
    return {entry.person for entry in entries if not entry.is_open}


def _n_open(entries):
    a_day = defaultdict(int)
    for entry in entries:
        a_day[entry.day] += 1
    return sum(min(n, OPEN_A_DAY) for n in a_day.values())


def waiting_entries(session, trust_id, *, before, draws=None, perspective=None):
    """Queue -> entries in order, of answers that came in before a moment.

    From one perspective, or from every. Without draws the order within a day is not
    the one in which groups close.
    """
    into = successors_in(session, trust_id)
    query = (
        select(
            Assessment.id,
            Assessment.team_id,
            Assessment.perspective,
            Assessment.instrument_id,
            Assessment.instrument_version,
            Assessment.respondent_id,
            Assessment.submitted_at,
            _entered_at().label("entered_at"),
            Assessment.mode,
            Invitation.contact_id,
            came_uninvited().label("is_open"),
            Score.value,
            Score.method,
            Score.calibration,
        )
        .join(Campaign, Campaign.id == Assessment.campaign_id)
        .outerjoin(Invitation, Invitation.id == Assessment.invitation_id)
        .outerjoin(KeyedForm, KeyedForm.assessment_id == Assessment.id)
        .join(Score, of_overall_score())
        .where(
            Campaign.trust_id == trust_id,
            Assessment.released_group_id.is_(None),
            _entered_at() < before,
            *that_count(),
            *([Assessment.perspective == perspective] if perspective else []),
        )
        .order_by(Score.revision)
    )
    newest = {row.id: row for row in session.execute(query)}
    queues, family = defaultdict(list), cache(family_of)
    for row in newest.values():
        if row.value is not None:
            queues[_queue_of(row, into, family)].append(_entry(row, draws))
    return {
        queue: sorted(entries, key=lambda e: (e.day, e.order))
        for queue, entries in queues.items()
    }


def _entered_at():
    """When answers came in: sent, or on paper, when both readings were settled."""
    return func.coalesce(KeyedForm.settled_at, Assessment.submitted_at)


def came_uninvited():
    """Whether answers came by a link of many or on a form that was nobody's own."""
    form = aliased(KeyedForm)
    on_blank_paper = (
        select(form.id)
        .where(form.assessment_id == Assessment.id, form.invitation_id.is_(None))
        .exists()
    )
    return or_(came_by_an_open_link(), on_blank_paper)


def that_count():
    """Sent, not withdrawn, the person's first; never of a form that adapts.

    Theta is no mean of answers, and who got the fixed form in such a campaign does
    not stand for the others.
    """
    adaptively = select(Score.assessment_id).where(Score.scale == THETA)
    return (
        Assessment.counts(),
        Assessment.wave == 1,
        Assessment.id.not_in(adaptively),
    )


def of_overall_score():
    return and_(Score.assessment_id == Assessment.id, Score.scale == OVERALL)


def _queue_of(row, into, family):
    ref = f"{row.instrument_id}.v{row.instrument_version}"
    metric = metric_of(row.method, row.calibration)
    team = into.get(row.team_id)
    return Queue(team, row.perspective, family(ref), metric)


def _entry(row, draws):
    known = row.contact_id is not None
    return Entry(
        assessment_id=row.id,
        person=("contact", row.contact_id) if known else ("", row.respondent_id),
        at=row.entered_at,
        is_open=bool(row.is_open),
        mode=row.mode,
        answered_at=row.submitted_at,
        value=row.value,
        order=draws.number("order", row.id) if draws else 0.0,
    )


def still_asked(session, trust_id, *, now):
    """The (team, perspective, family) that a campaign asks or is going to ask.

    A queue that is not among them gets nobody any more: its series is over. The
    pool's, with no team, is over when that of every team is.
    """
    teams = session.scalars(select(Team).filter_by(trust_id=trust_id)).all()
    into, active = successors(teams), {team.id for team in teams if team.is_active}
    query = (
        select(
            campaign_team.c.team_id,
            CampaignInstrument.perspective,
            CampaignInstrument.instrument,
        )
        .join(Campaign, Campaign.id == CampaignInstrument.campaign_id)
        .join(campaign_team, campaign_team.c.campaign_id == Campaign.id)
        .where(Campaign.trust_id == trust_id)
        .where(or_(Campaign.closes_at.is_(None), Campaign.closes_at > now))
    )
    asked = set()
    for team_id, perspective, ref in session.execute(query):
        if into.get(team_id) in active:
            asked.add((into[team_id], perspective, family_of(ref)))
            asked.add((None, perspective, family_of(ref)))
    return asked
