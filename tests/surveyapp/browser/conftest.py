"""A real Chromium, and the survey served to it on this machine."""

import shutil
from threading import Thread

import flask_migrate
import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from surveyapp import assets, create_app
from surveyapp.auth import sign_in_links
from surveyapp.config import Config
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign

from ...conftest import KEYS
from ...factories import make_campaign, make_demonstrator, make_invitation
from ...processes import PATIENCE

QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# The first is the same browser without its own windows, at half the cost.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser")
PHONE = {"width": 320, "height": 568}


class Silent(WSGIRequestHandler):
    def log_request(self, *args):
        """The application logs its own requests."""


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The application and the address at which it answers."""
    assets.fetch()
    instance = tmp_path_factory.mktemp("served")
    app = create_app(Config(environment="test", instance=instance, **KEYS))
    with app.app_context():
        flask_migrate.upgrade()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    Thread(target=server.serve_forever, daemon=True).start()
    yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def campaign(served):
    """A campaign of its own for each test, with an open link."""
    app, _ = served
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        campaign = make_campaign(session)
        make_invitation(session, campaign, f"open-{campaign.id}", is_open=True)
        make_invitation(session, campaign, f"personal-{campaign.id}")
        session.commit()
        yield campaign


@pytest.fixture
def link(served, campaign):
    return f"{served[1]}/s/open-{campaign.id}"


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.fail("no Chromium: apt install chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    """Make a page with the browser settings that a test is about."""
    contexts = []

    def make(**settings):
        context = chromium.new_context(viewport=PHONE, **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(served, campaign, new_page):
    """A browser in which someone with a role has used a one-time link."""

    def sign_in(role, **settings):
        app, address = served
        with app.app_context(), Session(db.engine) as session:
            trust = session.get(Campaign, campaign.id).trust
            user = make_demonstrator(session, role, trust)
            token = sign_in_links.make(session, user, now=utc_now())
            session.commit()
        page = new_page(**settings)
        page.goto(f"{address}/staff/link/{token}")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
        return page

    return sign_in
