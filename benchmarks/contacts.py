"""Lists of people: processor time and memory as a list grows to 100 000 rows.

    PYTHONPATH=. python benchmarks/contacts.py [ROWS ...]

Lists of 25 000 and 100 000 people on SQLite, each in a process of its own; or one list
in the empty PostgreSQL database that DATABASE_URL names, without what the server itself
takes. Processor time to keep the file, to look at every row, to write, to bring the
same list in again and to take it back; and how much memory that takes beyond an
application that is ready. Keeping, looking and writing 100 000 rows should stay under
60 s, and memory should be that of the shorter list but for the keys by which rows of a
file are held against one another. All the while a person in another process answers ten
questions a second by the survey's pages: the 95th percentile and the longest of what
an answer took from being sent to being acknowledged. FIRST_ALONE=1 in the environment
leaves bringing in again and taking back out.
"""

import hashlib
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from string import ascii_uppercase

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

SIZES = (25_000, 100_000)
FORM, LINK, PAGES, A_SECOND = "short_service_user.v1", "a-link", 30, 10
STATEMENTS = ("taking_part", "retest", "contact", "sharing")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
NAME = re.compile(r'name="(\w+)" type="radio"')
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

    from surveyapp.extensions import db

    raw, app = list_of(n), application(folder, KEYS)
    with app.app_context():
        flask_migrate.upgrade()
        trust_id = campaign_of(db.session)
        before, parts = peak(), {}
        with somebody_answers(folder, KEYS) as waited:
            made = bring_in(db.session, trust_id, raw, parts)
            if not os.environ.get("FIRST_ALONE"):
                bring_in(db.session, trust_id, raw, parts, again=" again")
                take_back(db.session, made, parts)
    first = sum(parts[name] for name in ("keep", "look", "write"))
    each = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
    return (
        f"{n:,} people, {len(raw) / 1e6:.1f} MB: {first:.0f} s of processor to bring "
        f"in ({each}); {(peak() - before) / MB:.0f} MB beyond a ready application; "
        f"{waited['n']:,} answers meanwhile, 95 % within {waited['p95']:.0f} ms, all "
        f"within {waited['most']:.0f} ms, {waited['lost']} lost"
    )


def application(folder, keys):
    from surveyapp import create_app
    from surveyapp.config import Config

    settings = {
        "instance": Path(folder),
        "database_url": os.environ.get("DATABASE_URL", ""),
    }
    return create_app(Config(environment="test", **settings, **keys))


def campaign_of(session):
    """A trust with a campaign that is open to everybody with its link; its number."""
    from surveyapp.database import utc_now
    from surveyapp.models import (
        Campaign,
        CampaignInstrument,
        Invitation,
        InvitationToken,
        Team,
        Trust,
    )

    trust = Trust(name="Northmoor", slug="northmoor")
    campaign = Campaign(
        trust=trust,
        teams=[Team(trust=trust, name="Harbour team")],
        instruments=[CampaignInstrument(perspective="service_user", instrument=FORM)],
        title="How involved are you?",
        opens_at=utc_now() - timedelta(days=1),
    )
    token = InvitationToken(token_hash=hashlib.sha256(LINK.encode()).hexdigest())
    session.add(Invitation(campaign=campaign, is_open=True, tokens=[token]))
    session.commit()
    return trust.id


@contextmanager
def somebody_answers(folder, keys):
    """Another process answers until the block ends; then what is yielded is filled."""
    command = [sys.executable, __file__, "--answer", folder, json.dumps(keys)]
    beside = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    while beside.stdout.readline() not in (b"ready\n", b""):
        pass
    found = {}
    yield found
    told, _ = beside.communicate(b"enough\n")
    found.update(json.loads(told.splitlines()[-1]))


def answer(folder, keys):
    """Answer page after page as a browser does; how long each answer took, in ms."""
    browser = application(folder, keys | {"field_keys": tuple(keys["field_keys"])})
    browser = browser.test_client()

    def send(page, address, **said):
        token = TOKEN.search(page.text)
        said |= {"csrf_token": token[1]} if token else {}
        return browser.post(address, data=said)

    browser.get(f"/s/{LINK}")
    send(browser.get(f"/s/{LINK}"), f"/s/{LINK}")
    page = browser.get("/survey/consent", follow_redirects=True)
    if "for-whom" in page.request.path:
        send(page, page.request.path, adult="yes", recent_contact="yes")
    said = {f"consent_{name}": "yes" for name in STATEMENTS}
    send(browser.get("/survey/consent"), "/survey/consent", **said)
    print("ready", flush=True)
    os.set_blocking(sys.stdin.fileno(), False)
    took, lost, number = [], 0, 0
    while not sys.stdin.readline():
        here = f"/survey/{number % PAGES + 1}"
        page = browser.get(here)
        said = {NAME.findall(page.text)[0]: str((number + number // PAGES) % 5)}
        before = time.perf_counter()
        sent = send(page, here, **said)
        took.append(1000 * (time.perf_counter() - before))
        lost += sent.status_code != 303
        number += 1
        time.sleep(max(0, 1 / A_SECOND - (time.perf_counter() - before)))
    took.sort()
    told = {"n": len(took), "p95": took[int(0.95 * len(took))], "most": took[-1]}
    print(json.dumps(told | {"lost": lost}))


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
    if sys.argv[1:2] == ["--answer"]:
        answer(sys.argv[2], json.loads(sys.argv[3]))
    elif sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(int(sys.argv[2]), sys.argv[3])))
    else:
        main([int(n) for n in sys.argv[1:]] or SIZES)
