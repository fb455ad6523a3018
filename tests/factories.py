"""Records with valid defaults, added to the session and flushed."""

import hashlib
import json
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from surveyapp.calendar import LONDON
from surveyapp.models import (
    AnswerImport,
    Assessment,
    Campaign,
    CampaignInstrument,
    CampaignNotice,
    CampaignWave,
    ChartStep,
    Comment,
    CommentProtocol,
    CommentReader,
    Consent,
    Contact,
    ContactImport,
    Invitation,
    InvitationToken,
    Job,
    KeyedForm,
    Mailing,
    MailingFile,
    Message,
    MessagePlan,
    PlanStep,
    ReleasedBlock,
    ReleasedGroup,
    Respondent,
    RoleGrant,
    RunAttachment,
    Score,
    ScoreTarget,
    StaffUser,
    Team,
    Trust,
    ValidationRun,
)

LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SENT = Assessment.submitted_at.is_not(None)


def added(session, record):
    session.add(record)
    session.flush()
    return record


def of_before(session, record, **said):
    """Let columns of a row hold in clear what they encrypt now, as older rows do."""
    session.flush()
    for column, value in said.items():
        put = f"UPDATE {record.__tablename__} SET {column} = :value WHERE id = :number"
        session.execute(text(put), {"value": value, "number": record.id})
    session.refresh(record)
    return record


def make_trust(session, name="Northmoor", **given):
    slug = given.pop("slug", None) or f"{name.lower()}-{secrets.token_hex(3)}"
    return added(session, Trust(name=name, slug=slug, **given))


def make_team(session, trust=None, name="Harbour team", **given):
    trust = trust or make_trust(session)
    return added(session, Team(trust=trust, name=name, **given))


SLOTS = {
    "controller": "Northmoor NHS Foundation Trust",
    "dpo": "dpo@northmoor.example, 01632 960002",
    "basis_article_6": "It is a task in the public interest (UK GDPR article 6(1)(e)).",
    "basis_article_9": "It is needed to manage care (UK GDPR article 9(2)(h)).",
    "retention": "60",
    "processors": "Harbour Hosting Ltd",
    "complaints": "The privacy desk: 01632 960003",
    "regulator": "the Information Commissioner. Telephone: 0303 123 1113.",
    "crisis_line": "Northmoor crisis line, 01632 960004, day and night",
    "pals": "PALS, 01632 960005",
    "advocacy": "Moor Advocacy, 01632 960006",
    "carers_support": "Northmoor Carers, 01632 960007",
    "approval": "Evaluation 2026-17",
    "address_source": "the list of people in our care",
    "survey_team": "01632 960008",
    "results": "On the trust's web page, next spring",
    "thanks": "There is none",
    "chief": "",
    "sponsor": "",
}


def notice(**changes):
    """What a campaign says in its notices, with nothing empty."""
    research = {"chief": "Dr A. Moor", "sponsor": "Northmoor University"}
    is_research = changes.pop("is_research", False)
    slots = SLOTS | (research if is_research else {}) | changes
    return CampaignNotice(
        version=1, slots=slots, is_research=is_research, made_at=LONG_AGO
    )


def make_campaign(session, team=None, instruments=None, **given):
    """An open campaign of one team, for service users and carers."""
    team = team or make_team(session)
    instruments = instruments or {
        "service_user": "short_service_user.v1",
        "carer": "short_carer.v1",
    }
    chosen = [
        CampaignInstrument(perspective=perspective, instrument=instrument)
        for perspective, instrument in instruments.items()
    ]
    defaults = {
        "title": "How involved are you?",
        "opens_at": LONG_AGO,
        "notices": [notice()],
    }
    campaign = Campaign(
        trust=team.trust, teams=[team], instruments=chosen, **defaults | given
    )
    return added(session, campaign)


def make_invitation(
    session, campaign=None, token="a-token", short_code_hash=None, **given
):
    campaign = campaign or make_campaign(session)
    digest = hashlib.sha256(token.encode()).hexdigest()
    tokens = [InvitationToken(token_hash=digest, short_code_hash=short_code_hash)]
    promised = given.pop("promised_receipt", None)
    made = added(session, Invitation(campaign=campaign, tokens=tokens, **given))
    return of_before(session, made, promised_receipt=promised) if promised else made


