"""Whose a personal code is, what is printed on paper, and until when one goes on."""

from datetime import timedelta

import pytest

from surveyapp.assessments import personal_code
from surveyapp.errors import CampaignClosed
from surveyapp.links import code_hash, grouped, new_receipt, token_hash

from ... import factories

pytestmark = pytest.mark.one_database
WEEK = timedelta(days=7)


@pytest.fixture
def key(app):
    with app.app_context():  # where codes are derived
        yield app.config["PROM"].derived_key("codes")


def issued(session, **given):
    made = factories.make_assessment(session, **given)
    personal_code.issue(made)
    session.commit()
    return made


def test_a_code_and_a_link_are_given_once_and_lead_to_their_own_answers(session, key):
    mine, other = issued(session), issued(session)
    told = personal_code.shown(mine)
    assert mine.personal_code_hash == code_hash(told.code, key)
    assert mine.return_token_hash == token_hash(told.token)
    for each in (mine, other):
        told = personal_code.shown(each)
        assert personal_code.find(session, told.code) is each
        assert personal_code.find_by_token(session, told.token) is each
    mine.personal_code_hash = "of another key"
    personal_code.issue(mine)
    assert mine.personal_code_hash == "of another key"
    assert personal_code.shown(mine) is None


def test_a_receipt_of_before_is_shown_and_takes_no_second_code(session, key):
    receipt = new_receipt()
    mine = factories.make_assessment(session, receipt_code=receipt)
    issued(session)
    personal_code.issue(mine)
    assert mine.personal_code_hash is None
    assert personal_code.shown(mine) == personal_code.PersonalCode(
        grouped(receipt), None
    )
    assert personal_code.find(session, grouped(receipt).lower()) is mine
    none = factories.make_assessment(session)
    assert personal_code.shown(none) is None


def test_what_is_no_code_or_nobodys_finds_nothing(session, key):
    issued(session)
    factories.make_invitation(session)
    for typed in ("", "ABC", new_receipt()):
        assert personal_code.find(session, typed) is None
        assert personal_code.find_paper(session, typed) is None
    assert personal_code.find_by_token(session, "another") is None


def printed(session, key, code, token, is_of_before):
    """An invitation with this code on its paper."""
    given = {"promised_receipt": code}
    if not is_of_before:
        given = {"paper_code_hash": code_hash(code, key)}
    return factories.make_invitation(session, token=token, **given)


@pytest.mark.parametrize("is_of_before", [True, False])
def test_answers_from_paper_get_the_code_that_is_printed_if_nobody_has_it(
    session, key, is_of_before
):
    code = new_receipt()
    letter = printed(session, key, code, "a", is_of_before)
    printed(session, key, new_receipt(), "b", is_of_before)
    assert personal_code.find_paper(session, grouped(code)) is letter
    first, second = (
        factories.make_assessment(session, letter.campaign, invitation=letter)
        for _ in "12"
    )
    for each in (first, second):
        personal_code.give_printed(session, each)
        session.commit()
    assert first.personal_code_hash == code_hash(code, key)
    assert first.receipt_code == (code if is_of_before else None)
    assert (second.personal_code_hash, second.receipt_code) == (None, None)
    assert personal_code.find(session, code) is first


def test_a_printed_receipt_that_somebody_has_in_clear_is_given_to_nobody_else(
    session, key
):
    code = new_receipt()
    factories.make_assessment(session, receipt_code=code)
    letter = printed(session, key, code, "a", True)
    mine = factories.make_assessment(session, letter.campaign, invitation=letter)
    personal_code.give_printed(session, mine)
    assert (mine.personal_code_hash, mine.receipt_code) == (None, None)


def test_paper_without_a_code_gives_none(session, key):
    blank = factories.make_assessment(session)
    letter = factories.make_invitation(session)
    mine = factories.make_assessment(session, letter.campaign, invitation=letter)
    for each in (blank, mine):
        personal_code.give_printed(session, each)
        assert (each.personal_code_hash, each.receipt_code) == (None, None)


@pytest.mark.parametrize(
    "given, is_refused",
    [
        ({}, True),
        ({"wave": 2}, False),
        ({"submitted_at": factories.LONG_AGO}, False),
    ],
)
def test_unsent_answers_are_gone_on_with_while_the_campaign_is_open(
    session, given, is_refused
):
    mine = factories.make_assessment(session, **given)
    closes = mine.campaign.closes_at = factories.LONG_AGO + WEEK
    personal_code.check_time(mine, now=closes - timedelta(seconds=1))
    if is_refused:
        with pytest.raises(CampaignClosed):
            personal_code.check_time(mine, now=closes)
    else:
        personal_code.check_time(mine, now=closes)
