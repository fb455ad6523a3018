"""Languages and easy read: chosen on any page, kept, and nowhere forgotten."""

import html
import re

import pytest
from sqlalchemy import select

from surveyapp import bank, catalogues, wording
from surveyapp.models import Answer, Assessment

from ...factories import make_campaign, make_invitation
from .visitor import Visitor

pytestmark = pytest.mark.one_database

EASY = "easy_read.v1"
DISPLAY = {"size": "usual", "colours": "usual", "per_page": "3"}
PAGES = ("information", "consent", "role", "before-you-start", "care-plan", "1")
PAGES += ("pause-1", "more-1", "more-2", "comment", "check", "stop")
OTHERS = ("/", "/withdraw", "/finished", "/display/", "/about/help-now")
OTHERS += ("/about/privacy", "/about/cookies", "/about/accessibility", "/nothing-here")
NOT_OURS = re.compile(r"<(script|style|bdi|button class=\"app-lang).*?</", re.S)
CODE = re.compile(r"\b[A-Z0-9]{4}\b")
WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def campaign(campaign):
    campaign.languages = ["en", "en-XA", "ar-XB"]
    return campaign


def speak(visitor, tag):
    return visitor.post(f"/display/language?back={visitor.path}", language=tag)


def untouched(page):
    """Texts of a page in accented English that nobody turned."""
    body = NOT_OURS.sub("<", page[page.index("<body") :])
    texts = map(html.unescape, re.findall(r">([^<]+)<", body))
    plain = {text.strip() for text in texts if WORD.search(text)}
    given = {"How involved are you?", "XXXX-XXXX-XXXX"}
    texts = {t for t in plain if t.isascii() and re.sub(CODE, "XXXX", t) not in given}
    return {t for t in texts if not t.startswith("http")}


def test_no_text_of_any_page_is_left_in_english(visitor):
    visitor.open_link()
    speak(visitor, "en-XA")
    left = {}
    for path in PAGES[:2]:
        visitor.get(f"/survey/{path}")
        left[path] = untouched(visitor.page)
    visitor.consent()
    visitor.post(role="carer")
    for path in (*(f"/survey/{page}" for page in PAGES), *OTHERS):
        visitor.get(path)
        assert '<html lang="en-XA" dir="ltr"' in visitor.page, path
        left[path] = untouched(visitor.page)
    visitor.submit()
    left["done"] = untouched(visitor.page)
    assert {path: texts for path, texts in left.items() if texts} == {}


def test_what_is_wrong_is_said_in_the_language_of_the_page(visitor):
    visitor.open_link()
    speak(visitor, "en-XA")
    visitor.get("/survey/consent")
    visitor.post()
    assert untouched(visitor.page) == set()
    assert "<title>[Éřřóř:" in visitor.page


def test_a_page_from_right_to_left_says_so_and_isolates_what_is_not(visitor):
    visitor.open_link()
    speak(visitor, "ar-XB")
    visitor.get("/survey/information")
    assert '<html lang="ar-XB" dir="rtl"' in visitor.page
    assert "<bdi>Northmoor</bdi>" in visitor.page
    assert "\u202ephysical\u202c" in visitor.page


def test_the_language_can_be_chosen_at_the_entrance(visitor):
    visitor.get("/s/a-token")
    assert 'lang="ar-XB" dir="rtl"' in visitor.page
    speak(visitor, "ar-XB")
    assert visitor.path == "/s/a-token"
    assert '<html lang="ar-XB" dir="rtl"' in visitor.page


def test_another_language_in_the_middle_keeps_every_answer(visitor, session):
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    visitor.get("/survey/2")
    speak(visitor, "ar-XB")
    assert visitor.path == "/survey/2"
    visitor.post(parity_cared_as_much="4")
    visitor.get("/survey/1")
    assert re.search(r'value="3" checked', visitor.page)
    assert sorted(session.scalars(select(Answer.value))) == [3, 4]
    assert session.scalar(select(Assessment.language)) == "ar-XB"


def test_the_language_of_an_assessment_comes_along_to_another_device(
    visitor, session, campaign, another_device
):
    make_invitation(session, campaign, "mine")
    visitor.begin(token="mine")
    speak(visitor, "en-XA")
    another_device.go_on_with(visitor.code)
    assert '<html lang="en-XA"' in another_device.page


def test_clearing_the_device_takes_the_language_away(visitor):
    visitor.begin()
    speak(visitor, "en-XA")
    visitor.get("/survey/stop")
    visitor.post("/finish")
    assert '<html lang="en"' in visitor.page


@pytest.mark.parametrize("tag", ["cy", "", "../secret"])
def test_a_language_that_nobody_has_is_refused(visitor, tag):
    visitor.begin()
    assert speak(visitor, tag).status_code == 422


def test_a_campaign_in_one_language_has_no_choice_and_no_other(visitor, campaign):
    campaign.languages = ["en"]
    visitor.get("/s/a-token")
    assert "app-languages" not in visitor.page
    speak(visitor, "en-XA")
    assert '<html lang="en"' in visitor.page


