"""Copies printed again: with new codes, and the old ones closed in the same step.

The codes of a copy are kept as hashes alone, so nobody can print them twice. What
can be done for paper that was lost is to close its codes and make as many copies.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update

from .. import print_files
from ..assessments.questions import whole_form
from ..errors import InvalidAnswers
from ..links import is_code, read_code
from ..models import Invitation, KeyedForm, PrintedCopy, RespondentSession
from .print_options import Choice, in_words, languages_of, problems_of
from .printing import CopyToPrint, Secrets, print_copies

UNUSED = ("made", "sent")
NEWEST = 20  # runs to choose among; an older copy is found by its number
ONE_COPY = "copy"
NOT_LOST = "Say that the old paper is gone: whoever has it could not use it any more"


@dataclass(frozen=True)
class PastRun:
    """What was printed at one time, as far as it can still be printed again."""

    key: str  # the number of its first copy
    printed_at: datetime
    form: object
    copies: tuple  # those that nobody has begun, sent or keyed
    n: int


def past_runs(session, campaign):
    """The newest runs of a campaign of which copies are unused, newest first."""
    groups = {}
    for copy in _copies(session, campaign):
        form = copy.form
        key = copy.printed_at, form.perspective, form.language, form.edition
        groups.setdefault(key, []).append(copy)
    unused = set(_unused(session, campaign))
    runs = [
        PastRun(
            key=group[0].serial,
            printed_at=group[0].printed_at,
            form=group[0].form,
            copies=tuple(c for c in group if c.invitation_id in unused),
            n=len(group),
        )
        for group in groups.values()
    ]
    return sorted(
        (run for run in runs if run.copies), key=lambda r: r.printed_at, reverse=True
    )[:NEWEST]


def _copies(session, campaign):
    query = select(PrintedCopy).join(Invitation, PrintedCopy.invitation)
    query = query.where(Invitation.campaign_id == campaign.id)
    return session.scalars(query.order_by(PrintedCopy.id)).all()


def _unused(session, campaign):
    """Ids of the invitations that nobody has come in by, and no paper came back of."""
    return session.scalars(
        select(Invitation.id).where(Invitation.campaign_id == campaign.id, _is_unused())
    )


def _is_unused():
    keyed = exists().where(KeyedForm.invitation_id == Invitation.id)
    return Invitation.status.in_(UNUSED) & ~keyed


def print_again(
    session, campaign, which, serial, *, is_lost, actor, now, keeps_file=False
):
    """Print the unused copies of a run, or one copy, anew; close the old. Commits.

    `which` is the key of a run, or ONE_COPY with the copy's number in `serial`. A
    copy keeps its team and its order; letters and their addresses are not kept.

    Raises
    ------
    InvalidAnswers
        If nothing is left to print again, or somebody began a copy meanwhile; then
        nothing is printed and no code is closed.
    """
    problems = {} if is_lost else {"is_lost": NOT_LOST}
    lost, place = lost_copies(session, campaign, which, serial)
    if not lost:
        problems[place] = why_not(which)
    if problems:
        raise InvalidAnswers(problems)
    choice = _choice(campaign, lost[0].form)
    problems = problems_of(campaign, choice)
    if problems:
        raise InvalidAnswers(problems)
    to_print = [
        CopyToPrint(Secrets.new(), c.invitation.team, c.invitation.arrangement)
        for c in lost
    ]
    old = [copy.invitation_id for copy in lost]
    return print_copies(
        session,
        campaign,
        to_print,
        choice,
        actor=actor,
        now=now,
        action="forms.printed_again",
        close_first=lambda: _close(session, campaign, old, now),
        keeps_file=keeps_file,
    )


def _close(session, campaign, invitation_ids, now):
    """Close what is printed anew, and let its file go; how many there were."""
    n = close_invitations(session, invitation_ids, now)
    print_files.let_closed_go(session, campaign, now=now)
    return n


def lost_copies(session, campaign, which, serial):
    """The copies that are meant, and the field that names them."""
    if which != ONE_COPY:
        runs = past_runs(session, campaign)
        found = next((run.copies for run in runs if run.key == which), ())
        return found, "which"
    wanted = read_code(serial) if is_code(serial) else None
    unused = set(_unused(session, campaign))
    mine = [c for c in _copies(session, campaign) if c.serial == wanted]
    return tuple(c for c in mine if c.invitation_id in unused), "serial"


def why_not(which):
    if which == ONE_COPY:
        return "This campaign has no unused copy with this number. Look at its foot"
    return "Choose forms that are not used yet"


def _choice(campaign, form):
    """What a form was printed as, in the words of the choices on the page."""
    whole = whole_form(campaign, form.perspective)
    edition = form.edition.partition(".")[0]
    known = languages_of(campaign, form.perspective)
    choices = [Choice(form.perspective, tag, edition) for tag in known]
    same = (c for c in choices if in_words(whole, c).language == form.language)
    return next(same, Choice(form.perspective, form.language, edition))


def close_invitations(session, invitation_ids, now):
    """Close the ways in, all of them unused at this moment; how many there were."""
    closed = session.execute(
        update(Invitation)
        .where(Invitation.id.in_(invitation_ids), _is_unused())
        .values(status="cancelled")
        .execution_options(synchronize_session=False)
    ).rowcount
    if closed != len(invitation_ids):
        session.rollback()
        raise InvalidAnswers({"which": "One of these was begun just now. Try again"})
    session.execute(
        update(RespondentSession)
        .where(
            RespondentSession.invitation_id.in_(invitation_ids),
            RespondentSession.assessment_id.is_(None),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return closed
