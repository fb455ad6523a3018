"""Campaigns, and the ways in to them."""

from flask import current_app
from sqlalchemy import case, func, insert, literal_column, select

from .. import audit, bank, print_files
from ..assessments.link_numbers import next_list
from ..assessments.start import team_of
from ..bank import PERSPECTIVES
from ..errors import InvalidAnswers, NotFound
from ..links import code_hash, grouped, new_code, new_token, token_hash
from ..models import (
    Assessment,
    Campaign,
    CampaignInstrument,
    Invitation,
    InvitationToken,
)
from ..models.campaign import ITEM_ORDERS
from . import link_lists
from .ways_in import CANCELLED, WayIn

MOST_LINKS = 500
MADE_UP = (
    "This form rests on made-up answers and is for the demonstration alone. "
    "Choose another form"
)


def create(
    session,
    trust,
    *,
    title,
    form,
    actor,
    now,
    item_order="as_printed",
    length=None,
    languages=("en",),
    asks_contacts=False,
):
    """A campaign of all the trust's teams: a draft, until a person opens it.

    `form` is the family of instruments, such as `short`: one is given to each
    perspective that the family has. `length` is that of a booklet, in items. People
    choose among `languages`, in which every form has to be validated. Commits.
    """
    given = forms().get(form)
    problems = {}
    if not title.strip():
        problems["title"] = "Enter a title"
    if given is None:
        problems["form"] = "Choose a form"
    else:
        if item_order == "rotated" and any(map(_is_adaptive, given.values())):
            item_order = "as_printed"  # one that chooses its questions has its own
        problems |= adaptive_problems(trust, given.values(), item_order)
    if item_order == "booklets" and given:
        problems |= booklet_problems(given.values(), length)
    elif item_order not in ITEM_ORDERS:
        problems["item_order"] = "Choose in which order the questions are asked"
    if given and not set(languages) <= set(languages_of(given.values())):
        problems["languages"] = "Choose languages that every form is validated in"
    teams = [team for team in trust.teams if team.is_active]
    if not teams:
        problems["trust"] = f"{trust.name} has no team yet; an administrator adds one"
    if trust.closed_at:
        problems["trust"] = f"{trust.name} is closed; an administrator opens it again"
    if problems:
        raise InvalidAnswers(problems)
    campaign = Campaign(
        trust=trust,
        title=title.strip()[:200],
        teams=teams,
        opens_at=now,
        is_draft=True,
        item_order=item_order,
        languages=list(languages) or ["en"],
        asks_contacts=asks_contacts,
        booklet_length=length if item_order == "booklets" else None,
        instruments=[
            CampaignInstrument(perspective=perspective, instrument=ref)
            for perspective, ref in given.items()
        ],
    )
    session.add(campaign)
    session.flush()
    audit.record(session, actor=actor, action="campaign.made", subject=campaign, n=1)
    session.commit()
    return campaign


def _is_adaptive(ref):
    return bank.instrument(ref).adaptive is not None


def adaptive_problems(trust, refs, item_order):
    """What is wrong, by field, with giving these forms in this trust and order.

    Parameters that come from made-up answers would score real people by a fiction.
    """
    chosen = [bank.instrument(ref) for ref in refs]
    if not all(bank.may_score(form, trust) for form in chosen):
        return {"form": MADE_UP}
    if item_order != "as_printed" and any(form.adaptive for form in chosen):
        return {
            "item_order": "This form chooses its own order: let the parts take turns"
        }
    return {}


def booklet_problems(refs, length):
    """What is wrong, by field, with cutting these forms into booklets.

    Only forms with more questions than that are cut; the others are given whole.
    """
    sizes = {ref: len(bank.instrument(ref).items) for ref in refs}
    if length is None:
        return {"length": "Enter how many questions each person gets"}
    long_ones = [ref for ref, size in sizes.items() if size > length]
    try:
        for ref in long_ones:
            bank.booklets(ref, length)
    except ValueError:
        return {"length": f"{length} is too few: some questions go to everyone"}
    if not long_ones:
        most = max(sizes.values())
        return {"length": f"This form has {most} questions: enter a smaller number"}
    return {}


def languages_of(refs):
    """Tag -> name of the languages in which all of these forms are validated."""
    held = [bank.languages(ref) for ref in refs]
    return {tag: name for tag, name in held[0].items() if all(tag in h for h in held)}


def languages(families):
    """Tag -> name of the languages that any of these families is validated in."""
    found = {}
    for given in families.values():
        found |= languages_of(given.values())
    return found


