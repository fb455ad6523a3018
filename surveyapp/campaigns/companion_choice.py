"""Which other measures a campaign gives beside its form."""

from .. import audit, bank
from ..errors import InvalidAnswers


def give(session, campaign, refs, *, actor):
    """Give these measures beside the form from now on, and no others. Commits.

    What was answered before stays. InvalidAnswers where the bank has no such measure.
    """
    known = [measure.ref for measure in bank.companions()]
    if not set(refs) <= set(known):
        raise InvalidAnswers({"measure": "Choose among the measures shown"})
    campaign.companion_measures = [ref for ref in known if ref in refs]
    audit.record(
        session,
        actor=actor,
        action="campaign.companions_chosen",
        subject=campaign,
        measures=campaign.companion_measures,
    )
    session.commit()


def titles(campaign):
    """Titles of the measures that a campaign gives beside its form."""
    given = campaign.companion_measures
    return [each.title for each in bank.companions() if each.ref in given]
