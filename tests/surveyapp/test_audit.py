"""The audit chain: whole as it is, and broken by every kind of tampering."""

import json
from datetime import timedelta
from threading import Thread

import flask_migrate
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from surveyapp import audit
from surveyapp.errors import AuditBroken
from surveyapp.extensions import db
from surveyapp.models import AuditEvent, AuditHead

from ..factories import (
    LONG_AGO,
    make_assessment,
    make_campaign,
    make_import,
    make_invitation,
    make_keyed_form,
    make_run,
    make_staff,
    make_team,
    make_trust,
)
from ..test_migrations import empty_app  # noqa: F401 (a fixture)
from .served import environment, typed
from .signing_in import enter, sign_in, with_password

DONE = {"actor": "job:1", "action": "job.done", "subject": None}


def add(session, n):
    for number in range(n):
        audit.record(session, **DONE, at=LONG_AGO, rows=number)
        session.commit()


@pytest.fixture
def chain(app, session):
    """A session in the application's context, with five events kept."""
    with app.app_context():
        add(session, 5)
        yield session


def logged(capfd):
    """What the log says of the audit, by number."""
    return audit.logged_seals(capfd.readouterr().err.splitlines())


def test_an_untouched_chain_holds(chain):
    assert audit.verify(chain) == 5


def test_no_events_are_a_chain_too(app, session):
    with app.app_context():
        assert audit.verify(session) == 0


CUT = "DELETE FROM audit_event WHERE id > 3"
HEAD_OF_THREE = """
    UPDATE audit_head SET n = 3,
    seal = (SELECT hash FROM audit_event WHERE id = 3)
"""
TAMPERING = [
    "UPDATE audit_event SET actor = 'staff:2' WHERE id = 3",
    "UPDATE audit_event SET detail = '{\"rows\": 7}' WHERE id = 2",
    "DELETE FROM audit_event WHERE id = 1",
    "DELETE FROM audit_event WHERE id = 3",
    "DELETE FROM audit_event WHERE id = 5",
    "DELETE FROM audit_event",
    "UPDATE audit_event SET id = id + 100 WHERE id = 2",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET n = 4",
    "UPDATE audit_head SET proof = ''",
    "DELETE FROM audit_event; DELETE FROM audit_head",
    f"DELETE FROM audit_event; UPDATE audit_head SET n = 0, seal = '{audit.START}'",
    f"{CUT}; {HEAD_OF_THREE}",
    f"{CUT}; DELETE FROM audit_head",
]


def tamper(session, statements):
    for statement in statements.split(";"):
        session.execute(text(statement))
    session.commit()


@pytest.mark.parametrize("tampering", TAMPERING)
def test_tampering_is_found(chain, tampering):
    tamper(chain, tampering)
    with pytest.raises(AuditBroken):
        audit.verify(chain)


@pytest.mark.parametrize("tampering", TAMPERING)
def test_later_events_do_not_heal_what_was_tampered_with(chain, tampering):
    tamper(chain, tampering)
    add(chain, 2)
    with pytest.raises(AuditBroken):
        audit.verify(chain)


def test_a_clock_set_back_leaves_the_order_as_it_was(chain):
    audit.record(chain, **DONE, at=LONG_AGO - timedelta(hours=1))
    chain.commit()
    assert audit.verify(chain) == 6


def test_an_event_whose_work_failed_leaves_no_trace(chain, capfd):
    capfd.readouterr()
    audit.record(chain, **DONE)
    chain.rollback()
    assert audit.verify(chain) == 5
    chain.commit()
    assert not logged(capfd)


def test_number_and_seal_of_each_event_are_in_the_log_once_it_is_kept(capfd, chain):
    seals = logged(capfd)
    kept = chain.scalars(select(AuditEvent.hash).order_by(AuditEvent.id)).all()
    assert seals == dict(enumerate(kept, start=1))
    audit.record(chain, **DONE)
    chain.flush()
    assert not logged(capfd)
    chain.commit()
    assert list(logged(capfd)) == [6]


