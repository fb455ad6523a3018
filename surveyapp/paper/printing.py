"""Printed forms of a campaign: every copy an invitation, its code printed once."""

from dataclasses import dataclass, replace
from itertools import islice, repeat

from flask import current_app
from sqlalchemy import func, select

from .. import audit, bank, print_files, typesetting
from ..addresses import address_of
from ..assessments import notices
from ..assessments.item_order import balanced_orders, example_form, is_as_printed
from ..assessments.questions import arranged_questions, whole_form
from ..assessments.start import team_of
from ..calendar import LONDON, local_date
from ..database import let_go
from ..errors import InvalidAnswers
from ..links import code_hash, new_code, new_receipt, new_token, token_hash
from ..models import Invitation, InvitationToken, PrintedCopy
from . import copies
from .content import Sender
from .form_layout import TEMPLATE, Style, set_form
from .letter_text import letter_text, reader_of
from .print_options import contact_of, in_words, lines_of, problems_of

MOST_COPIES = 50  # a copy takes up to a quarter of a second


@dataclass(frozen=True, eq=False)
class Run:
    """What came of a run: the PDF, the layouts, and which copy begins on which page."""

    pdf: bytes
    layouts: tuple
    copies: tuple  # of (serial, form id, first page)
    file_id: int | None = None  # where it is kept until somebody says it is printed

    def to_dict(self):
        """What a scanner needs beside the PDF: no code, no name."""
        return {
            "forms": [layout.to_dict() for layout in self.layouts],
            "copies": [
                {"serial": serial, "form_id": form_id, "first_page": page}
                for serial, form_id, page in self.copies
            ],
        }


@dataclass(frozen=True)
class Secrets:
    """What lets one person in and out, in clear: printed, and then forgotten."""

    token: str
    code: str
    receipt: str
    serial: str

    @classmethod
    def new(cls):
        return cls(new_token(), new_code(), new_receipt(), new_code())


@dataclass(frozen=True)
class CopyToPrint:
    """One copy to print: a form, or a letter to somebody, or a letter with a form."""

    secrets: Secrets
    team: object = None
    arrangement: str | None = None
    has_form: bool = True
    addressee: object = None
    label: str | None = None  # of a letter without a form, which has no number else


def print_forms(
    session, campaign, n, choice, *, actor, now, team_id=None, keeps_file=False
):
    """Print `n` copies, each with a way in of its own. Commits.

    Nothing is stored unless the PDF was made; it cannot be made a second time,
    because only hashes of the codes are kept. With `keeps_file` it is kept, encrypted,
    to be had again for some days.

    Raises
    ------
    InvalidAnswers
        If the number, the choice, the team or an address will not do.
    """
    problems = problems_of(campaign, choice)
    if not 1 <= n <= MOST_COPIES:
        problems["n"] = f"Choose a number from 1 to {MOST_COPIES}"
    if problems:
        raise InvalidAnswers(problems)
    team = team_of(campaign, team_id)
    orders = balanced_arrangements(session, campaign, choice.perspective)
    to_print = [CopyToPrint(Secrets.new(), team, next(orders)) for _ in range(n)]
    return print_copies(
        session,
        campaign,
        to_print,
        choice,
        actor=actor,
        now=now,
        action="forms.printed",
        keeps_file=keeps_file,
    )


def print_copies(
    session,
    campaign,
    to_print,
    choice,
    *,
    actor,
    now,
    action,
    close_first=None,
    keeps_file=False,
):
    """Make the PDF of these copies, then keep their invitations and note it. Commits.

    `close_first` closes what these copies replace, in the transaction that keeps the
    new ones, and says how many there were.
    """
    orders = dict.fromkeys(each.arrangement for each in to_print if each.has_form)
    forms = {order: form_to_print(campaign, choice, order) for order in orders}
    style = style_of(campaign, choice)
    let_go(session)  # fifty copies take ten seconds: nobody's answer waits for them
    set_forms = {order: set_form(form, style) for order, form in forms.items()}
    run = typeset(to_print, set_forms, style, now)
    rows = [_rows(campaign, choice, each, now) for each in to_print]
    detail = {"closed": close_first()} if close_first else {}
    kept = {o: copies.keep_form(session, f.layout) for o, f in set_forms.items()}
    for invitation, copy in rows:
        session.add(invitation)
        if copy is not None:
            copy.form = kept[invitation.arrangement]
            session.add(copy)
    if keeps_file:
        kind, n = action.partition(".")[0], len(to_print)
        file = print_files.keep(session, campaign, kind, run.pdf, n, now=now)
        run = replace(run, file_id=file.id)
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=campaign,
        n=len(to_print),
        forms=sorted({layout.form_id for layout in run.layouts}),
        **detail,
    )
    session.commit()
    return run


