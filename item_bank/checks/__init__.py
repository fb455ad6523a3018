"""The rules of the bank that a schema cannot state, and how to run them.

Each is ``check_<rule>(bank)`` and yields problems. A record may break a rule
on purpose: its ``exceptions`` then say why, and are themselves checked.
"""

from collections.abc import Iterator
from dataclasses import replace

from item_bank.checks import (
    answers,
    blueprint,
    easy_read,
    evidence_and_forms,
    languages,
    versions,
    wording,
)
from item_bank.checks.registry import RULES
from item_bank.contents import BankFolder
from item_bank.errors import Problem
from item_bank.loader import BUILT_IN, read
from item_bank.lock import tables
from item_bank.models import Bank

__all__ = [
    "RULES",
    "answers",
    "blueprint",
    "check",
    "easy_read",
    "evidence_and_forms",
    "languages",
    "versions",
    "wording",
]


def check(folder: BankFolder = BUILT_IN) -> list[Problem]:
    """Every problem of the bank in `folder`: of its files first, then of its rules.

    Rules are put to whatever could be read, so that one broken file does not
    hide what is wrong elsewhere.
    """
    bank, problems = read(folder)
    return [*problems, *sorted(broken_rules(bank))]


def broken_rules(bank: Bank) -> Iterator[Problem]:
    """Problems that no exception covers, and exceptions that cover nothing."""
    excused = {
        (bank.files[kind, record.ref], name): why
        for kind, table in tables(bank).items()
        for record in table.values()
        for name, why in getattr(record, "exceptions", {}).items()
    }
    used = set()
    for name, rule in RULES.items():
        for problem in rule(bank):
            if (problem.file, name) in excused:
                used.add((problem.file, name))
            else:
                yield replace(problem, rule=name)
    for file, name in sorted(set(excused) - used):
        said = "excuses a rule that is not broken; take it out"
        yield Problem(file, f"exceptions.{name}", said, "exception")
