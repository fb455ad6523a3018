"""What a campaign says in its notices stands on the pages about help and privacy."""

import re
from pathlib import Path

import pytest

import surveyapp
from surveyapp import bank
from surveyapp.assessments.labels import HELPERS

from ... import factories

pytestmark = pytest.mark.one_database

TEMPLATES = Path(surveyapp.__file__).parent / "templates"
FORM = bank.instrument("short_service_user.v1")


def test_who_takes_part_reads_the_campaigns_own_privacy_notice(visitor):
    visitor.get("/about/privacy")
    assert factories.SLOTS["dpo"] not in visitor.page
    assert "Its name is on your invitation" in visitor.page
    visitor.open_link()
    visitor.get("/about/privacy")
    for slot in ("controller", "dpo", "complaints", "processors"):
        assert factories.SLOTS[slot] in visitor.page
    assert f"{factories.SLOTS['retention']} months" in visitor.page
    assert "Its name is on your invitation" not in visitor.page


def test_help_now_names_what_there_is_where_one_lives(visitor):
    visitor.get("/about/help-now")
    assert "Where you live" not in visitor.page
    visitor.open_link()
    visitor.get("/about/help-now")
    for slot in ("crisis_line", "advocacy", "carers_support", "pals"):
        assert factories.SLOTS[slot] in visitor.page


def test_a_campaign_from_before_there_were_notices_has_the_general_pages(
    visitor, session, campaign
):
    campaign.notices.clear()
    session.commit()
    visitor.open_link()
    visitor.get("/about/help-now")
    assert "Where you live" not in visitor.page
    visitor.get("/about/privacy")
    assert "Its name is on your invitation" in visitor.page


def test_help_now_is_called_the_same_wherever_a_page_leads_to_it():
    led_to = re.compile(r"help_now'\) %\}.*?\{\{ link \}\}\">([^<]+)</a>", re.S)
    linked = re.compile(r"about\.help_now'\) \}\}\">\{% trans %\}([^{]+)\{%")
    names = set()
    for page in TEMPLATES.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        names |= {*led_to.findall(text), *linked.findall(text)}
    assert names == {"Help now"}


def test_of_what_time_a_block_is_about_is_said_where_it_begins(visitor):
    visitor.begin()
    starts = {block.items[0].id for block in FORM.blocks}
    first = [n for n, page in enumerate(FORM.pages(1), 1) if page[0].id in starts]
    for number in first:
        visitor.get(f"/survey/{number}")
        assert FORM.recall in visitor.page
    visitor.get("/survey/2")
    assert FORM.recall not in visitor.page
    assert len(first) == len(FORM.blocks)


def test_who_helped_is_asked_in_words_that_fit_carers_and_professionals():
    assert [
        label for label in HELPERS.values() if re.search(r"\b(me|my)\b", label)
    ] == []
