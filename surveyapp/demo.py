"""The demonstration trust and its made-up answers, whose truth is known.

Everything here is marked as made up: the trust, its staff and every assessment.
"""

import hmac
import secrets
from datetime import timedelta

import numpy as np
from sqlalchemy import select

from . import bank, demo_comments
from .assessments import gate, recontact
from .assessments.start import begin_again, new_assessment, new_respondent
from .links import token_hash
from .models import (
    Answer,
    BackgroundAnswer,
    Campaign,
    CampaignInstrument,
    CampaignNotice,
    CampaignWave,
    Consent,
    Invitation,
    InvitationToken,
    Reply,
    RoleGrant,
    StaffUser,
    Team,
    Trust,
)
from .scoring import score_assessments
from .tracking.nightly_release import release_trust
from .tracking.rounding import Draws

SLUG = "demonstration"
DAYS = 548  # eighteen months
# How far each team lies from the others on the latent scale, in standard deviations.
TEAMS = {
    "Harbour community team": 0.35,
    "Moorside community team": 0.0,
    "Riverside recovery team": -0.3,
    "Fellview ward": -0.55,
    "Orchard older adults team": 0.15,
}
SIZES = {"service_user": 580, "carer": 320}
# Of so many people, how many are of each team: most make whole groups.
OF_TEAMS = {580: (120, 130, 110, 113, 107), 320: (60, 70, 70, 60, 60)}
CARER_SHIFT = -0.25
TREND = 0.5  # from the first day to the last
GENERAL = 0.7  # share of a prerequisite's variance that involvement explains
LOADING = 0.72
# Where people go on to the next option, by the number of options.
THRESHOLDS = {3: (-0.6, 0.5), 5: (-1.1, -0.35, 0.3, 1.15)}
FORM = "short_{}.v3"
ADAPTIVE = "demonstration_adaptive_{}.v1"
RETEST_AFTER = 14  # days
AGREED_EVERY = 4  # one service user in so many agreed to be asked again
SILENT = 5  # beside all but one in so many who answered, somebody sent nothing
CAME_BACK = 0.45  # of those who agreed
SAID_THE_SAME = 0.7  # share of answers; the others move by one category
STABLE = 0.85  # share of who came back and say that nothing has changed
STAFF = ("coordinator", "lead", "researcher", "administrator")
SECOND = "second coordinator"  # paper forms are keyed by two people


def exists(session):
    return session.scalar(select(Trust.id).where(Trust.slug == SLUG)) is not None


def build(session, *, now, link_key, sizes=None, seed=2017):
    """Make the trust, its campaign, staff and answers, once. Commits.

    The same `seed` gives the same answers, shifted to end at `now`; `sizes` says
    how many people answer from each perspective.
    """
    if exists(session):
        return
    rng = np.random.default_rng(seed)
    trust = Trust(slug=SLUG, name="Demonstration trust", is_demonstration=True)
    teams = [Team(trust=trust, name=name) for name in TEAMS]
    campaign = Campaign(
        trust=trust,
        teams=teams,
        title="How involved are you?",
        purpose="A demonstration with made-up answers",
        notices=[_notice(now - timedelta(days=DAYS))],
        return_address="Freepost DEMONSTRATION",
        contact="The survey team\nTelephone: 01632 960001\nsurvey@example.org",
        opens_at=now - timedelta(days=DAYS),
        item_order="rotated",
        waves=[CampaignWave(number=2, kind="retest", after_days=RETEST_AFTER)],
        instruments=[
            CampaignInstrument(perspective=p, instrument=FORM.format(p)) for p in SIZES
        ],
    )
    adaptive = Campaign(
        trust=trust,
        teams=teams,
        title="How involved are you? The questions that fit you",
        purpose="A demonstration of a form that chooses the next question",
        notices=[_notice(now)],
        opens_at=now,
        instruments=[
            CampaignInstrument(perspective=p, instrument=ADAPTIVE.format(p))
            for p in SIZES
        ],
    )
    session.add_all([trust, *teams, campaign, adaptive])
    session.add(_open_link(campaign, teams[0], open_link_token(link_key)))
    session.add(_open_link(adaptive, teams[0], adaptive_link_token(link_key)))
    session.add_all(_staff(trust, role) for role in STAFF)
    session.add(_staff(trust, "coordinator", SECOND))
    for perspective, size in (sizes or SIZES).items():
        made = _assessments(campaign, teams, perspective, size, now=now, rng=rng)
        session.add_all(_silent(made))
        demo_comments.write(made)
        _keep(session, made, now)
        if perspective == "service_user":
            agreed = made[::AGREED_EVERY]
            again = _ask_again(session, agreed, now, np.random.default_rng(seed + 1))
            _keep(session, again, now)
    session.commit()
    release_trust(session, trust.id, now=now, draws=Draws.of_installation())
    reader = staff(session)["coordinator"]
    demo_comments.read_a_block(session, campaign, reader, now=now)


