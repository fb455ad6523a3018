"""Naming who reads comments, recording what was read, and letting blocks out."""

from sqlalchemy import select

from .. import audit
from ..assessments.consent import COMMENT
from ..auth.permissions import roles_for
from ..bank import PREREQUISITES
from ..errors import InvalidAnswers, NotFound
from ..models import (
    Assessment,
    Campaign,
    Comment,
    CommentProtocol,
    CommentReader,
    CommentReading,
    ReleasedBlock,
    RoleGrant,
    StaffUser,
)
from ..models.assessment import COMMENT_LENGTH
from ..models.comment_reading import DECISIONS, RISKS
from ..models.staff import LEAD
from . import comment_screen
from .comment_blocks import AUTHORS, comment_blocks

MOST_DAYS = 30
LONGEST = 2000


def candidates(session, campaign):
    """Staff of the trust who may be named: not those who lead its services.

    Leads read comments in blocks alone, edited and undated.
    """
    query = (
        select(StaffUser)
        .join(RoleGrant, RoleGrant.staff_user_id == StaffUser.id)
        .where(RoleGrant.trust_id == campaign.trust_id, StaffUser.active)
        .order_by(StaffUser.name, StaffUser.id)
    )
    people = session.scalars(query).unique().all()
    return [user for user in people if is_candidate(user, campaign)]


def is_candidate(user, campaign):
    """Whether somebody may read in the trust, and leads none of its services."""
    roles = {g.role for g in user.grants if g.trust_id == campaign.trust_id}
    return user.active and bool(roles & roles_for("comments")) and LEAD not in roles


def readers(session, campaign):
    """Who was named and still may read."""
    query = select(CommentReader).filter_by(campaign_id=campaign.id)
    named = session.scalars(query.order_by(CommentReader.id))
    return [n.staff_user for n in named if is_candidate(n.staff_user, campaign)]


def campaigns_of(session, user):
    """Campaigns whose comments this person may read, the newest first."""
    query = (
        select(Campaign)
        .join(CommentReader, CommentReader.campaign_id == Campaign.id)
        .where(CommentReader.staff_user_id == user.id)
        .order_by(Campaign.opens_at.desc(), Campaign.id)
    )
    return [c for c in session.scalars(query) if is_candidate(user, c)]


def name_readers(session, campaign, chosen, *, steps, days, actor, now):
    """Keep who reads, by when, and what they do when a comment tells of danger.

    Commits. Raises InvalidAnswers by field.
    """
    allowed = {user.id: user for user in candidates(session, campaign)}
    steps, problems = steps.strip(), {}
    if not chosen or not set(chosen) <= set(allowed):
        problems["reader"] = "Choose at least one of the people shown"
    if not steps or len(steps) > LONGEST:
        problems["steps"] = f"Say what readers do, in {LONGEST} letters at most"
    if days is None or not 1 <= days <= MOST_DAYS:
        problems["days"] = f"Enter a whole number from 1 to {MOST_DAYS}"
    if problems:
        raise InvalidAnswers(problems)
    held = {
        each.staff_user_id: each
        for each in session.scalars(
            select(CommentReader).filter_by(campaign_id=campaign.id)
        )
    }
    for number in held.keys() - set(chosen):
        session.delete(held[number])
    for number in set(chosen) - held.keys():
        session.add(
            CommentReader(campaign_id=campaign.id, staff_user_id=number, named_at=now)
        )
    protocol = session.get(CommentProtocol, campaign.id)
    if protocol is None:
        protocol = CommentProtocol(campaign_id=campaign.id)
        session.add(protocol)
    protocol.steps, protocol.days, protocol.changed_at = steps, days, now
    audit.record(
        session,
        actor=actor,
        action="comments.readers",
        subject=campaign,
        readers=sorted(chosen),
        days=days,
    )
    session.commit()


def find(session, user, comment_id):
    """A comment that was sent and that this person was named to read; else NotFound."""
    comment = session.get(Comment, comment_id)
    if comment is None:
        raise NotFound()
    one = comment.assessment
    if one.submitted_at is None or one.withdrawn_at is not None:
        raise NotFound()
    named = select(CommentReader.id).filter_by(
        campaign_id=one.campaign_id, staff_user_id=user.id
    )
    if session.scalar(named) is None or not is_candidate(user, one.campaign):
        raise NotFound()
    return comment


def agreed(comment):
    """Whether the author lets leads read it."""
    return any(
        c.statement_id == COMMENT and c.given for c in comment.assessment.consents
    )


def reading_of(session, comment):
    """What was made of a comment, or None where nobody has read it."""
    return session.scalar(select(CommentReading).filter_by(comment_id=comment.id))


