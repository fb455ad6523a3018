"""Passwords and keys that somebody could guess are refused."""

import base64

import pytest

from surveyapp.config import Config, new_secrets
from surveyapp.errors import ConfigurationError
from surveyapp.strength import is_guessable

from .signing_in import PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd!!!!",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "123456789012",
        "abcabcabcabc",
        "Carecarecare",
        "Spring2026!!",
        "Liverpool2024!",
        "changemechangeme",
        "robinson1990",
        "careplanningsurvey1",
        "Robinson.Northmoor",
        "correcthorsebatterystaple",
        "x" * 128,
    ],
)
def test_a_guessable_password_is_refused(password):
    own = ["A. Robinson", "Care planning survey", "Northmoor"]
    assert is_guessable(password, own)


@pytest.mark.parametrize(
    "password", [PASSWORD, "kettle-otter-plinth", "vR7#qLm2!xWz", "p4ck" + PASSWORD * 5]
)
def test_a_good_password_is_taken(password):
    assert not is_guessable(password, ["Robinson"])


WEAK = (
    "development",
    "short",
    "changeme" * 5,
    "a" * 40,
    "12" * 20,
    "0123456789abcdef" * 2,
    "qwertyuiopasdfghjklzxcvbnm1234567890",
    "for-tests-only-" * 3,
    "my-very-secret-key-change-in-production!",
    "this is the secret key of our trust 2026",
)


@pytest.mark.parametrize("name", ["secret_key", "token_pepper"])
@pytest.mark.parametrize("key", WEAK)
def test_a_key_that_was_made_up_is_refused(name, key):
    config = Config(**{**secrets_of_an_installation(), name: key})
    with pytest.raises(ConfigurationError, match=f"PROM_{name.upper()} is not random"):
        config.checked()


@pytest.mark.parametrize(
    "key", ["a" * 32, "changeme" * 4, "\0" * 32, "tests-only " * 3]
)
def test_a_field_key_that_was_made_up_is_refused(key):
    weak = base64.urlsafe_b64encode(key.encode()[:32]).decode()
    drawn = secrets_of_an_installation()
    with pytest.raises(ConfigurationError, match="first key is not random"):
        Config(**drawn | {"field_keys": (weak,)}).checked()
    older = (*drawn["field_keys"], weak)
    assert Config(**drawn | {"field_keys": older}).checked().field_keys == older


def test_what_prom_init_draws_is_taken():
    for _ in range(20):
        Config(**secrets_of_an_installation()).checked()


def secrets_of_an_installation():
    drawn = new_secrets()
    return {**drawn, "field_keys": (drawn["field_keys"],)}
