"""Keying a paper form: begun, read by one person, then by another who sees nothing.

Each call commits once. What a keyer has sent is on disk when it returns.
"""

from flask import current_app
from sqlalchemy import select

from .. import audit
from ..assessments.questions import whole_form
from ..assessments.start import team_of
from ..calendar import LONDON
from ..errors import CampaignClosed, InvalidAnswers, NotAllowed, NotFound
from ..links import code_hash, is_code
from ..models import Invitation, InvitationToken, KeyedForm
from . import copies, reconciliation
from .keyed_page import read_page
from .keying_sheet import sheet_of

KEYED_BEFORE = "This paper was keyed before, on {:%-d %B %Y}. Nothing was begun"
CLOSED = "This form was closed. Nothing was begun"
KEYED = "This form is being keyed already, as form {}. Find it in the lists below"
NOT_A_CODE = "We do not know this number. Check each letter and number, then try again"
CHOOSE_WHO = "Choose who filled in the form"


def find_paper(session, typed, campaign_ids):
    """The invitation and the printed form of a number or code on the paper.

    The number on the pages that come back leads to both; the person's own code to
    the invitation alone. InvalidAnswers where neither is of one of these
    campaigns. One that has closed still takes the forms that were filled in before.
    """
    try:
        copy = copies.find_copy(session, typed, campaign_ids)
        return copy.invitation, copy.form
    except NotFound:
        invitation = _by_code(session, typed)
    if invitation is None or invitation.campaign_id not in campaign_ids:
        raise InvalidAnswers({"code": NOT_A_CODE})
    return invitation, None


def _by_code(session, typed):
    if not is_code(typed):
        return None
    wanted = code_hash(typed, current_app.config["PROM"].derived_key("codes"))
    return InvitationToken.invitation_by(session, short_code_hash=wanted)


def begin(
    session, campaign, *, keyer_id, now, perspective=None, team_id=None, found=()
):
    """A form that `keyer_id` reads first; the same again for that person's own form.

    `found` is what `find_paper` gave, where the paper has a number or code. Raises
    InvalidAnswers where this paper was keyed before, where the form is with someone
    else, or where it is not known from whom, or of which team, the form is.
    """
    invitation, printed = found or (None, None)
    if invitation is not None:
        session.get(Invitation, invitation.id, with_for_update=True)
        mine = _form_of(session, invitation, keyer_id)
        if mine is not None:
            return mine
    source = printed or invitation
    perspective = (source and source.perspective) or perspective
    if perspective not in campaign.perspectives:
        raise InvalidAnswers({"perspective": CHOOSE_WHO})
    if now < campaign.opens_at:
        raise CampaignClosed()
    form = KeyedForm(
        campaign=campaign,
        invitation=invitation,
        printed_form=printed,
        team=_team(campaign, invitation, team_id),
        perspective=perspective,
        instrument=(
            printed.instrument if printed else whole_form(campaign, perspective).ref
        ),
        language=printed.language if printed else "en",
        first_keyer_id=keyer_id,
        begun_at=now,
    )
    session.add(form)
    if invitation is not None and invitation.status in ("made", "sent"):
        invitation.status = "started"
    session.flush()
    audit.record(
        session, actor=f"staff:{keyer_id}", action="keying.begun", subject=form
    )
    session.commit()
    return form


def _form_of(session, invitation, keyer_id):
    """The form begun before with this code, if it waits for this person.

    Who types the number of one that waits for its second reading gets that.
    """
    form = session.scalar(
        select(KeyedForm).where(KeyedForm.invitation_id == invitation.id)
    )
    if form is not None and form.reader() == keyer_id:
        return form
    if form is not None and _waits_for_second(form, keyer_id):
        return claim(session, form.id, keyer_id=keyer_id)
    if form is not None and form.settled_at is None:
        raise InvalidAnswers({"code": KEYED.format(form.id)})
    if invitation.status in ("cancelled", "withdrawn"):
        raise InvalidAnswers({"code": CLOSED})
    if form is not None:  # what was sent online by the same code is no paper
        keyed = form.settled_at.astimezone(LONDON)
        raise InvalidAnswers({"code": KEYED_BEFORE.format(keyed)})
    return None


