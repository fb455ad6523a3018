"""Columns that are readable only with a key that the database does not hold.

The first of the configured keys encrypts; the others still decrypt, so that a key can
be changed without losing a row. `prom keys rotate` renews whatever is kept here.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app, has_app_context
from sqlalchemy import JSON, LargeBinary, String, Text
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.types import TypeDecorator, TypeEngine

from .database import kept

if TYPE_CHECKING:
    from .config import Config

BEGINNING = "gAAAAA"  # of each token
TOKEN = re.compile(BEGINNING + r"[\w-]{92,}={0,2}")
# For sessions outside of a request or a command: the keys go with the engine.
_CONFIGS: "WeakKeyDictionary[Dialect, Config]" = WeakKeyDictionary()


def bind(engine: Engine, config: "Config") -> None:
    """Let an engine's columns be read with the keys of a configuration."""
    _CONFIGS[engine.dialect] = config


def cipher(dialect: Dialect | None = None) -> MultiFernet:
    """The keys of this installation, newest first."""
    return _cipher_of(_config(dialect).field_keys)


@lru_cache(maxsize=4)
def _cipher_of(field_keys: tuple[str, ...]) -> MultiFernet:
    """Made once: a list of people encrypts hundreds of thousands of cells."""
    return MultiFernet([Fernet(key) for key in field_keys])


def _config(dialect: Dialect | None) -> "Config":
    if has_app_context() or dialect is None:
        return current_app.config["PROM"]
    return _CONFIGS[dialect]


def renewed(token: bytes, newest: Fernet, keys: MultiFernet) -> bytes | None:
    """A token with the newest key; None where it has that. InvalidToken if no key
    opens it.
    """
    try:
        newest.decrypt(token)
    except InvalidToken:
        return keys.rotate(token)
    return None


class _Encrypted(TypeDecorator):
    """What is encrypted in one piece."""

    impl: "type[TypeEngine] | TypeEngine" = LargeBinary
    cache_ok = True
    kept_as: type[TypeEngine] = LargeBinary  # the type of what the database holds

    def renewed(self, value: Any, newest: Fernet, keys: MultiFernet) -> Any:
        """What takes the place of what the database holds; None if it may stay."""
        return renewed(bytes(value), newest, keys)


class EncryptedText(_Encrypted):
    """Personal data in a column of bytes."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher(dialect).encrypt(kept(value).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else cipher(dialect).decrypt(bytes(value)).decode()


class EncryptedBytes(_Encrypted):
    """The same for a file."""

    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher(dialect).encrypt(value)

    def process_result_value(
        self, value: bytes | None, dialect: Dialect
    ) -> bytes | None:
        return None if value is None else cipher(dialect).decrypt(bytes(value))


class EncryptedWords(_Encrypted):
    """Personal data in a column that held it in clear before.

    What stands there in clear is read as it is, until `prom keys rotate` encrypts it.
    Nothing stays nothing.
    """

    impl = Text
    cache_ok = True
    kept_as = Text

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return sealed(kept(value), cipher(dialect).encrypt) if value else value

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return opened(value, cipher(dialect)) if value else value

    def renewed(self, value: str, newest: Fernet, keys: MultiFernet) -> str | None:
        if TOKEN.fullmatch(value):
            token = renewed(value.encode(), newest, keys)
            return token.decode() if token else None
        return sealed(value, newest.encrypt) if value else None


class PartlyEncrypted(TypeDecorator):
    """JSON whose words under one name are encrypted, alone or first in a list."""

    impl = JSON
    cache_ok = True
    kept_as = JSON

    def __init__(self, name: str, **options: Any):
        super().__init__(**options)
        self.name = name

    def process_bind_param(self, value: dict | None, dialect: Dialect) -> dict | None:
        encrypt = cipher(dialect).encrypt
        return self._with(value, lambda words: sealed(kept(words), encrypt))

    def process_result_value(self, value: dict | None, dialect: Dialect) -> dict | None:
        keys = cipher(dialect)
        return self._with(value, lambda words: opened(words, keys))

    def renewed(self, value: dict, newest: Fernet, keys: MultiFernet) -> dict | None:
        words = EncryptedWords()
        changed = self._with(
            value, lambda each: words.renewed(each, newest, keys) or each
        )
        return changed if changed != value else None

    def is_in_clear(self, value: dict | None) -> bool:
        """Whether the words under the name stand as they were said."""
        held = (value or {}).get(self.name) or ""
        words = (held if isinstance(held, str) else held[0]) or ""
        return bool(words) and not words.startswith(BEGINNING)

    def _with(self, value: dict | None, change: Callable) -> dict | None:
        held = (value or {}).get(self.name)
        if not held or not value:
            return value
        if isinstance(held, str):
            return {**value, self.name: change(held)}
        first, *rest = held
        return {**value, self.name: [change(first) if first else first, *rest]}


class BlindIndex(TypeDecorator):
    """A keyed hash of what an encrypted column holds, by which it can be asked for.

    Whoever sets it or compares with it gives the words themselves.
    """

    impl = String(64)
    cache_ok = True

    def __init__(self, purpose: str):
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        key = _config(dialect).derived_key(self.purpose).encode()
        return hmac.new(key, kept(value).encode(), hashlib.sha256).hexdigest()


def is_encrypted(kind: TypeEngine) -> bool:
    """Whether a column of this type holds what a key must open."""
    return isinstance(kind, (_Encrypted, PartlyEncrypted))


def sealed(words: str, encrypt: Callable) -> str:
    """Words as a token in text."""
    return encrypt(words.encode()).decode()


def opened(words: str, keys: MultiFernet) -> str:
    """The words of a token; words that stand in clear as they are."""
    return keys.decrypt(words.encode()).decode() if TOKEN.fullmatch(words) else words
