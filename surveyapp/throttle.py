"""One throttle for every secret that can be guessed, kept in the database.

A try is counted before it is looked at, under a lock, so that all workers' counts
add up; a right one is taken back. What is kept is keyed hashes of what was tried
and from where, for an hour. `docs/guessing.md` does the arithmetic.

Who tries one account from one place waits longer after each wrong try, a minute at
most, and holds up nobody but that account at that place. Ceilings of a minute, over
an account, a place and all, bound those who guess from many places.
"""

import hmac
import ipaddress
import math
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, func, or_, select, text

from . import logs
from .errors import LinkNotValid, SurveyError, TooManyAttempts
from .links import read_code
from .models import Attempt

MINUTE, MEMORY = timedelta(minutes=1), timedelta(hours=1)
# Clocks of two machines differ a little. What lies further ahead is from before a
# clock was set back, and counts for nothing.
AHEAD = timedelta(seconds=5)
LOCK = 20170518  # an arbitrary number that stands for the throttle among locks
LEADING = {"code": 1, "receipt": 2, "link": 2}  # signs: 32, 1 024 and 4 096 accounts
NETWORK = {4: 24, 6: 48}  # what one subscriber holds: leading bits by kind of address


@dataclass(frozen=True)
class Limits:
    """How often a kind of secret may be tried without success.

    `free` tries of one account from one place need no wait; after each further one
    come the seconds of `waits`, the last of them again and again. The others are the
    most tries in a minute: of one account, from one place, and altogether.
    """

    free: int
    waits: tuple
    account: int
    place: int
    everyone: int

    def wait_after(self, n):
        """How long somebody waits after `n` wrong tries."""
        if n < self.free:
            return timedelta(0)
        at = min(n - self.free, len(self.waits) - 1)
        return timedelta(seconds=self.waits[at])


KINDS = {
    "password": Limits(5, (5, 15, 30, 60), account=20, place=60, everyone=600),
    "second_factor": Limits(3, (15, 30, 60), account=3, place=30, everyone=120),
    "recovery_code": Limits(3, (15, 30, 60), account=6, place=30, everyone=120),
    "link": Limits(5, (5, 15, 30, 60), account=600, place=60, everyone=600),
    "code": Limits(3, (5, 15, 30, 60), account=300, place=60, everyone=300),
    "receipt": Limits(3, (5, 15, 30, 60), account=600, place=600, everyone=1200),
    "form_code": Limits(10, (5, 15, 30, 60), account=30, place=60, everyone=120),
}


def take(session, kind, account, place, *, now, known=False):
    """Count a try of a secret before it is looked at; what `give_back` takes.

    `account` is whose secret it would be: an address, or of a code the leading
    signs. `known` tries, from a browser that this account has signed in with, are
    bound by no ceiling: nobody else can hold them up. Commits. Raises
    TooManyAttempts, and counts nothing, while there is to wait.
    """
    _lock(session)
    stale = or_(Attempt.at < now - MEMORY, Attempt.at > now + MEMORY)
    session.execute(delete(Attempt).where(stale))
    check(session, kind, account, place, now=now, known=known)
    attempt = Attempt(**_keys(kind, account, place), at=now)
    session.add(attempt)
    session.commit()
    return attempt.id


def check(session, kind, account, place, *, now, known=False):
    """Raise TooManyAttempts while there is to wait; counts nothing."""
    wait = _wait(session, kind, account, place, now=now, known=known)
    if wait > timedelta(0):
        session.rollback()
        raise TooManyAttempts(math.ceil(wait.total_seconds()), kind)


def give_back(session, attempt_id):
    """The try was right: it does not count. Commits."""
    session.execute(delete(Attempt).where(Attempt.id == attempt_id))
    session.commit()


@contextmanager
def counted(session, kind, account, place, *, now, wrong=LinkNotValid):
    """While a secret is looked at: the try counts where `wrong` is raised."""
    attempt = take(session, kind, account, place, now=now)
    try:
        yield
    except wrong:
        raise
    except SurveyError:
        give_back(session, attempt)
        raise
    give_back(session, attempt)


def leading(kind, code):
    """Whose a typed code would be: its leading signs stand for the account.

    Whoever tries codes at random holds up few people of one place by each wrong one.
    """
    return read_code(code)[: LEADING[kind]]


def place_of(address):
    """The network of an address, so that a whole one cannot pass for many places."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, NETWORK[ip.version]), strict=False))


def _wait(session, kind, account, place, *, now, known):
    """How long from now until the next try."""
    limits, keys = KINDS[kind], _keys(kind, account, place)
    own = _own_wait(session, limits, keys, now)
    if known:
        return own
    everyone = _ceiling(session, Attempt.kind == kind, limits.everyone, now)
    if everyone:
        logs.line().warning("ceiling", kind=kind)
    return max(
        own,
        everyone,
        _ceiling(session, Attempt.account == keys["account"], limits.account, now),
        _ceiling(session, Attempt.place == keys["place"], limits.place, now),
    )


def _own_wait(session, limits, keys, now):
    """The wait of one account at one place, by how many tries went wrong there."""
    mine = Attempt.account == keys["account"], Attempt.place == keys["place"]
    tried = select(func.count(), func.max(Attempt.at)).where(*mine, _since(MEMORY, now))
    n, last = session.execute(tried).one()
    wait = limits.wait_after(n)
    return min(wait, last + wait - now) if wait else wait


def _ceiling(session, whose, limit, now):
    """How long until fewer than `limit` tries lie within the last minute."""
    nth = select(Attempt.at).where(whose, _since(MINUTE, now))
    oldest = session.scalar(nth.order_by(Attempt.at.desc()).offset(limit - 1).limit(1))
    return timedelta(0) if oldest is None else min(MINUTE, oldest + MINUTE - now)


def _since(window, now):
    return (Attempt.at > now - window) & (Attempt.at <= now + AHEAD)


def _lock(session):
    """One try at a time, whichever worker takes it; SQLite locks by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})


def _keys(kind, account, place):
    """What is kept of a try: its kind, and hashes that only this server can make."""
    return {
        "kind": kind,
        "account": hashed(kind, "account", account),
        "place": hashed(kind, "place", place),
    }


def hashed(*parts):
    """A hash that tells nobody without the installation's secrets what it is of."""
    key = current_app.config["PROM"].derived_key("attempts")
    return hmac.new(key.encode(), "|".join(parts).encode(), "sha256").hexdigest()