def specimen(session, campaign, choice, *, now):
    """The form as a perspective would get it, marked as a preview; stored nowhere."""
    style = style_of(campaign, choice, is_specimen=True)
    form = bank.fixed_form(example_form(campaign, choice.perspective))
    form = with_notices(campaign, in_words(form, choice), choice)
    secrets = Secrets("preview", "PREVIEW--", "PREVIEW-----", "PREVIEW--")
    let_go(session)
    return typeset(
        [CopyToPrint(secrets)], {None: set_form(form, style)}, style, now
    ).pdf


def form_to_print(campaign, choice, arrangement):
    """A form in one order, in the words of a choice, with the campaign's notices."""
    whole = whole_form(campaign, choice.perspective)
    form = in_words(arranged_questions(whole.ref, arrangement).instrument, choice)
    return with_notices(campaign, form, choice)


def with_notices(campaign, form, choice):
    """The form with what the campaign says of itself, and asks people to agree to."""
    reader = reader_of(choice)
    given = notices.documents_of(campaign, form, reader)
    asked = notices.statements_of(campaign, form, reader)
    beside = (notices.comment_statement(reader),)
    return replace(form, documents=(*given, *asked, *beside))


def balanced_arrangements(session, campaign, perspective):
    """The order or booklet of one copy after another, balanced over people.

    Copies that are out and not begun count as well: their places are passed over.
    """
    ref = whole_form(campaign, perspective).ref
    if is_as_printed(campaign, ref):
        return repeat(None)
    waiting = select(func.count()).where(
        Invitation.campaign_id == campaign.id,
        Invitation.perspective == perspective,
        Invitation.status == "made",
        Invitation.arrangement.is_not(None),
    )
    return islice(
        balanced_orders(session, campaign, ref), session.scalar(waiting), None
    )


def style_of(campaign, choice, *, is_specimen=False):
    made_up = bank.made_up_language(choice.language)
    form = in_words(whole_form(campaign, choice.perspective), choice)
    direction = made_up.direction if made_up else form.direction
    return Style(
        choice.edition,
        choice.language,
        direction,
        sender_of(campaign),
        is_specimen,
        letter_text(campaign, form, choice),
    )


def sender_of(campaign):
    """Who asks, as the form says it."""
    return Sender(
        organisation=campaign.trust.name,
        title=campaign.public_title,
        return_address=lines_of(campaign.return_address),
        contact=contact_of(campaign),
        front_url=address_of("entry.front").rstrip("/"),
        withdraw_url=address_of("entry.withdraw"),
        opt_out_url=address_of("opt_out.front").rstrip("/"),
        link_start=address_of("entry.link", token="-").removesuffix("-"),
    )


def typeset(to_print, set_forms, style, now):
    """The PDF of copies; `set_forms` has the form of each arrangement among them."""
    printed = _printed(to_print, set_forms, style, local_date(now))
    forms = [form.elements for form in set_forms.values()]
    date = now.astimezone(LONDON).date()
    pdf = typesetting.to_pdf(TEMPLATE, style.data(forms, printed), date=date)
    begun, page = [], 1
    for each, copy in zip(to_print, printed):
        page += copy["lead"]
        if each.has_form:
            form_id = set_forms[each.arrangement].layout.form_id
            begun.append((each.secrets.serial, form_id, page))
        page += copy["pages"]
    return Run(pdf, tuple(form.layout for form in set_forms.values()), tuple(begun))


def _printed(to_print, set_forms, style, date):
    """Every copy as the template takes it, with the pages of its letter counted."""
    places = {order: n for n, order in enumerate(set_forms)}
    printed = [
        style.copy(
            each.secrets,
            form=set_forms.get(each.arrangement) if each.has_form else None,
            place=places.get(each.arrangement),
            letter=each.addressee and _letter(each, date),
        )
        for each in to_print
    ]
    if any(copy["letter"] for copy in printed):
        for copy, n_pages in zip(printed, style.pages_of_letters(printed)):
            copy["blank"] = n_pages % 2 == 1
            copy["lead"] = n_pages + n_pages % 2
    return printed


def _letter(planned, date):
    """A letter as the template takes it, marked with what it is looked for by."""
    mark = planned.label or planned.secrets.serial
    return {"mark": mark, **planned.addressee.to_dict(), "date": date}


def _rows(campaign, choice, planned, now):
    """An invitation, and what the pages of its copy are known by, if it has any."""
    key, secrets = current_app.config["PROM"].derived_key("codes"), planned.secrets
    invitation = Invitation(
        campaign=campaign,
        team=planned.team,
        label=planned.label,
        perspective=choice.perspective if planned.has_form else None,
        arrangement=planned.arrangement,
        tokens=[
            InvitationToken(
                token_hash=token_hash(secrets.token),
                short_code_hash=code_hash(secrets.code, key),
                made_at=now,
            )
        ],
        paper_code_hash=code_hash(secrets.receipt, key) if planned.has_form else None,
        created_at=now,
    )
    if not planned.has_form:
        return invitation, None
    numbered = {"serial": secrets.serial, "printed_at": now}
    return invitation, PrintedCopy(invitation=invitation, **numbered)
