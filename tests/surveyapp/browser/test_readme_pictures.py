"""The pictures of the README are of pages as they are now.

`make pictures` takes them anew, and keeps beside each the hash of the page's outline:
its own style sheet, and what stands on it without numbers, dates and charts.
"""

import hashlib
import json
import os
import re
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from psychometrics import simulate, validation_report
from surveyapp import assets, demo
from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.extensions import db

from ..demonstration import KEY, built_once
from .conftest import PHONE, Silent
from .person import Person

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
ROOT = Path(__file__).parents[3]
HASHES = ROOT / "docs" / "pictures" / "hashes.json"
STYLE = ROOT / "surveyapp" / "static" / "survey.css"
DESK = {"width": 1100, "height": 1450}
MONTHS = "January|February|March|April|May|June|July|August|September|October"
VARIES = re.compile(rf"\d+|\b({MONTHS}|November|December)\b|\W+")
# Headings and what can be pressed; the findings between them follow the answers.
OUTLINE = """[...document.querySelectorAll(
    "h1, h2, h3, legend, label, a, button, summary, th[scope=col], caption")]
    .filter(e => !e.closest("svg, tbody"))
    .map(e => e.tagName + "." + e.className + " " + e.textContent)"""


@pytest.fixture(scope="module")
def demonstration(migrated_app):
    """A smaller demonstration and its address."""
    assets.fetch()
    sizes = {"service_user": 420, "carer": 30}
    with built_once(migrated_app, sizes) as put_back:
        put_back()
        server = make_server(
            "127.0.0.1", 0, migrated_app, threaded=True, request_handler=Silent
        )
        Thread(target=server.serve_forever, daemon=True).start()
        yield migrated_app, f"http://127.0.0.1:{server.port}"
        server.shutdown()
        server.server_close()


def hash_of(page):
    outline = [VARIES.sub(" ", text).strip() for text in page.evaluate(OUTLINE)]
    assert len(outline) > 5
    style = b"" if page.url.startswith("file:") else STYLE.read_bytes()
    raw = json.dumps(outline).encode() + style
    return hashlib.sha256(raw).hexdigest()[:16]


def is_as_pictured(page, name):
    """Hold the page to the hash beside its picture, or take both anew."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
        kept = Path(folder) / HASHES.name
        hashes = json.loads(kept.read_text()) if kept.exists() else {}
        text = json.dumps(hashes | {name: hash_of(page)}, indent=1, sort_keys=True)
        kept.write_text(text + "\n")
    else:
        assert json.loads(HASHES.read_text())[name] == hash_of(page), (
            f"docs/pictures/{name}.png shows an older page: run make pictures"
        )


def test_the_picture_of_the_survey_is_of_its_page(demonstration, new_page):
    _, address = demonstration
    page = new_page()
    page.set_viewport_size(PHONE)
    person = Person(page, f"{address}/s/{demo.open_link_token(KEY)}")
    for _ in person.begin():
        """Up to the first question."""
    assert person.where() == "1"
    is_as_pictured(page, "survey")


def test_the_picture_of_the_leads_page_is_of_that_page(demonstration, new_page):
    app, address = demonstration
    with app.app_context(), Session(db.engine) as session:
        user = demo.staff(session)["lead"]
        token = sign_in_links.make(session, user, now=utc_now())
        session.commit()
    page = new_page()
    page.set_viewport_size(DESK)
    page.goto(f"{address}/staff/link/{token}")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/tracking/")
    is_as_pictured(page, "lead")


def test_the_picture_of_a_report_is_of_what_the_library_writes(new_page, tmp_path):
    rng = np.random.default_rng(2017)
    loadings = np.kron(np.eye(2), np.full((5, 1), 0.7))
    factors = np.array([[1, 0.5], [0.5, 1]])
    cuts = [[-1.2, -0.4, 0.3, 1.1]] * len(loadings)
    answers = simulate.responses(
        300, loadings=loadings, factor_corr=factors, thresholds=cuts, rng=rng
    ).responses
    scales = {"Trust": list(answers)[:5], "Collaboration": list(answers)[5:]}
    report = validation_report(answers, scales=scales, n_replications=2)
    path = tmp_path / "report.html"
    path.write_text(report.to_html())
    page = new_page()
    page.set_viewport_size(DESK)
    page.goto(path.as_uri())
    is_as_pictured(page, "report")