def _keep(session, made, now):
    """Add assessments with their scores, as of when they were sent."""
    session.add_all(made)
    for assessment, scores in zip(made, score_assessments(made, now=now)):
        for score in scores:
            score.computed_at = assessment.submitted_at
        session.add_all(scores)


def _ask_again(session, agreed, now, rng):
    """Those who came back, some days after the first time; the others are asked."""
    for first in agreed:
        first.consents.append(
            Consent(
                statement_id="consent_retest",
                statement_version=1,
                given=True,
                at=first.started_at,
            )
        )
    session.flush()
    with session.no_autoflush:
        for first in agreed:
            recontact.invite(session, first)
    session.flush()
    again = []
    for first in agreed:
        after = timedelta(days=float(rng.uniform(RETEST_AFTER + 1, 26)))
        comes, started = rng.random() < CAME_BACK, first.submitted_at + after
        if comes and started < now - timedelta(hours=1):
            again.append((first, started))
    with session.no_autoflush:
        return [_second(session, first, started, rng) for first, started in again]


def _second(session, first, started, rng):
    """The answers of someone who came back: mostly as before."""
    invitation = recontact.invitation_of(session, first)
    given = {"now": started, "mode": "web"}
    second = begin_again(session, invitation, **given)
    items = bank.instrument(first.instrument).items
    highest = {item.id: item.responses.highest for item in items}
    second.position, second.is_synthetic = "done", True
    second.care_plan, second.wants_plan = first.care_plan, first.wants_plan
    second.submitted_at = started + timedelta(minutes=float(rng.uniform(4, 20)))
    invitation.status = "answered"
    second.consents = [
        Consent(
            statement_id=c.statement_id, statement_version=1, given=True, at=started
        )
        for c in first.consents
    ]
    answer = "no" if rng.random() < STABLE else "little"
    second.background = [BackgroundAnswer(question_id="stability", value=answer)]
    for was in first.answers:
        moved = 0 if rng.random() < SAID_THE_SAME else rng.choice([-1, 1])
        value = was.value
        if value is not None:
            value = int(np.clip(value + moved, 0, highest[was.item_id]))
        reply = Reply(was.item_id, was.item_version, value=value, reason=was.reason)
        second.record([reply], now=second.submitted_at, source="web")
    return second


def open_link_token(link_key):
    """The token of the demonstration's open link, which is the same at every start."""
    return hmac.new(link_key.encode(), b"open link", "sha256").hexdigest()[:40]


def adaptive_link_token(link_key):
    """The token of the open link to the form that chooses the next question."""
    return hmac.new(link_key.encode(), b"adaptive link", "sha256").hexdigest()[:40]


def staff(session):
    """The demonstration's staff by role, and the second coordinator."""
    users = session.scalars(select(StaffUser).where(StaffUser.is_demonstration))
    return {
        SECOND if user.email == _email(SECOND) else user.role_names[0]: user
        for user in users
        if user.grants
    }


# Whom a real trust would name; the numbers are kept free for fiction.
SLOTS = {
    "controller": "the Demonstration trust, which does not exist",
    "dpo": "dpo@example.org, 01632 960002",
    "basis_article_6": "It is a task in the public interest (UK GDPR article 6(1)(e)).",
    "basis_article_9": "It is needed to manage care (UK GDPR article 9(2)(h)).",
    "retention": "60",
    "processors": "Nobody: this runs on the machine before you",
    "complaints": "privacy@example.org",
    "regulator": "the Information Commissioner. Telephone: 0303 123 1113.",
    "crisis_line": "01632 960004, a number of nobody's: call 111 if you need help",
    "pals": "01632 960005",
    "advocacy": "01632 960006",
    "carers_support": "01632 960007",
    "approval": "Demonstration 1",
    "address_source": "Nowhere: nobody is written to",
    "survey_team": "01632 960001",
    "results": "There are none: every answer is made up",
    "thanks": "There is none",
    "chief": "",
    "sponsor": "",
}


def _notice(made_at):
    return CampaignNotice(version=1, slots=SLOTS, is_research=False, made_at=made_at)


def _open_link(campaign, team, token):
    return Invitation(
        campaign=campaign,
        team=team,
        label="Poster (demonstration)",
        is_open=True,
        tokens=[InvitationToken(token_hash=token_hash(token))],
    )


def _email(name):
    return f"{name.replace(' ', '-')}@demonstration.invalid"


def _staff(trust, role, name=None):
    return StaffUser(
        email=_email(name or role),
        name=f"Demonstration {name or role}",
        fs_uniquifier=secrets.token_hex(32),
        is_demonstration=True,
        grants=[RoleGrant(role=role, trust=trust)],
    )


