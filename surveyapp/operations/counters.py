"""Counts of requests that all workers of one server share, and what they took.

They lie in memory that the workers inherit. Each worker writes into a row of its own,
so that none waits for another, and one that is killed leaves its counts behind: the
next worker goes on in its row. A request is counted by the feature that answered it
and by the hundreds of its status, never by its address.
"""

import mmap
import threading
from bisect import bisect_left

ROWS = 64  # workers at a time
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
WIDTH = len(STATUSES) + len(BUCKETS) + 2  # and longer than any, and their sum
UNKNOWN = "unknown"  # no route, or not one of the application's


class Counters:
    """Counts by feature; `features` are those that there are, once and for all."""

    def __init__(self, features):
        self.features = [*sorted(features), UNKNOWN]
        self._place = {name: n for n, name in enumerate(self.features)}
        self._row, self._lock = 0, threading.Lock()
        length = len(self.features) * WIDTH
        shared = mmap.mmap(-1, ROWS * length * 8)
        self._cells, self._length = memoryview(shared).cast("d"), length

    def use_row(self, row):
        """Write into this row from now on: a worker's own."""
        self._row = row % ROWS

    def count(self, feature, status, seconds):
        """One request more."""
        place = self._place.get(feature, len(self.features) - 1)
        start = self._row * self._length + place * WIDTH
        hundreds = min(max(status // 100, 1), 5) - 1
        bucket = len(STATUSES) + bisect_left(BUCKETS, seconds)
        with self._lock:
            self._cells[start + hundreds] += 1
            self._cells[start + bucket] += 1
            self._cells[start + WIDTH - 1] += seconds

    def totals(self):
        """Feature -> its numbers, all workers together."""
        sums = [sum(self._cells[at :: self._length]) for at in range(self._length)]
        return {
            name: sums[place * WIDTH : (place + 1) * WIDTH]
            for name, place in self._place.items()
        }


class Rows:
    """Which row belongs to which worker, kept by the server that starts them."""

    def __init__(self):
        self._taken = {}

    def take(self, worker):
        """The first free row, for a worker that is about to start."""
        free = set(range(ROWS)) - {*self._taken.values()}
        row = min(free, default=0)
        self._taken[id(worker)] = row
        return row

    def give_back(self, worker):
        """A worker ended; its counts stay."""
        self._taken.pop(id(worker), None)
