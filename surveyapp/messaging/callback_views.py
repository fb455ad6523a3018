"""What GOV.UK Notify tells of a message: delivered, or nobody there."""

import hmac

from flask import Blueprint, current_app, request
from sqlalchemy import select

from ..database import utc_now
from ..errors import NotAllowed
from ..extensions import csrf, db
from ..models import Message
from . import outbox
from .carriers.notify import STATUSES

bp = Blueprint("callbacks", __name__, url_prefix="/api/notify")


@bp.before_request
def only_notify():
    """Whoever has the token that was agreed with Notify."""
    wanted = current_app.config["PROM"].notify_callback_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise NotAllowed("no such token")


@bp.post("/status")
@csrf.exempt
def status():
    """Note what became of one message; what is known already changes nothing."""
    told = request.get_json(silent=True)
    told = told if isinstance(told, dict) else {}
    reference, said = told.get("reference"), told.get("status")
    if isinstance(reference, str) and said in STATUSES:
        message = db.session.scalar(
            select(Message).where(Message.idempotency_key == reference[:64])
        )
        if message is not None:
            outbox.note_callback(db.session, message, *STATUSES[said], now=utc_now())
    return "", 204
