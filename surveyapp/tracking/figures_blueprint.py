"""The blueprint of pages on figures: who may enter."""

from flask import Blueprint

from ..auth.access import admit

bp = Blueprint("tracking", __name__, url_prefix="/tracking")
bp.before_request(admit())
