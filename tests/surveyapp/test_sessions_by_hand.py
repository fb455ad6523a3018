"""Whose sessions and visits end, and whose go on, one by one."""

from datetime import timedelta

import pytest
from flask import session as cookie
from flask_login import user_logged_out
from flask_security import (
    password_changed,
    tf_code_confirmed,
    tf_profile_changed,
    user_authenticated,
)
from sqlalchemy import select

from surveyapp import audit
from surveyapp.assessments import recontact
from surveyapp.assessments.withdrawal import withdraw
from surveyapp.auth import sessions
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.links import token_hash
from surveyapp.models import (
    AuditEvent,
    Consent,
    Message,
    RespondentSession,
    Score,
    StaffSession,
    StaffUser,
)

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.one_database
NOW = factories.LONG_AGO + timedelta(days=30)


@pytest.fixture
def held(session):
    """Ada's session here and elsewhere, one that has ended, and somebody else's."""
    ada, other = factories.make_staff(session), factories.make_staff(session)
    begun = {"created_at": factories.LONG_AGO, "seen_at": factories.LONG_AGO}
    made = {
        "here": StaffSession(staff_user=ada, secret_hash=token_hash("mine"), **begun),
        "elsewhere": StaffSession(staff_user=ada, secret_hash="elsewhere", **begun),
        "over": StaffSession(
            staff_user=ada,
            secret_hash="over",
            ended_at=factories.LONG_AGO,
            **begun,
        ),
        "theirs": StaffSession(staff_user=other, secret_hash="theirs", **begun),
    }
    session.add_all(made.values())
    session.commit()
    return made


def ended(session, held):
    session.commit()
    session.expire_all()
    return {name: each.ended_at for name, each in held.items()}


OVER = {"over": factories.LONG_AGO, "theirs": None}


def test_all_live_sessions_of_one_person_end_and_no_others(session, held):
    sessions.end_all(session, held["here"].staff_user, now=NOW)
    assert ended(session, held) == {"here": NOW, "elsewhere": NOW} | OVER


def test_ending_the_others_leaves_the_one_of_this_browser(app, session, held):
    with app.test_request_context():
        cookie["sid"] = "mine"
        sessions.end_others(session, held["here"].staff_user, now=NOW)
    assert ended(session, held) == {"here": None, "elsewhere": NOW} | OVER


def test_signing_out_ends_the_session_of_this_browser_alone(app, session, held):
    with app.test_request_context():
        sessions.end(app, None)
        assert set(ended(session, held).values()) == {None, factories.LONG_AGO}
        cookie["sid"] = "mine"
        sessions.end(app, None)
        assert "sid" not in set(cookie)
    found = ended(session, held)
    assert found.pop("here") is not None
    assert found == {"elsewhere": None} | OVER


MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.mark.parametrize("late, is_noted", [(0 * SECOND, False), (SECOND, True)])
def test_when_a_session_was_used_is_noted_each_minute(
    client, session, monkeypatch, late, is_noted
):
    sign_in(client, session)
    stored = session.scalars(select(StaffSession)).one()
    now = stored.seen_at + MINUTE + late
    monkeypatch.setattr(sessions, "utc_now", lambda: now)
    assert client.get("/campaigns/").status_code == 200
    session.expire_all()
    assert (stored.seen_at == now) is is_noted


@pytest.mark.parametrize(
    "path, status", [("/", 200), ("/no-such-page", 404), ("/campaigns/", 303)]
)
@pytest.mark.parametrize("column", ["seen_at", "created_at"])
def test_a_session_that_is_over_is_ended_and_needed_by_no_open_page(
    client, session, path, status, column
):
    begun = {"created_at": utc_now(), "seen_at": utc_now()}
    other = factories.make_staff(session)
    session.add(StaffSession(staff_user=other, secret_hash="theirs", **begun))
    user = sign_in(client, session)
    stored = session.scalars(select(StaffSession).filter_by(staff_user=user)).one()
    setattr(stored, column, factories.LONG_AGO)
    with client.session_transaction() as held:
        held["left"] = "of before"
    answer = client.get(path)
    assert answer.status_code == status
    assert status != 303 or "/staff/sign-in" in answer.location
    with client.session_transaction() as held:
        assert not {"_user_id", "sid", "left"} & set(held)
    session.expire_all()
    assert stored.ended_at is not None


def test_the_page_that_asks_for_a_code_is_for_who_is_on_the_way_in(client, session):
    sign_in(client, session)
    answer = client.get("/staff/code")
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert client.get("/campaigns/").status_code == 200
    with client.session_transaction() as held:
        held["tf_state"] = "ready"
    assert client.get("/campaigns/").status_code == 200
    assert client.get("/staff/code").location != "/staff/"


def test_a_session_stands_until_it_is_idle_or_old(app):
    with app.app_context():
        limits = sessions.limits()
    assert limits == {"idle": timedelta(minutes=30), "longest": timedelta(hours=12)}


def test_what_is_told_at_sign_in_is_of_wrong_codes_to_oneself_since(app, session):
    ada, other = factories.make_staff(session), factories.make_staff(session)
    last = StaffSession(
        staff_user=ada,
        secret_hash="last",
        created_at=factories.LONG_AGO,
        seen_at=factories.LONG_AGO,
    )
    session.add(last)
    session.commit()

    def tried(user, action, at):
        with app.app_context():
            audit.record(db.session, actor=user, action=action, subject=user, at=at)
            db.session.commit()

    def told(user):
        with app.test_request_context():
            sessions.warn(user)
            return [words for _, words in cookie.get("_flashes", ())]

    late = timedelta(seconds=1)
    tried(ada, "staff.code_failed", factories.LONG_AGO)
    tried(ada, "staff.signed_in", factories.LONG_AGO + late)
    tried(other, "staff.code_failed", factories.LONG_AGO + late)
    assert told(ada) == told(other) == []
    tried(ada, "staff.code_failed", factories.LONG_AGO + late)
    tried(ada, "staff.recovery_code_failed", factories.LONG_AGO + 2 * late)
    (words,) = told(ada)
    assert words.startswith("2 wrong codes came after your right password")