def test_the_browser_decides_until_the_person_does(visitor):
    visitor.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ar-XB,en;q=0.5"
    visitor.get("/s/a-token")
    assert '<html lang="ar-XB"' in visitor.page
    speak(visitor, "en")
    assert '<html lang="en"' in visitor.page


def test_what_is_not_translated_is_english_and_marked_as_english(
    visitor, campaign, monkeypatch
):
    welsh = wording.Language("cy", "Cymraeg", texts={"Continue": "Parhau"})
    found = wording.language
    monkeypatch.setattr(wording, "language", lambda t: welsh if t == "cy" else found(t))
    visitor.begin()
    visitor.get("/s/a-token")
    campaign.languages = ["en", "cy"]
    speak(visitor, "cy")
    visitor.get("/survey/1")
    assert '<html lang="cy" dir="ltr"' in visitor.page
    assert "Parhau" in visitor.page
    marked = '<span lang="en" dir="ltr">Staff asked me about my physical health.</span>'
    assert marked in visitor.page
    title = re.search("<title>(.*?)</title>", visitor.page)[1]
    assert title.startswith("Staff asked me about my physical health.")


@pytest.fixture
def easy(visitor):
    """A person who chose easy read on the way."""
    visitor.open_link()
    visitor.get("/display/?back=/survey/information")
    visitor.post(words=EASY, **DISPLAY)
    visitor.consent()
    visitor.post(role="carer")
    return visitor


def test_easy_read_shows_short_words_and_a_picture_one_question_a_page(easy):
    easy.get("/survey/1")
    assert "Staff asked about the body health of the person I care for." in easy.page
    assert 'alt="Someone asks a question."' in easy.page
    assert "I agree a lot" in easy.page and "Question 1 of 30" in easy.page
    assert easy.page.count("<fieldset") == 1
    assert "Body health" in easy.page  # what we mean by the word that was said


def test_easy_read_is_on_every_page_and_stays_with_the_assessment(easy, session):
    easy.get("/survey/information")
    assert "Care teams do not see your answers." in easy.page
    easy.get("/survey/care-plan")
    assert "mental health care plan" in easy.page
    easy.get("/survey/check")
    assert "Staff asked about the body health" in easy.page
    stored = session.scalar(select(Assessment.presentation))
    assert stored == DISPLAY | {"words": EASY, "per_page": "1"}


def test_a_picture_is_small_the_same_for_all_and_kept_by_the_browser(easy):
    response = easy.client.get(f"/display/picture/{EASY}/ask.svg")
    assert response.mimetype == "image/svg+xml"
    assert len(response.data) < 2_000
    assert "immutable" in response.headers["Cache-Control"]
    assert easy.client.get(f"/display/picture/{EASY}/nose.svg").status_code == 404
    assert easy.client.get("/display/picture/none.v1/ask.svg").status_code == 404


def test_easy_read_goes_together_with_another_language(easy):
    speak(easy, "en-XA")
    easy.get("/survey/1")
    assert "[Štáff áškéd ábóút thé bódý héáłth" in easy.page
    assert "ask.svg" in easy.page


def test_a_form_without_easy_read_does_not_offer_it(visitor, campaign):
    for chosen in campaign.instruments:
        chosen.instrument = f"pilot_{chosen.perspective}.v1"
    visitor.begin()
    visitor.get("/display/?back=/survey/1")
    assert EASY not in visitor.page
    visitor.post(words=EASY, **DISPLAY)
    visitor.get("/survey/1")
    assert "body health" not in visitor.page


def test_every_easier_text_stands_for_one_that_the_pages_have(app):
    easier = wording.language("en-easy").texts
    assert set(easier) <= set(catalogues.gathered(app))


def test_a_translator_gets_every_text_that_is_missing(app):
    texts = catalogues.gathered(app)
    assert {"Continue", "Please wait a while", "Not answered"} <= set(texts)
    assert "Continue" in catalogues.missing(app, "cy")
    held = wording.language("en-easy").texts
    still = catalogues.missing(app, "en-easy")
    assert not any(f"\n{text}:" in still for text in held)


def test_made_up_languages_are_offered_to_nobody():
    for ref in ("short_service_user.v1", "short_carer.v1"):
        assert bank.languages(ref) == {"en": "English"}


def test_three_steps_are_offered_and_one_chosen_in_other_words_stays(client, session):
    third = {"service_user": "short_service_user.v3"}
    make_invitation(session, make_campaign(session, instruments=third), is_open=True)
    visitor = Visitor(client).begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    visitor.get("/display/?back=/survey/1")
    visitor.post(words="easy_read.v4", **DISPLAY)
    visitor.get("/survey/1")
    values = re.findall(r'name="parity_asked" [^>]*value="(\d)"', visitor.page)
    assert values == ["0", "2", "3", "4"]  # 3 was chosen in the usual words
    visitor.post(parity_asked="4")
    visitor.get("/survey/1")
    values = re.findall(r'name="parity_asked" [^>]*value="(\d)"', visitor.page)
    assert values == ["0", "2", "4"]
    visitor.get("/survey/check")
    assert visitor.path == "/survey/check" and "I agree" in visitor.page
