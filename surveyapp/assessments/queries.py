"""Which assessments count: sent, not withdrawn, of the form that a campaign gives."""

from sqlalchemy import ColumnElement, and_, distinct, false, func, or_, select
from sqlalchemy.orm import Session, selectinload

from .. import bank
from ..errors import NotFound
from ..models import Answer, Assessment, Campaign, Consent, Respondent

SHARING, COMMENT = "consent_sharing", "consent_comment"


def find_campaign(session: Session, number: int | None = None) -> Campaign:
    """The campaign of this number, or the only one with answers.

    NotFound says what there is.
    """
    campaigns = list(session.scalars(select(Campaign).order_by(Campaign.id)))
    sent = select(Assessment.campaign_id).where(Assessment.submitted_at.is_not(None))
    answered = set(session.scalars(sent.distinct()))
    chosen = [c for c in campaigns if number == c.id]
    if number is None:
        chosen = [c for c in campaigns if c.id in answered] or campaigns
    if len(chosen) != 1:
        known = ", ".join(f"{c.id} ({c.title})" for c in campaigns) or "none yet"
        raise NotFound(f"name one of the campaigns with --campaign: {known}")
    return chosen[0]


def submitted(
    session: Session, campaign: Campaign, perspective: str, *, only_shared: bool = False
) -> list[Assessment]:
    """Assessments that count, of the instrument that the campaign gives now.

    `only_shared` keeps those of people who agreed to sharing outside the trust.
    """
    counted = _that_count(campaign, perspective)
    shared = (Assessment.consents.any(_given(SHARING)),) if only_shared else ()
    query = (
        select(Assessment)
        .where(*counted, *shared)
        .options(
            selectinload(Assessment.answers),
            selectinload(Assessment.background),
            selectinload(Assessment.respondent).selectinload(Respondent.assessments),
        )
        .order_by(Assessment.id)
    )
    return list(session.scalars(query))


def n_submitted(
    session: Session, campaign: Campaign, perspective: str, *, is_again: bool = False
) -> int:
    """How many assessments count, without reading what is in them.

    `is_again` counts those of later waves alone.
    """
    query = select(func.count(Assessment.id))
    query = query.where(*_that_count(campaign, perspective))
    return session.scalar(query.where(Assessment.wave > 1) if is_again else query) or 0


def waves_sent(session: Session, campaign: Campaign, perspective: str) -> set[int]:
    """The waves of which there are answers that count, such as {1, 2}."""
    query = select(Assessment.wave).where(*_that_count(campaign, perspective))
    return set(session.scalars(query.distinct()))


def forms_of(campaign: Campaign, perspective: str) -> list[str]:
    """What a campaign gives a perspective: of an adaptive form also the fixed one."""
    given = {c.perspective: c.instrument for c in campaign.instruments}
    if perspective not in given:
        return []
    form = bank.instrument(given[perspective])
    return [form.ref, bank.fixed_form(form).ref]


def n_duplicates(session: Session, campaign: Campaign, perspective: str) -> int:
    """How many sent forms do not count, since another of the same invitation does."""
    query = select(func.count(Assessment.id)).where(
        Assessment.campaign_id == campaign.id,
        Assessment.perspective == perspective,
        Assessment.submitted_at.is_not(None),
        Assessment.withdrawn_at.is_(None),
        Assessment.duplicate_number.is_not(None),
    )
    return session.scalar(query) or 0


def n_in_spite(session: Session, campaign: Campaign) -> int:
    """How many sent forms have answers on a plan in spite of what was said of it.

    Forms under a strict gate alone, which keeps such answers and does not score them.
    """
    total = 0
    for perspective in campaign.perspectives:
        for ref in dict.fromkeys(forms_of(campaign, perspective)):
            gate = bank.instrument(ref).gate
            if gate is None or not gate.is_strict:
                continue
            settled = [said for said in gate.options if gate.outcome(said) != "asked"]
            query = (
                select(func.count(distinct(Assessment.id)))
                .join(Assessment.answers)
                .where(
                    *_that_count(campaign, perspective),
                    Assessment.is_of(ref),
                    Assessment.care_plan.in_(settled),
                    Answer.item_id.in_(gate.when_no),
                    Answer.value.is_not(None),
                )
            )
            total += session.scalar(query) or 0
    return total


def lets_leads_read() -> ColumnElement[bool]:
    """For queries: whether the author agreed that leads read the comment."""
    return Assessment.consents.any(_given(COMMENT))


def _given(statement_id: str) -> ColumnElement[bool]:
    return and_(Consent.statement_id == statement_id, Consent.given.is_(True))


def _that_count(
    campaign: Campaign, perspective: str
) -> tuple[ColumnElement[bool], ...]:
    of_form = [Assessment.is_of(ref) for ref in forms_of(campaign, perspective)]
    return (
        Assessment.campaign_id == campaign.id,
        Assessment.perspective == perspective,
        or_(false(), *of_form),
        Assessment.counts(),
    )
