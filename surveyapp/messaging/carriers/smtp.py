"""E-mail by the trust's own mail server."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import formataddr, formatdate
from typing import Any

from . import Envelope, NotKnown, Refused, TryLater

TIMEOUT = 30  # seconds
# A long address in a header is not put into pieces.
WHOLE = SMTP.clone(max_line_length=990)
IN_WORDS = SMTP.clone(max_line_length=76)  # with encoded words, RFC 2047 section 2
GONE = smtplib.SMTPServerDisconnected, OSError
# Mailboxes that are not there (RFC 5321, RFC 3463); other refusals are of the server.
NOBODY = (550, 551, 553)
FOREIGN = "the address has letters that mail servers do not all take"


class _Wire(EmailPolicy):
    """Lines as the protocol has them, of plain headers and of those with accents."""

    def fold_binary(self, name: str, value: str) -> bytes:
        policy = WHOLE if str(value).isascii() else IN_WORDS
        return policy.fold_binary(name, value)


WIRE = _Wire(linesep="\r\n")


@dataclass(frozen=True)
class Smtp:
    """A server; `security` is `starttls`, `tls`, or `none` for one on this machine."""

    host: str
    port: int
    user: str
    password: str
    security: str
    sender: str
    name: str

    @classmethod
    def of(cls, config: Any) -> "Smtp":
        return cls(
            config.smtp_host,
            config.smtp_port,
            config.smtp_user,
            config.smtp_password,
            config.smtp_security,
            config.smtp_sender,
            config.service_name,
        )

    def send(self, envelope: Envelope) -> str:
        """Hand one message over; its Message-ID, which is made of its key."""
        if not envelope.content["to"].isascii():
            raise Refused(FOREIGN, is_undeliverable=True)
        letter = self.letter(envelope)
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError as problem:
            raise TryLater(f"SMTP sign-in: {problem.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as problem:
            raise TryLater(f"SMTP connection: {type(problem).__name__}") from None
        try:
            _hand_over(server, self.sender, envelope.content["to"], letter)
        finally:
            _hang_up(server)
        return str(letter["Message-ID"])

    def find(self, key: str) -> bool | None:
        """A mail server does not tell."""
        return None

    def letter(self, envelope: Envelope) -> EmailMessage:
        """The message with its headers; the link to stop is one press (RFC 8058)."""
        given = envelope.content
        letter = EmailMessage()
        letter["From"] = formataddr((self.name, self.sender))
        letter["To"] = given["to"]
        letter["Subject"] = " ".join(given["subject"].split())  # on one line
        letter["Date"] = formatdate()
        domain = self.sender.rpartition("@")[2]
        letter["Message-ID"] = f"<{envelope.key}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        if given.get("opt_out"):
            letter["List-Unsubscribe"] = f"<{given['opt_out']}>"
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter.set_content(given["text"], cte="quoted-printable")
        return letter

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            _hang_up(server)
            raise
        return server


def _hand_over(
    server: smtplib.SMTP, sender: str, recipient: str, letter: EmailMessage
) -> None:
    """Say from whom, to whom and what: only the last may have gone unknown."""
    try:
        server.ehlo_or_helo_if_needed()
        _settle(*server.mail(sender), place="sender")
        _settle(*server.rcpt(recipient), place="recipient")
    except GONE as problem:
        raise TryLater(f"SMTP connection: {type(problem).__name__}") from None
    try:
        # Lines end as the protocol has it: servers refuse one long line, and a bare LF.
        code, said = server.data(letter.as_bytes(policy=WIRE))
    except smtplib.SMTPDataError as problem:  # before anything of it was sent
        code, said = problem.smtp_code, b""
    except GONE as problem:
        raise NotKnown(f"SMTP lost while sending: {type(problem).__name__}") from None
    _settle(code, said, place="data")


def _settle(code: int, _said: bytes, *, place: str) -> None:
    if code < 400:
        return
    if code < 500:
        raise TryLater(f"SMTP {code} at {place}")
    nobody = place == "recipient" and code in NOBODY
    raise Refused(f"SMTP {code} at {place}", is_undeliverable=nobody)


def _hang_up(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
