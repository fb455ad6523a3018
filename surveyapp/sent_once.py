"""A form that makes something is taken once, however often a browser sends it.

Each form of staff carries a mark of its own. Whoever presses twice, or goes back and
presses again, is led to what the first press made. A form that was refused, or that
failed, may be sent again.
"""

import re
import secrets
import time
from datetime import timedelta
from functools import wraps

from flask import flash, make_response, redirect, request, url_for
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from .database import utc_now
from .extensions import db
from .models import SentForm

FIELD = "once"
MARK = re.compile(r"[\w-]{12}", re.ASCII)
REMEMBERED = timedelta(days=2)
ABANDONED = timedelta(minutes=5)  # whoever took it was stopped, and made nothing known
LONGEST = 500  # signs of an address
PATIENCE, TURN = 50, 0.1  # looks, and seconds between them
DONE = "That was done already, and not a second time. Begin anew to do it again."
UNDER_WAY = "That was sent already, and is still being done. Look again in a moment."


def init_app(app):
    """Give forms their mark, by the macro that gives them their token."""
    app.jinja_env.globals["form_mark"] = mark


def mark():
    """What a form carries to be known by."""
    return secrets.token_urlsafe(9)


def makes_once(view):
    """Let a view that makes something do so once for each form.

    It goes below the rule that limits an upload, since it reads what was sent.
    """

    @wraps(view)
    def taken(*args, **kwargs):
        sent = request.form.get(FIELD, "")
        if not MARK.fullmatch(sent):
            return view(*args, **kwargs)
        if not _take(sent):
            return _where_it_led(sent)
        try:
            answer = make_response(view(*args, **kwargs))
        except Exception:
            _give_back(sent)
            raise
        if answer.status_code == 303 and len(answer.location) <= LONGEST:
            _keep(sent, answer.location)
        else:
            _give_back(sent)
        return answer

    taken.makes_once = True
    return taken


def _take(sent):
    """Whether this form is the first of its mark; what is old goes. Commits."""
    now = utc_now()
    left = (SentForm.led_to.is_(None), SentForm.sent_at < now - ABANDONED)
    db.session.execute(delete(SentForm).where(SentForm.mark == sent, *left))
    db.session.execute(delete(SentForm).where(SentForm.sent_at < now - REMEMBERED))
    db.session.add(SentForm(mark=sent, sent_at=now))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def _keep(sent, address):
    led_to = update(SentForm).where(SentForm.mark == sent).values(led_to=address)
    db.session.execute(led_to)
    db.session.commit()


def _give_back(sent):
    db.session.rollback()
    db.session.execute(delete(SentForm).where(SentForm.mark == sent))
    db.session.commit()


def _where_it_led(sent):
    """What the first press made; it may still be making it."""
    for _ in range(PATIENCE):
        held = db.session.get(SentForm, sent, populate_existing=True)
        db.session.rollback()
        if held is None or held.led_to:
            break
        time.sleep(TURN)
    if held is not None and held.led_to:
        flash(DONE)
        return redirect(held.led_to, 303)
    flash(UNDER_WAY)
    return redirect(url_for("staff.index"), 303)
