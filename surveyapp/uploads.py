"""What a file that somebody sends may hold: every limit in one place, with its reason.

A view that takes files says which with `takes`, and `sent` is the only way to them.
What the limit is stands on the page that asks for a file, and in the refusal.
"""

import io
import os
from dataclasses import dataclass

from flask import current_app, request

from .errors import SurveyError

BESIDE = 2**19  # bytes of a form beside its files


class FileRefused(SurveyError):
    """A file that is not read any further; says what it is, and what would do."""


@dataclass(frozen=True)
class Limit:
    """The most that is read of one kind of file; nothing of what a kind has not."""

    n_bytes: int
    n_rows: int | None = None
    n_columns: int | None = None
    longest: int | None = None  # letters of a cell

    @property
    def words(self):
        """At most 200 kB, 100 rows, 50 columns and 45 letters in a cell."""
        most = [self.size]
        most += [f"{self.n_rows:,} rows"] if self.n_rows else []
        most += [f"{self.n_columns:,} columns"] if self.n_columns else []
        most += [f"{self.longest:,} letters in a cell"] if self.longest else []
        return f"At most {' and '.join(filter(None, [', '.join(most[:-1]), most[-1]]))}"

    @property
    def size(self):
        """Its bytes in words, such as 40 MB."""
        n = self.n_bytes
        return f"{n // 10**6} MB" if n >= 10**6 else f"{n // 1000} kB"

    def check_columns(self, n):
        """Refuse a row of names that is longer than anybody's."""
        if self.n_columns and n > self.n_columns:
            raise FileRefused(
                f"this file has {n:,} columns; at most {self.n_columns:,} are read"
            )


# A round of the largest trust: 30 000 people, and three perspectives with 250
# questions together; a row of them has some 300 letters.
EARLIER_ANSWERS = Limit(40 * 10**6, n_rows=100_000, n_columns=1_000, longest=5_000)
# What one run of letters prints; a line is as long as an envelope's window shows.
LETTERS = Limit(200_000, n_rows=100, n_columns=50, longest=45)
# Groups of a few variables, named as in a report's table.
POPULATION = Limit(100_000, n_rows=500, n_columns=50, longest=100)
# A plan that a person writes by hand has a tenth of it.
PLAN = Limit(100_000)


def takes(**limits):
    """Mark a view that takes files: the limit of each, by the name of its field."""

    def mark(view):
        view.takes = limits
        return view

    return mark


def sent(name):
    """The file that came under a name, or None; FileRefused where it is too large."""
    limit = _taken()[name]
    file = request.files.get(name)
    if not file:
        return None
    n = file.seek(0, os.SEEK_END)
    file.seek(0)
    _check_size(n, limit)
    return file


def in_memory(stream, limit):
    """What a stream holds as a file; FileRefused where it is too large."""
    raw = stream.read(limit.n_bytes + 1)
    _check_size(len(raw), limit)
    return io.BytesIO(raw)


def _check_size(n, limit):
    if n > limit.n_bytes:
        raise FileRefused(f"this file is larger than {limit.size}, the most to be read")


def _taken():
    view = current_app.view_functions.get(request.endpoint)
    return getattr(view, "takes", {})


def admit_body():
    """Let a request be as large as the files that its view takes, with their form.

    It stands before all else that looks at a request, or the form is read by then.
    """
    if limits := _taken().values():
        request.max_content_length = 2 * sum(each.n_bytes for each in limits) + BESIDE


def advice():
    """What to say to whoever sent more than that."""
    most = [limit.words for limit in _taken().values()]
    return f"{'. '.join(most)}." if most else ""


def init_app(app):
    app.before_request(admit_body)
