"""What a file that somebody sends may hold: every limit in one place, with its reason.

What the limit is stands on the page that asks for a file, and in the refusal.
"""

import io
from dataclasses import dataclass

from .errors import SurveyError

# By the clock, for a file that is read while somebody waits for the page; a proxy in
# front gives up after a minute.
SECONDS = 45


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

    def check_size(self, n):
        """Refuse so many bytes if they are too many."""
        if n > self.n_bytes:
            raise FileRefused(
                f"this file is larger than {self.size}, the most to be read"
            )

    def check_columns(self, n):
        """Refuse a row of names that is longer than anybody's."""
        if self.n_columns and n > self.n_columns:
            raise FileRefused(
                f"this file has {n:,} columns; at most {self.n_columns:,} are read"
            )


# A round of the largest trust: 30 000 people, and three perspectives with 250
# questions together; a row of them has some 300 letters.
EARLIER_ANSWERS = Limit(40 * 10**6, n_rows=100_000, n_columns=1_000, longest=5_000)
# The same as a workbook or a file of a statistics program, which are read as a whole:
# 20 000 people with 100 answers.
EARLIER_WORKBOOK = Limit(5 * 10**6)
# A list of everybody whom the largest trust looks after.
CONTACTS = Limit(20 * 10**6, n_rows=100_000, n_columns=100)
# What one run of letters prints; a line is as long as an envelope's window shows.
LETTERS = Limit(200_000, n_rows=100, n_columns=50, longest=45)
# Groups of a few variables, named as in a report's table.
POPULATION = Limit(100_000, n_rows=500, n_columns=50, longest=100)
# A plan that a person writes by hand has a tenth of it.
PLAN = Limit(100_000)


def in_memory(stream, limit):
    """What a stream holds as a file; FileRefused where it is too large."""
    raw = stream.read(limit.n_bytes + 1)
    limit.check_size(len(raw))
    return io.BytesIO(raw)
