"""Numbered copies of printed forms: kept when they are made, found when they return."""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ..errors import NotFound
from ..links import read_code
from ..models import Invitation, PrintedCopy, PrintedForm
from .box_positions import Layout


def keep_form(session, layout):
    """The stored row of a layout, made where there is none yet. The caller commits.

    Of two who print a new form at the same moment, one finds the other's row.
    """
    known = select(PrintedForm).where(PrintedForm.form_id == layout.form_id)
    held = session.scalar(known)
    if held is not None:
        return held
    held = PrintedForm(
        form_id=layout.form_id,
        instrument=layout.instrument,
        perspective=layout.perspective,
        language=layout.language,
        edition=layout.edition,
        layout=layout.to_dict(),
    )
    try:
        with session.begin_nested():
            session.add(held)
    except IntegrityError:
        return session.scalars(known).one()
    return held


def find_copy(session, serial, campaign_ids):
    """The copy with this number, of one of these campaigns; else NotFound."""
    query = (
        select(PrintedCopy)
        .join(Invitation, PrintedCopy.invitation)
        .where(
            PrintedCopy.serial == read_code(serial),
            Invitation.campaign_id.in_(campaign_ids),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def printed_of(session, campaign):
    """The forms that were printed for a campaign, each with its number of copies."""
    counts = select(PrintedCopy.printed_form_id, func.count().label("n")).join(
        Invitation, PrintedCopy.invitation
    )
    counts = counts.where(Invitation.campaign_id == campaign.id)
    counts = counts.group_by(PrintedCopy.printed_form_id).subquery()
    query = (
        select(PrintedForm, counts.c.n)
        .join(counts, counts.c.printed_form_id == PrintedForm.id)
        .order_by(PrintedForm.id)
    )
    return [tuple(row) for row in session.execute(query)]


def layout_of(copy):
    """What stands where on this copy."""
    return Layout.from_dict(copy.form.layout)
