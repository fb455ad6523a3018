"""Sending counts once, is scored at once, and can be taken back."""

import pandas as pd
import pytest
from sqlalchemy import func, select

import psychometrics
from surveyapp import bank
from surveyapp.models import Answer, Assessment, AuditEvent, Comment, Score


@pytest.fixture
def sent(visitor):
    visitor.begin()
    visitor.answer_all()
    visitor.submit()
    return visitor


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_what_is_stored_equals_what_the_library_says(sent, session):
    instrument = bank.instrument("short_service_user.v1")
    values = {i.id: n % 5 for n, i in enumerate(instrument.items, start=1)}
    responses = pd.DataFrame([values])
    ours = dict(session.execute(select(Score.scale, Score.value)).all())
    ranges = {item: (0, 4) for item in values}
    theirs = psychometrics.score(responses, instrument.scales, categories=ranges)
    assert ours == pytest.approx(theirs.values.iloc[0].to_dict(), abs=1e-9)
    assert set(ours) == {*instrument.scales}


def test_sending_twice_makes_one_submission_and_one_receipt(sent, session):
    receipt = sent.receipt
    sent.post("/survey/submit")
    assert sent.receipt == receipt
    assert count(session, Score) == 7
    assert sent.path == "/survey/done"


def test_an_unfinished_form_can_be_sent_too(visitor, session):
    visitor.begin()
    visitor.submit()
    assert visitor.path == "/survey/done"
    assert set(session.scalars(select(Score.value))) == {None}


def test_nothing_changes_after_sending(sent, session):
    sent.get("/survey/stop")
    response = sent.send("/survey/1", parity_asked="0")
    assert response.status_code == 409
    assert (
        session.scalar(select(Answer.value).where(Answer.item_id == "parity_asked"))
        == 1
    )


def test_pages_of_questions_lead_to_thanks_after_sending(sent):
    sent.get("/survey/3")
    assert sent.path == "/survey/done"


def test_the_check_page_shows_every_answer_in_words(visitor):
    visitor.begin("carer")
    visitor.get("/survey/1")
    item = bank.instrument("short_carer.v1").items[0]
    visitor.post(**{item.id: "did_not_happen"})
    visitor.get("/survey/check")
    assert item.stem["carer"] in visitor.page
    assert "It did not happen, and I wanted it to" in visitor.page
    assert visitor.page.count("Not answered") == 31


def test_a_receipt_withdraws_at_once_from_any_device(sent, session, another_device):
    receipt = sent.receipt
    another_device.get("/withdraw")
    another_device.post(receipt=f" {receipt.lower()} ")
    assert another_device.path == "/withdrawn"
    assert [count(session, m) for m in (Answer, Score, Comment)] == [0, 0, 0]
    assert session.scalar(select(Assessment.withdrawn_at)) is not None
    assert sent.get("/survey/done").status_code == 403


def test_withdrawing_is_in_the_audit_without_any_answer(sent, session):
    sent.get("/withdraw")
    sent.post(mine="yes")
    event = session.scalar(select(AuditEvent))
    assert (event.action, event.detail) == ("assessment.withdrawn", {})


def test_one_can_withdraw_before_sending_and_begin_again(visitor, session):
    visitor.begin()
    visitor.get("/withdraw")
    visitor.post(mine="yes")
    assert visitor.path == "/withdrawn"
    visitor.begin()
    assert visitor.path == "/survey/before-you-start"
    assert count(session, Assessment) == 2


@pytest.mark.parametrize("typed", ["", "ABCD-EFGH-JKLM", "<script>"])
def test_an_unknown_receipt_is_shown_again(visitor, typed):
    visitor.get("/withdraw")
    response = visitor.post(receipt=typed)
    assert response.status_code == 422
    assert "<script>" not in visitor.page


def test_another_visit_cannot_see_this_receipt(sent, another_device):
    another_device.begin()
    another_device.get("/survey/done")
    assert sent.receipt not in another_device.page