def make_message(session, invitation, **given):
    """A message to whom an invitation is for, that waits."""
    defaults = {
        "campaign_id": invitation.campaign.id,
        "channel": "email",
        "template": "",
        "idempotency_key": secrets.token_hex(8),
        "due_at": LONG_AGO,
    }
    return added(session, Message(invitation=invitation, **defaults | given))


def make_message_plan(session, campaign, **given):
    """A plan of one message, to somebody who has not been written to."""
    defaults = {"starts_on": LONG_AGO.date(), "from_hour": 9, "until_hour": 18}
    steps = [PlanStep(number=1, after_days=0, channel="preferred")]
    kept = {"retain_until": LONG_AGO + timedelta(days=4000), "email": "a@example.org"}
    kept |= {"trust": campaign.trust, "team": campaign.teams[0], "name": "Ada Moor"}
    session.add(Contact(**kept))
    limits = {"most": 4, "within_days": 60}
    plan = MessagePlan(campaign=campaign, steps=steps, **defaults | limits | given)
    return added(session, plan)


def make_mailing(session, campaign, **given):
    """A mailing whose one message waits to be posted, with its file."""
    file = MailingFile(number=1, name="mailing-1.csv", n=1, content=b"number")
    defaults = {"carrier": "file", "stage": "made", "n": 1, "files": [file]}
    mailing = added(session, Mailing(campaign=campaign, **defaults | given))
    invitation = Invitation(campaign=campaign)
    told = {"status": "sending", "mailing_id": mailing.id, "channel": "print"}
    make_message(session, invitation, **told)
    return mailing


def make_assessment(session, campaign=None, perspective="service_user", **given):
    """An assessment in progress."""
    campaign = campaign or make_campaign(session)
    defaults = {
        "respondent": Respondent(pseudonym=secrets.token_hex(8)),
        "team": campaign.teams[0],
        "instrument": campaign.instrument_ref(perspective),
        "started_at": LONG_AGO + timedelta(days=1),
    }
    receipt = given.pop("receipt_code", None)
    given = defaults | given
    made = added(
        session, Assessment(campaign=campaign, perspective=perspective, **given)
    )
    return of_before(session, made, receipt_code=receipt) if receipt else made


def make_keyed_form(session, keyer, campaign=None, perspective="service_user", **given):
    """A paper form that somebody has begun to key."""
    campaign = campaign or make_campaign(session)
    defaults = {
        "instrument": campaign.instrument_ref(perspective),
        "team": campaign.teams[0],
        "begun_at": LONG_AGO,
    }
    return added(
        session,
        KeyedForm(
            campaign=campaign,
            perspective=perspective,
            first_keyer_id=keyer.id,
            **defaults | given,
        ),
    )


def make_import(session, campaign, **given):
    """A file that was looked at and given up; what was in it is gone."""
    defaults = {"stage": "cancelled", "n_rows": 1}
    return added(session, AnswerImport(campaign=campaign, **defaults | given))


def make_comment_protocol(session, campaign, reader):
    """The risk protocol of a campaign, and who reads its comments."""
    added(session, CommentReader(campaign_id=campaign.id, staff_user=reader))
    steps = "Ring the duty line at once"
    return added(session, CommentProtocol(campaign_id=campaign.id, steps=steps, days=2))


def make_contact_list(session, trust, **given):
    """A list of people that was looked at and is not confirmed yet."""
    found = {"problems": [[3, "Postcode", "this is no postcode"]], "same": []}
    found |= {"alike": [[4, "row 2", "the same telephone number"]]}
    defaults = {
        "stage": "checked",
        "columns": {"name": "Name", "email": "E-mail"},
        "options": {"form": "utf-8", "header": '["Name", "E-mail", "Postcode"]'},
        "findings": json.dumps(found | {"n_same": 0, "n_alike": 1}),
        "n_rows": 4,
        "n_good": 3,
    }
    return added(session, ContactImport(trust=trust, **defaults | given))


def make_comment(session, campaign=None, text="They listened", agreed=True, **given):
    """A comment that was sent, and whether its author lets leads read it."""
    given = {"submitted_at": LONG_AGO + timedelta(days=2)} | given
    one = make_assessment(session, campaign, **given)
    said = {"statement_id": "consent_comment", "statement_version": 1}
    one.consents.append(Consent(given=agreed, **said))
    comment = Comment(text=text)
    one.comments.append(comment)
    session.flush()
    return comment


