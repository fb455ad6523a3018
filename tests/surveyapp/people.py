"""People of a trust's teams who answered, as tests of figures make them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from surveyapp.models import Assessment, Campaign, Comment
from surveyapp.tracking.comment_blocks import comment_blocks
from surveyapp.tracking.nightly_release import release_trust
from surveyapp.tracking.rounding import Draws

from .. import factories

SPRING = datetime(2026, 4, 20, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DRAWS = Draws("a key of the tests")


class People:
    """Invited ones, and those made up by whoever has a poster's link."""

    def __init__(self, session, trust):
        self.session, self.trust = session, trust
        self.campaign = session.query(Campaign).filter_by(trust=trust).one()
        self.campaign.teams = list(trust.teams)
        self.poster = factories.make_invitation(session, self.campaign, is_open=True)

    def invited(self, values, team="Harbour team", **given):
        return self._sent(values, team, **given)

    def made_up(self, values, team="Harbour team", **given):
        return self._sent(values, team, invitation=self.poster, **given)

    def _sent(self, values, team, at=SPRING, scales=("involvement",), **given):
        team = next(each for each in self.trust.teams if each.name == team)
        made = []
        for value in values:
            one = factories.make_assessment(
                self.session, self.campaign, team=team, submitted_at=at, **given
            )
            self.session.add_all(
                factories.make_score(one, scale, float(value)) for scale in scales
            )
            made.append(one)
        self.session.commit()
        return made

    def release(self, now=SPRING + DAY, **given):
        """What the job does at night."""
        given = {"draws": DRAWS} | given
        release_trust(self.session, self.trust.id, now=now, **given)


def comments_for_leads(session, campaign):
    """What leads could be let read, were everybody who sent something in one block."""
    session.expire_all()
    sent = select(Assessment).where(
        Assessment.campaign_id == campaign.id, Assessment.submitted_at.is_not(None)
    )
    members = session.scalars(sent).all()
    if not members:
        return []
    factories.make_block(session, *members)
    session.commit()
    blocks = comment_blocks(session, campaign.trust_id)
    told = [comment for block in blocks for _, comment, _ in block.members]
    return sorted(session.get(Comment, comment).text for comment in told)


def make_trust(session):
    """A trust with three teams and an open campaign."""
    campaign = factories.make_campaign(session)
    for name in ("Moorside", "Riverside"):
        factories.make_team(session, campaign.trust, name)
    session.commit()
    session.refresh(campaign.trust)
    return campaign.trust
