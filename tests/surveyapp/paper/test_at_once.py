"""Keyers and importers at the same moment: one form, one assessment, one import."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from surveyapp.campaigns import import_services, import_work
from surveyapp.database import utc_now
from surveyapp.errors import InvalidAnswers, NotAllowed
from surveyapp.extensions import db
from surveyapp.models import (
    AnswerImport,
    Assessment,
    Campaign,
    Invitation,
    KeyedForm,
    Score,
)
from surveyapp.paper import keying

from ... import factories
from ..campaigns.earlier import bring, csv_of, look_at, row
from .keyers import SHEET, reading, sent_as, stored

LAST = len(SHEET.pages)


@pytest.fixture
def at_once(app, session):
    """Runs calls at one moment, each in a session of its own; results or errors."""

    def run(*calls):
        session.commit()
        ready = threading.Barrier(len(calls))

        def go(call):
            with app.app_context(), Session(db.engine) as own:
                ready.wait()
                try:
                    return call(own)
                except (NotAllowed, InvalidAnswers) as problem:
                    return problem

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(go, calls))

    return run


def count(session, kind, *where):
    session.rollback()
    return session.scalar(select(func.count()).select_from(kind).where(*where))


def test_a_form_is_taken_for_its_second_reading_once(
    session, keyers, campaign, at_once
):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    fourth = factories.make_staff(session, trust=campaign.trust)
    people = [keyers[1].user.id, keyers[2].user.id, fourth.id]
    results = at_once(
        *[lambda s, p=p: keying.claim(s, form_id, keyer_id=p) for p in people]
    )
    assert sum(isinstance(r, KeyedForm) for r in results) == 1
    taken = stored(session, form_id).second_keyer_id
    assert taken == people[[isinstance(r, KeyedForm) for r in results].index(True)]


def test_one_form_is_begun_however_many_key_its_code(
    session, keyers, campaign, at_once
):
    invitation = factories.make_invitation(
        session, campaign, "personal", perspective="service_user"
    )
    number, people = invitation.id, [keyer.user.id for keyer in keyers]

    def begin(own, keyer_id):
        held = own.get(Invitation, number)
        return keying.begin(
            own,
            held.campaign,
            found=(held, None),
            keyer_id=keyer_id,
            now=utc_now(),
        )

    results = at_once(*[lambda s, p=p: begin(s, p) for p in people])
    assert sum(isinstance(r, KeyedForm) for r in results) == 1
    assert count(session, KeyedForm) == 1


def test_the_last_page_sent_from_many_tabs_is_one_assessment(
    session, keyers, campaign, at_once
):
    form_id = keyers[0].begin(campaign)
    keyers[0].key(form_id, reading())
    keyers[1].claim(form_id)
    for number, page in enumerate(SHEET.pages[:-1], start=1):
        sent = {f.name: sent_as(f, reading()) for f in page.fields}
        keyers[1].client.post(f"/keying/{form_id}/page/{number}", data=sent)
    last = MultiDict({f.name: sent_as(f, reading()) for f in SHEET.pages[-1].fields})
    who = {"keyer_id": keyers[1].user.id}
    results = at_once(
        *[
            lambda s: keying.save_page(s, form_id, LAST, last, now=utc_now(), **who)
            for _ in range(6)
        ]
    )
    assert results == [None] * 6
    assert count(session, Assessment) == 1
    assert count(session, Score) == len(SHEET.instrument.scales)


def test_pages_keyed_in_two_tabs_are_both_kept(session, keyers, campaign, at_once):
    form_id = keyers[0].begin(campaign)
    pages = {
        n: MultiDict({f.name: sent_as(f, reading()) for f in SHEET.page(n).fields})
        for n in (2, 3, 4, 5)
    }
    who = {"keyer_id": keyers[0].user.id}
    at_once(
        *[
            lambda s, n=n: keying.save_page(
                s, form_id, n, pages[n], now=utc_now(), **who
            )
            for n in pages
        ]
    )
    kept = stored(session, form_id).first
    assert set(kept) == {f.name for n in pages for f in SHEET.page(n).fields}


def test_an_import_confirmed_and_carried_on_in_many_tabs_is_written_once(
    app, session, campaign, at_once, monkeypatch
):
    monkeypatch.setattr(import_work, "BATCH", 3)
    raw = csv_of(*map(row, range(10)))
    with app.app_context():
        number = look_at(session, campaign, raw).id

    def bring(own):
        say = {"actor": "staff:1", "now": utc_now(), "agreed": True}
        import_services.confirm(own, number, **say)
        return import_work.carry_on(own, number, actor="staff:1")

    assert at_once(*[bring] * 4) == ["done"] * 4
    assert count(session, Assessment, Assessment.submitted_at.is_not(None)) == 10


def test_two_files_of_the_same_people_at_once_bring_each_in_once(
    app, session, campaign, at_once, monkeypatch
):
    monkeypatch.setattr(import_work, "BATCH", 2)
    campaign_id = campaign.id
    files = [csv_of(*map(row, range(8))), csv_of(*map(row, reversed(range(8))))]

    def bring_in(own, raw):
        return bring(own, own.get(Campaign, campaign_id), raw).stage

    assert at_once(*[lambda s, raw=raw: bring_in(s, raw) for raw in files]) == (
        ["done"] * 2
    )
    assert count(session, Assessment) == 8
    assert count(session, AnswerImport, AnswerImport.stage == "done") == 2
