"""E-mail by the trust's own mail server."""

import re
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
# Of the net and the protocol, SMTPException among them; of what a server or its
# settings say that cannot be read or written, such as a password with an accent.
NOT_GONE = OSError, ValueError
BEGINS_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)  # RFC 5321 section 4.5.2
END = b".\r\n"
# Mailboxes that are not there (RFC 5321, RFC 3463); other refusals are of the server.
NOBODY = (550, 551, 553)
GO_ON, LATER = 354, 400  # answers to DATA; from which on a server refuses
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
        # Lines end as the protocol has it: servers refuse one long line, and a bare LF.
        text = BEGINS_WITH_DOT.sub(b"..", letter.as_bytes(policy=WIRE))
        try:
            server = self._connected()
        except smtplib.SMTPAuthenticationError as problem:
            raise TryLater(f"SMTP sign-in: {problem.smtp_code}") from None
        except NOT_GONE as problem:
            raise TryLater(f"SMTP connection: {type(problem).__name__}") from None
        try:
            _hand_over(server, self.sender, envelope.content["to"], text)
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


def _hand_over(server: smtplib.SMTP, sender: str, recipient: str, text: bytes) -> None:
    """Say from whom, to whom and what: after its end alone it may have gone unknown."""
    try:
        server.ehlo_or_helo_if_needed()
        _settle(*server.mail(sender), place="sender")
        _settle(*server.rcpt(recipient), place="recipient")
        code, _ = server.docmd("DATA")
        if code != GO_ON:
            _settle(max(code, LATER), place="data")
        server.send(text if text.endswith(b"\r\n") else text + b"\r\n")
    except NOT_GONE as problem:
        raise TryLater(f"SMTP connection: {type(problem).__name__}") from None
    try:
        server.send(END)
        code, _ = server.getreply()
    except NOT_GONE as problem:
        raise NotKnown(f"SMTP lost while sending: {type(problem).__name__}") from None
    if code < 200:
        raise NotKnown("SMTP answer that is none")
    _settle(code, place="data")


def _settle(code: int, _said: bytes = b"", *, place: str) -> None:
    if 200 <= code < LATER:
        return
    if code < 500:
        raise TryLater(f"SMTP {code} at {place}")
    nobody = place == "recipient" and code in NOBODY
    raise Refused(f"SMTP {code} at {place}", is_undeliverable=nobody)


def _hang_up(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except NOT_GONE:
        server.close()
