"""What holds for every page of the journey."""

import re

import pytest
from sqlalchemy.exc import OperationalError

from surveyapp.models import CampaignInstrument
from surveyapp.respond import services

from ...counting import statements

pytestmark = pytest.mark.one_database

BEFORE = ("/", "/s/a-token", "/withdraw", "/finished", "/survey/1")
ABOUT = ("/about/help-now", "/about/privacy", "/about/cookies", "/about/accessibility")
WITHIN = ("information", "role", "before-you-start", "care-plan", "1", "5", "pause-1")
LATER = ("more-1", "more-2", "comment", "check", "stop")
JOURNEY = tuple(f"/survey/{page}" for page in WITHIN + LATER)
HEADINGS = re.compile(r"<h1[^>]*>.*?</h1>", re.S)
TITLE = re.compile(r"<title>(.*?)</title>", re.S)


@pytest.fixture
def pages(visitor):
    """Every page, by its path, as a person meets it."""
    seen = {path: visitor.get(path) for path in BEFORE + ABOUT}
    visitor.begin()
    seen |= {path: visitor.get(path) for path in JOURNEY}
    seen["done"] = visitor.submit()
    return seen


def test_every_page_can_be_read_by_everyone(pages):
    titles = {}
    for path, response in pages.items():
        page = response.get_data(as_text=True)
        assert '<html lang="en"' in page, path
        assert len(HEADINGS.findall(page)) == 1, path
        assert "116 123" in page and "/about/accessibility" in page, path
        assert len(page.encode()) < 30_000, path
        titles[path] = TITLE.search(page)[1]
    assert len(set(titles.values())) >= len(titles) - 1  # the check page and done


def test_no_page_is_kept_by_a_cache_or_asks_another_server(pages):
    for path, response in pages.items():
        page = response.get_data(as_text=True)
        assert response.headers["Cache-Control"] == "no-store", path
        assert response.headers["Referrer-Policy"] == "no-referrer", path
        assert not re.search(r'(src|action)="https?:|<link[^>]+"https?:', page), path
        assert not re.search(r' (style|on\w+)="', page), path


def test_pages_of_the_longest_form_stay_light(visitor, session, campaign):
    for chosen in session.query(CampaignInstrument):
        chosen.instrument = f"pilot_{chosen.perspective}.v1"
    campaign.items_per_page = 5
    visitor.begin("carer")
    visitor.answer_all("pilot_carer.v1", 5, reason="prefer_not_to_say")
    for path in ("/survey/check", "/survey/check?part=You+and+the+staff", "/survey/2"):
        visitor.get(path)
        assert len(visitor.page.encode()) < 30_000, path


def test_a_form_without_its_token_is_refused(visitor, another_device):
    visitor.get("/")
    another_device.begin()
    response = another_device.client.post("/survey/1", data={"parity_asked": "1"})
    assert response.status_code == 400


def test_without_a_cookie_a_page_says_how_to_come_back(visitor):
    response = visitor.get("/survey/1")
    assert response.status_code == 403
    assert "Every answer you sent to us is kept" in visitor.page


def test_when_nothing_can_be_stored_the_answer_stays_in_the_page(visitor, monkeypatch):
    visitor.begin()
    visitor.get("/survey/1")

    def locked(*args, **kwargs):
        raise OperationalError("", {}, Exception("database is locked"))

    with monkeypatch.context() as broken:
        broken.setattr(services, "save_page", locked)
        response = visitor.post(parity_asked="3")
    assert response.status_code == 503
    assert '<input type="hidden" name="parity_asked" value="3">' in visitor.page
    visitor.post(parity_asked="3")
    assert visitor.path == "/survey/2"


def test_a_whole_journey_takes_little_of_the_server(visitor, app):
    n_requests = []
    app.before_request_funcs.setdefault(None, []).append(
        lambda: n_requests.append(1) and None
    )
    with statements() as sent:
        visitor.begin()
        visitor.answer_all()
        n_questions = 30
        for page in (1, 2):
            visitor.get(f"/survey/more-{page}")
            n_questions += visitor.page.count("<fieldset")
            visitor.post()
        visitor.submit()
    app.before_request_funcs[None].pop()
    assert n_questions >= 36
    assert len(n_requests) <= 3 * n_questions
    assert len(sent) <= 12 * len(n_requests)