def _assessments(campaign, teams, perspective, size, *, now, rng):
    """Submitted assessments of one perspective, spread over the eighteen months."""
    instrument = bank.instrument(campaign.instrument_ref(perspective))
    when = np.sort(rng.random(size))
    team = rng.integers(len(teams), size=size)
    if size in OF_TEAMS:
        team = _of_sizes(team, OF_TEAMS[size])
    shift = np.array(list(TEAMS.values()))[team] + TREND * (when - 0.5)
    shift += CARER_SHIFT if perspective == "carer" else 0.0
    categories = _categories(instrument, shift, rng)
    # The last one was sent on a day that is over, so that every answer can count.
    days = DAYS * (1 - when) + 1
    rows = []
    for n in range(size):
        started = now - timedelta(days=float(days[n]), minutes=12)
        rows.append(
            _one(
                campaign,
                teams[team[n]],
                instrument,
                categories.iloc[n],
                started,
                rng,
                turn=n % len(instrument.blocks),
            )
        )
    return rows


def _silent(made):
    """Invitations of those who sent nothing: asked when others of a team were."""
    asked = [one.invitation for k, one in enumerate(made) if k % SILENT]
    return [_invited(i.campaign, i.team, i.perspective, i.created_at) for i in asked]


def _invited(campaign, team, perspective, made_at, status="sent"):
    """What one person was asked by, on paper or in a message."""
    return Invitation(
        campaign=campaign,
        team=team,
        perspective=perspective,
        status=status,
        created_at=made_at,
    )


def _of_sizes(team, sizes):
    """The same teams, where the last people of those too large go to the others."""
    team, n_more = team.copy(), np.array(sizes) - np.bincount(team)
    for person in reversed(range(len(team))):
        if n_more[team[person]] < 0:
            n_more[team[person]] += 1
            team[person] = int(np.argmax(n_more > 0))
            n_more[team[person]] -= 1
    return team


def _categories(instrument, shift, rng):
    """Categories of persons x items from six correlated factors of known loading."""
    import pandas as pd

    import psychometrics

    scales = [name for name in instrument.scales if name != "involvement"]
    general = rng.standard_normal((len(shift), 1))
    special = rng.standard_normal((len(shift), len(scales)))
    theta = GENERAL**0.5 * general + (1 - GENERAL) ** 0.5 * special + shift[:, None]
    items = [item.id for item in instrument.items]
    loadings = pd.DataFrame(0.0, index=items, columns=scales)
    for name in scales:
        loadings.loc[list(instrument.scales[name]), name] = LOADING
    simulated = psychometrics.simulate.responses(
        len(shift),
        rng=rng,
        loadings=loadings,
        thresholds=[_thresholds(item) for item in instrument.items],
        theta=theta,
        lowest=0,
    )
    return simulated.responses


def _thresholds(item):
    """Those of an item with as many options, in a row that is as long for all."""
    cuts = THRESHOLDS[len(item.responses.values)]
    longest = max(map(len, THRESHOLDS.values()))
    return [*cuts, *[np.nan] * (longest - len(cuts))]


def _one(campaign, team, instrument, categories, started, rng, *, turn):
    """One person's assessment, with the reasons and gaps that people leave."""
    submitted = started + timedelta(minutes=float(rng.uniform(4, 20)))
    highest = [item.responses.highest for item in instrument.items]
    low = float((categories / highest).mean())
    care_plan = rng.choice(
        ["yes", "no", "not_sure"], p=[0.3 + 0.5 * low, 0.5 - 0.5 * low, 0.2]
    )
    asked = started - timedelta(days=6), "answered"
    assessment = new_assessment(
        campaign,
        instrument.perspective,
        form=instrument.ref,
        respondent=new_respondent(),
        invitation=_invited(campaign, team, instrument.perspective, *asked),
        team=team,
        mode=str(rng.choice(["web", "paper", "telephone"], p=[0.7, 0.25, 0.05])),
        care_plan=str(care_plan),
        position="done",
        is_synthetic=True,
        started_at=started,
        submitted_at=submitted,
        arrangement=f"rotated:{turn}",
    )
    assessment.consents = [
        Consent(statement_id=d.id, statement_version=d.version, given=True, at=started)
        for d in instrument.statements
        if d.required
    ]
    if gate.asks_wanted(assessment, instrument):
        wanted = rng.choice(["yes", "no", "not_sure"], p=[0.6, 0.15, 0.25])
        assessment.wants_plan = str(wanted)
    skipped = set(gate.settled_items(assessment, instrument))
    for item in instrument.items:
        reply = _reply(item, int(categories[item.id]), rng)
        if reply is not None and item.id not in skipped:
            assessment.answers.append(
                Answer(
                    item_id=item.id,
                    item_version=item.version,
                    answered_at=submitted,
                    source=assessment.mode,
                    version=1,
                    **reply,
                )
            )
    return assessment


def _reply(item, category, rng):
    """The category, or now and then one of the reasons that the item offers."""
    chance = rng.random()
    if chance < 0.004:
        return None
    often = 0.35 if category == item.responses.lowest else 0.0
    for reason, share in (
        ("did_not_happen", often),
        ("not_wanted", 0.006),
        ("cannot_remember", 0.008),
        ("prefer_not_to_say", 0.003),
    ):
        if reason in item.reasons and rng.random() < share:
            return {"reason": reason}
    return {"value": category}
