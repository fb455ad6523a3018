"""One frozen Config, read from the environment and checked before anything starts."""

import base64
import hashlib
import json
import os
import re
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from .errors import ConfigurationError
from .strength import is_random_key

ENVIRONMENTS = ("production", "local", "test")
SECRETS = ("secret_key", "token_pepper", "field_keys", "backup_key", "metrics_token")
SMTP_SECURITY = ("starttls", "tls", "none")
OF_CARRIERS = ("smtp_password", "notify_key", "notify_callback_token")
KEY_LENGTH = 32
NOTIFY_KEY = 73  # characters of its two identifiers
MINIMUM_CELL = 5
LEAST = {  # of each number: less would lock everybody out, or keep nothing
    "proxies": 0,
    "suppress_below": MINIMUM_CELL,
    "backup_days": 1,
    "smtp_port": 1,
    "staff_idle_minutes": 1,
    "staff_session_hours": 1,
    "respondent_session_hours": 20,
}
LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8000
DATABASES = ("sqlite", "postgresql+psycopg")
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
HOST = re.compile(r"[^\s/@]+")
LARGEST_PORT = 65535
NOT_RANDOM = (
    f"is not random: it takes {KEY_LENGTH} characters drawn by a machine, without"
    " words, patterns and repeats, as `prom init` draws them"
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """What an installation decides; `docs/deploy.md` tells it setting by setting.

    `environment` is `production`, or `local`: this machine only, plain http, with
    demonstration sign-ins; or `test`.
    """

    environment: str = "local"
    database_url: str = ""
    report_folder: str = ""
    instance: Path = Path("instance")
    bank_folder: str = ""
    secret_key: str = ""
    token_pepper: str = ""
    field_keys: tuple[str, ...] = ()
    backup_key: str = ""
    service_name: str = "Care planning survey"
    contact_email: str = ""
    security_contact: str = ""
    metrics_token: str = ""
    base_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = "your organisation"
    proxies: int = 0
    suppress_below: int = 10
    backup_days: int = 90
    staff_idle_minutes: int = 30
    staff_session_hours: int = 12
    respondent_session_hours: int = 72
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"
    smtp_sender: str = ""
    notify_key: str = ""
    notify_url: str = "https://api.notifications.service.gov.uk"
    notify_email_template: str = ""
    notify_text_template: str = ""
    notify_letter_template: str = ""
    notify_callback_token: str = ""

    @classmethod
    def from_environment(cls, environ=os.environ):
        """Read `PROM_...` settings; secrets may stand in the file PROM_SECRETS_FILE.

        ConfigurationError names everything that is wrong at once.
        """
        config, problems = cls.read(environ)
        if problems:
            raise ConfigurationError("; ".join(problems))
        return config

    @classmethod
    def read(cls, environ=os.environ):
        """The settings as far as they can be read, and all that is wrong with them."""
        given = {f.name: environ.get(f"PROM_{f.name.upper()}") for f in fields(cls)}
        given["database_url"] = environ.get("DATABASE_URL", given["database_url"])
        given = {name: value for name, value in given.items() if value}
        instance = Path(given.get("instance", cls.instance))
        problems: list[str] = []
        stored = _secrets(environ.get("PROM_SECRETS_FILE"), instance, problems)
        config = cls(**_typed({**stored, **given, "instance": instance}, problems))
        return config, [*problems, *_problems(config)]

    def checked(self):
        """The config itself, or ConfigurationError with every problem at once."""
        problems = [*_problems(self)]
        if problems:
            raise ConfigurationError("; ".join(problems))
        return self

    @property
    def url(self):
        """The database's address in SQLAlchemy's words; SQLite by default."""
        path = (self.instance / "survey.sqlite").resolve()
        url = self.database_url or f"sqlite:///{path}"
        scheme, colon, rest = url.partition("://")
        known = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
        return known.get(scheme, scheme) + colon + rest

    @property
    def root(self):
        """Where this installation is reached, for every link; no slash at the end.

        Unless PROM_BASE_URL says it, the port of this machine that was served last.
        """
        if self.base_url:
            return self.base_url.rstrip("/")
        try:
            port = int(self._port_file.read_text())
        except (OSError, ValueError):
            port = DEFAULT_PORT
        return f"http://{LOOPBACK}:{port}"

    def remember_port(self, port):
        """Keep the port that is served from now on, for the links of later commands."""
        self._port_file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._port_file.with_suffix(".new")
        beside.write_text(f"{port}\n")
        beside.replace(self._port_file)

    @property
    def _port_file(self):
        return self.instance / "port"

    @cached_property
    def own_bank(self):
        """The folder of this installation's own forms; it need not exist."""
        return own_bank(self.bank_folder, self.instance)

    @property
    def notify_templates(self):
        """Channel -> the template of GOV.UK Notify that carries its messages."""
        named = {
            "email": self.notify_email_template,
            "sms": self.notify_text_template,
            "print": self.notify_letter_template,
        }
        return {channel: template for channel, template in named.items() if template}

    @property
    def is_local(self):
        return self.environment == "local"

    @property
    def over_tls(self):
        """Cookies are Secure with a __Host- name, unless http stays on this machine."""
        return self.environment == "production"

    def flask(self):
        """The same decisions in the words of Flask and its extensions."""
        return {
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.url,
            # After a restart of the server its old connections are noticed in time.
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "pool_pre_ping": self.url.startswith("postgresql")
            },
            "SESSION_COOKIE_NAME": self.cookie_name("staff"),
            "SESSION_COOKIE_SECURE": self.over_tls,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": timedelta(minutes=self.staff_idle_minutes),
            "MAX_CONTENT_LENGTH": 2**20,  # uploads.py lets in more for files
            "MAX_FORM_MEMORY_SIZE": 2**19,
            "MAX_FORM_PARTS": 500,
            "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": False,
            "TESTING": self.environment == "test",
        }

    def cookie_name(self, name):
        """Over TLS a browser keeps a __Host- cookie to this very host."""
        return f"__Host-{name}" if self.over_tls else name

    def derived_key(self, purpose):
        """A key for one purpose, made from the pepper; hex, 256 bits."""
        material = f"{purpose}:{self.token_pepper}".encode()
        return hashlib.sha256(material).hexdigest()

    def totp_keys(self):
        """Keys that encrypt second-factor secrets, by name, the newest last.

        A name is made of the key, so that it stays when an older key goes; secrets of
        before have the key's place, from the oldest, as its name.
        """
        oldest_first = [*reversed(self.field_keys)]
        by_place = {str(n): key for n, key in enumerate(oldest_first, start=1)}
        return by_place | {_name_of(key): key for key in oldest_first}


