"""What a piece of work costs, in counts that no other job on the machine changes."""

import ctypes
import gc
import sys
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine


def calls(job):
    """How many functions a job enters, those written in C among them."""
    n_calls = 0

    def count(_frame, kind, _function):
        nonlocal n_calls
        n_calls += kind in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        job()
    finally:
        sys.setprofile(before)
    return n_calls


@contextmanager
def statements():
    """A list that takes up each statement that a database is sent meanwhile."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def megabytes():
    """Memory that is in use now, of whatever language asked for it (glibc)."""

    class Figures(ctypes.Structure):
        _fields_ = [
            (name, ctypes.c_size_t)
            for name in (
                "arena",
                "ordblks",
                "smblks",
                "hblks",
                "hblkhd",
                "usmblks",
                "fsmblks",
                "uordblks",
                "fordblks",
                "keepcost",
            )
        ]

    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = Figures
    gc.collect()
    figures = mallinfo()
    return (figures.uordblks + figures.hblkhd) / 1e6
