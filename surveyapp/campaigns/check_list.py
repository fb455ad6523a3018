"""What has to be done before a campaign opens, each with where it is done."""

from dataclasses import dataclass, field

from sqlalchemy import select

from .. import bank
from ..assessments import notice_slots, suppression
from ..assessments.reminders import listed
from ..calendar import LONDON
from ..models import CommentProtocol, CommentReader, Contact
from ..plurals import counted

LISTS = {
    "deceased": "people who have died",
    "do_not_contact": "people who are not to be contacted",
    "data_opt_out": "the National Data Opt-out",
}


@dataclass(frozen=True)
class Line:
    """One line: what it is about, what is missing (empty: nothing), and the page."""

    name: str
    about: str
    lacks: str
    endpoint: str
    values: dict = field(default_factory=dict)

    @property
    def is_done(self):
        return not self.lacks


def lines(session, campaign, *, now):
    """Every line for this campaign; it may open once all are done."""
    found = [_forms(campaign), _teams(campaign), _dates(campaign, now)]
    found += [_notices(campaign), _comments(session, campaign)]
    if campaign.asks_contacts:
        found += [
            _contacts(session, campaign, now),
            _lists(session, campaign, now),
            _message(campaign),
        ]
    return found


def problems(session, campaign, *, now):
    """What is missing, in words; empty where the campaign may open."""
    return [line.lacks for line in lines(session, campaign, now=now) if line.lacks]


def _forms(campaign):
    chosen = [bank.instrument(each.instrument) for each in campaign.instruments]
    lacks = "" if chosen else "No form is chosen"
    if not all(bank.may_score(form, campaign.trust) for form in chosen):
        lacks = "A form rests on made-up answers and is for the demonstration alone"
    return Line("forms", "Forms", lacks, "settings.show")


def _teams(campaign):
    closed = [team.name for team in campaign.teams if not team.is_active]
    lacks = f"Closed: {', '.join(closed)}" if closed else ""
    lacks = lacks if campaign.teams else "No team is chosen"
    return Line("teams", "Teams", lacks, "settings.show")


def _dates(campaign, now):
    is_over = campaign.closes_at is not None and campaign.closes_at <= now
    lacks = "The day on which it closes has passed" if is_over else ""
    return Line("closes", "Dates", lacks, "settings.show")


def _notices(campaign):
    empty = notice_slots.empty(campaign.notice)
    lacks = f"{counted(len(empty), 'line')} of the notices left to fill in"
    about = "What people are told"
    return Line("notices", about, lacks if empty else "", "notices.show")


def _comments(session, campaign):
    readers = select(CommentReader.id).where(CommentReader.campaign_id == campaign.id)
    lacks = ""
    if session.get(CommentProtocol, campaign.id) is None:
        lacks = "No risk protocol says what is done when a comment tells of danger"
    elif session.scalar(readers.limit(1)) is None:
        lacks = "Nobody is named to read comments"
    about = "Who reads comments, and the risk protocol"
    return Line("comments", about, lacks, "comment_readers.show_readers")


def _contacts(session, campaign, now):
    today = now.astimezone(LONDON).date()
    heeds = suppression.heeds_data_opt_out(campaign)
    anyone = suppression.who_may_be_written_to(
        campaign.trust_id, today, heeds_opt_out=heeds
    ).with_only_columns(Contact.id)
    some = session.scalar(select(anyone.where(listed(campaign)).exists()))
    lacks = "" if some else "Nobody in the campaign's teams may be written to yet"
    return Line("contacts", "People to ask", lacks, "contacts.index")


def _lists(session, campaign, now):
    stale = suppression.not_fresh(
        suppression.newest_lists(session, campaign.trust_id),
        now.astimezone(LONDON).date(),
        heeds_opt_out=suppression.heeds_data_opt_out(campaign),
    )
    names = ", ".join(LISTS[kind] for kind in stale)
    lacks = f"No list of the last 30 days of: {names}" if stale else ""
    return Line("lists", "Who is not written to", lacks, "contacts.index")


def _message(campaign):
    seen = campaign.test_message_seen_at is not None
    lacks = "" if seen else "Nobody has looked at a test message yet"
    first = {"kind": "first", "channel": "email", "language": campaign.languages[0]}
    return Line("message", "A test message", lacks, "messages.words", first)
