"""E-mails, texts and letters by GOV.UK Notify, with its own client.

The service has one template a channel, whose places are `subject` and `message`;
in a letter also the lines of the address. So the words are the campaign's own.
"""

from dataclasses import dataclass
from typing import Any

import requests
from notifications_python_client.base import InvalidResponse
from notifications_python_client.errors import HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from . import Envelope, NotKnown, Refused, TryLater

TIMEOUT = 30  # seconds
LINES = 7  # of the address in a letter
LATER = (403, 429)  # a clock that is off or a key that was changed; too many at once
# Status of a callback -> ours, and whether nobody is there.
STATUSES = {
    "delivered": ("delivered", False),
    "received": ("delivered", False),
    "sent": ("sent", False),
    "permanent-failure": ("failed", True),
    "temporary-failure": ("failed", False),
    "technical-failure": ("failed", False),
    "validation-failed": ("failed", False),
    "virus-scan-failed": ("failed", False),
    "cancelled": ("failed", False),
}
NOT_TAKEN = ("technical-failure", "validation-failed", "virus-scan-failed", "cancelled")


@dataclass(frozen=True)
class Notify:
    """The service that a key belongs to; `templates` are its own, by channel."""

    key: str
    url: str
    templates: dict[str, str]

    @classmethod
    def of(cls, config: Any) -> "Notify":
        return cls(config.notify_key, config.notify_url, config.notify_templates)

    def send(self, envelope: Envelope) -> str:
        """Hand one message over; the number that Notify gives it."""
        try:
            answer = self._posted(envelope)
        except HTTPError as problem:
            _judge(problem)
            raise
        except InvalidResponse as problem:
            raise NotKnown(f"Notify answered {problem.status_code}, unread") from None
        return str(answer["id"])

    def find(self, key: str) -> bool | None:
        """Whether Notify has taken a message of this key; None if it does not say."""
        try:
            answer = self._client().get_all_notifications(reference=key)
        except (HTTPError, InvalidResponse):
            return None
        held = [each["status"] for each in answer.get("notifications", ())]
        return any(status not in NOT_TAKEN for status in held)

    def _client(self) -> NotificationsAPIClient:
        return NotificationsAPIClient(self.key, base_url=self.url, timeout=TIMEOUT)

    def _posted(self, envelope: Envelope) -> dict[str, Any]:
        given, template = envelope.content, self.templates[envelope.channel]
        client, words = self._client(), {"message": given["text"]}
        if envelope.channel == "sms":
            return client.send_sms_notification(
                given["to"], template, words, reference=envelope.key
            )
        words["subject"] = given["subject"]
        if envelope.channel == "email":
            return client.send_email_notification(
                given["to"],
                template,
                words,
                reference=envelope.key,
                one_click_unsubscribe_url=given.get("opt_out"),
            )
        lines = address_lines(given["lines"])
        return client.send_letter_notification(
            template, words | lines, reference=envelope.key
        )


def address_lines(lines: list[str]) -> dict[str, str]:
    """A postal address in Notify's places; its last line is the postcode."""
    kept = [*lines[: LINES - 1], lines[-1]] if len(lines) > LINES else lines
    return {f"address_line_{n}": line for n, line in enumerate(kept, start=1)}


def _judge(problem: HTTPError) -> None:
    """Say whether what Notify answered leaves the message unsent."""
    if isinstance(problem.__cause__, requests.ConnectTimeout) or _is_unreached(problem):
        raise TryLater("Notify was not reached") from None
    if problem.response is None:
        raise NotKnown("Notify did not answer") from None
    code = problem.status_code
    if code in LATER:
        raise TryLater(f"Notify {code}") from None
    if code < 500:
        raise Refused(f"Notify {code}") from None
    raise NotKnown(f"Notify {code}") from None


def _is_unreached(problem: HTTPError) -> bool:
    """Whether no connection was made at all, so that nothing can have gone."""
    cause = problem.__cause__
    if not isinstance(cause, requests.ConnectionError):
        return False
    inner = cause.args[0] if cause.args else None
    reason = getattr(inner, "reason", inner)
    return type(reason).__name__ in ("NewConnectionError", "NameResolutionError")