def save_reading(session, comment, given, *, user, now):
    """Keep what a reader made of a comment. Commits; returns the reading.

    `given` is a mapping of the form's fields, `themes` a list among them. Raises
    InvalidAnswers by field, also where somebody else saved it in between.
    """
    # One at a time, and none while the author is withdrawing.
    locked = Assessment.locked(session, comment.assessment_id)
    if locked is None or locked.withdrawn_at is not None:
        raise NotFound()
    reading = reading_of(session, comment)
    problems = _problems(comment, given)
    if str(reading.version if reading else 0) != given["version"]:
        problems["version"] = "Somebody else saved this comment. Look at it again"
    if problems:
        session.rollback()
        raise InvalidAnswers(problems)
    if reading is None:
        reading = CommentReading(comment_id=comment.id, version=0, read_at=now)
        session.add(reading)
    reading.reader_id, reading.version = user.id, reading.version + 1
    reading.themes = [t for t in PREREQUISITES if t in given["themes"]]
    reading.risk, reading.action = given["risk"], given["action"].strip()
    reading.decision = given["decision"]
    reading.edited = given["edited"].strip()
    reading.why_held = given["why_held"].strip()
    if reading.decision != "for_leads":
        reading.block_id = reading.let_out_at = None
    audit.record(
        session,
        actor=user,
        action="comment.read",
        subject=comment.assessment.campaign,
        at=now,
        comment=comment.id,
        version=reading.version,
        risk=reading.risk,
        decision=reading.decision,
    )
    session.commit()
    return reading


def _problems(comment, given):
    found = {}
    if given["risk"] not in RISKS:
        found["risk"] = "Say whether the comment tells of danger"
    elif given["risk"] == "closed" and not given["action"].strip():
        found["action"] = "Say what was done"
    if given["decision"] not in DECISIONS:
        found["decision"] = "Choose one of the answers shown"
    if given["decision"] == "for_leads":
        found |= _for_leads_problems(comment, given)
    if given["decision"] == "held_back" and not given["why_held"].strip():
        found["why_held"] = "Say why leads do not get it"
    longest = {"action": LONGEST, "why_held": LONGEST, "edited": COMMENT_LENGTH}
    for name, most in longest.items():
        if len(given[name]) > most:
            found[name] = f"Use {most} letters at most"
    return found


def _for_leads_problems(comment, given):
    if not agreed(comment):
        return {"decision": "The author did not agree that leads read it"}
    if not given["edited"].strip():
        return {"edited": "Write what leads may read"}
    left = comment_screen.kinds(given["edited"])
    if left and not given["checked"]:
        told = ", ".join(left)
        return {
            "checked": f"This may still hold {told}. Take it out, or say that you "
            "looked at each mark"
        }
    return {}


def let_out(session, block_id, *, user, now):
    """Let leads read the comments of one block that are for them. Commits."""
    block = _block(session, block_id, user)
    if not block.may_be_let_out or block.is_let_out:
        raise InvalidAnswers(
            {
                "block": f"Every comment has to be decided on, and {AUTHORS} people's "
                "have to be for leads"
            }
        )
    for reading in block.for_leads:
        reading.block_id, reading.let_out_at = block.block_id, now
    _note(session, block, "comments.let_out", user, n=len(block.for_leads))


def take_back(session, block_id, *, user):
    """Let leads read the comments of one block no more. Commits."""
    block = _block(session, block_id, user)
    taken = [r for *_, r in block.members if r and r.let_out_at]
    for reading in taken:
        reading.block_id = reading.let_out_at = None
    _note(session, block, "comments.taken_back", user, n=len(taken))


def _note(session, block, action, user, **detail):
    campaign = block.members[0][2].comment.assessment.campaign
    given = {"actor": user, "action": action, "subject": campaign}
    audit.record(session, **given, block=block.block_id, **detail)
    session.commit()


def _block(session, block_id, user):
    """A block of which this person reads every comment; else NotFound."""
    found = session.get(ReleasedBlock, block_id)
    if found is None:
        raise NotFound()
    mine = {campaign.id for campaign in campaigns_of(session, user)}
    for block in comment_blocks(session, found.trust_id, block_id=block_id):
        if campaigns_in(session, block) <= mine:
            return block
    raise NotFound()


def campaigns_in(session, block):
    """Numbers of the campaigns that the comments of a block are of."""
    authors = [author for author, *_ in block.members]
    query = select(Assessment.campaign_id).where(Assessment.id.in_(authors))
    return set(session.scalars(query.distinct()))
