"""A form that makes something is taken once, however often a browser sends it."""

import secrets

from flask import flash, redirect, request, session, url_for

MOST_REMEMBERED = 20  # forms, in the cookie of whoever sent them


def mark():
    """What a form carries to be known by."""
    return secrets.token_urlsafe(9)


def is_sent_again():
    """Whether this very form was sent before, as by the back button."""
    return request.form.get("once", "") in session.get("lists_made", ())


def made_before(there):
    flash("That list was made already, and no second one. Make another if you need it.")
    return redirect(there, 303)


def to_list(made):
    """Where the list is to be looked at; the form that made it is remembered."""
    if request.form.get("once"):
        sent = [*session.get("lists_made", ()), request.form["once"][:20]]
        session["lists_made"] = sent[-MOST_REMEMBERED:]
    there = url_for("links.made", campaign_id=made.campaign_id, file_id=made.id)
    return redirect(there, 303)
