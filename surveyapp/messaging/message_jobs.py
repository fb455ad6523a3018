"""What comes back every minute: the plans of today, and what is due in the outbox."""

from ..database import utc_now
from ..running_config import running_config


def send_messages(session, job, at_step):
    """Put what plans have for today in the outbox, and send what is due."""
    from sqlalchemy import select

    from ..models import MessagePlan
    from . import message_plans, outbox
    from .carriers.choice import carriers_of

    carriers = carriers_of(running_config())
    outbox.find_cut_off(session, carriers, now=utc_now())
    running = select(MessagePlan).where(
        MessagePlan.started_at.is_not(None), MessagePlan.paused_at.is_(None)
    )
    for plan in session.scalars(running).all():
        message_plans.put_due(session, plan, now=utc_now())
    outbox.send_due(session, carriers)
