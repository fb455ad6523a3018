"""What machines ask: health, metrics, whom robots and finders of faults may turn to."""

import hmac
from datetime import timedelta

from flask import Blueprint, Response, current_app, request

from ..auth.loopback import is_loopback
from ..database import utc_now, writes
from ..errors import NotFound
from ..running_config import running_config
from . import metrics

bp = Blueprint("operations", __name__)
STANDS_FOR = timedelta(days=180)


@bp.before_request
def admit():
    """Anyone may ask; nothing here tells of a person. Metrics ask for more."""


@bp.get("/api/health")
@writes
def health():
    """200 while answers can be stored, 503 otherwise; a word for each part."""
    words = current_app.extensions["prom.probe"].health().words()
    return words, 503 if words["status"] == "failing" else 200


@bp.get("/api/metrics")
@writes
def show_metrics():
    """Counts of requests and the state of the service, for a Prometheus server."""
    if not (is_loopback(request) or _has_token()):
        raise NotFound()
    extensions = current_app.extensions
    page = metrics.render(
        extensions["prom.counters"], extensions["prom.probe"].health()
    )
    return Response(page, content_type=metrics.TYPE)


@bp.get("/robots.txt")
def robots():
    """No page is for a search engine: links are secrets, and the rest is of no use."""
    return _plain("User-agent: *\nDisallow: /\n")


@bp.get("/.well-known/security.txt")
def security():
    """Whom to tell of a weakness (RFC 9116)."""
    config = running_config()
    address = config.security_contact or config.contact_email
    if not address:
        raise NotFound()
    until = (utc_now() + STANDS_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: mailto:{address}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {config.root}/.well-known/security.txt",
    ]
    return _plain("\n".join(lines) + "\n")


def _has_token():
    wanted = running_config().metrics_token
    sent = request.headers.get("Authorization", "").partition("Bearer ")[2]
    return bool(wanted) and hmac.compare_digest(sent.encode(), wanted.encode())


def _plain(text):
    return Response(text, content_type="text/plain; charset=utf-8")
