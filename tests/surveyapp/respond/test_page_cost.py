"""What a page of questions and an answer ask of the database, in statements."""

import re

import pytest
from sqlalchemy import select

from surveyapp.models import Answer, AnswerHistory

from ...counting import statements
from .visitor import TOKEN, without_tokens

OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


def sent_while(act):
    """The statements of a piece of work, without what begins and ends transactions."""
    with statements() as sent:
        act()
    return [each for each in sent if not each.startswith(OF_TRANSACTIONS)]


def writes(sent):
    return [each for each in sent if not each.startswith("SELECT")]


@pytest.fixture
def reader(visitor):
    """Someone on the first page of questions."""
    visitor.begin().get("/survey/1")
    assert visitor.path == "/survey/1"
    return visitor


def test_a_question_page_takes_three_statements_and_writes_nothing(reader):
    for path in ("/survey/1", "/survey/2", "/survey/1?from=check"):
        sent = sent_while(lambda: reader.get(path))
        assert len(sent) <= 3, sent
        assert writes(sent) == []


def test_a_first_and_a_changed_answer_take_five_statements(reader):
    for value in ("4", "2"):
        reader.get("/survey/1")
        sent = sent_while(lambda: reader.send(follow=False, parity_asked=value))
        assert len(sent) <= 5, sent


def test_every_change_of_an_answer_is_in_the_history_once(reader, session):
    for value in ("4", "2", "0"):
        reader.get("/survey/1")
        reader.send(follow=False, parity_asked=value)
    retired = select(AnswerHistory.value).order_by(AnswerHistory.version)
    assert session.scalars(retired).all() == [4, 2]
    assert session.scalar(select(Answer.value)) == 0


@pytest.fixture
def two_readers(reader, another_device):
    """Two people at the same page, whose requests come in turns."""
    another_device.begin().get("/survey/1")
    return reader, another_device


@pytest.mark.one_database
def test_two_people_in_turns_see_their_own_answers_and_secrets(two_readers):
    first, second = two_readers
    first.send(follow=False, parity_asked="4")
    second.send(follow=False, parity_asked="1")
    seen = []
    for _ in range(2):
        for person, value in ((first, "4"), (second, "1")):
            person.get("/survey/1")
            assert checked(person.page) == [value]
            seen.append(person.page)
    assert len({token_in(page) for page in seen[:2]}) == 2
    assert len({nonce_in(page) for page in seen}) == 4


@pytest.mark.one_database
def test_one_persons_look_is_not_anothers(two_readers):
    first, second = two_readers
    plain = without_tokens(second.page)
    first.get("/display/?back=/survey/1")
    first.post(size="large", colours="dark", per_page="1", words="easy_read.v1")
    assert 'class="app-size-large' in first.page
    second.get("/survey/1")
    assert without_tokens(second.page) == plain
    first.get("/survey/1")
    assert 'class="app-size-large' in first.page


def checked(page):
    return re.findall(r'value="(\d)" checked', page)


def token_in(page):
    return TOKEN.search(page)[1]


def nonce_in(page):
    return re.search(r'nonce="([^"]+)"', page)[1]
