"""What a link is while it is made, and whether it still lets somebody in."""

from dataclasses import dataclass

from ..database import utc_now

CANCELLED = "cancelled"


@dataclass(frozen=True)
class WayIn:
    """A link and its typed code, in clear: on a list to print, stored as hashes."""

    label: str
    token: str
    code: str | None


def is_closed(link):
    """Whether a link lets nobody in any more, by itself."""
    is_over = link.expires_at is not None and link.expires_at <= utc_now()
    return is_over or link.status == CANCELLED
