"""A campaign cloned as the next wave, and the waves that it stands among."""

from sqlalchemy import select

from .. import audit
from ..errors import InvalidAnswers
from ..models import Campaign, CampaignInstrument, CommentProtocol, CommentReader

CLONED = [
    *("purpose", "modes", "languages", "companion_measures", "items_per_page"),
    *("item_order", "booklet_length", "return_address", "contact", "headline"),
    *("asks_contacts", "n_wanted", "split_ballot", "thanks"),
]


def clone(session, campaign, *, title, actor, now):
    """A draft with all that was chosen for another, as its next wave. Commits.

    Teams that are closed are left out. Notices are begun from the trust's last; who
    reads comments, and the risk protocol, are the same.
    """
    if not title.strip():
        raise InvalidAnswers({"title": "Enter a title"})
    made = Campaign(
        trust=campaign.trust,
        title=title.strip()[:200],
        teams=[team for team in campaign.teams if team.is_active],
        opens_at=now,
        is_draft=True,
        previous_id=campaign.id,
        instruments=[
            CampaignInstrument(perspective=c.perspective, instrument=c.instrument)
            for c in campaign.instruments
        ],
        **{name: getattr(campaign, name) for name in CLONED},
    )
    session.add(made)
    session.flush()
    _copy_readers(session, campaign, made)
    audit.record(
        session,
        actor=actor,
        action="campaign.cloned",
        subject=made,
        of=campaign.id,
    )
    session.commit()
    return made


def _copy_readers(session, campaign, made):
    protocol = session.get(CommentProtocol, campaign.id)
    if protocol is not None:
        same = {"steps": protocol.steps, "days": protocol.days}
        session.add(CommentProtocol(campaign_id=made.id, **same))
    of = CommentReader.campaign_id == campaign.id
    for user_id in session.scalars(select(CommentReader.staff_user_id).where(of)):
        session.add(CommentReader(campaign_id=made.id, staff_user_id=user_id))


def chain(session, campaign):
    """The campaigns that this one is a wave after, nearest first, and those after."""
    before, at = [], campaign
    while at.previous_id is not None and len(before) < 50:
        at = session.get(Campaign, at.previous_id)
        before.append(at)
    after = session.scalars(
        select(Campaign)
        .where(Campaign.previous_id == campaign.id)
        .order_by(Campaign.id)
    ).all()
    return before, after
