"""Who may enter: one `before_request` for each blueprint, and a trust's boundary."""

from flask import g, redirect, request, url_for
from flask_security import current_user

from ..errors import NotAllowed, NotFound

READS = {"GET", "HEAD"}


def admit(*roles):
    """A guard that lets in staff who hold one of the roles, in any trust.

    It leaves in `g.trust_ids` the trusts where they hold it.
    """

    def guard():
        if not current_user.is_authenticated:
            if request.method in READS:
                here = request.full_path.rstrip("?")
                return redirect(url_for("security.login", next=here), 303)
            raise NotAllowed("sign in first")
        if not any(current_user.has_role(role) for role in roles):
            raise NotAllowed(f"needs one of the roles {', '.join(roles)}")
        g.trust_ids = current_user.trust_ids(*roles)
        return None

    guard.roles = roles
    return guard


def within_reach(session, kind, record_id):
    """The record, if it belongs to one of the person's trusts; else NotFound.

    What exists in another trust and what exists nowhere look the same.
    """
    record = session.get(kind, record_id)
    if record is None or record.trust_id not in g.trust_ids:
        raise NotFound()
    return record
