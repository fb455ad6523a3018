"""Printed forms of a campaign: every copy an invitation, its code printed once."""

from dataclasses import dataclass
from itertools import islice, repeat

from flask import current_app
from sqlalchemy import func, select

from .. import audit, bank
from ..campaigns.services import team_of
from ..errors import InvalidAnswers
from ..links import code_hash, grouped, new_code, new_receipt, new_token, token_hash
from ..models import Invitation, PrintedCopy
from ..pages import LONDON
from ..respond.arrangement import balanced, is_as_printed, typical
from ..respond.plan import arranged
from . import codes, copies, typesetting
from .choices import in_words, lines_of, problems_of, whole_form
from .content import Sender
from .setting import TEMPLATE, Style, set_form

MOST_COPIES = 100


@dataclass(frozen=True, eq=False)
class Run:
    """What came of a run: the PDF, the layouts, and which copy begins on which page."""

    pdf: bytes
    layouts: tuple
    copies: tuple  # of (serial, form id, first page)

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


def print_forms(session, campaign, n, choice, *, actor, now, team_id=None):
    """Print `n` copies, each with a way in of its own. Commits.

    Nothing is stored unless the PDF was made; it cannot be made a second time,
    because only hashes of the codes are kept.

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
    style = style_of(campaign, choice)
    wanted = _arrangements(session, campaign, choice.perspective)
    plan = [(next(wanted), Secrets.new()) for _ in range(n)]
    set_forms = {a: set_form_of(campaign, choice, a) for a, _ in plan}
    run = typeset(plan, set_forms, style, now)
    for arrangement, secrets in plan:
        layout = set_forms[arrangement].layout
        _keep(session, campaign, team, choice, arrangement, secrets, layout, now)
    audit.record(
        session,
        actor=actor,
        action="forms.printed",
        subject=f"campaign:{campaign.id}",
        trust_id=campaign.trust_id,
        n=n,
        forms=sorted({each.layout.form_id for each in set_forms.values()}),
    )
    session.commit()
    return run


def specimen(campaign, choice, *, date):
    """The form as a perspective would get it, marked as a preview; stored nowhere."""
    style = style_of(campaign, choice, is_specimen=True)
    form = bank.fixed_form(typical(campaign, choice.perspective))
    form = in_words(form, choice)
    secrets = Secrets("preview", "PREVIEW--", "PREVIEW-----", "PREVIEW--")
    return _pdf([(None, secrets)], {None: set_form(form, style)}, style, date)


def _form(campaign, choice, arrangement):
    whole = whole_form(campaign, choice.perspective)
    return in_words(arranged(whole.ref, arrangement).instrument, choice)


def _arrangements(session, campaign, perspective):
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
    return islice(balanced(session, campaign, ref), session.scalar(waiting), None)


def style_of(campaign, choice, *, is_specimen=False):
    made_up = bank.made_up_language(choice.language)
    form = in_words(whole_form(campaign, choice.perspective), choice)
    direction = made_up.direction if made_up else form.direction
    return Style(
        choice.edition, choice.language, direction, sender_of(campaign), is_specimen
    )


def sender_of(campaign):
    """Who asks, as the form says it."""
    root = current_app.config["PROM"].base_url.rstrip("/")
    paths = current_app.url_map.bind("")
    return Sender(
        organisation=campaign.trust.name,
        title=campaign.title,
        return_address=lines_of(campaign.return_address),
        contact=lines_of(campaign.contact),
        front_url=root,
        withdraw_url=root + paths.build("entry.withdraw"),
        link_start=root + paths.build("entry.link", {"token": "-"}).removesuffix("-"),
    )


def set_form_of(campaign, choice, arrangement=None):
    """A campaign's form as it is set, in one arrangement or as printed."""
    return set_form(_form(campaign, choice, arrangement), style_of(campaign, choice))


def typeset(plan, set_forms, style, now):
    """The PDF of a run, whose `plan` has an arrangement and secrets for each copy."""
    pdf = _pdf(plan, set_forms, style, now.astimezone(LONDON).date())
    begun, page = [], 1
    for arrangement, secrets in plan:
        form = set_forms[arrangement]
        begun.append((secrets.serial, form.layout.form_id, page))
        page += form.pages_of_paper
    return Run(pdf, tuple(form.layout for form in set_forms.values()), tuple(begun))


def _pdf(plan, set_forms, style, date):
    places = {arrangement: n for n, arrangement in enumerate(set_forms)}
    printed = [
        _printed(places[a], set_forms[a], secrets, style.sender) for a, secrets in plan
    ]
    forms = [form.elements for form in set_forms.values()]
    return typesetting.to_pdf(TEMPLATE, style.data(forms, printed), date=date)


def _printed(place, form, secrets, sender):
    """One copy as the template takes it."""
    layout = form.layout
    return {
        "form": place,
        "pages": form.pages_of_paper,
        "numbered": layout.n_pages,
        "keep": form.n_to_keep,
        "form_id": grouped(layout.form_id),
        "serial": grouped(secrets.serial),
        "qrs": codes.of_pages(layout.form_id, secrets.serial, layout.n_pages),
        "way_in": codes.of_link(sender.link_start + secrets.token),
        "code": grouped(secrets.code),
        "receipt": grouped(secrets.receipt),
    }


def _keep(session, campaign, team, choice, arrangement, secrets, layout, now):
    key = current_app.config["PROM"].derived_key("codes")
    invitation = Invitation(
        campaign=campaign,
        team=team,
        perspective=choice.perspective,
        arrangement=arrangement,
        token_hash=token_hash(secrets.token),
        short_code_hash=code_hash(secrets.code, key),
        promised_receipt=secrets.receipt,
        created_at=now,
    )
    copy = PrintedCopy(
        form=copies.keep_form(session, layout),
        invitation=invitation,
        serial=secrets.serial,
        printed_at=now,
    )
    session.add_all([invitation, copy])
