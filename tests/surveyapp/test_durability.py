"""An answer that was acknowledged is there, whatever ends, whoever else writes."""

import contextlib
import itertools
import os
import random
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.database import prepare_sqlite
from surveyapp.models import Answer, AnswerHistory, Assessment, Score

from .. import factories
from .served import Caller, environment, server, workers

FORM = bank.instrument("short_service_user.v1")
ITEMS = [item.id for item in FORM.items]
SERVE = ("serve", "--no-worker")  # nothing here waits for a job
KILLS = 4
PEOPLE = 3
TABS = 20


@pytest.fixture(scope="module")
def port(config, migrated_app):
    """Where one server answers for all tests but the one that hurts it."""
    with server(environment(config), *SERVE) as (_, port):
        yield port


@pytest.fixture
def link(session):
    """An open link to a campaign."""
    invitation = factories.make_invitation(session, token="open", is_open=True)
    session.commit()
    return invitation


def test_sqlite_acknowledges_nothing_that_is_not_on_disk(tmp_path):
    full = 2
    with contextlib.closing(sqlite3.connect(tmp_path / "survey.sqlite")) as connection:
        prepare_sqlite(connection, None)
        asked = [f"PRAGMA {name}" for name in ("journal_mode", "synchronous")]
        assert [connection.execute(a).fetchone()[0] for a in asked] == ["wal", full]


def answer_in_rounds(caller, is_over):
    """Answer every question again and again; the values that were acknowledged."""
    kept = {}
    for turn in itertools.count():
        for number, item in enumerate(ITEMS, start=1):
            if turn and is_over.is_set():
                return kept
            value = (number + turn) % 5
            status, _, _ = caller.persist("POST", f"/survey/{number}", **{item: value})
            if status == 303:
                kept[item] = value


def kill_workers(process, is_over):
    """End one worker after another, as an operating system short of memory does."""
    chance = random.Random(20260105)
    for _ in range(KILLS):
        time.sleep(0.6)
        if alive := workers(process):
            os.kill(chance.choice(alive), signal.SIGKILL)
    is_over.set()


def test_no_acknowledged_answer_is_lost_when_workers_are_killed(
    app, config, session, link
):
    with server(environment(config), *SERVE) as (process, port):
        callers = [Caller(port) for _ in range(PEOPLE)]
        for caller in callers:
            caller.begin("open")
        is_over = threading.Event()
        with ThreadPoolExecutor(PEOPLE + 1) as pool:
            rounds = [pool.submit(answer_in_rounds, c, is_over) for c in callers]
            pool.submit(kill_workers, process, is_over).result()
            kept = [each.result() for each in rounds]
    assert all(set(each) == set(ITEMS) for each in kept)
    assert sorted(map(sorted, stored(session))) == sorted(
        sorted(each.items()) for each in kept
    )
    assert none_is_half_written(session)


def stored(session):
    """The answers of each assessment, as item and value."""
    session.rollback()
    return [
        {(answer.item_id, answer.value) for answer in assessment.answers}
        for assessment in session.scalars(select(Assessment))
    ]


def none_is_half_written(session):
    """Every answer's version says how many earlier ones the history holds."""
    for answer in session.scalars(select(Answer)):
        earlier = session.scalar(
            select(func.count())
            .select_from(AnswerHistory)
            .where(
                AnswerHistory.assessment_id == answer.assessment_id,
                AnswerHistory.item_id == answer.item_id,
            )
        )
        if answer.version != earlier + 1:
            return False
    return True


def at_once(calls):
    """Make all calls at the same moment; their results in order."""
    ready = threading.Barrier(len(calls))

    def go(call):
        ready.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(go, calls))


def twin(caller):
    """Another tab of the same browser."""
    other = Caller(caller.port)
    other.cookies, other.csrf = dict(caller.cookies), caller.csrf
    return other


def test_sending_from_many_tabs_at_once_is_one_submission(session, link, port):
    caller = Caller(port)
    caller.begin("open")
    for number, item in enumerate(ITEMS, start=1):
        caller.call("POST", f"/survey/{number}", **{item: "3"})
    tabs = [twin(caller) for _ in range(TABS)]
    sent = at_once([lambda t=t: t.persist("POST", "/survey/submit") for t in tabs])
    pages = {t.persist("GET", "/survey/done")[2].split("app-code")[1] for t in tabs}
    assert {status for status, _, _ in sent} == {303}
    assert len({page.partition("<")[0] for page in pages}) == 1
    scores = session.scalars(select(Score)).all()
    assert len(scores) == len(FORM.scales)
    assert {score.value for score in scores} == {75.0}


def test_two_tabs_on_different_questions_are_both_kept(session, link, port):
    caller = Caller(port)
    caller.begin("open")
    calls = [
        lambda n=n, item=item: twin(caller).persist(
            "POST", f"/survey/{n}", **{item: "1"}
        )
        for n, item in enumerate(ITEMS[:12], start=1)
    ]
    assert {status for status, _, _ in at_once(calls)} == {303}
    assert [len(given) for given in stored(session)] == [12]


def test_on_the_same_question_the_later_wins_and_the_earlier_is_history(
    session, link, port
):
    caller = Caller(port)
    caller.begin("open")
    send = {
        value: lambda v=value: twin(caller).persist(
            "POST", "/survey/1", **{ITEMS[0]: str(v)}
        )
        for value in range(5)
    }
    assert {status for status, _, _ in at_once([*send.values()])} == {303}
    answer = session.scalars(select(Answer)).one()
    earlier = session.scalars(select(AnswerHistory).order_by(AnswerHistory.version))
    values = [row.value for row in earlier] + [answer.value]
    assert sorted(values) == [0, 1, 2, 3, 4]
    assert answer.version == 5
