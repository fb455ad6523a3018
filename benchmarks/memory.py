"""Whether a server's memory grows with the requests that it has answered.

    PYTHONPATH=. python benchmarks/memory.py --requests 100000

One process answers so many requests, with SQLite: of ten, eight pages of questions, an
answer and a front page, and each hundredth comes from somebody who begins, so that what
is kept for one person would add up. Each line says what the process holds (RSS), what
of it malloc has given out, and, in the end, by how much either grew with 10 000
requests once the first half was answered. `--trace` names the lines that hold what came
in the second half, and takes several times as long.
"""

import argparse
import ctypes
import gc
import os
import sys
import tempfile
import tracemalloc
from pathlib import Path

import numpy as np
from pages import Person, build

EVERY = 5_000
ROUND = 100  # requests, of which the first are of somebody who begins
MB = 10**6
PAGE = os.sysconf("SC_PAGE_SIZE")
FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"


class Mallinfo(ctypes.Structure):
    """What `mallinfo2` of glibc tells; see mallinfo(3)."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS.split()]


def held():
    """(RSS, given out by malloc) of this process, in MB."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = Mallinfo
    told = ask()
    return resident / MB, (told.uordblks + told.hblkhd) / MB


class Crowd:
    """People who answer one after another; counts the requests."""

    def __init__(self, app):
        self.app, self.n = app, 0
        self.begin()

    def begin(self):
        """Somebody new, from the link to the first page of questions."""
        self.person = Person(self.app)

    def go_on(self, more):
        """So many requests more, of somebody who begins and goes on in each round."""
        for _ in range(more // ROUND):
            self.begin()
            for number in range(ROUND):
                ask = {0: self.person.front, 5: self.person.answer}
                ask.get(number % 10, self.person.show)()
            self.n += ROUND


def slope(points, which):
    """MB in 10 000 requests over the second half of (requests, (RSS, given out))."""
    half = points[len(points) // 2 :]
    if len(half) < 2:
        return float("nan")
    n, values = zip(*((n, held[which]) for n, held in half))
    return 10_000 * np.polyfit(n, values, 1)[0]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        crowd, points, before = Crowd(build(Path(name))), [], None
        crowd.go_on(min(2_000, options.requests))
        if options.trace:
            tracemalloc.start(12)
        print("requests  RSS MB  given out MB")
        while crowd.n < options.requests:
            crowd.go_on(min(EVERY, options.requests))
            gc.collect()
            points.append((crowd.n, held()))
            print(f"{crowd.n:8} {points[-1][1][0]:7.2f} {points[-1][1][1]:13.2f}")
            sys.stdout.flush()
            if options.trace and before is None and 2 * crowd.n >= options.requests:
                before = tracemalloc.take_snapshot()
        if before:
            tell_growth(before, tracemalloc.take_snapshot())
    print(
        f"growth in 10 000 requests, second half: RSS {slope(points, 0):.3f} MB, given "
        f"out {slope(points, 1):.3f} MB"
    )


def tell_growth(before, after):
    for line in after.compare_to(before, "lineno")[:15]:
        print(line)
    for trace in after.compare_to(before, "traceback")[:3]:
        print(f"{trace.size_diff} bytes, {trace.count_diff} blocks:")
        print("\n".join(trace.traceback.format()))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2 * EVERY)
    parser.add_argument("--trace", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
