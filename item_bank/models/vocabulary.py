"""Words that records of the bank share, and what has an id and a version."""

from dataclasses import dataclass

PREREQUISITES = (
    "parity",
    "coordination",
    "personalisation",
    "trust",
    "collaboration",
    "living_document",
)
PERSPECTIVES = ("service_user", "carer", "professional")
REASONS = (
    "did_not_happen",
    "not_wanted",
    "not_applicable",
    "do_not_know",
    "cannot_remember",
    "prefer_not_to_say",
)
CODINGS = ("lowest", "structural", "missing")
SOURCE_LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Versioned:
    """Something in the bank that has an id and a version."""

    id: str
    version: int

    @property
    def ref(self) -> str:
        return f"{self.id}.v{self.version}"
