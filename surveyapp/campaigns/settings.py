"""What a campaign is: changed while it is lawful to, and kept as people read it."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from .. import audit, bank
from ..assessments.few_asked import may_have_begun
from ..calendar import LONDON, day_before
from ..errors import InvalidAnswers
from ..models import Assessment, CampaignVersion, Invitation
from ..models.campaign import ITEM_ORDERS, MODES
from .services import booklet_problems, languages_of

# What people can read: kept as a version before it changes, once it is no draft.
READ = ("headline", "return_address", "contact", "languages")
MODE_WORDS = {
    "web": "On the web",
    "paper": "On paper",
    "telephone": "By telephone",
    "face_to_face": "Face to face, with somebody who helps",
}
ORDER_STAYS = "People may have begun: the order stays as it is"
LONGEST = 1000


def first_day(campaign):
    """The day on which it opens, as a page shows it."""
    return campaign.opens_at.astimezone(LONDON).date()


def last_day(campaign):
    """The last day on which it takes answers; None where it has no end."""
    if campaign.closes_at is None:
        return None
    return day_before(campaign.closes_at)


def midnight_after(day):
    """The moment at which a day is over in London; None for None."""
    return day and datetime.combine(day + timedelta(days=1), time(), LONDON)


def save(session, campaign, given, *, actor, now):
    """Keep what was changed; the names of what changed. Commits.

    `given` has title, headline, opens, closes (days or None), teams (numbers), modes,
    languages, item_order, length, n_wanted, asks_contacts, return_address, contact.
    InvalidAnswers says by field what cannot be, and why.
    """
    session.refresh(campaign, with_for_update=True)
    begun = may_have_begun(session, campaign)
    changes, problems = _checked(session, campaign, given, begun, now)
    if problems:
        session.rollback()
        raise InvalidAnswers(problems)
    before = {name: getattr(campaign, name) for name in READ}
    changed = [n for n, value in changes.items() if getattr(campaign, n) != value]
    if not campaign.is_draft and set(changed) & set(READ):
        n = len(campaign.versions) + 1
        campaign.versions.append(CampaignVersion(version=n, shown=before, until=now))
    for name in changed:
        setattr(campaign, name, changes[name])
    if changed:
        audit.record(
            session,
            actor=actor,
            action="campaign.changed",
            subject=campaign,
            fields=sorted(changed),
        )
    session.commit()
    return changed


def _checked(session, campaign, given, begun, now):
    """(column -> value, field -> problem)."""
    problems = {}
    changes = {
        "title": given["title"].strip()[:200],
        "headline": given["headline"].strip()[:200],
        "modes": [mode for mode in MODES if mode in given["modes"]],
        "languages": given["languages"] or ["en"],
        "asks_contacts": bool(given["asks_contacts"]),
        "return_address": given["return_address"].strip()[:LONGEST],
        "contact": given["contact"].strip()[:LONGEST],
        "n_wanted": given["n_wanted"],
    }
    if not changes["title"]:
        problems["title"] = "Enter a title"
    if not changes["modes"]:
        problems["modes"] = "Choose how people may answer"
    if given["n_wanted"] is not None and given["n_wanted"] < 1:
        problems["n_wanted"] = "Enter a whole number, or nothing"
    changes |= _dates(campaign, given, now, problems)
    changes |= _languages(campaign, changes["languages"], begun, problems)
    changes |= _order(campaign, given, begun, problems)
    changes["teams"] = _teams(session, campaign, given["teams"], problems)
    return changes, problems


def _dates(campaign, given, now, problems):
    today, changes = now.astimezone(LONDON).date(), {}
    if given["opens"] is not None and given["opens"] != first_day(campaign):
        if campaign.state(now) not in ("draft", "ready"):
            problems["opens"] = "It has opened already"
        elif given["opens"] < today:
            problems["opens"] = "Enter today or a later day"
        else:
            opens = datetime.combine(given["opens"], time(), LONDON)
            changes["opens_at"] = max(opens, now)
    opens = changes.get("opens_at", campaign.opens_at)
    if given["closes"] != last_day(campaign):
        if campaign.state(now) in ("closed", "archived"):
            problems["closes"] = "It is closed: open it again first, with a reason"
        elif given["closes"] is not None and given["closes"] < today:
            problems["closes"] = "Enter today or a later day, or close it now"
        changes["closes_at"] = midnight_after(given["closes"])
    closes = changes.get("closes_at", campaign.closes_at)
    if closes is not None and closes <= opens and "closes" not in problems:
        problems["closes"] = "It has to close after it opens"
    return changes


def _languages(campaign, languages, begun, problems):
    refs = [chosen.instrument for chosen in campaign.instruments]
    if not set(languages) <= set(languages_of(refs)):
        problems["languages"] = "Choose languages that every form is validated in"
    elif begun and not set(campaign.languages) <= set(languages):
        problems["languages"] = "Somebody may have begun in a language: it stays"
    return {}


def _order(campaign, given, begun, problems):
    order, length = given["item_order"], given["length"]
    if order == campaign.item_order and order != "booklets":
        return {}
    same = order == campaign.item_order and length == campaign.booklet_length
    if same:
        return {}
    refs = [chosen.instrument for chosen in campaign.instruments]
    if order not in ITEM_ORDERS:
        problems["item_order"] = "Choose in which order the questions are asked"
    elif begun:
        problems["item_order"] = ORDER_STAYS
    elif order != "as_printed" and any(bank.instrument(r).adaptive for r in refs):
        problems["item_order"] = "This form chooses its own order"
    elif order == "booklets":
        problems |= booklet_problems(refs, length)
    is_booklets = order == "booklets"
    return {"item_order": order, "booklet_length": length if is_booklets else None}


def _teams(session, campaign, numbers, problems):
    known = {team.id: team for team in campaign.trust.teams}
    held = {team.id for team in campaign.teams}
    chosen = [
        t for n, t in known.items() if n in numbers and (t.is_active or n in held)
    ]
    if not chosen:
        problems["teams"] = "Choose a team"
    gone = held - {team.id for team in chosen}
    used = set()
    for kind in (Assessment, Invitation):
        of_gone = select(kind.team_id).where(
            kind.campaign_id == campaign.id, kind.team_id.in_(gone)
        )
        used |= set(session.scalars(of_gone))
    if used:
        names = ", ".join(sorted(known[n].name for n in used))
        problems["teams"] = f"People were asked about these teams already: {names}"
    return sorted(chosen, key=lambda team: team.name)
