"""What can be wrong with the bank: every problem at once, with file and place.

Exception
└── BankError (``problems`` holds each Problem found)
    └── UnknownReference (also a LookupError)
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: the file, the place in it, what, and what would do."""

    file: str
    place: str
    message: str
    rule: str = "schema"

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.message} [{self.rule}]"


class BankError(Exception):
    """The bank, or a file to be read into it, cannot be used as it stands."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} found"
        super().__init__("\n".join([head, *map(str, self.problems)]))


class UnknownReference(BankError, LookupError):
    """A reference such as trust_listened.v1 names nothing in the bank."""

    def __init__(self, kind: str, ref: str, known: Iterable[str] = ()) -> None:
        near = [name for name in known if name.split(".v")[0] == ref.split(".v")[0]]
        hint = f"; there is {', '.join(near)}" if near else ""
        super().__init__([Problem(kind, ref, f"is not in the bank{hint}", "reference")])
