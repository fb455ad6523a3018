"""The coordinator's pages of an import: looked at, confirmed, undone, refused."""

import io
from dataclasses import replace

import pytest

from surveyapp.campaigns import import_work
from surveyapp.file_limits import EARLIER_ANSWERS
from surveyapp.models import AnswerImport, Job

from ... import factories
from ..signing_in import sign_in
from .earlier import csv_of, file_of, row

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.usefixtures("worker_at_hand"),
]


@pytest.fixture
def campaign(session):
    return factories.make_campaign(session)


def upload(client, campaign, raw, **fields):
    sent = {"file": (io.BytesIO(raw), "round.csv"), **fields}
    address = f"/imports/campaign/{campaign.id}"
    return client.post(address, data=sent, content_type="multipart/form-data")


def test_a_coordinator_sees_first_confirms_then_and_can_undo(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    response = upload(client, campaign, csv_of(row(0), row(1, mode="pigeon")))
    page = client.get(response.location)
    assert "1 of 2 rows is well" in page.text
    assert "Row 3, column mode: &#39;pigeon&#39; is none of" in page.text
    listed = client.get(f"{response.location}/problems.csv").text
    assert listed.splitlines()[1].startswith("3,mode,")
    half = {"good_rows_only": "on"}
    refused = client.post(f"{response.location}/confirm", data=half)
    assert refused.status_code == 422 and "agreed to taking part" in refused.text
    assert 'name="good_rows_only" type="checkbox" checked' in refused.text
    sent = {"agreed": "on", "good_rows_only": "on"}
    client.post(f"{response.location}/confirm", data=sent)
    assert "1 row was brought in" in client.get(response.location).text
    client.post(f"{response.location}/undo")
    assert "It was undone" in client.get(response.location).text


def test_a_file_that_cannot_be_used_is_asked_for_again(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    response = upload(client, campaign, b"nothing,of,use\n")
    assert response.status_code == 422 and "cannot be used" in response.text
    early = upload(client, campaign, csv_of(row(0)) + b'"torn')
    assert early.status_code == 422 and "unexpected end of data" in early.text
    torn = csv_of(*map(row, range(60))) + b'"torn'
    assert (
        "unexpected end of data"
        in client.get(upload(client, campaign, torn).location).text
    )
    address = f"/imports/campaign/{campaign.id}"
    assert "Choose a file" in client.post(address, data={}).text


def test_the_template_has_the_columns_that_are_read(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/imports/campaign/{campaign.id}"
    header = client.get(f"{address}/template.csv").text.lstrip("\ufeff").strip()
    response = upload(client, campaign, (header + "\n").encode())
    assert "there is no row below the header" in client.get(response.location).text
    codebook = client.get(f"{address}/columns.csv").text
    assert "91 or did_not_happen" in codebook and "Service user" not in header


def test_the_page_says_what_may_be_sent_and_more_is_refused_in_words(
    app, client, session, campaign, monkeypatch
):
    sign_in(client, session, "coordinator", campaign.trust)
    address = f"/imports/campaign/{campaign.id}"
    words = "40 MB, 100,000 rows, 1,000 columns and 5,000 letters in a cell"
    assert words in client.get(address).text
    much = {
        "data": b"x" * 82 * 10**6,
        "content_type": "multipart/form-data; boundary=-",
    }
    refused = client.post(address, **much)
    assert refused.status_code == 413 and words in refused.text
    takes = app.view_functions["importing.check"].takes
    monkeypatch.setitem(takes, "file", replace(EARLIER_ANSWERS, n_bytes=1000))
    refused = upload(client, campaign, b"x" * 1001)
    assert refused.status_code == 422
    assert "larger than 1 kB, the most to be read" in refused.text


def test_work_that_was_cut_off_can_go_on_from_the_page(
    client, session, campaign, monkeypatch
):
    sign_in(client, session, "coordinator", campaign.trust)
    with monkeypatch.context() as broken:
        broken.setattr(import_work, "carry_on", lambda *_, **__: 1 / 0)
        address = upload(client, campaign, csv_of(row(0))).location
    page = client.get(address).text
    assert "stopped before it was done" in page and "Something went wrong" in page
    client.post(f"{address}/carry-on")
    assert "1 of 1 row is well" in client.get(address).text
    client.post(f"{address}/carry-on")
    assert session.query(Job).count() == 2


def test_an_import_is_given_up_from_its_page(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    address = upload(client, campaign, csv_of(row(0))).location
    listed = client.post(f"{address}/cancel").location
    assert "Given up" in client.get(listed).text
    assert session.query(AnswerImport).one().stage == "cancelled"


@pytest.mark.parametrize(
    "kind, words", [("xlsx", "an Excel workbook"), ("sav", "an SPSS file")]
)
def test_a_file_of_rows_is_looked_at_and_what_its_rows_show_together_is_said(
    client, session, campaign, kind, words
):
    sign_in(client, session, "coordinator", campaign.trust)
    raw = file_of(kind, row(0), row(1, wave="2"))
    sent = {"file": (io.BytesIO(raw), f"round.{kind}")}
    address = f"/imports/campaign/{campaign.id}"
    response = client.post(address, data=sent, content_type="multipart/form-data")
    page = client.get(response.location).text
    assert "2 of 2 rows are well" in page and f"read as {words}" in page
    assert "row 3 is of a later wave" in page