def test_an_older_copy_of_chain_and_head_does_not_agree_with_the_log(capfd, chain):
    older = chain.execute(text("SELECT n, seal, proof FROM audit_head")).one()
    add(chain, 2)
    seals = logged(capfd)
    assert audit.verify(chain, seals) == 7
    chain.execute(text("DELETE FROM audit_event WHERE id > 5"))
    put_back = "UPDATE audit_head SET n = :n, seal = :seal, proof = :proof"
    chain.execute(text(put_back), older._asdict())
    chain.commit()
    assert audit.verify(chain) == 5
    with pytest.raises(AuditBroken, match="the log has event 7, the database 5"):
        audit.verify(chain, seals)
    for number in (8, 9):
        audit.record(chain, **DONE, rows=number)
    chain.commit()
    assert audit.verify(chain) == 7
    with pytest.raises(AuditBroken, match="event 6 of the log is not"):
        audit.verify(chain, seals)


def test_a_log_with_two_seals_for_one_number_is_broken():
    line = 'Nov 29 host prom[7]: {{"n": 1, "seal": "{}", "event": "audit"}}'
    others = ["plain words", '{"event": "request", "n": 1}', "{ not JSON"]
    assert audit.logged_seals([*others, line.format("a")]) == {1: "a"}
    with pytest.raises(AuditBroken, match="event 1 was recorded twice"):
        audit.logged_seals([line.format("a"), line.format("b")])


def test_a_lost_end_can_be_accepted_and_stays_in_sight(chain):
    tamper(chain, f"{CUT}; {HEAD_OF_THREE}")
    add(chain, 1)
    assert audit.accept(chain, actor="command line") == 5
    assert audit.verify(chain) == 5
    newest = chain.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert newest.action == "audit.accepted"
    assert newest.detail == {"recorded": 4, "here": 4, "trusted": False}


def test_a_changed_event_cannot_be_accepted(chain):
    tamper(chain, TAMPERING[0])
    with pytest.raises(AuditBroken, match="was changed"):
        audit.accept(chain, actor="command line")


def test_two_workers_add_at_once_and_every_event_is_in_one_chain(app, session):
    def work():
        with app.app_context(), Session(db.engine) as own:
            add(own, 20)

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    with app.app_context():
        while any(worker.is_alive() for worker in workers):
            with Session(db.engine) as reader:
                audit.read_at_one_moment(reader)
                audit.verify(reader)
        assert audit.verify(session) == 40


@pytest.mark.one_database
def test_the_command_checks_the_log_and_tells_in_one_line(
    app, config, session, tmp_path, capfd
):
    log, env = tmp_path / "service.log", environment(config)
    with app.app_context():
        add(session, 2)
        log.write_text("starting\n" + capfd.readouterr().err)
        told = typed("audit", "verify", "--log", str(log), env=env)
        assert told.stdout == (
            "2 events, 2 events of the log among them, and every seal holds.\n"
        )
        tamper(session, "DELETE FROM audit_event; DELETE FROM audit_head")
        session.add(audit.first_head())
        session.commit()
    assert "0 events" in typed("audit", "verify", env=env).stdout
    broken = typed("audit", "verify", "--log", str(log), env=env)
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr == "Error: the log has event 2, the database 0 events\n"
    done = typed("audit", "accept", env=env)
    assert done.stdout == "1 event from here on.\n"


def test_an_existing_chain_gets_its_head_when_the_database_is_brought_up(
    empty_app,  # noqa: F811
):
    with empty_app.app_context():
        flask_migrate.upgrade()
        add(db.session, 3)
        flask_migrate.downgrade(revision="0025")
        flask_migrate.upgrade()
        assert audit.verify(db.session) == 3
        tamper(db.session, "DELETE FROM audit_event WHERE id = 3")
        flask_migrate.downgrade(revision="0025")
        flask_migrate.upgrade()
        with pytest.raises(AuditBroken):
            audit.verify(db.session)


