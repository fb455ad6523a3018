"""Nobody's answer waits for a file to be read, a form to be set or a page to be made.

Each scenario sends a file, and one twice as long: what is done while rows are locked
must not grow with it, and nothing long goes on then. On PostgreSQL no transaction is
open either while a file is read, which would hold back what cleans up after others.
"""

import ast
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

import surveyapp
from surveyapp import database
from surveyapp.campaigns import import_rows, import_work
from surveyapp.contacts import list_work, undo
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign, RoleGrant
from surveyapp.tracking.nightly_release import release_trust
from surveyapp.tracking.rounding import Draws

from .. import factories
from .campaigns.earlier import bring, csv_of, row
from .lock_watch import watching
from .signing_in import enter, sign_in, with_password

pytestmark = pytest.mark.any_database

SHORT, LONG = 60, 120
BATCH = 20
MOST_STATEMENTS = 60
# What nothing may be open for.
PARSERS = (
    "yaml.scanner",
    "surveyapp.delimited",
    "surveyapp.table_files.as_text",
    "surveyapp.table_files.excel",
    "surveyapp.table_files.reading",
    "surveyapp.campaigns.import_table.Reader",
    "surveyapp.campaigns.import_table._Checker",
    "surveyapp.contacts.list_reader",
    "surveyapp.contacts.list_files",
    "surveyapp.typesetting",
    "surveyapp.research.files",
)
FORM = {"perspective": "service_user", "language": "en", "edition": "standard"}


class World:
    """Somebody with two roles, a campaign, and a browser."""

    def __init__(self, app, client, session):
        self.app, self.client, self.session = app, client, session
        self.year = 2026
        self.campaign = factories.make_campaign(
            session, return_address="Freepost NORTHMOOR SURVEY", contact="The team"
        )
        self.trust = self.campaign.trust
        user = sign_in(client, session, "coordinator", self.trust)
        user.grants.append(RoleGrant(role="researcher", trust=self.trust))
        session.commit()

    def answered(self, n):
        """People who have answered, of another year each time."""
        self.year -= 1
        rows = (row(k, date=f"{self.year}-03-27", person="") for k in range(n))
        number = self.campaign.id
        self.session.commit()
        with self.app.app_context():
            campaign = db.session.get(Campaign, number)
            bring(db.session, campaign, csv_of(*rows))
            db.session.remove()

    def send(self, address, status=303, files=None, **fields):
        """Post a form with files, by the names of their fields."""
        address = address.format(campaign=self.campaign.id)
        sent = {name: (io.BytesIO(raw), name) for name, raw in (files or {}).items()}
        response = self.client.post(
            address, data={**fields, **sent}, content_type="multipart/form-data"
        )
        assert response.status_code == status, response.text
        return response


@pytest.fixture
def world(app, client, session, worker_at_hand, monkeypatch):
    monkeypatch.setattr(database, "TURN", 0)
    monkeypatch.setattr(import_work, "BATCH", BATCH)
    monkeypatch.setattr(import_rows, "AT_ONCE", BATCH)
    monkeypatch.setattr(list_work, "BATCH", BATCH)
    monkeypatch.setattr(undo, "BATCH", BATCH)
    return World(app, client, session)


def earlier_answers(world, n):
    """From the file to the end, and away again; another is given up."""
    rows = [row(n * 1000 + k) for k in range(n)]
    here = "/imports/campaign/{campaign}"
    sent = world.send(here, files={"file": csv_of(*rows)})
    world.send(f"{sent.location}/confirm", agreed="on")
    assert f"{n} rows were brought in" in world.client.get(sent.location).text
    world.send(f"{sent.location}/undo")
    assert "its answers are deleted" in world.client.get(sent.location).text
    bad = csv_of(*(each | {"mode": "pigeon"} for each in rows))
    sent = world.send(here, files={"file": bad})
    assert f"0 of {n} rows are well" in world.client.get(sent.location).text
    world.send(f"{sent.location}/cancel")


def people(world, n):
    """A list of people from the file to the end, brought in again, and away again."""
    here = f"/contacts/trust/{world.trust.id}"
    rows = [
        {"name": f"Person {'abcdefghij'[k % 10]}{k}", "email": f"p{k}@example.org"}
        | {"date_of_birth": f"{k % 28 + 1:02}/03/{1950 + k % 50}"}
        for k in range(n)
    ]
    day = (utc_now() + timedelta(days=300)).date().isoformat()
    for _ in range(2):
        sent = world.send(here, files={"file": csv_of(*rows)}, kind="contacts")
        world.send(f"{sent.location}/columns", name="name", email="email")
        world.send(f"{sent.location}/confirm", day=day, alike_too="on")
        assert "were brought in" in world.client.get(sent.location).text
    world.send(f"{sent.location}/cancel")
    bad = csv_of(*(each | {"email": "pigeon"} for each in rows))
    sent = world.send(here, files={"file": bad}, kind="contacts")
    world.send(f"{sent.location}/cancel")
    dead = csv_of(*({"NHS number": "9434765919"} for _ in range(n)))
    sent = world.send(here, files={"file": dead}, kind="deceased")
    world.send(f"{sent.location}/confirm", day=utc_now().date().isoformat())
    world.send(f"{sent.location}/cancel")


def letters(world, n):
    """Three people, however long the list is with its empty lines."""
    people = b"".join(b"Person %d,1 Lane,Town\n" % k for k in range(3))
    raw = b"name,address_1,address_2\n" + b"\n" * 100 * n + people
    world.send("/campaigns/{campaign}/paper/letters", files={"file": raw}, **FORM)


