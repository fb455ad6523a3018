"""A new coordinator, from the first link to a pilot of twenty that was sent.

The steps are those of docs/run-a-campaign.md, whose pictures `PICTURES=docs/pictures`
takes anew. Every press of a mouse is counted, from the link in the mail on: two for a
file, the button and the file. Pages are read whole, each line once.
"""

import os
from datetime import timedelta
from pathlib import Path
from threading import Thread

import flask_migrate
import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from surveyapp import assets, create_app
from surveyapp.auth import sign_in_links
from surveyapp.config import Config
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.jobs import worker
from surveyapp.messaging import sending_days
from surveyapp.messaging.message_jobs import send_messages
from surveyapp.models import MessagePlan

from ...conftest import KEYS
from ...factories import SLOTS, make_staff, make_team, make_trust
from ..messaging import servers
from ..signing_in import PASSWORD
from .conftest import Silent
from .looking import check

pytestmark = pytest.mark.browser
MOST_CLICKS, MOST_MINUTES = 40, 15
# Seconds of a press and of a key (Card, Moran & Newell, 1980), and words in a minute.
PRESS, KEY, WORDS = 1.1, 0.28, 200
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """An empty trust with a coordinator's link, a mail server and GOV.UK Notify."""
    monkeypatch.setattr(sending_days, "holidays", frozenset)  # whatever today is
    assets.fetch()
    with servers.smtp_server() as (mail, port), servers.notify_server() as (gov, url):
        carriers = {"smtp_host": "127.0.0.1", "smtp_port": port, "notify_url": url}
        carriers |= {"smtp_security": "none", "smtp_sender": "survey@example.org"}
        carriers |= {"notify_key": servers.KEY}
        carriers |= {"notify_text_template": servers.TEMPLATES["sms"]}
        base = {"environment": "test", "instance": tmp_path, **carriers, **KEYS}
        app = create_app(Config(**base))
        with app.app_context():
            flask_migrate.upgrade()
            with Session(db.engine) as session:
                team = make_team(session, make_trust(session))
                user = make_staff(
                    session,
                    trust=team.trust,
                    email="new@example.org",
                    name="A coordinator",
                )
                token = sign_in_links.make(session, user, now=utc_now())
                session.commit()
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
        Thread(target=server.serve_forever, daemon=True).start()
        yield app, f"http://127.0.0.1:{server.port}/staff/link/{token}", mail, gov
        server.shutdown()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