def test_an_application_hears_of_whatever_ends_or_begins_a_session(
    app, app_with, session, held
):
    fresh, ada = app_with(), held["here"].staff_user
    for signal, state, action in (
        (password_changed, None, "staff.password_changed"),
        (tf_profile_changed, None, "staff.second_factor_changed"),
        (tf_code_confirmed, "validating_profile", "staff.second_factor_changed"),
        (tf_code_confirmed, "ready", None),
    ):
        held["elsewhere"].ended_at = None
        session.query(AuditEvent).delete()
        session.commit()
        with fresh.test_request_context():
            cookie.update(sid="mine", tf_state=state)
            signal.send(fresh, user=db.session.get(StaffUser, ada.id))
        told = {"here": None} | OVER
        found = ended(session, held)
        assert (found.pop("elsewhere") is not None) is (action is not None)
        assert found == told
        noted = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
        assert noted == ([action] if action else [])
    with fresh.test_request_context():
        cookie["sid"] = "mine"
        user_logged_out.send(fresh, user=ada)
    assert ended(session, held)["here"] is not None


def test_an_application_asks_before_each_page_whether_the_session_stands(
    client, app_with, session
):
    client = type(client)(app_with())
    user = sign_in(client, session)
    assert client.get("/campaigns/").status_code == 200
    sessions.end_all(session, user, now=utc_now())
    session.commit()
    assert client.get("/").status_code == 200  # needs none
    assert "/staff/sign-in" in client.get("/campaigns/").location
    with client.session_transaction() as held:
        assert not {"_user_id", "sid"} & set(held)


def test_who_signs_in_has_a_session_of_their_own_and_nothing_of_before(
    app, app_with, session, held
):
    fresh, ada = app_with(), held["here"].staff_user
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0"}
    with app.app_context():
        wrong = {"actor": ada, "action": "staff.code_failed", "subject": ada}
        audit.record(db.session, **wrong)
        db.session.commit()
    with fresh.test_request_context(headers=agent):
        cookie.update(sid="mine", came_from="/of-before", _user_id="1", csrf_token="c")
        user_authenticated.send(fresh, user=db.session.get(StaffUser, ada.id))
        secret = cookie["sid"]
        assert cookie.pop("_flashes")  # of the wrong code
        assert set(cookie) - {"_permanent"} == {"sid", "_user_id", "csrf_token"}
        assert cookie.permanent is False
        answer = fresh.process_response(fresh.response_class())
    assert any("known" in each for each in answer.headers.getlist("Set-Cookie"))
    found = ended(session, held)
    assert found.pop("here") is not None
    assert found == {"elsewhere": None} | OVER
    made = session.scalars(
        select(StaffSession).filter_by(secret_hash=token_hash(secret))
    ).one()
    assert (made.staff_user, made.ended_at) == (ada, None)
    assert made.seen_at == made.created_at and "Firefox" in made.device
    noted = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert noted == ["staff.code_failed", "staff.signed_in"]


def test_withdrawing_ends_the_visits_messages_and_scores_of_ones_own(app, session):
    campaign = factories.make_campaign(session)
    factories.make_wave(session, campaign)
    agrees = [
        Consent(statement_id=f"consent_{name}", statement_version=1, given=True)
        for name in ("taking_part", "retest")
    ]
    link = factories.make_invitation(session, campaign)
    sent = {"submitted_at": factories.LONG_AGO}
    mine = factories.make_assessment(
        session, campaign, invitation=link, consents=agrees, **sent
    )
    letter = factories.make_invitation(session, campaign, "another")
    other = factories.make_assessment(session, campaign, invitation=letter, **sent)
    session.add_all([factories.make_score(mine), factories.make_score(other)])
    with app.app_context():
        recontact.invite(session, mine)
        session.flush()
        back = recontact.invitation_of(session, mine)
        later = factories.make_assessment(
            session, campaign, respondent=mine.respondent, wave=2, invitation=back
        )
        begun = {
            "mine": {"assessment": mine, "invitation": link},
            "begun by my link": {"assessment": None, "invitation": link},
            "next time": {"assessment": None, "invitation": back},
            "later answers": {"assessment": later, "invitation": back},
            "theirs": {"assessment": other, "invitation": letter},
            "begun by theirs": {"assessment": None, "invitation": letter},
        }
        times = {"expires_at": NOW + timedelta(days=400)}
        visits = {
            name: RespondentSession(secret_hash=name, **times, **of)
            for name, of in begun.items()
        }
        session.add_all(visits.values())
        for to in (link, back, letter):
            factories.make_message(session, to)
        session.commit()
        withdraw(session, mine.id, now=NOW)
    session.expire_all()
    assert {name for name, visit in visits.items() if visit.ended_at} == {
        "mine",
        "next time",
    }
    statuses = {m.invitation_id: m.status for m in session.scalars(select(Message))}
    assert statuses[letter.id] == "due"
    assert {statuses[link.id], statuses[back.id]} == {"cancelled"}
    assert [each.status for each in (link, back)] == ["withdrawn"] * 2
    assert letter.status != "withdrawn"
    assert session.scalars(select(Score)).one().assessment is other
    assert (mine.withdrawn_at, other.withdrawn_at, later.withdrawn_at) == (
        NOW,
        None,
        None,
    )