def make_block(session, *members):
    """A block that was let out, with one group of these assessments in it."""
    first = members[0]
    what = {
        "trust_id": first.trust_id,
        "team_id": first.team_id,
        "perspective": first.perspective,
        "family": first.instrument,
        "n": len(members),
        "first_on": LONG_AGO.date(),
        "last_on": LONG_AGO.date(),
        "released_at": LONG_AGO + timedelta(days=9),
    }
    block = added(session, ReleasedBlock(counts={}, **what))
    group = added(session, ReleasedGroup(block_id=block.id, **what))
    for one in members:
        one.released_group_id = group.id
    session.flush()
    return block


def make_reader(session, user, campaign):
    """Somebody who is named to read a campaign's comments."""
    reader = CommentReader(campaign_id=campaign.id, staff_user_id=user.id)
    return added(session, reader)


def make_notes(session, user, trust, perspective="service_user"):
    """A target and a step change of a trust's chart."""
    known = {"trust_id": trust.id, "perspective": perspective, "set_by_id": user.id}
    target = ScoreTarget(value=60.0, reason="What the board agreed", **known)
    step = ChartStep(starts_on=LONG_AGO.date(), reason="Plans are shared", **known)
    return added(session, target), added(session, step)


def make_score(assessment, scale="involvement", value=50.0, **given):
    """A score as submission stores it; the caller adds it."""
    defaults = {
        "n_answered": 24,
        "n_applicable": 24,
        "method": "mean_0_100",
        "instrument": assessment.instrument,
        "software_version": "0",
    }
    return Score(assessment=assessment, scale=scale, value=value, **defaults | given)


def make_staff(session, role="coordinator", trust=None, team=None, **given):
    """Someone with one role in one trust, and no password."""
    trust = trust or (team.trust if team else make_trust(session))
    defaults = {
        "email": f"{role}-{secrets.token_hex(4)}@example.org",
        "name": f"A {role}",
        "fs_uniquifier": secrets.token_hex(32),
        "grants": [RoleGrant(role=role, trust=trust, team=team)],
    }
    return added(session, StaffUser(**defaults | given))


def make_demonstrator(session, role="coordinator", trust=None):
    """Someone whom a link signs in without a second factor, on this machine."""
    return make_staff(session, role, trust, is_demonstration=True)


def make_wave(session, campaign, number=2, kind="retest", after_days=14, **given):
    """A later time at which a campaign asks those who agreed."""
    wave = CampaignWave(number=number, kind=kind, after_days=after_days, **given)
    campaign.waves.append(wave)
    return added(session, wave)


def days_pass(session, days):
    """Let what was sent so far have been sent `days` earlier.

    By the clock on the wall, as the survey counts days: near midnight a change of
    the clocks in between would make it a day fewer.
    """
    session.commit()  # what was read before must not hold back what is written
    for assessment in session.query(Assessment).filter(SENT):
        sent = assessment.submitted_at.astimezone(LONDON)
        assessment.submitted_at = sent - timedelta(days=days)
    session.commit()


def make_run(session, campaign=None, status="done", **given):
    """A validation run without a report."""
    campaign = campaign or make_campaign(session)
    defaults = {
        "job": Job(name="validation", trust_id=campaign.trust_id, status=status),
        "trust_id": campaign.trust_id,
        "perspective": "service_user",
        "instrument": campaign.instrument_ref("service_user"),
        "choices": {"scales": ["trust", "parity"]},
        "fingerprint": "0" * 64,
        "n_assessments": 120,
        "n_synthetic": 0,
        "software_version": "0",
    }
    return added(session, ValidationRun(campaign=campaign, **defaults | given))


def make_attachment(session, campaign, content="plan: 1\n", **given):
    """A plan that is held for a campaign's next runs, before anybody has answered."""
    raw = content.encode()
    defaults = {
        "campaign_id": campaign.id,
        "perspective": "service_user",
        "kind": "plan",
        "name": "plan.yaml",
        "content": raw,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "n_sent": 0,
    }
    return added(session, RunAttachment(**defaults | given))
