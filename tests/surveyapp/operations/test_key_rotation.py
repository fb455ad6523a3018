"""A new key for personal data: everything stays readable, also after a stop."""

import json
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import current_app
from passlib.totp import TOTP
from sqlalchemy import LargeBinary, Text, cast, select, text, type_coerce

from surveyapp.admin.services import create_staff
from surveyapp.auth import security
from surveyapp.auth.second_factor import SingleUseCodes, wallet_of
from surveyapp.config import new_key
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers
from surveyapp.extensions import db
from surveyapp.models import Comment, CommentReading, Contact, StaffUser
from surveyapp.operations import key_rotation

from ... import factories
from ..served import environment, prom

OLD, NEW = new_key(), new_key()
N = 25


@pytest.fixture
def people(app_with, session):
    """Contacts, and staff with a second factor, of whom the old key keeps the data."""
    app = app_with(field_keys=(OLD,))
    with app.app_context():
        user = factories.make_staff(session)
        user.tf_totp_secret = codes(OLD).generate_totp_secret()
        trust = user.grants[0].trust
        for n in range(N):
            held = {"name": f"Person {n}", "email": f"{n}@example.org"}
            session.add(Contact(trust=trust, retain_until=utc_now(), **held))
        session.commit()
    return user


def codes(*keys):
    config = current_app.config["PROM"]
    return SingleUseCodes(replace(config, field_keys=keys).totp_keys(), "us")


@pytest.fixture
def rotated(app_with, people):
    """The application with a new key in front; what is done is done in its context."""
    app = app_with(field_keys=(NEW, OLD))
    with app.app_context():
        yield app


def rotate(session):
    return key_rotation.rotate(current_app.config["PROM"], session, now=utc_now())


def names(session):
    session.expire_all()
    return [*session.scalars(select(Contact.name).order_by(Contact.id))]


def opened_by(session, key):
    """How many names this key alone opens."""
    raw = session.scalars(select(type_coerce(Contact.name, LargeBinary))).all()
    cipher, n = Fernet(key), 0
    for value in raw:
        try:
            n += bool(cipher.decrypt(bytes(value)))
        except Exception:
            continue
    return n


def test_everything_has_the_newest_key_afterwards_and_says_the_same(
    rotated, people, session
):
    before = names(session)
    done = rotate(session)
    assert (done.done, done.there, done.unreadable) == (2 * N + 2, 0, 0)
    assert opened_by(session, NEW) == N and opened_by(session, OLD) == 0
    assert names(session) == before
    again = rotate(session)
    assert (again.done, again.there) == (0, 2 * N + 2)


def test_a_rotation_that_was_killed_goes_on_and_all_is_readable_between(
    rotated, people, session, monkeypatch
):
    monkeypatch.setattr(key_rotation, "BATCH", 10)
    turns = []

    def die(_session):
        turns.append(1)
        if len(turns) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(key_rotation, "take_turns", die)
    with pytest.raises(KeyboardInterrupt):
        rotate(session)
    session.rollback()
    assert 0 < opened_by(session, NEW) == N - opened_by(session, OLD) < N
    assert names(session) == [f"Person {n}" for n in range(N)]
    done = rotate(session)
    assert done.there and done.done + done.there == 2 * N + 2
    assert opened_by(session, NEW) == N


def test_a_value_that_no_key_opens_is_counted_and_stays(rotated, people, session):
    strange = Fernet(new_key()).encrypt(b"of nobody")
    session.execute(text("UPDATE contact SET name = :v WHERE id = 1"), {"v": strange})
    session.commit()
    assert rotate(session).unreadable == 1
    raw = select(type_coerce(Contact.name, LargeBinary)).where(Contact.id == 1)
    assert bytes(session.scalar(raw)) == strange
    assert key_rotation.n_older(current_app.config["PROM"], session) == 1


def test_an_authenticator_goes_on_when_the_older_key_is_dropped(
    rotated, people, session
):
    secret = people.tf_totp_secret
    token = codes(OLD).generate_totp_password(secret)
    assert codes(NEW, OLD).generate_totp_password(secret) == token
    rotate(session)
    session.refresh(people)
    assert codes(NEW).generate_totp_password(people.tf_totp_secret) == token
    assert json.loads(secret) != json.loads(people.tf_totp_secret)


