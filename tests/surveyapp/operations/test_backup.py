"""A backup is whole, of one moment, encrypted, and revives nothing that was ended."""

import itertools
import os
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from surveyapp import audit, create_app
from surveyapp.assessments import contact_erasure, opt_out, withdrawal
from surveyapp.config import new_key
from surveyapp.contacts import one_person
from surveyapp.database import utc_now
from surveyapp.errors import ConfigurationError, FileDamaged
from surveyapp.extensions import db
from surveyapp.models import (
    Answer,
    Assessment,
    AuditEvent,
    Contact,
    Invitation,
    Message,
    SignInLink,
    StaffSession,
    Trust,
)
from surveyapp.operations import backup, erasures, restore
from surveyapp.operations.sealed_files import PIECE, Opening, Sealing

from ... import databases, factories
from ..served import environment, typed

KEY = new_key()
NAME = "canary-4711 Person"


@pytest.fixture
def place(config, tmp_path):
    """The installation's settings with a key for backups and a folder of its own."""
    return replace(config, backup_key=KEY, instance=tmp_path / "instance")


@pytest.fixture
def held(app_with, place, session):
    """An application with answers, a contact, staff and a message that is due."""
    app = app_with(backup_key=KEY, instance=place.instance)
    with app.app_context():
        assessments = [factories.make_assessment(session) for _ in range(3)]
        trust, now = assessments[0].campaign.trust, utc_now()
        session.add(Contact(trust=trust, name=NAME, retain_until=now))
        user = factories.make_staff(session, trust=trust)
        signed_in = {"staff_user": user, "created_at": now, "seen_at": now}
        session.add(StaffSession(secret_hash="of-then", **signed_in))
        link = {"token_hash": "of-then", "expires_at": now + timedelta(days=1)}
        session.add(SignInLink(staff_user=user, **link))
        invitation = factories.make_invitation(session, token="of-then")
        session.add(
            Message(
                invitation=invitation,
                channel="email",
                template="reminder",
                idempotency_key="of-then",
                due_at=now - timedelta(hours=1),
            )
        )
        audit.record(session, actor=user, action="of then", subject=trust)
        session.commit()
        yield SimpleNamespace(
            app=app, assessments=assessments, paper=invitation, place=place
        )


def make(held, folder, **changes):
    """A backup of what is held, whichever application is at hand."""
    with held.app.app_context():
        return backup.make(replace(held.place, **changes), folder, now=utc_now())


def counts(session, *kinds):
    return [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]


@contextmanager
def empty_place(place, postgresql, tmp_path):
    """The same installation with nothing in it, as after the machine was lost."""
    if place.url.startswith("sqlite"):
        elsewhere = f"sqlite:///{tmp_path / 'elsewhere' / 'survey.sqlite'}"
        yield replace(place, database_url=elsewhere)
        return
    with databases.database(postgresql, "restored") as address:
        yield replace(place, database_url=address)


@pytest.fixture
def lost(place, request, tmp_path):
    server = (
        None
        if place.url.startswith("sqlite")
        else request.getfixturevalue("postgresql")
    )
    with empty_place(place, server, tmp_path) as elsewhere:
        app = create_app(elsewhere)
        with app.app_context():
            yield elsewhere
            db.session.remove()
            db.engine.dispose()


