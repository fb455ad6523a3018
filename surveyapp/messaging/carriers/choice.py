"""Which carriers an installation has, and which of them takes what."""

from typing import Any

from . import Carrier
from .notify import Notify
from .smtp import Smtp


def carriers_of(config: Any) -> dict[str, Carrier]:
    """Those that this installation is set up for, by name."""
    found: dict[str, Carrier] = {}
    if config.smtp_host:
        found["smtp"] = Smtp.of(config)
    if config.notify_key:
        found["notify"] = Notify.of(config)
    return found


def names_for(config: Any, channel: str) -> list[str]:
    """The carriers that a channel can go by here, the usual one first."""
    found = []
    if channel == "print":
        found = ["print", "file"]
    if channel == "email" and config.smtp_host:
        found.append("smtp")
    if config.notify_key and config.notify_templates.get(channel):
        found.append("notify")
    return found or ["file"]
