"""What was made to print: kept encrypted until somebody says that it is printed.

Forms, letters, posters and lists of links hold codes in clear, so that they go after
seven days, whatever anybody says. What is closed meanwhile is told beside the file.
"""

from datetime import timedelta

from sqlalchemy import exists, or_, select

from . import audit
from .database import utc_now
from .models import (
    Invitation,
    InvitationToken,
    Mailing,
    MailingFile,
    PrintedCopy,
)

KEPT = timedelta(days=7)
# What a file holds -> what one of it is called.
KINDS = {
    "forms": "form",
    "letters": "letter",
    "posters": "poster",
    "links": "link",
    "open_links": "link",
}
OF_COPIES = ("forms", "letters")


def keep(session, campaign, kind, content, n, *, now, of=None, ending="pdf"):
    """Keep the file of a run; the caller commits. `of` is the link that it is for."""
    stem = "-".join(str(part) for part in (kind, campaign.id, of) if part)
    numbered = {"number": 1, "name": f"{stem}.{ending}", "n": n}
    made = Mailing(
        campaign=campaign,
        carrier=kind,
        stage="made",
        n=n,
        made_at=now,
        files=[MailingFile(content=content, **numbered)],
    )
    session.add(made)
    session.flush()
    return made


def waiting(session, campaign, *kinds):
    """The runs of a campaign whose file can still be had, newest first."""
    return session.scalars(
        select(Mailing)
        .filter_by(campaign_id=campaign.id, stage="made")
        .where(Mailing.carrier.in_(kinds))
        .order_by(Mailing.id.desc())
    ).all()


def get(session, made, *, actor, now):
    """The file, as often as it is asked for; each time is noted. Commits.

    None where it has gone.
    """
    if made.stage != "made":
        return None
    file = made.files[0]
    done = f"{made.carrier}.downloaded"
    audit.record(session, actor=actor, action=done, subject=made, at=now, n=file.n)
    session.commit()
    return file


def finish(session, made, *, actor, now):
    """Let the file of a run that is printed go. Commits; twice is once."""
    session.refresh(made, with_for_update=True)
    if made.stage == "made":
        let_go(made, now)
        done = f"{made.carrier}.file_deleted"
        audit.record(session, actor=actor, action=done, subject=made, at=now)
    session.commit()


def closed_copies(session, made):
    """Numbers of the copies in a file whose codes are closed: no use to anybody."""
    plain = _closed_letters(session, made) if made.carrier == "letters" else ()
    forms = session.scalars(
        select(PrintedCopy.serial)
        .join(Invitation, PrintedCopy.invitation)
        .where(
            Invitation.campaign_id == made.campaign_id,
            Invitation.status == "cancelled",
            PrintedCopy.printed_at == made.made_at,
        )
        .order_by(PrintedCopy.id)
    )
    return [*plain, *forms]


def _closed_letters(session, made):
    """Numbers of letters without a form whose link and code were closed."""
    still_open = exists().where(
        InvitationToken.invitation_id == Invitation.id,
        InvitationToken.closed_at.is_(None),
        InvitationToken.made_at == made.made_at,
    )
    is_over = or_(Invitation.expires_at <= utc_now(), Invitation.status == "cancelled")
    return session.scalars(
        select(Invitation.label)
        .where(
            Invitation.campaign_id == made.campaign_id,
            Invitation.created_at == made.made_at,
            Invitation.label.is_not(None),
            or_(is_over, ~still_open),
        )
        .order_by(Invitation.id)
    )


def let_closed_go(session, campaign, *, now):
    """Let files go of whose copies every one is closed; the caller commits."""
    session.flush()
    for made in waiting(session, campaign, *OF_COPIES):
        if len(closed_copies(session, made)) >= made.n:
            let_go(made, now)


def let_go_of(session, campaign, kind, of, *, now):
    """Let the files go that were made for one link; the caller commits."""
    for made in waiting(session, campaign, kind):
        if made.files[0].name.startswith(f"{kind}-{campaign.id}-{of}."):
            let_go(made, now)


def delete_old(session, job, at_step):
    """A job of every night: files that nobody has said are printed go. Commits."""
    now = utc_now()
    old = select(Mailing).where(
        Mailing.carrier.in_(KINDS),
        Mailing.stage == "made",
        Mailing.made_at <= now - KEPT,
    )
    for made in session.scalars(old).all():
        let_go(made, now)
        session.commit()


def let_go(made, now):
    """Delete the file of a run; the caller commits."""
    made.stage, made.finished_at = "posted", now
    made.files.clear()
