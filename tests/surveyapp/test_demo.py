"""The demonstration: marked as made up, of known truth, quick, and made once."""

import re

import pytest
from sqlalchemy import func, select

from surveyapp import bank, demo, demo_comments
from surveyapp.campaigns import asking_again
from surveyapp.database import utc_now
from surveyapp.models import (
    Answer,
    Assessment,
    Campaign,
    Invitation,
    ReleasedGroup,
    Score,
    Team,
    Trust,
)
from surveyapp.scoring import score_assessment
from surveyapp.tracking.comment_blocks import AUTHORS

from ..counting import statements
from .demonstration import KEY, built_once
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

NOW = utc_now()


SMALL = {"service_user": 60, "carer": 20}


@pytest.fixture(scope="module")
def small(migrated_app):
    """A small one, which tells as much."""
    with built_once(migrated_app, SMALL, now=NOW) as put_back:
        yield put_back


@pytest.fixture
def demonstration(app, small, session):
    small()
    return session.scalars(select(Trust)).one()


def numbers_in(pattern, text):
    words = re.sub(r"(<[^>]+>|\s)+", " ", text)
    return [int(n.replace(",", "")) for n in re.findall(pattern, words)]


@pytest.mark.one_database
def test_every_role_reads_the_same_numbers_of_it_or_why_not(
    client, session, demonstration
):
    """Coordinator, researcher, lead, administrator and auditor, of every campaign."""
    counted = select(Assessment.campaign_id, func.count(Assessment.id))
    counted = counted.where(Assessment.counts()).group_by(Assessment.campaign_id)
    truth = dict(map(tuple, session.execute(counted)))
    sign_in(client, session, "coordinator", demonstration)
    for campaign in session.scalars(select(Campaign.id)).all():
        here, n = f"/campaigns/{campaign}", truth.get(campaign, 0)
        page, funnel = client.get(here).text, client.get(f"{here}/responses/").text
        assert numbers_in(r"(\d+) sent answers? counts? in all", funnel) == [n]
        (single,) = numbers_in(r"in all : (\d+) through invitations of one", funnel)
        parts = numbers_in(r"(\d+) (?:through links|brought in from)", funnel)
        assert single + sum(parts) == n
        first = numbers_in(r"(?:Service user|Carer) \d+ (\d+)", page)
        assert sum(first + numbers_in(r"(\d+) more were sent when", page)) == n
    sign_in(client, session, "researcher", demonstration)
    shown = numbers_in(r"(\d+) sent so far", client.get("/research/").text)
    assert sum(shown) == sum(truth.values()) > 0
    reasons = {
        "lead": (f"/tracking/{demonstration.id}/service_user/teams", "taking part"),
        "administrator": ("/admin/", "is not on administrators’ pages"),
        "auditor": ("/admin/audit", "How many have answered is not counted here"),
    }
    for role, (address, why) in reasons.items():
        sign_in(client, session, role, demonstration)
        assert why in client.get(address).text, role


@pytest.mark.one_database
def test_it_is_made_once_and_its_lead_sees_it_all(app, client, session):
    counts = []
    for _ in range(2):
        with app.app_context(), statements() as sent:
            demo.build(session, now=NOW, link_key=KEY)
        counts.append(len(sent))
    n_rows = sum(
        session.scalar(select(func.count()).select_from(table))
        for table in Assessment.metadata.sorted_tables
    )
    assert counts[0] < 1.1 * n_rows and counts[1] < 10
    first = select(func.count(Assessment.id)).where(Assessment.wave == 1)
    assert session.scalar(first) == sum(demo.SIZES.values())
    assert session.scalar(select(func.count(Team.id))) == len(demo.TEAMS)
    nearly_everybody_is_in_figures(session)
    sign_in(client, session, "lead", session.scalars(select(Trust)).one())
    text = client.get("/tracking/", follow_redirects=True).text
    assert "Demonstration: made-up answers" in text
    for name in ("Coordination", "Personalisation", "Living document", "a care plan"):
        assert name in text
    (trust,) = session.scalars(select(Trust))
    teams = client.get(f"/tracking/{trust.id}/service_user/teams").text
    assert teams.count("n = ") > len(demo.TEAMS)
    wrote = client.get(f"/tracking/{trust.id}/service_user/comments").text
    assert wrote.count("<blockquote") >= AUTHORS and "Dr Moor" not in wrote
    assert "01632" not in wrote.partition("<main")[2].partition("</main")[0]
    sign_in(client, session, "coordinator", trust)
    page = client.get("/campaigns/").text
    assert f"{demo_comments.UNREAD} comments are unread" in page
    assert "overdue" not in page
    asked_before_they_answered(session)


def asked_before_they_answered(session):
    """Everybody came by an invitation of their own, and four in nine never came."""
    first = select(Assessment.invitation_id).where(Assessment.wave == 1)
    answered = session.scalars(first).all()
    assert None not in answered and len({*answered}) == len(answered)
    mine = Invitation.is_open.is_(False), Invitation.wave == 1
    n_asked = session.scalar(select(func.count(Invitation.id)).where(*mine))
    n_silent = len(answered) * (demo.SILENT - 1) / demo.SILENT
    assert n_asked == len(answered) + n_silent


