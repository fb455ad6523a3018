"""Made-up comments of the demonstration: the last ones to read, and some for leads."""

from itertools import cycle

from sqlalchemy import select

from .models import Assessment, Comment, CommentReading, Consent
from .tracking import comment_services as services
from .tracking.comment_blocks import comment_blocks

EVERY, AGREED = 5, 4  # one in five wrote something, four of five of them agreed
DAYS, UNREAD = 14, 3  # to read one in, and how many nobody has read yet
STEPS = (
    "A demonstration: nobody is in danger. A trust writes here whom to ring at once, "
    "who is told the same day, and who covers when a reader is away."
)
# What was written, and the prerequisites that it is about.
TEXTS = dict(
    service_user=(
        ("They asked about my weight and my tablets together. That helped.", "parity"),
        ("My GP and the team never seem to talk to each other.", "coordination"),
        ("The plan has my own words in it.", "personalisation"),
        ("I said that I was tired all the time and was believed.", "trust"),
        ("We wrote it together, and I have a copy.", "collaboration"),
        ("Nobody has looked at the plan again since spring.", "living_document"),
        ("Dr Moor rang me on 01632 960123 and said that it was nothing.", "trust"),
    ),
    carer=(
        ("I was asked what I see at home, for the first time.", "collaboration"),
        ("I find out what was agreed when something goes wrong.", "coordination"),
        ("Please ask about his heart, not only about his mood.", "parity"),
    ),
)


def write(assessments):
    """Let one in some people write something, most of whom let leads read it."""
    texts = {name: cycle(text for text, _ in told) for name, told in TEXTS.items()}
    for n, assessment in enumerate(assessments[::EVERY]):
        at = assessment.submitted_at
        text = next(texts[assessment.perspective])
        assessment.comments.append(Comment(text=text, written_at=at))
        said = {"statement_id": "consent_comment", "statement_version": 1}
        given = n % EVERY < AGREED
        assessment.consents.append(Consent(given=given, at=at, **said))


def read_a_block(session, campaign, reader, *, now):
    """Name a reader, who has read one block of each perspective and let it out."""
    given = {"steps": STEPS, "days": DAYS, "actor": reader, "now": now}
    services.name_readers(session, campaign, [reader.id], **given)
    themes = {text: theme for told in TEXTS.values() for text, theme in told}
    for perspective in TEXTS:
        for block in comment_blocks(session, campaign.trust_id, perspective):
            if block.n_authors < services.AUTHORS:
                continue
            for _, comment_id, _ in block.members:
                comment = session.get(Comment, comment_id)
                reading = _reading(comment.text, themes[comment.text])
                who = {"user": reader, "now": now}
                services.save_reading(session, comment, reading, **who)
            services.let_out(session, block.block_id, user=reader, now=now)
            break
    _read_others(session, campaign, reader, now)


def _read_others(session, campaign, reader, now):
    """Read every other comment but the last ones."""
    unread = (
        select(Comment)
        .join(Assessment, Assessment.id == Comment.assessment_id)
        .outerjoin(CommentReading, CommentReading.comment_id == Comment.id)
        .where(Assessment.campaign_id == campaign.id, CommentReading.id.is_(None))
        .order_by(Assessment.submitted_at)
    )
    themes = {text: theme for told in TEXTS.values() for text, theme in told}
    for comment in session.scalars(unread).all()[:-UNREAD]:
        reading = _reading(comment.text, themes[comment.text])
        if not services.agreed(comment):
            why = "The author did not agree that leads read it."
            reading |= {"decision": "held_back", "why_held": why}
        services.save_reading(session, comment, reading, user=reader, now=now)


def _reading(text, theme):
    edited = text.replace("Dr Moor", "[name]").replace("01632 960123", "[number]")
    return {
        "version": "0",
        "risk": "none",
        "action": "",
        "decision": "for_leads",
        "edited": edited,
        "why_held": "",
        "themes": [theme],
        "checked": True,
    }
