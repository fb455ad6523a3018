"""Files of printed forms: kept encrypted until somebody says that they are printed.

They hold codes in clear, so that they go after seven days, whatever anybody says.
"""

from datetime import timedelta

from sqlalchemy import select

from .. import audit
from ..database import utc_now
from ..models import Mailing, MailingFile

CARRIER = "forms"
KEPT = timedelta(days=7)


def keep(session, campaign, pdf, n, *, now):
    """Keep the file of a run; the caller commits."""
    numbered = {"number": 1, "name": f"forms-{campaign.id}.pdf", "n": n}
    made = Mailing(
        campaign=campaign,
        carrier=CARRIER,
        stage="made",
        n=n,
        made_at=now,
        files=[MailingFile(content=pdf, **numbered)],
    )
    session.add(made)
    session.flush()
    return made


def waiting(session, campaign):
    """The runs of a campaign whose file can still be had, newest first."""
    return session.scalars(
        select(Mailing)
        .filter_by(campaign_id=campaign.id, carrier=CARRIER, stage="made")
        .order_by(Mailing.id.desc())
    ).all()


def get(session, made, *, actor, now):
    """The file, as often as it is asked for; each time is noted. Commits.

    None where it has gone.
    """
    if made.stage != "made":
        return None
    file = made.files[0]
    audit.record(
        session, actor=actor, action="forms.downloaded", subject=made, at=now, n=file.n
    )
    session.commit()
    return file


def finish(session, made, *, actor, now):
    """Let the file of a run that is printed go. Commits; twice is once."""
    session.refresh(made, with_for_update=True)
    if made.stage == "made":
        _let_go(made, now)
        audit.record(
            session, actor=actor, action="forms.file_deleted", subject=made, at=now
        )
    session.commit()


def delete_old(session, job, at_step):
    """A job of every night: files that nobody has said are printed go. Commits."""
    now = utc_now()
    old = select(Mailing).where(
        Mailing.carrier == CARRIER,
        Mailing.stage == "made",
        Mailing.made_at <= now - KEPT,
    )
    for made in session.scalars(old).all():
        _let_go(made, now)
        session.commit()


def _let_go(made, now):
    made.stage, made.finished_at = "posted", now
    made.files.clear()
