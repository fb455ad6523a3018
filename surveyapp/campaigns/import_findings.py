"""What was found in a file that is to be brought in: counts, and every problem."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date

from ..calendar import quarter_of
from ..csv_cells import Problem

MOST_PROBLEMS = 10_000  # kept with row and column; of the others the number
MOST_NAMES, LONGEST_NAME = 50, 40  # of columns that are not read
MOST_LINES = 10  # of people who are there already


@dataclass
class Findings:
    """Counts of the rows of a file, and every problem up to ten thousand."""

    form: str  # how the file is written
    n_rows: int = 0
    n_good: int = 0
    n_problems: int = 0
    problems: list = field(default_factory=list)
    unused: list = field(default_factory=list)
    n_unused: int = 0
    absent: list = field(default_factory=list)
    groups: list = field(default_factory=list)  # (perspective, quarter, mode, rows)
    known: list = field(default_factory=list)  # lines of people who are there already
    n_known: int = 0
    notes: list = field(default_factory=list)  # on what several rows show together

    @property
    def n_bad(self):
        return self.n_rows - self.n_good

    @property
    def text(self):
        """The findings as they are kept; `read` reads them again."""
        return json.dumps(asdict(self), default=date.isoformat)

    @classmethod
    def read(cls, text):
        kept = json.loads(text)
        kept["problems"] = [Problem(**each) for each in kept["problems"]]
        kept["groups"] = [
            (perspective, date.fromisoformat(quarter), mode, n)
            for perspective, quarter, mode, n in kept["groups"]
        ]
        return cls(**kept)


def gather(reader, known_among):
    """Read a file to its end; `known_among(rows)` gives those that are there already.

    Nothing is kept of a row but what is counted.
    """
    unused = [name[:LONGEST_NAME] for name in reader.unused[:MOST_NAMES]]
    found = Findings(reader.form.words, unused=unused, n_unused=len(reader.unused))
    groups = Counter()
    for some in reader.in_batches():
        good = [row for row, _ in some if row is not None]
        problems = [problem for _, each in some for problem in each]
        found.n_rows += len(some)
        found.n_good += len(good)
        found.n_problems += len(problems)
        found.problems += problems[: MOST_PROBLEMS - len(found.problems)]
        groups.update((r.perspective, quarter_of(r.at), r.mode) for r in good)
        known = known_among(good)
        found.n_known += len(known)
        found.known += known[: MOST_LINES - len(found.known)]
    found.notes = [*reader.notes]
    found.groups = [(*group, n) for group, n in sorted(groups.items())]
    found.absent = reader.absent({perspective for perspective, _, _ in groups})
    return found
