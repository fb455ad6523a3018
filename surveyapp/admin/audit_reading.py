"""The record of who did what, as people read it: chosen, named, a page at a time."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import select

from .. import audit
from ..calendar import LONDON
from ..models import AuditEvent, Campaign, StaffUser, Team, Trust
from . import audit_words as words

PAGE = 50
LONGEST = 80
YEARS = range(2000, 3000)
NAMED = {"staff": StaffUser, "trust": Trust, "team": Team, "campaign": Campaign}


@dataclass(frozen=True)
class Choice:
    """Which events: of whom, of what kind, on which days in London; None is any.

    Nothing that is longer than any name or kind, or of no year of ours, is looked for.
    """

    who: str | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, args):
        """The choice of a query string; a day that is none is left out."""
        return cls(
            who=args.get("who", "")[:LONGEST] or None,
            kind=args.get("kind", "")[:LONGEST] or None,
            first=_day(args.get("first")),
            last=_day(args.get("last")),
        )

    @property
    def as_query(self):
        """As part of an address, without what was not chosen."""
        held = {"who": self.who, "kind": self.kind}
        held |= {"first": self.first, "last": self.last}
        return {name: str(value) for name, value in held.items() if value}


@dataclass(frozen=True)
class Line:
    """One event in words; `holds` is whether its own seal is right."""

    number: int
    at: datetime
    who: str
    what: str
    of: str
    counts: str
    holds: bool


def _day(text):
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in YEARS else None


def chosen(choice, trust_ids, *, is_everywhere):
    """The query of the events of some trusts, newest first.

    What concerns the installation is for who looks after all of it.
    """
    seen = AuditEvent.trust_id.in_(trust_ids)
    if is_everywhere:
        seen |= AuditEvent.trust_id.is_(None)
    query = select(AuditEvent).where(seen).order_by(AuditEvent.id.desc())
    if choice.who:
        query = query.where(AuditEvent.actor == choice.who)
    if choice.kind:
        begins = AuditEvent.action.startswith(f"{choice.kind}.", autoescape=True)
        query = query.where(begins)
    if choice.first:
        query = query.where(AuditEvent.at >= _midnight(choice.first))
    if choice.last:
        query = query.where(AuditEvent.at < _midnight(choice.last + _ONE_DAY))
    return query


_ONE_DAY = timedelta(days=1)


def _midnight(day):
    return datetime.combine(day, time(), LONDON)


def lines(session, events):
    """Events in words, with the names of those who acted and of what they acted on."""
    names = Names(session)
    names.look_up([name for e in events for name in (e.actor, e.subject)])
    key = current_app.config["PROM"].derived_key("audit")
    return [
        Line(
            number=event.id,
            at=event.at,
            who=names.of(event.actor),
            what=words.words_of(event.action),
            of=names.of(event.subject),
            counts=", ".join(f"{k} {v}" for k, v in sorted(event.detail.items())),
            holds=hmac.compare_digest(event.hash, audit.seal(event, key)),
        )
        for event in events
    ]


def actors(session, trust_ids, *, is_everywhere):
    """Everybody who acted, code and name in order, for the filter."""
    query = chosen(Choice(), trust_ids, is_everywhere=is_everywhere)
    found = session.scalars(
        query.with_only_columns(AuditEvent.actor).distinct().order_by(None)
    ).all()
    names = Names(session)
    names.look_up(found)
    return sorted(((code, names.of(code)) for code in found), key=lambda p: p[1])


def kinds(session, trust_ids, *, is_everywhere):
    """The kinds of events that there are, code and name in order, for the filter."""
    query = chosen(Choice(), trust_ids, is_everywhere=is_everywhere)
    actions = query.with_only_columns(AuditEvent.action).distinct().order_by(None)
    found = {words.kind_of(action) for action in session.scalars(actions)}
    named = [(kind, words.name_of_kind(kind)) for kind in found]
    return sorted(named, key=lambda pair: pair[1])


class Names:
    """Names of people and things by the codes that events have; each is asked once."""

    def __init__(self, session):
        self.session, self.known = session, {}

    def look_up(self, codes):
        """Read the names that are not known yet, a kind at a time."""
        wanted = {}
        for code in set(codes) - self.known.keys():
            kind, _, number = code.partition(":")
            if kind in NAMED and number.isdecimal():
                wanted.setdefault(kind, set()).add(int(number))
        for kind, numbers in wanted.items():
            model = NAMED[kind]
            name = model.title if model is Campaign else model.name
            rows = self.session.execute(
                select(model.id, name).where(model.id.in_(numbers))
            )
            self.known |= {f"{kind}:{number}": text for number, text in rows}

    def of(self, code):
        """The name; what it is by kind and number where it has none, or has gone."""
        if code == "installation":
            return words.INSTALLATION
        kind, _, number = code.partition(":")
        return (
            self.known.get(code) or words.ACTORS.get(code) or words.thing(kind, number)
        )