def _name_of(key):
    return f"k{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def own_bank(folder, instance):
    """Where forms and calibrations of this installation lie, beside the bank's."""
    return Path(folder) if folder else Path(instance) / "bank"


def new_secrets():
    """Fresh random secrets for one installation."""
    return {
        "secret_key": _drawn(48),
        "token_pepper": _drawn(48),
        "field_keys": new_key(),
        "backup_key": new_key(),
    }


def new_key():
    """A fresh random key for fields or backups: 32 bytes in url-safe base64."""
    return _drawn(32)


def _drawn(n_bytes):
    return base64.urlsafe_b64encode(os.urandom(n_bytes)).decode()


def write_secrets(path):
    """Write fresh secrets that only this user may read; those that exist stay.

    The names of those that were written: one that a new version needs is added.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = {n: drawn for n, drawn in new_secrets().items() if n not in stored}
    if missing:
        store_secrets(path, {**stored, **missing})
    return [*missing]


def store_secrets(path, secrets):
    """Put secrets in the place of those in the file, whole or not at all."""
    beside = path.with_suffix(".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        json.dump(secrets, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _secrets(named, instance, problems):
    """What stands in the file of secrets; a problem more where it cannot be read."""
    path = Path(named) if named else instance / "secrets.json"
    if not path.is_file():
        if named:
            problems.append(f"PROM_SECRETS_FILE {path} is not a file")
        return {}
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        texts = {name: stored.get(name, "") for name in (*SECRETS, *OF_CARRIERS)}
        if not all(isinstance(text, str) for text in texts.values()):
            raise ValueError
    except OSError as problem:
        problems.append(f"{path}: {problem.strerror}")
    except (ValueError, AttributeError):
        problems.append(f"{path} does not hold the secrets as texts in JSON")
    else:
        return texts
    return {}


def _typed(given, problems):
    """Text from the environment as the types that Config declares."""
    wanted = {f.name: type(f.default) for f in fields(Config)}
    typed = {}
    for name, value in given.items():
        try:
            keys = name == "field_keys" and isinstance(value, str)
            typed[name] = tuple(value.split(",")) if keys else wanted[name](value)
        except ValueError:
            problems.append(f"PROM_{name.upper()} is not a number")
    return typed


def _problems(config):
    if config.environment not in ENVIRONMENTS:
        yield f"PROM_ENVIRONMENT is {config.environment!r}, not one of {ENVIRONMENTS}"
    for name in ("secret_key", "token_pepper"):
        value = getattr(config, name)
        if not value:
            yield f"PROM_{name.upper()} is missing; `prom init` writes one"
        elif not _is_drawn_text(value):
            yield f"PROM_{name.upper()} {NOT_RANDOM}"
    if not config.field_keys:
        yield "PROM_FIELD_KEYS is missing; `prom init` writes one"
    for number, key in enumerate(config.field_keys, start=1):
        if not _is_fernet_key(key):
            yield f"PROM_FIELD_KEYS: key {number} is not 32 bytes in url-safe base64"
    # An older key stays, however weak: it still opens what was encrypted with it.
    if config.field_keys and not _is_drawn(config.field_keys[0]):
        yield f"PROM_FIELD_KEYS: the first key {NOT_RANDOM}"
    if config.backup_key and not _is_fernet_key(config.backup_key):
        yield "PROM_BACKUP_KEY is not 32 bytes in url-safe base64"
    elif config.backup_key and not _is_drawn(config.backup_key):
        yield f"PROM_BACKUP_KEY {NOT_RANDOM}"
    if config.metrics_token and not _is_drawn_text(config.metrics_token):
        yield f"PROM_METRICS_TOKEN {NOT_RANDOM}"
    for name, least in LEAST.items():
        if getattr(config, name) < least:
            yield f"PROM_{name.upper()} is {getattr(config, name)}; {least} is least"
    for name in ("contact_email", "security_contact"):
        if (address := getattr(config, name)) and not ADDRESS.fullmatch(address):
            yield f"PROM_{name.upper()} is no e-mail address"
    for name in ("base_url", "oidc_issuer", "notify_url"):
        if (address := getattr(config, name)) and not WEB_ADDRESS.fullmatch(address):
            yield f"PROM_{name.upper()} is no address that begins with https://"
    if not config.service_name.isprintable():
        yield "PROM_SERVICE_NAME is not one line of text"
    if config.url.partition("://")[0] not in DATABASES:
        yield "DATABASE_URL begins with neither postgresql:// nor sqlite:///"
    if config.environment == "production" and not config.base_url.startswith("https:"):
        yield "PROM_BASE_URL must start with https: in production"
    yield from _problems_of_carriers(config)
    yield from _provider_problems(config)


def _problems_of_carriers(config):
    """What is wrong with how messages would go."""
    if config.smtp_security not in SMTP_SECURITY:
        yield f"PROM_SMTP_SECURITY is not one of {', '.join(SMTP_SECURITY)}"
    if config.smtp_host and not HOST.fullmatch(config.smtp_host):
        yield "PROM_SMTP_HOST is not the name of a server"
    if config.smtp_port > LARGEST_PORT:
        yield f"PROM_SMTP_PORT is {config.smtp_port}; {LARGEST_PORT} is the largest"
    on_this_machine = config.smtp_host in ("localhost", LOOPBACK, "::1")
    if config.smtp_host and config.smtp_security == "none" and not on_this_machine:
        yield "PROM_SMTP_SECURITY is none, which is for a server on this machine alone"
    if config.smtp_host and "@" not in config.smtp_sender:
        yield "PROM_SMTP_SENDER is the address that e-mail comes from; it is missing"
    if config.notify_key and len(config.notify_key) < NOTIFY_KEY:
        yield "PROM_NOTIFY_KEY is no key of GOV.UK Notify: it is too short"
    if config.notify_key and not config.notify_templates:
        yield "PROM_NOTIFY_EMAIL_TEMPLATE or another template is missing"
    token = config.notify_callback_token
    if token and len(token) < KEY_LENGTH:
        yield f"PROM_NOTIFY_CALLBACK_TOKEN is shorter than {KEY_LENGTH} characters"


def _provider_problems(config):
    """What is half said of the organisation's own sign-in."""
    names = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
    if not any(getattr(config, name) for name in names):
        return
    for name in names:
        if not getattr(config, name):
            yield f"PROM_{name.upper()} is missing; it goes with the other PROM_OIDC_"
    secure = config.oidc_issuer.startswith("https:") or not config.oidc_issuer
    if config.environment == "production" and not secure:
        yield "PROM_OIDC_ISSUER must start with https: in production"


def _is_drawn_text(value):
    return len(value) >= KEY_LENGTH and is_random_key(value)


def _is_fernet_key(key):
    try:
        return len(base64.urlsafe_b64decode(key)) == 32
    except ValueError:
        return False


def _is_drawn(key):
    """Whether a field key is random both as it is written and in its bytes."""
    if not _is_fernet_key(key):
        return True  # that is another problem
    drawn = base64.urlsafe_b64decode(key).decode("latin-1")
    return is_random_key(key) and is_random_key(drawn)
