"""What carries messages: SMTP and GOV.UK Notify at once, paper and files in batches.

A carrier that sends has `send(envelope)`, which returns the carrier's own reference
and raises one of the three below; and `find(key)`, whether it took a message of this
key: True, False, or None where nobody can know. What they say of a failure is a code,
never an address or what was written.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from ...errors import SurveyError


class TryLater(SurveyError):
    """It surely did not go, and may go later."""


class Refused(SurveyError):
    """It surely did not go, and will not; `is_undeliverable` where nobody is there."""

    def __init__(self, why: str, *, is_undeliverable: bool = False) -> None:
        super().__init__(why)
        self.is_undeliverable = is_undeliverable


class NotKnown(SurveyError):
    """It may have gone, or not."""


@dataclass(frozen=True)
class Envelope:
    """One message as a carrier takes it; `attempt` is that of the outbox.

    `content` has `to`, or `lines` of a postal address; `subject`, `text`, `opt_out`.
    """

    message_id: int
    attempt: int
    key: str
    channel: str
    carrier: str
    content: dict[str, Any]


class Carrier(Protocol):
    """Whatever sends one message after another."""

    def send(self, envelope: Envelope) -> str | None: ...

    def find(self, key: str) -> bool | None: ...