def test_a_backup_is_of_one_moment_and_can_be_relied_on(held, place, session, tmp_path):
    path, manifest = make(held, tmp_path / "kept")
    assert manifest["counts"]["assessment"] == 3 and manifest["events"] >= 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert restore.check(place, path) == manifest
    assert not [*place.instance.glob("backup-*")]
    newest = select(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(1)
    assert session.scalar(newest) == "backup.made"


def test_nothing_in_the_file_can_be_read_without_the_key(held, place, tmp_path):
    path, _ = make(held, tmp_path / "kept")
    data = path.read_bytes()
    for word in (NAME, "Northmoor", "assessment", "manifest", "SQLite format"):
        assert word.encode() not in data
    with pytest.raises(FileDamaged, match="PROM_BACKUP_KEY is another"):
        restore.check(replace(place, backup_key=new_key()), path)
    with pytest.raises(ConfigurationError, match="`prom init` adds one"):
        make(held, tmp_path, backup_key="")


@pytest.mark.one_database
def test_a_file_that_was_changed_or_cut_anywhere_is_refused(held, place, tmp_path):
    path, _ = make(held, tmp_path / "kept")
    whole, other = path.read_bytes(), tmp_path / "other.prombackup"
    places = [0, 5, 20, 45, 60, len(whole) // 2, len(whole) - 1]
    changed = (
        [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
        + [whole[:at] for at in places]
        + [whole + b"\0" * 40]
    )
    for data in changed:
        other.write_bytes(data)
        with pytest.raises(FileDamaged):
            restore.check(place, other)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_a_sealed_file_gives_back_what_was_written(tmp_path, size):
    data, path = os.urandom(size), tmp_path / "sealed"
    with path.open("wb") as file, Sealing(file, KEY) as sealed:
        sealed.write(data)
    with path.open("rb") as file:
        assert Opening(file, KEY).readall() == data


def test_pieces_of_a_sealed_file_cannot_be_left_out_or_changed_over(tmp_path):
    path = tmp_path / "sealed"
    with path.open("wb") as file, Sealing(file, KEY) as sealed:
        sealed.write(os.urandom(3 * PIECE))
    data = path.read_bytes()
    head, step = 44, PIECE + 20
    pieces = [data[at : at + step] for at in range(head, len(data), step)]
    for order in ([0, 1], [1, 0, 2], [0, 2], [0, 0, 1, 2]):
        path.write_bytes(data[:head] + b"".join(pieces[n] for n in order))
        with path.open("rb") as file, pytest.raises(FileDamaged):
            Opening(file, KEY).readall()


def test_a_restored_backup_has_every_row_and_an_audit_that_holds(
    held, place, session, lost, tmp_path
):
    kinds = (Assessment, Answer, Invitation, Contact, Trust)
    before = counts(session, *kinds)
    path, manifest = make(held, tmp_path / "kept")
    done = restore.restore(lost, path, erased=set(), now=utc_now())
    assert (done.n_erased, done.manifest) == (0, manifest)
    with Session(db.engine) as restored:
        assert counts(restored, *kinds) == before
        assert restored.scalar(select(Contact.name)) == NAME
        assert audit.verify(restored) == manifest["events"] + 1
        factories.make_assessment(restored)  # numbers go on behind the old ones
        restored.commit()
    if not place.url.startswith("sqlite"):
        with pytest.raises(ConfigurationError, match="is not empty"):
            restore.restore(lost, path, erased=set(), now=utc_now())
    else:
        with pytest.raises(ConfigurationError, match="move it away first"):
            restore.restore(lost, path, erased=set(), now=utc_now())


def test_what_was_ended_after_the_backup_stays_ended(
    held, place, session, lost, tmp_path
):
    path, _ = make(held, tmp_path / "kept")
    gone, paper = held.assessments[0], held.paper
    with held.app.app_context():
        withdrawal.withdraw(session, gone.id, now=utc_now())
        withdrawal.withdraw_paper(session, paper.id, now=utc_now())
        contact = session.scalars(select(Contact)).one()
        who = {"why": "asked", "actor": "system", "now": utc_now()}
        contact_erasure.erase(session, contact, **who)
    lines = (place.instance / erasures.FILE).read_text().splitlines()
    assert len(lines) == 3 and str(gone.respondent.pseudonym) not in "".join(lines)
    erased = erasures.noted([*lines, "not a line", "{}", "[1]"])
    done = restore.restore(lost, path, erased=erased, now=utc_now())
    assert (done.n_erased, done.n_messages) == (3, 1)
    with Session(db.engine) as restored:
        again = restored.get_one(Assessment, gone.id)
        assert again.withdrawn_at is not None and again.answers == []
        kept = restored.get_one(Assessment, held.assessments[1].id)
        assert kept.withdrawn_at is None
        assert counts(restored, StaffSession, Contact) == [0, 0]
        assert restored.scalar(select(SignInLink.used_at)) is not None
        assert restored.scalar(select(Message.status)) == "cancelled"
        paper = restored.get_one(Invitation, held.paper.id)
        assert paper.status == "withdrawn"


def test_who_said_no_after_the_backup_is_not_written_to_when_it_is_put_back(
    held, place, session, lost, tmp_path
):
    path, _ = make(held, tmp_path / "kept")
    with held.app.app_context():
        contact = session.scalars(select(Contact)).one()
        opt_out.opt_out(session, held.paper, now=utc_now())  # of nobody on a list
        one_person.say_no(session, contact, actor="system", now=utc_now())
    erased = erasures.noted((place.instance / erasures.FILE).read_text().splitlines())
    assert len(erased) == 2
    assert restore.restore(lost, path, erased=erased, now=utc_now()).n_erased == 2
    with Session(db.engine) as restored:
        assert restored.scalars(select(Contact)).one().opted_out_at is not None
        assert restored.get_one(Invitation, held.paper.id).status == "cancelled"


def test_a_withdrawal_that_fails_to_be_noted_in_the_folder_is_in_the_log(
    held, place, session, capfd
):
    place.instance.mkdir(parents=True, exist_ok=True)
    (place.instance / erasures.FILE).mkdir()
    withdrawal.withdraw(session, held.assessments[0].id, now=utc_now())
    told = erasures.noted(capfd.readouterr().err.splitlines())
    assert told == {erasures.fingerprint(held.assessments[0])}


def test_a_backup_of_a_database_that_is_written_to_is_of_one_moment(
    held, place, session, tmp_path
):
    """Two rows are always written together: no backup has one without the other."""
    engine = create_engine(place.url, poolclass=NullPool)
    is_over, n = threading.Event(), itertools.count()
    statement = text(
        "INSERT INTO trust (slug, name, is_demonstration, created_at)"
        " VALUES (:s, '', false, CURRENT_TIMESTAMP)"
    )

    def write():
        while not is_over.is_set():
            with engine.begin() as connection:
                number = next(n)
                for part in "ab":
                    connection.execute(statement, {"s": f"{part}{number}"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        numbers = [
            make(held, tmp_path / f"{i}")[1]["counts"]["trust"] for i in range(3)
        ]
    finally:
        is_over.set()
        writer.join()
        engine.dispose()
    first = session.scalar(select(func.count()).select_from(Trust)) - 2 * next(n)
    assert {number % 2 for number in numbers} == {first % 2}
    assert numbers == sorted(numbers)


@pytest.mark.one_database
def test_backups_are_kept_as_long_as_was_promised_and_no_longer(held, place, tmp_path):
    folder, now = tmp_path / "kept", utc_now().replace(microsecond=0)
    days = {0, 1, place.backup_days, place.backup_days + 1, place.backup_days + 200}
    folder.mkdir()
    for day in days:
        name = (now - timedelta(days=day)).strftime(backup.STAMP) + backup.ENDING
        (folder / name).touch()
    (folder / "of somebody else.txt").touch()
    gone = backup.forget_old(place, folder, now=now)
    assert len(gone) == 2 and len([*folder.iterdir()]) == 4


@pytest.mark.one_database
def test_what_a_killed_backup_left_goes_and_two_at_a_time_are_refused(
    held, place, tmp_path
):
    (place.instance / "backup-left").mkdir(parents=True)
    with backup.working_folder(place):
        assert not (place.instance / "backup-left").exists()
        with pytest.raises(ConfigurationError, match="another backup"):
            make(held, tmp_path)


@pytest.mark.one_database
@pytest.mark.parametrize("is_said", [False, True])
def test_who_puts_back_without_any_word_of_withdrawals_is_told(
    held, lost, tmp_path, is_said
):
    path, _ = make(held, tmp_path / "kept")
    said = tmp_path / "erasures.jsonl"
    said.write_text('{"event": "erased", "erased": "of-somebody-else"}\n')
    given = ["--erasures", str(said)] if is_said else []
    env = environment(lost) | {"PROM_BACKUP_KEY": KEY}
    done = typed("restore", str(path), *given, env=env)
    assert done.returncode == 0, done.stderr
    assert ("put it back anew with --erasures" in done.stdout) is not is_said


@pytest.mark.one_database
def test_who_is_refused_a_restore_is_not_told_to_move_the_database_away_for_it(
    held, tmp_path, place
):
    path, _ = make(held, tmp_path / "kept")
    (tmp_path / "empty.sqlite").touch()
    at = {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite'}"}
    env = environment(place) | at | {"PROM_BACKUP_KEY": KEY}
    done = typed("restore", str(path), env=env)
    assert done.returncode == 2
    assert "is there: move it away first" in done.stderr
    assert done.stdout == ""
