"""A new key for personal data: everything stays readable, also after a stop."""

import json
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import current_app
from passlib.totp import TOTP
from sqlalchemy import LargeBinary, select, text, type_coerce

from surveyapp.auth.second_factor import SingleUseCodes, wallet_of
from surveyapp.config import new_key
from surveyapp.database import utc_now
from surveyapp.models import Contact
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
    assert (done.done, done.there, done.unreadable) == (2 * N + 1, 0, 0)
    assert opened_by(session, NEW) == N and opened_by(session, OLD) == 0
    assert names(session) == before
    again = rotate(session)
    assert (again.done, again.there) == (0, 2 * N + 1)


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
    assert done.there and done.done + done.there == 2 * N + 1
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
    assert "Encrypted anew: 1." in prom("keys", "rotate", env=env).stdout
    assert prom("keys", "drop", env=env).returncode == 0
    assert len(keys()) == 1 and keys()[0] != config.field_keys[0]
    assert secrets.stat().st_mode & 0o777 == 0o600
    env["PROM_FIELD_KEYS"] = keys()[0]
    assert "change PROM_FIELD_KEYS" in prom("keys", "add", env=env).stderr
