"""Comments of a campaign as their readers list, search and count them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ..assessments.comment_counts import due_on, is_to_be_read
from ..models import Assessment, Comment, CommentProtocol, CommentReading

AT_ONCE = 25
EXCERPT = 160
STATES = {
    "unread": "Not read yet",
    "overdue": "Overdue",
    "flagged": "Tells of danger, open",
    "closed": "Told of danger, closed",
    "undecided": "Not decided whether leads read it",
    "for_leads": "For leads",
    "held_back": "Held back",
}


@dataclass(frozen=True)
class Asked:
    """What a search asks for; empty for everything."""

    words: str = ""
    state: str = ""
    theme: str = ""
    perspective: str = ""
    page: int = 1

    @classmethod
    def of(cls, args):
        page = args.get("page", 1, type=int)
        given = {n: args.get(n, "") for n in ("words", "state", "theme", "perspective")}
        return cls(**given, page=min(max(page, 1), 10_000))


@dataclass(frozen=True)
class Line:
    """One comment in a list."""

    comment_id: int
    text: str
    perspective: str
    language: str
    sent_at: datetime
    due_at: datetime | None
    states: tuple
    themes: tuple

    @property
    def excerpt(self):
        return self.text if len(self.text) <= EXCERPT else f"{self.text[:EXCERPT]}…"


@dataclass(frozen=True)
class Page:
    """Some lines of a list."""

    lines: tuple
    number: int
    n_pages: int


def lines(session, campaign, *, now):
    """Every comment of a campaign that is to be read, those due first first."""
    protocol = session.get(CommentProtocol, campaign.id)
    days = protocol.days if protocol else None
    return [
        _line(comment, assessment, reading, days, now)
        for comment, assessment, reading in session.execute(_to_read(campaign.id))
    ]


def _to_read(campaign_id):
    return (
        select(Comment, Assessment, CommentReading)
        .join(Assessment, Assessment.id == Comment.assessment_id)
        .outerjoin(CommentReading, CommentReading.comment_id == Comment.id)
        .where(Assessment.campaign_id == campaign_id, *is_to_be_read())
        .order_by(Assessment.submitted_at, Comment.id)
    )


def _line(comment, assessment, reading, days, now):
    due = due_on(assessment.submitted_at, days) if days else None
    return Line(
        comment.id,
        comment.text,
        assessment.perspective,
        assessment.language,
        assessment.submitted_at,
        due,
        tuple(_states(reading, due, now)),
        tuple(reading.themes) if reading else (),
    )


def _states(reading, due, now):
    if reading is None:
        yield "unread"
        if due is not None and due <= now:
            yield "overdue"
        return
    if reading.risk != "none":
        yield "flagged" if reading.risk == "open" else "closed"
    yield reading.decision


def search(every, asked):
    """The lines that hold all the words, in any order, and are as asked for."""
    words = asked.words.casefold().split()
    return [
        line
        for line in every
        if all(word in line.text.casefold() for word in words)
        and (not asked.state or asked.state in line.states)
        and (not asked.theme or asked.theme in line.themes)
        and (not asked.perspective or asked.perspective == line.perspective)
    ]


def page_of(found, number):
    """One page of lines; the last where there are not so many."""
    n_pages = max(1, -(-len(found) // AT_ONCE))
    number = min(number, n_pages)
    return Page(
        tuple(found[(number - 1) * AT_ONCE : number * AT_ONCE]), number, n_pages
    )


def counts(every):
    """How many comments there are, and how many by state and by theme."""
    by_state = Counter(state for line in every for state in line.states)
    by_theme = Counter(theme for line in every for theme in line.themes)
    return {"n": len(every), "states": by_state, "themes": by_theme}


def next_unread(session, campaign_id):
    """The number of the comment that waits longest, or None."""
    query = _to_read(campaign_id).where(CommentReading.id.is_(None))
    return session.scalar(query.with_only_columns(Comment.id).limit(1))