def forms(*, made_up=True):
    """Family of instruments -> perspective -> newest version, as the bank has them.

    Without `made_up` those that rest on made-up answers are left out.
    """
    families = {}
    for instrument in sorted(bank.instruments(), key=lambda i: i.version):
        if bank.is_synthetic(instrument) and not made_up:
            continue
        family = instrument.id.removesuffix(f"_{instrument.perspective}")
        families.setdefault(family, {})[instrument.perspective] = instrument.ref
    order = list(PERSPECTIVES)
    return {
        family: dict(sorted(given.items(), key=lambda each: order.index(each[0])))
        for family, given in families.items()
    }


def titles(campaign):
    """Perspective -> title of its form, in the order of the form's choices."""
    return {
        perspective: bank.instrument(campaign.instrument_ref(perspective)).title
        for perspective in campaign.perspectives
    }


def family_titles(families):
    """Family of instruments -> its title, as that of the form for service users."""
    return {
        family: bank.instrument(next(iter(given.values()))).title
        for family, given in families.items()
    }


def make_open_link(session, campaign, *, actor, now, label, team_id=None):
    """A link that many may use, as on a poster. Commits; the list with it."""
    team, token = team_of(campaign, team_id), new_token()
    session.add(
        Invitation(
            campaign=campaign,
            team=team,
            label=label,
            is_open=True,
            tokens=[InvitationToken(token_hash=token_hash(token))],
        )
    )
    made = [WayIn(label, token, None)]
    listed = link_lists.keep(session, campaign, made, now=now, kind="open_links")
    audit.record(session, actor=actor, action="open_link.made", subject=campaign, n=1)
    session.commit()
    return listed


def make_personal_links(session, campaign, n, *, actor, now, team_id=None):
    """Links and codes for `n` people, one each. Commits; the list with them."""
    if not 1 <= n <= MOST_LINKS:
        raise InvalidAnswers({"n": f"Choose a number from 1 to {MOST_LINKS}"})
    team, key = (
        team_of(campaign, team_id),
        current_app.config["PROM"].derived_key("codes"),
    )
    batch = next_list(session, campaign)
    made = [
        WayIn(f"{batch}-{number}", new_token(), grouped(new_code()))
        for number in range(1, n + 1)
    ]
    of = {"campaign_id": campaign.id, "team_id": team and team.id}
    new = insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True)
    # In few statements: others wait.
    ids = session.scalars(new, [{**of, "label": way.label} for way in made]).all()
    tokens = [
        {
            "invitation_id": invitation_id,
            "token_hash": token_hash(way.token),
            "short_code_hash": code_hash(way.code, key),
        }
        for invitation_id, way in zip(ids, made)
    ]
    session.execute(insert(InvitationToken), tokens)
    listed = link_lists.keep(session, campaign, made, now=now)
    audit.record(
        session, actor=actor, action="personal_links.made", subject=campaign, n=n
    )
    session.commit()
    return listed


def counts(session, campaign):
    """How many began, sent what counts, withdrew, sent twice, by perspective.

    The perspective is None for those who have not chosen one yet.
    """
    choosing = Assessment.position == literal_column("'role'")
    chosen = case((choosing, None), else_=Assessment.perspective)
    query = (
        select(
            chosen,
            func.count(Assessment.id),
            func.count().filter(Assessment.counts()),
            func.count(Assessment.withdrawn_at),
            func.count(Assessment.duplicate_number),
        )
        .where(Assessment.campaign_id == campaign.id, Assessment.wave == 1)
        .group_by(chosen)
    )
    rows = session.execute(query).all()
    return sorted(map(tuple, rows), key=lambda row: (row[0] is None, row[0] or ""))


def n_personal_links(session, campaign):
    """How many personal links there are, open or closed, whatever came of them."""
    mine = Invitation.campaign_id == campaign.id
    asked = mine, Invitation.is_open.is_(False), Invitation.respondent_id.is_(None)
    return session.scalar(select(func.count(Invitation.id)).where(*asked))


def open_links(session, campaign):
    """The links that many may use, those that are open first."""
    is_over = Invitation.status == CANCELLED
    return session.scalars(
        select(Invitation)
        .where(Invitation.campaign_id == campaign.id, Invitation.is_open.is_(True))
        .order_by(is_over, Invitation.id)
    ).all()


def open_link_of(session, campaign, invitation_id):
    """One open link of a campaign; NotFound where it is none, or of another."""
    invitation = session.get(Invitation, invitation_id)
    is_mine = invitation is not None and invitation.campaign_id == campaign.id
    if not is_mine or not invitation.is_open:
        raise NotFound()
    return invitation


def close_open_link(session, campaign, invitation_id, *, actor, now):
    """Close one way in; what was answered through it stays. Commits."""
    invitation = open_link_of(session, campaign, invitation_id)
    invitation.status = CANCELLED
    print_files.let_go_of(session, campaign, "posters", invitation_id, now=now)
    link_lists.let_closed_go(session, campaign, now=now)
    audit.record(session, actor=actor, action="link.cancelled", subject=campaign, n=1)
    session.commit()