def nearly_everybody_is_in_figures(session):
    """Nine in ten in those of their team, 98 in a hundred in the trust's."""
    query = (
        select(ReleasedGroup.team_id, Assessment.perspective, func.count())
        .select_from(Assessment)
        .outerjoin(ReleasedGroup, ReleasedGroup.id == Assessment.released_group_id)
        .where(Assessment.wave == 1)
        .group_by(ReleasedGroup.team_id, Assessment.perspective, ReleasedGroup.id)
    )
    rows = session.execute(query.add_columns(ReleasedGroup.id)).all()
    n = sum(row[2] for row in rows)
    n_trust = sum(row[2] for row in rows if row[3] is not None)
    n_team = sum(row[2] for row in rows if row[0] is not None)
    print(f"of {n} people {n_team} are in figures of their team, {n_trust} in all")
    assert n_team >= 0.9 * n and n_trust >= 0.98 * n
    lines = {row[:2] for row in rows if row[0] is not None}
    assert len(lines) == len(demo.TEAMS) * len(demo.SIZES)


def test_everything_in_it_says_that_it_is_made_up(session, demonstration):
    assert demonstration.is_demonstration
    assert all(session.scalars(select(Assessment.is_synthetic)))
    assert set(demo.staff(session)) == {*demo.STAFF, demo.SECOND}
    assert all(u.email.endswith(".invalid") for u in demo.staff(session).values())


def test_its_answers_span_eighteen_months_and_end_before_now(session, demonstration):
    first, last = session.execute(
        select(func.min(Assessment.submitted_at), func.max(Assessment.submitted_at))
    ).one()
    assert 500 < (last - first).days <= demo.DAYS
    assert last < NOW


def test_its_stored_scores_are_those_of_its_answers(session, demonstration):
    assessment = session.scalars(select(Assessment).limit(1)).one()
    stored = {
        s.scale: s.value for s in session.query(Score).filter_by(assessment=assessment)
    }
    again = score_assessment(assessment, now=NOW)
    assert stored == {row.scale: row.value for row in again}


def test_teams_differ_as_they_were_made_to(session, demonstration):
    means = dict(
        session.execute(
            select(Team.name, func.avg(Score.value))
            .join(Assessment, Assessment.team_id == Team.id)
            .join(Score)
            .where(Score.scale == "involvement")
            .group_by(Team.name)
        ).all()
    )
    best, worst = (
        max(demo.TEAMS, key=demo.TEAMS.get),
        min(demo.TEAMS, key=demo.TEAMS.get),
    )
    assert means[best] > means[worst]


def test_reasons_and_gaps_are_in_it_as_people_leave_them(session, demonstration):
    counts = dict(
        session.execute(
            select(Answer.reason, func.count()).group_by(Answer.reason)
        ).all()
    )
    assert {"did_not_happen", "cannot_remember", "not_wanted", None} <= set(counts)
    assert counts["did_not_happen"] > counts["cannot_remember"] / 2


def test_the_open_link_is_the_same_at_every_start(client, session, demonstration):
    token = demo.open_link_token(KEY)
    assert token == demo.open_link_token(KEY) != demo.open_link_token("another")
    assert client.get(f"/s/{token}").status_code == 200


def test_its_blocks_take_turns_and_some_were_asked_again(app, session, demonstration):
    found = session.scalars(select(Assessment)).all()
    turns = {a.arrangement for a in found if a.perspective == "service_user"}
    assert turns == {f"rotated:{n}" for n in range(6)}
    campaign = found[0].campaign
    (count,) = asking_again.counts(session, campaign, now=NOW, minimum=1)
    assert count.agreed == SMALL["service_user"] // demo.AGREED_EVERY
    again = [a for a in found if a.wave == 2]
    assert len(again) == count.states["answered"] > 0
    for second in again:
        first = next(a for a in second.respondent.assessments if a.wave == 1)
        assert 15 <= (second.submitted_at - first.submitted_at).days <= 26
        assert second.arrangement == first.arrangement


def test_its_answers_are_of_the_newest_short_form_and_within_its_options(
    session, demonstration
):
    ours = demo.FORM.format("service_user")
    alike = [f for f in bank.instruments() if f.id == ours.partition(".")[0]]
    assert max(alike, key=lambda form: form.version).ref == ours
    query = select(Answer.item_id, func.min(Answer.value), func.max(Answer.value))
    ranges = session.execute(query.group_by(Answer.item_id)).all()
    items = {
        item.id: item.responses
        for p in SMALL
        for item in bank.instrument(demo.FORM.format(p)).items
    }
    assert {row[0] for row in ranges} == set(items)
    assert {len(responses.values) for responses in items.values()} == {3, 5}
    for item, least, most in ranges:
        assert {least, most} <= set(items[item].values), item
