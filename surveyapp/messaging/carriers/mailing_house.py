"""A file for a mailing house, or for the trust's own way of sending texts and mail."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from ...csv_cells import csv_text, neutral
from ...links import grouped
from ...models import Mailing, Message

LINES = 7
COLUMNS = (
    *("number", "channel", "to"),
    *(f"address_{n}" for n in range(1, LINES + 1)),
    *("greeting", "subject", "text", "link", "code", "opt_out_link"),
    *("language", "edition", "answers_as"),
)


def file_of(
    session: Session,
    mailing: Mailing,
    how: Any,
    messages: Sequence[tuple[int, Message]],
) -> tuple[str, bytes]:
    """A name and the bytes of a CSV file: a row a person, all that they would get."""
    rows = [
        _row(number, message.channel, json.loads(message.content or "{}"))
        for number, message in messages
    ]
    text = csv_text([COLUMNS, *rows])
    return f"mailing-{mailing.id}.csv", f"\ufeff{text}".encode()


def _row(number: int, channel: str, said: dict[str, Any]) -> list[str]:
    lines = [*said.get("lines", [])][:LINES]
    cells = [
        *(str(number), channel, said.get("to") or ""),
        *(lines + [""] * (LINES - len(lines))),
        *(said["greeting"], said["subject"], said["text"], said["link"]),
        *(grouped(said["code"]), said["opt_out"], said["language"]),
        *(said["edition"], said["perspective"]),
    ]
    return [neutral(cell) for cell in cells]
