"""What machines ask: is the service alive, and can it store an answer?"""

from flask import Blueprint
from sqlalchemy import text

from ..extensions import db

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.before_request
def admit():
    """Anyone may ask whether the service is alive; it tells nothing else."""


@bp.get("/health")
def health():
    """200 when the database answers; 503 otherwise, through the error table."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