def _waits_for_second(form, keyer_id):
    is_free = form.stage == "second" and form.second_keyer_id is None
    return is_free and form.first_keyer_id != keyer_id


def _team(campaign, invitation, team_id):
    if invitation is not None and invitation.team is not None:
        return invitation.team
    return team_of(campaign, team_id)


def claim(session, form_id, *, keyer_id):
    """Take a form for the second reading; who reads it already may carry on.

    Raises NotAllowed for the first reader, and when somebody else was quicker.
    """
    form = locked(session, form_id)
    if form.stage != "second" or form.first_keyer_id == keyer_id:
        raise NotAllowed("a form is read by two different people")
    if form.second_keyer_id not in (None, keyer_id):
        raise NotAllowed("somebody else has begun to read this form")
    if form.second_keyer_id is None:
        form.second_keyer_id = keyer_id
        audit.record(
            session,
            actor=f"staff:{keyer_id}",
            action="keying.second_begun",
            subject=form,
        )
    session.commit()
    return form


def save_page(session, form_id, number, formdata, *, keyer_id, now):
    """Store one page of the reading under way; the next page, or None at the end.

    After the last page a first reading waits for a second; a second is compared.
    Raises InvalidAnswers when a field was not read, and stores nothing.
    """
    form = locked(session, form_id)
    if form.reader() != keyer_id:
        return None  # sent twice: this reading was finished
    sheet = sheet_of(form)
    page = sheet.page(number)
    if page is None:
        raise NotFound()
    opened = form.campaign.opens_at.astimezone(LONDON).date()
    today = now.astimezone(LONDON).date()
    read = read_page(page, formdata, opened=opened, today=today)
    merged = {**form.reading(), **read}
    setattr(form, form.stage, merged)
    following = number + 1 if number < len(sheet.pages) else sheet.first_unread(merged)
    if following is None:
        reconciliation.finish_reading(session, form, sheet, now=now)
    session.commit()
    return following


def hand_back(session, form_id, *, actor_id):
    """Give up a reading under way; what it held is deleted, the form waits again.

    A first reading begins anew under whoever hands it back.
    """
    form = locked(session, form_id)
    if form.stage == "second":
        form.second, form.second_keyer_id = {}, None
    elif form.stage == "first":
        form.first, form.first_keyer_id = {}, actor_id
    else:
        return session.commit()
    audit.record(
        session, actor=f"staff:{actor_id}", action="keying.handed_back", subject=form
    )
    session.commit()


def remove(session, form_id, why, *, actor_id, now):
    """Delete a form that must not count; what remains is that it was there, and why."""
    form = locked(session, form_id)
    if form.settled_at is not None:
        return session.commit()
    if why not in REMOVALS:
        raise InvalidAnswers({"why": "Choose why this form is removed"})
    invitation = form.invitation
    form.forget()
    form.stage, form.settled_at, form.invitation = "removed", now, None
    if invitation is not None and why == "withdrew":
        invitation.status = "withdrawn"
    audit.record(
        session,
        actor=f"staff:{actor_id}",
        action="keying.removed",
        subject=form,
        why=why,
    )
    session.commit()


REMOVALS = {
    "withdrew": "The person does not want to take part any more",
    "mistake": "It was begun by mistake, or is a second copy",
    "empty": "The form is empty or spoilt",
}


def locked(session, form_id):
    """The form, held until the commit."""
    form = KeyedForm.locked(session, form_id)
    if form is None:
        raise NotFound()
    return form


def forms(session, campaign_ids, *stages):
    """Forms of these campaigns at these stages, oldest first."""
    return session.scalars(
        select(KeyedForm)
        .where(KeyedForm.campaign_id.in_(campaign_ids), KeyedForm.stage.in_(stages))
        .order_by(KeyedForm.id)
    ).all()