def test_an_authenticator_of_before_keys_had_names_is_read_and_renamed(
    rotated, people, session
):
    people.tf_totp_secret = TOTP.using(secrets={"1": OLD}).new().to_json(encrypt=True)
    session.commit()
    token = codes(NEW, OLD).generate_totp_password(people.tf_totp_secret)
    rotate(session)
    session.refresh(people)
    assert codes(NEW).generate_totp_password(people.tf_totp_secret) == token


@pytest.mark.one_database
def test_what_is_encrypted_now_has_the_newest_key(rotated, session):
    config = current_app.config["PROM"]
    assert [*config.totp_keys().values()][-1] == NEW
    factory = TOTP.using(wallet=wallet_of(config.totp_keys()))
    assert not factory.from_source(factory.new().to_json(encrypt=True)).changed


@pytest.mark.one_database
def test_a_key_is_added_used_and_the_older_dropped_by_three_commands(
    app, config, session, tmp_path
):
    secrets = tmp_path / "secrets.json"
    held = {
        "secret_key": config.secret_key,
        "token_pepper": config.token_pepper,
        "field_keys": config.field_keys[0],
    }
    secrets.write_text(json.dumps(held))
    with app.app_context():
        trust = factories.make_trust(session)
        session.add(Contact(trust=trust, name="Person", retain_until=utc_now()))
        session.commit()
    env = environment(config) | {"PROM_SECRETS_FILE": str(secrets)}
    for name in held:
        del env[f"PROM_{name.upper()}"]

    def keys():
        return json.loads(secrets.read_text())["field_keys"].split(",")

    assert prom("keys", "add", env=env).returncode == 0
    assert len(keys()) == 2 and keys()[1] == config.field_keys[0]
    refused = prom("keys", "drop", env=env).stderr
    assert "of 1 value an older one is needed: run `prom keys rotate`" in refused
    session.scalars(select(Contact.id)).all()  # who still reads what was there before
    told = prom("keys", "rotate", env=env).stdout
    assert "Encrypted anew: 1." in told and "run this again" in told
    session.rollback()
    told = prom("keys", "rotate", env=env).stdout
    assert "Encrypted anew: 0." in told and "run this again" not in told
    assert prom("keys", "drop", env=env).returncode == 0
    assert len(keys()) == 1 and keys()[0] != config.field_keys[0]
    assert secrets.stat().st_mode & 0o777 == 0o600
    env["PROM_FIELD_KEYS"] = keys()[0]
    assert "change PROM_FIELD_KEYS" in prom("keys", "add", env=env).stderr


SAID = "canary@example.org"


def held(session):
    """A row of each kind that says something of a person, and staff with an address."""
    user = factories.make_staff(session, email=SAID)
    campaign = factories.make_campaign(session)
    assessment = factories.make_assessment(session, campaign)
    assessment.comments = [comment := Comment(text=SAID)]
    reading = CommentReading(comment=comment, edited=SAID, action=SAID, why_held=SAID)
    session.add(reading)
    form = factories.make_keyed_form(session, user, campaign, note=SAID)
    form.first, form.second = (
        {"comment": SAID, "age": "1"},
        {
            "comment": "Hm",
            "age": "2",
        },
    )
    form.resolved = {"comment": [SAID, "a smudge"]}
    invitation = factories.make_invitation(session, campaign)
    invitation.promised_receipt = assessment.receipt_code = SAID
    session.commit()
    return user, comment, reading, form, invitation, assessment


def in_the_database(session):
    """Columns of any table in which the words stand as they were said."""
    return {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        for value in session.scalars(select(cast(column, Text)))
        if SAID in str(value)
    }


def texts(user, comment, reading, form, invitation, assessment):
    said = (user.email, comment.text, reading.edited, reading.action, reading.why_held)
    codes = invitation.promised_receipt, assessment.receipt_code
    read = form.first["comment"], form.resolved["comment"][0], form.note
    return {*said, *codes, *read}