def test_a_new_database_begins_with_the_head_of_no_events(empty_app):  # noqa: F811
    with empty_app.app_context():
        flask_migrate.upgrade()
        assert audit.verify(db.session) == 0
        assert db.session.get(AuditHead, 1).n == 0


def subjects(session):
    """One record of every kind that an event can be about, all of one trust."""
    campaign = make_campaign(session)
    staff = make_staff(session, trust=campaign.trust)
    return [
        campaign.trust,
        campaign.teams[0],
        campaign,
        staff,
        make_invitation(session, campaign),
        make_assessment(session, campaign),
        make_keyed_form(session, staff, campaign),
        make_import(session, campaign),
        make_run(session, campaign),
    ]


def test_an_event_of_any_kind_of_record_knows_its_trust(app, session):
    with app.app_context():
        made = subjects(session)
        for subject in made:
            audit.record(session, actor=made[3], action="x.done", subject=subject)
    events = session.scalars(select(AuditEvent)).all()
    assert {event.trust_id for event in events} == {made[0].id}
    kinds = [event.subject.partition(":")[0] for event in events]
    assert kinds[3:] == [
        "staff",
        "invitation",
        "assessment",
        "keyed_form",
        "import",
        "validation_run",
    ]
    assert {event.actor for event in events} == {f"staff:{made[3].id}"}


def test_what_concerns_staff_of_two_trusts_is_in_the_audit_of_both(app, session):
    user = make_staff(session)
    other = make_staff(session, "lead")
    user.grants.append(other.grants.pop())
    with app.app_context():
        audit.record(session, actor="staff:1", action="staff.disabled", subject=user)
        session.commit()
        assert audit.verify(session) == 2
    trusts = session.scalars(select(AuditEvent.trust_id)).all()
    assert sorted(trusts) == sorted(grant.trust_id for grant in user.grants)


def test_sign_ins_failures_and_staff_changes_are_on_the_trusts_own_page(
    app, client, session
):
    trust = make_trust(session)
    colleague = make_staff(session, "lead", trust, name="Robin Reader")
    with_password(app, colleague)
    session.commit()
    enter(app.test_client(), colleague)  # without the token that forms carry
    enter(client, colleague, "not the password of anybody")
    admin = sign_in(client, session, "administrator", trust)
    client.post(f"/admin/staff/{colleague.id}/disable")
    page = client.get("/admin/audit").text
    for action, subject in (
        ("Wrong password", colleague),
        ("Signed in", admin),
        ("Disabled an account", colleague),
    ):
        assert action in page and subject.name in page
    sign_in(client, session, "administrator", make_team(session).trust)
    others = client.get("/admin/audit").text
    assert colleague.name not in others and "Wrong password" not in others


def test_a_failed_sign_in_with_an_unknown_address_is_kept_without_it(
    client, session, capfd
):
    form = {"email": "nobody-known@example.org", "password": "harbour violet"}
    client.post("/staff/sign-in", data=form)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("staff.sign_in_failed", "installation")
    assert "nobody-known" not in json.dumps(event.detail) + capfd.readouterr().err


def test_events_of_the_installation_are_for_who_looks_after_all_of_it(client, session):
    trust = make_trust(session)
    limited = sign_in(client, session, "administrator", trust)
    form = {"email": "nobody-known@example.org", "password": "harbour violet"}
    client.post("/staff/sign-out")
    client.post("/staff/sign-in", data=form)
    sign_in(client, session, "administrator", trust)
    assert "Wrong password" not in client.get("/admin/audit").text
    limited.grants[0].trust = None
    everywhere = sign_in(client, session, "administrator", trust)
    everywhere.grants[0].trust = None
    assert "Wrong password" in client.get("/admin/audit").text