def plan_and_table(n):
    table = b"variable,group,count\n" + b"".join(b"mode,m%d,1\n" % k for k in range(n))
    return {"plan": b"plan: 1\nseed: 7\n" + b"# why\n" * n, "population": table}


def attachments(world, n):
    here = "/research/campaigns/{campaign}/runs/service_user"
    world.send(f"{here}/attach", files=plan_and_table(n), scales="trust")
    wrong = {"plan": b"plan: 1\n" + b"not: known\n" * n}
    world.send(f"{here}/attach", 422, files=wrong, scales="trust")


def start_of_a_run(world, n):
    here = "/research/campaigns/{campaign}/runs/service_user"
    typed = {"scales": ["trust", "parity"], "seed": "1"}
    world.send(here, 422, files=plan_and_table(n) | {"plan": b"a"}, **typed)
    world.send(here, 422, files=plan_and_table(n), **typed | {"seed": "x"})


# Endpoint of each view that takes a file -> what is sent to it.
SENT = {
    "contacts.receive": people,
    "importing.check": earlier_answers,
    "printing.print_letters": letters,
    "runs.attach": attachments,
    "runs.start": start_of_a_run,
}


@pytest.mark.parametrize("endpoint", SENT)
def test_what_is_done_while_rows_are_locked_does_not_grow_with_a_file(world, endpoint):
    seen = []
    for n in (SHORT, LONG):
        with watching() as watch:
            SENT[endpoint](world, n)
        holds_up_nobody(watch)
        seen.append(watch.most_calls)
    short, long = seen
    assert 0 < long <= 1.2 * short


def holds_up_nobody(watch):
    """Nothing long while rows are locked, and no file read while anything is open."""
    assert watch.long == {}
    assert {name for name in watch.idle if name.startswith(PARSERS)} == set()
    assert watch.most_statements <= MOST_STATEMENTS


def test_every_view_that_takes_a_file_is_among_them_and_reads_it_by_its_rule(app):
    takers = {name for name, view in app.view_functions.items() if is_taker(view)}
    assert takers == set(SENT)
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if is_post(rule)}
    assert takers <= posts
    root = Path(surveyapp.__file__).parent
    readers = [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "request.files"
    ]
    assert readers == ["failures.py", "uploads.py"]  # the first only counts them
    askers = {
        str(path.relative_to(root / "templates"))
        for path in root.rglob("*.html")
        if "multipart/form-data" in path.read_text()
    }
    assert askers == {
        "contacts/index.html",
        "importing/index.html",
        "paper/letters.html",
        "runs/new.html",
    }


def is_taker(view):
    return bool(getattr(view, "takes", {}))


def is_post(rule):
    return "POST" in rule.methods


def forms(world):
    world.send("/campaigns/{campaign}/paper/forms", n="3", **FORM)


def forms_again(world):
    forms(world)
    page = world.client.get(f"/campaigns/{world.campaign.id}/paper/again").text
    address = "/campaigns/{campaign}/paper/again"
    world.send(address, which=re.search(r"which=(\w+)", page)[1], is_lost="yes")


def preview_of_a_form(world):
    address = f"/campaigns/{world.campaign.id}/paper/preview"
    assert world.client.get(address, query_string=FORM).status_code == 200


def preview_of_pages(world):
    address = f"/preview/{world.campaign.id}/service_user/en/usual/survey/1"
    assert world.client.get(address).status_code == 200
    world.send(address)


def links(world):
    world.send("/campaigns/{campaign}/links/new", n="50")


def refused_links(world):
    world.send("/campaigns/{campaign}/links/new", 422, n="0")


def export(world):
    world.answered(12)
    address = "/research/campaigns/{campaign}/export"
    asked = {"formats": "csv", "layout": "long", "quasi": "team"}
    world.send(address, 200, perspective="service_user", purpose="own", **asked)


def tracking(world):
    address = f"/tracking/{world.trust.id}/service_user"
    for page in ("", "/items", "/teams"):
        assert world.client.get(address + page).status_code == 200


# Pages that take long by themselves, or are made after something was written.
PAGES = (
    forms,
    forms_again,
    preview_of_a_form,
    preview_of_pages,
    links,
    refused_links,
    export,
    tracking,
)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_made_while_rows_are_locked(world, page):
    page(world)  # what is loaded once is loaded
    with watching() as watch:
        page(world)
    holds_up_nobody(watch)


def test_figures_are_let_out_at_night_a_moment_for_each_group(world):
    world.answered(22)
    with world.app.app_context():
        draws = Draws.of_installation()
        with watching() as watch:
            release_trust(db.session, world.trust.id, now=utc_now(), draws=draws)
    written = " ".join(
        statement for hold in watch.holds for statement in hold.statements
    )
    assert written.count("INSERT INTO released_group") == 2
    assert watch.most_statements <= 5


def test_a_page_of_figures_writes_nothing(world):
    world.answered(12)
    with watching() as watch:
        tracking(world)
    written = [s for hold in watch.holds for s in hold.statements]
    assert not any("released" in statement for statement in written)


def test_a_password_is_weighed_while_nothing_is_locked(app, client, session):
    user = factories.make_staff(session)
    with_password(app, user)
    session.commit()
    with watching() as watch:
        enter(client, user)
    assert any(name.startswith("argon2") for name in watch.idle)
    assert watch.long == {}