def test_what_is_said_of_people_is_in_no_column_as_it_was_said(session):
    rows = held(session)
    assert in_the_database(session) == set()
    session.expire_all()
    assert texts(*rows) == {SAID}
    assert rows[3].second == {"comment": "Hm", "age": "2"}


def test_what_stands_in_clear_from_before_is_read_and_then_encrypted(app, session):
    rows = user, comment, reading, form, invitation, assessment = held(session)
    factories.of_before(session, user, email=SAID, email_index=None)
    factories.of_before(session, comment, text=SAID)
    factories.of_before(session, reading, edited=SAID, action=SAID, why_held=SAID)
    first, resolved = '{"comment": "%s"}' % SAID, '{"comment": ["%s", null]}' % SAID
    factories.of_before(session, form, first=first, resolved=resolved, note=SAID)
    factories.of_before(session, invitation, promised_receipt=SAID)
    factories.of_before(session, assessment, receipt_code=SAID)
    session.commit()
    assert len(in_the_database(session)) == 10 and texts(*rows) == {SAID}
    with app.app_context():
        assert key_rotation.n_in_clear(session) == 10
        assert rotate(session).done == 10
        assert key_rotation.n_in_clear(session) == 0
    assert in_the_database(session) == set()
    session.expire_all()
    assert texts(*rows) == {SAID}


@pytest.mark.parametrize(
    "column, words",
    [
        ("note", "Gaaaaah, they listened"),
        ("second", '{"comment": "Gaaaaah"}'),
        ("resolved", '{"comment": ["They listened", null]}'),
    ],
)
def test_each_kind_of_words_is_counted_while_it_stands_in_clear(
    app, session, column, words
):
    form = held(session)[3]
    factories.of_before(session, form, **{column: words})
    session.commit()
    with app.app_context():
        assert key_rotation.n_in_clear(session) == 1
        rotate(session)
        assert key_rotation.n_in_clear(session) == 0


def test_an_address_that_was_added_twice_stops_no_rotation(app, session, monkeypatch):
    monkeypatch.setattr(key_rotation, "BATCH", 1)
    user = held(session)[0]
    again = factories.make_staff(session, email="again@example.org")
    factories.of_before(session, again, email=SAID, email_index=None)
    late = factories.make_staff(session, email="late@example.org")
    factories.of_before(session, late, email="late@example.org", email_index=None)
    session.commit()
    with app.app_context():
        done = rotate(session)
        assert (done.twice, done.done) == (1, 2)
        assert security.datastore.find_user(email=SAID).id == user.id
        assert security.datastore.find_user(email="late@example.org").id == late.id
        assert rotate(session).twice == 1
    assert in_the_database(session) == set()


def test_hashes_of_what_stands_in_clear_are_given_in_batches(app, session, monkeypatch):
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    staff = [factories.make_staff(session) for _ in range(5)]
    for one in staff:
        factories.of_before(session, one, email=one.email, email_index=None)
    session.commit()

    def die(_session):
        raise KeyboardInterrupt

    monkeypatch.setattr(key_rotation, "take_turns", die)
    with app.app_context(), pytest.raises(KeyboardInterrupt):
        rotate(session)
    session.rollback()
    given = session.scalars(select(StaffUser.email_index)).all()
    assert sum(each is not None for each in given) == 2


@pytest.mark.parametrize("is_of_before", [False, True])
def test_an_address_is_known_again_however_it_is_kept(app, session, is_of_before):
    user = held(session)[0]
    if is_of_before:
        factories.of_before(session, user, email=SAID, email_index=None)
        session.commit()
    with app.app_context():
        assert security.datastore.find_user(email=SAID.upper()).id == user.id
        assert security.datastore.find_user(email="another@example.org") is None
        rotate(session)
        assert security.datastore.find_user(email=SAID).id == user.id
        with pytest.raises(InvalidAnswers):
            create_staff(
                session,
                email=SAID,
                name="A",
                role="lead",
                places=[(user.grants[0].trust, None)],
                actor="system",
                now=utc_now(),
            )
