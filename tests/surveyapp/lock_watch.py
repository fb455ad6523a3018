"""Watches transactions: what is done while rows are locked, and while one is open.

On SQLite the one write lock is held from BEGIN IMMEDIATE, on PostgreSQL rows are from
the first statement that writes; to the commit, on either. What is counted does not
depend on how fast the machine is: statements, and calls of Python functions.
"""

import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import event
from sqlalchemy.engine import Engine

from surveyapp.database import only_reads

# Where a file is read, a form set or a page made: what takes as long as it is long.
LONG = (
    "csv",
    "yaml.",
    "jinja2.runtime",
    "jinja2.environment",
    "surveyapp.delimited",
    "surveyapp.table_files.as_text",
    "surveyapp.table_files.excel",
    "surveyapp.table_files.reading",
    "surveyapp.campaigns.import_table",
    "surveyapp.campaigns.import_findings",
    "surveyapp.contacts.list_reader",
    "surveyapp.contacts.list_files",
    "surveyapp.paper.content",
    "surveyapp.typesetting",
    "surveyapp.research.exports",
    "surveyapp.research.files",
    "surveyapp.scoring",
    "psychometrics",
    "argon2",
)


@dataclass
class Hold:
    """One time for which somebody else had to wait."""

    statements: list = field(default_factory=list)
    n_calls: int = 0
    long: Counter = field(default_factory=Counter)  # functions of LONG


class Watch:
    """All that was held, and what was open while something long went on."""

    def __init__(self):
        self.holds, self.idle = [], Counter()
        self._open, self._held = set(), {}

    @property
    def most_statements(self):
        return max((len(hold.statements) for hold in self.holds), default=0)

    @property
    def most_calls(self):
        return max((hold.n_calls for hold in self.holds), default=0)

    @property
    def long(self):
        """Functions that went on while something was locked, with how often."""
        return sum((hold.long for hold in self.holds), Counter())

    def begun(self, connection):
        self._open.add(id(connection))

    def executed(self, connection, _cursor, statement, _parameters, context, _many):
        hold = self._held.get(id(connection))
        if hold is None and not only_reads(statement, context):
            hold = self._held[id(connection)] = Hold()
            self.holds.append(hold)
        if hold is not None:
            hold.statements.append(statement)

    def ended(self, connection):
        self._open.discard(id(connection))
        self._held.pop(id(connection), None)

    def called(self, frame, kind, _argument):
        if kind != "call" or not self._open:
            return
        module = frame.f_globals.get("__name__") or ""
        name = f"{module}.{frame.f_code.co_qualname}"
        is_long = module.startswith(LONG)
        if is_long:
            self.idle[name] += 1
        for hold in self._held.values():
            hold.n_calls += 1
            if is_long:
                hold.long[name] += 1


@contextmanager
def watching():
    """Watch all that this thread does with any database."""
    watch = Watch()
    hooks = {
        "begin": watch.begun,
        "before_cursor_execute": watch.executed,
        "commit": watch.ended,
        "rollback": watch.ended,
    }
    for name, hook in hooks.items():
        event.listen(Engine, name, hook)
    sys.setprofile(watch.called)
    try:
        yield watch
    finally:
        sys.setprofile(None)
        for name, hook in hooks.items():
            event.remove(Engine, name, hook)
