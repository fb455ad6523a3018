"""Asking again: the later waves of a campaign, and how they are going."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from .. import audit
from ..assessments import recontact, suppression
from ..assessments.counting import came_openly
from ..calendar import LONDON
from ..errors import InvalidAnswers
from ..models import Assessment, CampaignWave, Contact, Invitation
from ..models.campaign import WAVE_KINDS

LONGEST_WAIT, LONGEST_WINDOW = 1100, 90  # days
STATES = ("due", "open", "answered", "missed")


@dataclass(frozen=True)
class Count:
    """How a wave is going; None where the number could tell about one person."""

    wave: CampaignWave
    agreed: int | None
    states: dict


@dataclass(frozen=True)
class Due:
    """Someone who may be written to about a wave: as on the coordinator's list."""

    contact: object
    opens: datetime
    last_day: datetime
    token: str
    code: str


def add(session, campaign, *, kind, after_days, window_days, actor):
    """Ask again from `after_days` after the first answers, for a while. Commits.

    Who agreed before there was a wave is invited too, and finds the way from the
    page of thanks, or by letter.
    """
    problems = dict(_problems(campaign, kind, after_days, window_days))
    if problems:
        raise InvalidAnswers(problems)
    number = campaign.waves[-1].number + 1 if campaign.waves else 2
    wave = CampaignWave(
        number=number, kind=kind, after_days=after_days, window_days=window_days
    )
    campaign.waves.append(wave)
    session.flush()
    for first in first_assessments(session, campaign):
        recontact.invite(session, first)
    audit.record(
        session,
        actor=actor,
        action="wave.added",
        subject=campaign,
        wave=number,
        kind=kind,
        after_days=after_days,
    )
    session.commit()
    return wave


def _problems(campaign, kind, after_days, window_days):
    earliest = 1
    if campaign.waves:
        last = campaign.waves[-1]
        earliest = last.after_days + last.window_days
    if kind not in WAVE_KINDS:
        yield "kind", "Choose what asking again is for"
    if after_days is None or not earliest <= after_days <= LONGEST_WAIT:
        yield "after_days", f"Choose a number from {earliest} to {LONGEST_WAIT}"
    if window_days is None or not 1 <= window_days <= LONGEST_WINDOW:
        yield "window_days", f"Choose a number from 1 to {LONGEST_WINDOW}"


def first_assessments(session, campaign):
    """First answers that were sent and stand."""
    return session.scalars(
        select(Assessment)
        .where(
            Assessment.campaign_id == campaign.id,
            Assessment.wave == 1,
            Assessment.counts(),
        )
        .options(selectinload(Assessment.consents), selectinload(Assessment.respondent))
        .order_by(Assessment.id)
    ).all()


def counts(session, campaign, *, now, minimum):
    """How each wave is going: who agreed, and of them due, open, answered, missed.

    Nobody is told about few people: a count from 1 to `minimum` - 1 is None, and so
    is another where the sum would give it away.
    """
    people = _people(session, campaign)
    uncounted = came_openly(session, campaign)
    made = []
    for wave in campaign.waves:
        states, counted = Counter(), Counter()
        for first, later in people:
            if _is_asked(wave, later):
                state = _state(wave, first, later, now)
                states[state] += 1
                counted[state] += first.respondent_id not in uncounted
        made.append(masked(wave, states, counted, minimum))
    return made


def _people(session, campaign):
    """Each who may be asked again: the first answers, and the later ones by wave."""
    invited = select(Invitation.respondent_id, Invitation.perspective).where(
        Invitation.campaign_id == campaign.id,
        Invitation.respondent_id.is_not(None),
        Invitation.status.not_in(("withdrawn", "cancelled")),
    )
    may = {tuple(row) for row in session.execute(invited)}
    later = {}
    came_back = session.scalars(
        select(Assessment)
        .where(
            Assessment.campaign_id == campaign.id,
            Assessment.wave > 1,
            Assessment.counts(),
        )
        .options(selectinload(Assessment.consents))
    )
    for each in came_back:
        who = each.respondent_id, each.perspective
        later.setdefault(who, {})[each.wave] = each
    firsts = first_assessments(session, campaign)
    who = [(first.respondent_id, first.perspective) for first in firsts]
    return [(f, later.get(w, {})) for f, w in zip(firsts, who) if w in may]


def _is_asked(wave, later):
    """Whether the person did not say at an earlier return that it is enough."""
    return all(recontact.agreed(a) for n, a in later.items() if n < wave.number)


def _state(wave, first, later, now):
    given = later.get(wave.number)
    if given is not None:
        return "answered"
    if now < wave.opens_at(first.submitted_at):
        return "due"
    return "open" if wave.is_open(first.submitted_at, now) else "missed"


def _window_is_over(wave, first, now):
    return _state(wave, first, {}, now) == "missed"


def masked(wave, states, counted, minimum):
    """What is told; `counted` are of those who did not come by an open link."""
    total = sum(states.values())
    if total and sum(counted.values()) < minimum:
        return Count(wave, None, dict.fromkeys(STATES))
    shown = {state: states[state] for state in STATES}
    few = [s for s, n in shown.items() if n and counted[s] < minimum]
    if few and sum(counted[s] for s in few) < minimum:
        rest = [s for s in STATES if counted[s] >= minimum]
        few.append(min(rest, key=shown.get))
    return Count(wave, total, {s: None if s in few else n for s, n in shown.items()})


def due(session, campaign, wave, *, now, actor):
    """Who may be written to about a wave. Commits.

    Who has answered it goes from the list when that may be known: see `reminders`.
    Only those who agreed to be contacted have a contact on their invitation. Who has
    died, said no or is on a list is left out; the look at names is in the audit.
    """
    listed = []
    may = suppression.who_may_be_written_to(
        campaign.trust_id,
        now.astimezone(LONDON).date(),
        heeds_opt_out=suppression.heeds_data_opt_out(campaign),
    )
    back = exists().where(
        Invitation.contact_id == Contact.id,
        Invitation.campaign_id == campaign.id,
        Invitation.respondent_id.is_not(None),
    )
    willing = {*session.scalars(may.where(back).with_only_columns(Contact.id))}
    for first, later in _people(session, campaign):
        invitation = recontact.invitation_of(session, first)
        contact = invitation.contact
        ways = recontact.ways_in(invitation, first)
        if contact is None or contact.id not in willing or not ways:
            continue
        is_told = (invitation.told_wave or 1) >= wave.number
        is_over = is_told or _window_is_over(wave, first, now)
        if _is_asked(wave, later) and not is_over:
            sent = first.submitted_at
            days = wave.opens_at(sent), wave.last_day(sent)
            listed.append(Due(contact, *days, *ways))
    audit.record(
        session,
        actor=actor,
        action="wave.listed",
        subject=campaign,
        n=len(listed),
        wave=wave.number,
    )
    session.commit()
    return sorted(listed, key=lambda each: each.opens)
