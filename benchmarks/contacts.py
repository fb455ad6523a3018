"""Lists of people: processor time and memory as a list grows to 100 000 rows.

    PYTHONPATH=. python benchmarks/contacts.py [ROWS ...]

Lists of 25 000 and 100 000 people on SQLite, each in a process of its own; or one list
in the empty PostgreSQL database that DATABASE_URL names, without what the server itself
takes. Processor time to keep the file, to look at every row, to write, to bring the
same list in again and to take it back; and how much memory that takes beyond an
application that is ready. Keeping, looking and writing 100 000 rows should stay under
60 s, and memory should be that of the shorter list but for the keys by which rows of a
file are held against one another.
"""

import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from string import ascii_uppercase

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

SIZES = (25_000, 100_000)
MB = 1024  # in the kB of ru_maxrss


def main(sizes):
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "--one", str(n), folder]
            told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        print(json.loads(told.splitlines()[-1]), flush=True)


def list_of(n):
    """A list with every kind of column that is matched by."""
    rows = ["name,date of birth,nhs number,address,postcode,mobile,team"]
    draw = random.Random(7)
    for k in range(n):
        born = date(1935, 1, 1) + timedelta(days=draw.randrange(70 * 365))
        day = f"{born:%d/%m/%Y}"
        where = f"{k % 90 + 1} High Street,M{k % 20 + 1} {k % 9 + 1}AB"
        first, last = draw.choices(ascii_uppercase, k=2)
        name = f"{first}nn {last}{letters(k)}"
        rows.append(f"{name},{day},{number(k)},{where},07{k:09},Harbour team")
    return "\n".join(rows).encode()


def letters(k):
    """A surname of its own: k in letters."""
    return "".join(chr(97 + int(digit)) for digit in str(k))


def number(k):
    """The k-th NHS number whose check digit is right, or none where there is none."""
    digits = f"{400000000 + k}"
    check = (11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1))) % 11) % 11
    return "" if check == 10 else f"{digits}{check}"


def one(n, folder):
    import flask_migrate
    from app import KEYS

    from surveyapp import create_app
    from surveyapp.config import Config
    from surveyapp.extensions import db
    from surveyapp.models import Team, Trust

    raw = list_of(n)
    settings = {
        "instance": Path(folder),
        "database_url": os.environ.get("DATABASE_URL", ""),
    }
    app = create_app(Config(environment="test", **settings, **KEYS))
    with app.app_context():
        flask_migrate.upgrade()
        trust = Trust(name="Northmoor", slug="northmoor")
        db.session.add(Team(trust=trust, name="Harbour team"))
        db.session.commit()
        before, parts = peak(), {}
        made = bring_in(db.session, trust.id, raw, parts)
        bring_in(db.session, trust.id, raw, parts, again=" again")
        take_back(db.session, made, parts)
    first = sum(parts[name] for name in ("keep", "look", "write"))
    each = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
    return (
        f"{n:,} people, {len(raw) / 1e6:.1f} MB: {first:.0f} s of processor to bring "
        f"in ({each}); {(peak() - before) / MB:.0f} MB beyond a ready application"
    )


def bring_in(session, trust_id, raw, parts, again=""):
    from surveyapp.contacts import services
    from surveyapp.database import utc_now

    who = {"actor": "benchmark", "by": None}
    made = spent(
        parts,
        f"keep{again}",
        lambda: services.receive(
            session, trust_id, io.BytesIO(raw), kind="contacts", now=utc_now(), **who
        ),
    )
    number = made.id
    spent(parts, f"look{again}", lambda: go_on(session, number))
    day = (utc_now() + timedelta(days=300)).date()
    options = {"good_rows_only": True, "alike_too": True}
    services.confirm(session, number, day=day, options=options, now=utc_now(), **who)
    spent(parts, f"write{again}", lambda: go_on(session, number))
    return number


def take_back(session, number, parts):
    from surveyapp.contacts import services
    from surveyapp.database import utc_now

    services.cancel(session, number, actor="benchmark", by=None, now=utc_now())
    spent(parts, "take back", lambda: go_on(session, number))


def go_on(session, number):
    from surveyapp.contacts import list_work
    from surveyapp.models import ContactImport

    job = session.get(ContactImport, number).job
    list_work.perform(session, job, lambda *step: None)


def spent(parts, name, work):
    began = time.process_time()
    result = work()
    parts[name] = time.process_time() - began
    return result


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(int(sys.argv[2]), sys.argv[3])))
    else:
        main([int(n) for n in sys.argv[1:]] or SIZES)
