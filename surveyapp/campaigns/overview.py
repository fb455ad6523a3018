"""Everything that can be done with a campaign: each a line with where it stands."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import func, select

from .. import print_files
from ..assessments import notice_slots
from ..assessments.labels import PERSPECTIVES
from ..calendar import local_date
from ..models import CommentProtocol, Invitation, Message, MessagePlan, PrintedCopy
from ..plurals import counted
from . import exposure_export, services
from .companion_choice import titles
from .ways_in import CANCELLED

INSTANT = timedelta(microseconds=1)  # it closes at midnight, when a day is over


@dataclass(frozen=True)
class Task:
    """One line: its page, what it is called, how it stands, and the tag's colour."""

    endpoint: str
    text: str
    state: str = ""
    colour: str = "grey"
    values: dict = field(default_factory=dict)


def groups(session, campaign):
    """Heading -> the tasks below it."""
    return {
        "Who is asked, and how": _asking(session, campaign),
        "Ways in": _ways_in(session, campaign),
        "Answers": _answers(campaign),
    }


def _asking(session, campaign):
    has_protocol = session.get(CommentProtocol, campaign.id) is not None
    beside = titles(campaign) if campaign.companion_measures else []
    return [
        Task(
            "settings.show",
            "Names, dates, teams and ways of answering",
            (
                f"Until {local_date(campaign.closes_at - INSTANT)}"
                if campaign.closes_at
                else "No last day"
            ),
        ),
        _notices(campaign),
        Task(
            "comment_readers.show_readers",
            "Who reads comments, and the risk protocol",
            *(("Written down", "green") if has_protocol else ("To do", "red")),
        ),
        Task(
            "asking.show",
            "How people are asked: statements a page, variants",
            f"{campaign.items_per_page} a page",
        ),
        Task(
            "companions.show",
            (
                ": ".join(("Other measures", ", ".join(beside)))
                if beside
                else "Other measures beside the form"
            ),
            str(len(beside) or "None"),
        ),
        Task("preview.choose", "Look at the survey as people see it"),
    ]


def _notices(campaign):
    empty = notice_slots.empty(campaign.notice)
    state = (f"{counted(len(empty), 'line')} to fill in", "red")
    about = "What people are told: information, privacy and help"
    return Task("notices.show", about, *(state if empty else ("Filled in", "green")))


def _ways_in(session, campaign):
    links = services.open_links(session, campaign)
    n_open = sum(link.status != CANCELLED for link in links)
    of_links = (n_open, "open") if n_open else (len(links), "closed")
    n_personal = services.n_personal_links(session, campaign)
    mine = Invitation.campaign_id == campaign.id
    copies = select(func.count(PrintedCopy.id)).join(PrintedCopy.invitation).where(mine)

    def line(endpoint, text, n, said, *kinds):
        n_waiting = len(print_files.waiting(session, campaign, *kinds))
        state = (f"{n:,} {said}", "blue") if n else ("None yet", "grey")
        to_print = (f"{counted(n_waiting, 'file')} to print", "yellow")
        return Task(endpoint, text, *(to_print if n_waiting else state))

    return [
        Task("messages.show", "Letters, e-mails and texts", *_plan(session, campaign)),
        line(
            *("open_links.show", "Open links, posters and cards"),
            *(*of_links, "posters", "open_links"),
        ),
        line("links.show", "Personal links", n_personal, "made", "links"),
        line(
            *("printing.show", "Forms and letters on paper"),
            *(session.scalar(copies), "printed", *print_files.OF_COPIES),
        ),
    ]


def _plan(session, campaign):
    """How messages stand: what a person has to look at comes first."""
    mine = Message.campaign_id == campaign.id
    held = select(func.count()).where(mine, Message.status.in_(("uncertain", "failed")))
    n_held = session.scalar(held)
    if n_held:
        return f"{n_held:,} to look at", "red"
    plan = session.scalar(select(MessagePlan).filter_by(campaign_id=campaign.id))
    if plan is None:
        return "No plan yet", "grey"
    if plan.is_running:
        return "Going", "green"
    return ("Paused", "yellow") if plan.started_at else ("Not begun", "blue")


def _answers(campaign):
    return [
        Task("responses.show", "Who has answered, by team, way and month"),
        Task("keying.queue", "Key paper forms"),
        Task("importing.index", "Bring in earlier answers"),
        Task("waves.show", "Ask those who agreed again: retest and follow-up"),
        *(
            Task(
                "campaigns.download_exposure",
                f"How often each question was given: {_readable(perspective)}",
                "A file, once enough have sent",
                values={"perspective": perspective},
            )
            for perspective in exposure_export.adaptive_perspectives(campaign)
        ),
    ]


def _readable(perspective):
    return PERSPECTIVES[perspective].many.lower()
