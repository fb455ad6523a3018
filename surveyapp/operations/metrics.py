"""Metrics in the text format of Prometheus, of machines and never of people.

How many people answered, where and how is in no metric: figures of people are let out
in one way only.
"""

from ..software import SOFTWARE
from .counters import BUCKETS, STATUSES

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def render(counters, health):
    """The page that a Prometheus server reads."""
    lines = [*_requests(counters.totals()), *_service(health)]
    return "\n".join(lines) + "\n"


def _requests(totals):
    name = "prom_requests_total"
    yield from _head(name, "counter", "Requests by feature and status.")
    for feature, numbers in totals.items():
        for status, n in zip(STATUSES, numbers):
            yield _line(name, n, feature=feature, status=status)
    name = "prom_request_seconds"
    yield from _head(name, "histogram", "What requests took, in seconds.")
    for feature, numbers in totals.items():
        *buckets, seconds = numbers[len(STATUSES) :]
        n = 0
        for limit, more in zip((*BUCKETS, "+Inf"), buckets):
            n += more
            yield _line(f"{name}_bucket", n, feature=feature, le=limit)
        yield _line(f"{name}_sum", seconds, feature=feature)
        yield _line(f"{name}_count", n, feature=feature)


def _service(health):
    stored = health.stored
    yield from _gauge("prom_info", "The software.", 1, version=SOFTWARE)
    writable = int(health.database == "writable")
    yield from _gauge("prom_database_writable", "1 if a row could be stored.", writable)
    yield from _gauge("prom_disk_free_bytes", "Free on the disk.", health.disk_free)
    if stored.pending is None:
        return
    pending = len(stored.pending)
    yield from _gauge("prom_migrations_pending", "Tables are older.", pending)
    if health.worker_age is not None:
        since = "Seconds since a worker's last word."
        yield from _gauge("prom_worker_age_seconds", since, health.worker_age)
    yield from _head("prom_jobs", "gauge", "Jobs in the table, by how they stand.")
    for status, n in (stored.jobs or {}).items():
        yield _line("prom_jobs", n, status=status)
    late = (health.at - stored.due_since).total_seconds() if stored.due_since else 0
    overdue = "How long the oldest job that is due has waited, in seconds."
    yield from _gauge("prom_job_overdue_seconds", overdue, late)


def _gauge(name, words, value, **labels):
    yield from _head(name, "gauge", words)
    yield _line(name, value, **labels)


def _head(name, kind, words):
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"


def _line(name, value, **labels):
    said = ",".join(f'{label}="{text}"' for label, text in labels.items())
    number = f"{value:.6f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return f"{name}{{{said}}} {number}" if said else f"{name} {number}"