class Newcomer:
    """Somebody at a desk who presses what the page offers."""

    def __init__(self, app, page):
        self.app, self.page, self.n_clicks, self.n_keys = app, page, 0, 0
        self.lines = set()

    @property
    def minutes(self):
        """What the presses, the keys and the reading take; the machine is as good
        as always quicker."""
        n_words = sum(len(line.split()) for line in self.lines)
        seconds = PRESS * self.n_clicks + KEY * self.n_keys
        return seconds / 60 + n_words / WORDS

    def open(self, link):
        self.n_clicks += 1
        self.page.goto(link)
        self.read()

    def read(self):
        """Read what is new on a page."""
        self.lines |= {*self.page.locator("main").inner_text().splitlines()}

    def press(self, name, role="button", *, exact=False):
        self.n_clicks += 1
        self.page.get_by_role(role, name=name, exact=exact).first.click()
        self.page.wait_for_load_state()
        self.work()
        self.read()

    def wait_for(self, words):
        """Wait for what a page brings by itself once work is done."""
        self.page.get_by_text(words).first.wait_for()
        self.read()

    def go(self, name):
        self.press(name, "link")

    def tick(self, name):
        self.n_clicks += 1
        self.page.get_by_label(name).first.check()

    def type(self, **fields):
        for name, text in fields.items():
            self.n_keys += 1 + len(text)  # a tab, and the text
            self.page.locator(f"#{name}").fill(text)

    def picture(self, name):
        """Look at the page, and keep it where pictures are asked for."""
        check(self.page, name)
        folder = os.environ.get("PICTURES")
        if folder:
            self.page.set_viewport_size(DESK)
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def work(self):
        """What the worker does every second and every minute."""
        with self.app.app_context(), Session(db.engine) as session:
            worker.run_due()
            send_messages(session, None, None)
            session.commit()
            db.session.remove()

    def bring_in(self, rows, day):
        """A list as a file: chosen, looked at, confirmed."""
        self.n_clicks += 2
        self.page.locator("#file").set_input_files(
            {"name": "list.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        )
        self.press("Look at this list")
        self.wait_for("well.")
        self.type(day=day.isoformat())
        self.press("Bring in this list")
        self.wait_for("brought in.")


def twenty():
    """Eight by e-mail, six by text, six by letter."""
    rows = ["name,email,mobile,address,town,postcode,preferred way"]
    for n in range(20):
        way = "email" if n < 8 else "text" if n < 14 else "letter"
        mail = f"p{n}@example.org" if way == "email" else ""
        mobile = f"077009001{n:02}" if way == "text" else ""
        home = f"{n} High Street,Northmoor,M1 1AE" if way == "letter" else ",,"
        rows.append(
            f"Person {'abcdefghijklmnopqrst'[n] * 3},{mail},{mobile},{home},{way}"
        )
    return "\n".join(rows)


def sign_in(me, link):
    """From the link to the first page: a second factor, a password, recovery codes."""
    me.open(link)
    me.press("Sign in")
    me.press("Set up an authenticator app")
    key = me.page.locator("code").first.inner_text()
    key = "".join(sign for sign in key if sign.isalnum())
    me.type(code=pyotp.TOTP(key).now())
    me.press("Continue")
    me.type(new_password=PASSWORD, new_password_confirm=PASSWORD)
    me.press("Keep this password")
    me.press("Make the codes")
    me.press("I have kept them")


def test_a_newcomer_sends_a_pilot_of_twenty_in_few_clicks(installation, new_page):
    app, link, mail, gov = installation
    me, today = Newcomer(app, new_page()), utc_now().date()
    sign_in(me, link)
    me.picture("campaigns")
    me.type(title="Pilot 2026")
    me.tick("It writes to people on a list")
    me.press("Make the campaign")
    me.picture("check-list")
    me.go("What people are told")
    me.type(**{name: text for name, text in SLOTS.items() if is_asked(me, name)})
    me.press("Save")
    me.go("Who reads comments")
    me.tick("A coordinator")
    me.type(steps="Ring the duty desk on 01632 960010 within the hour.")
    me.press("Save")
    me.go("Contacts")
    me.bring_in(twenty(), today + timedelta(days=300))
    me.go("Next list: people who have died")
    me.bring_in("NHS number\n", today)
    me.go("Next list: people who are not")
    me.picture("contacts")
    me.bring_in("NHS number\n", today)
    me.go("Go on with Pilot 2026")
    me.go("A test message")
    me.press("Send it to my own box")
    assert [to for to, _ in mail.taken] == [["new@example.org"]]
    me.picture("test-message")
    me.press("I have read this message")
    me.picture("ready-to-open")
    me.press("Open the campaign")
    me.press("Make the usual plan")
    me.picture("plan")
    at_any_hour(app)
    me.press("Begin sending")
    me.wait_for("Make 6 letters to print")
    me.press("Make 6 letters to print")
    me.wait_for("All were posted")
    me.picture("letters")
    me.n_clicks += 1
    with me.page.expect_download() as got:
        me.page.get_by_role("link", name="letters").first.click()
    assert Path(got.value.path()).read_bytes().startswith(b"%PDF")
    me.press("All were posted")
    assert me.n_clicks < MOST_CLICKS, me.n_clicks
    assert me.minutes < MOST_MINUTES, me.minutes
    print(f"{me.n_clicks} clicks, {me.minutes:.1f} minutes")
    me.go("Who has answered")
    me.picture("who-has-answered")
    assert "Sent to them 20" in me.page.locator("svg").first.get_attribute("aria-label")
    assert len(mail.taken) == 1 + 8 and len(gov.taken) == 6 and gov.problems == []


def at_any_hour(app):
    """Let messages go whatever the hour and the day of the test are."""
    with app.app_context(), Session(db.engine) as session:
        plan = session.scalars(select(MessagePlan)).one()
        plan.from_hour, plan.until_hour, plan.on_weekends = 0, 24, True
        session.commit()


def is_asked(me, name):
    return me.page.locator(f"#{name}").count() > 0
