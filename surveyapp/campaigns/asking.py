"""How a campaign asks: statements a page, and a variant of its forms for half."""

from .. import audit, bank
from ..assessments.few_asked import may_have_begun
from ..errors import InvalidAnswers
from ..models import Campaign

PER_PAGE = {1: "One", 3: "Three", 12: "A whole part"}
EVERYBODY = ""


def splits(campaign):
    """Letter of each variant that can be shared out -> its response sets.

    A form that chooses its questions rests on parameters of one wording alone, and
    no variant is put into other languages yet.
    """
    forms = [bank.instrument(chosen.instrument) for chosen in campaign.instruments]
    if any(form.adaptive for form in forms) or set(campaign.languages) - {"en"}:
        return {}
    found = {}
    for form in forms:
        for letter, sets in bank.variants(form).items():
            found.setdefault(letter, {}).update({each.ref: each for each in sets})
    return {letter: tuple(sets.values()) for letter, sets in found.items()}


def choose(session, campaign, *, per_page, variant, actor):
    """Ask this many statements a page, and give half this variant. Commits.

    `variant` is a letter of `splits`, or empty where everybody gets the same; it
    cannot be changed once somebody has begun, since halves would be no halves.
    InvalidAnswers says by field what cannot be.
    """
    session.get(Campaign, campaign.id, with_for_update=True)
    wanted, problems = variant or None, {}
    if per_page not in PER_PAGE:
        problems["per_page"] = "Choose how many statements stand on a page"
    if wanted is not None and wanted not in splits(campaign):
        problems["variant"] = "Choose among the variants shown"
    elif wanted != campaign.split_ballot and may_have_begun(session, campaign):
        problems["variant"] = "People may have begun: the variants stay as they are"
    if problems:
        raise InvalidAnswers(problems)
    campaign.items_per_page, campaign.split_ballot = per_page, wanted
    audit.record(
        session,
        actor=actor,
        action="campaign.asking_chosen",
        subject=campaign,
        per_page=per_page,
        variant=wanted,
    )
    session.commit()
