"""Answers beside the items in an export, in its codebook, and in a report."""

import csv
import io
import zipfile
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from psychometrics import SmallSampleWarning, dif
from surveyapp import bank
from surveyapp.extensions import db
from surveyapp.models import AuditEvent, BackgroundAnswer, Reply
from surveyapp.research.exports import since_before
from surveyapp.research.exports.export import export, tables
from surveyapp.research.exports.side_columns import note
from surveyapp.research.exports.variables import variables_of
from surveyapp.research.files.answer_table import read_answers
from surveyapp.research.files.codebook import find_codebook
from surveyapp.research.runs import choices

from .... import factories
from ....conftest import empty
from ...signing_in import sign_in

pytestmark = pytest.mark.any_database

REF = "short_service_user.v2"
FORM = bank.instrument(REF)
SCALE = FORM.scales["trust"]
CHOSEN = ("ethnic_group", "sex")


def answered(session, n=60):
    """A campaign; each person's group, sex and conditions, and answers to a scale."""
    campaign = factories.make_campaign(session, instruments={"service_user": REF})
    rng = np.random.default_rng(20260301)
    for number in range(n):
        assessment = factories.make_assessment(
            session, campaign, submitted_at=factories.LONG_AGO + timedelta(days=2)
        )
        replies = [
            Reply(item.id, item.version, value=int(rng.choice(item.responses.values)))
            for item in FORM.items
            if item.id in SCALE
        ]
        assessment.record(replies, now=factories.LONG_AGO)
        group = "white" if number < n - 15 else "black"
        said = {"ethnic_group": group if number else "rather_not_say"}
        said |= {"sex": "female", "context_staff_skill": str(number % 5)}
        assessment.background += [
            BackgroundAnswer(question_id=name, question_version=2, value=value)
            for name, value in said.items()
        ]
    session.commit()
    return campaign


@pytest.fixture(scope="module")
def files(migrated_app):
    with migrated_app.app_context(), Session(db.engine) as session:
        asked = session, answered(session), "service_user"
        export(*asked, actor="x", purpose="own", side=CHOSEN)
        made = tables(*asked, side=CHOSEN)
        kept = (
            session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()[-1].detail
        )
    with migrated_app.app_context():
        empty(db.engine)
    return made, kept


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_codebook_has_wording_version_and_labels_of_side_answers(files):
    made, _ = files
    book = [row for row in rows(made.codebook) if row["column"] == "ethnic_group"]
    assert book[0]["label"] == "What is your ethnic group?"
    assert {row["item_version"] for row in book} == {"2"}
    labels = {row["code"]: row["label"] for row in book}
    assert labels["black"] == "Black, Black British, Caribbean or African"
    columns = {row["column"] for row in rows(made.codebook)}
    assert columns == set(rows(made.responses)[0])


def test_an_export_says_what_was_left_out_and_the_audit_what_was_chosen(files):
    made, kept = files
    cells = {row["column"]: row for row in rows(made.files["small_cells.csv"])}
    assert set(cells) == set(CHOSEN)
    assert cells["ethnic_group"]["answered"] == "60"
    assert int(cells["sex"]["smallest_combination"]) >= 10
    assert "Each combination of ethnic_group, sex is shared by" in note(made.side)
    assert kept["side"] == list(CHOSEN)


def test_groups_of_people_who_said_nothing_are_none(files, tmp_path):
    made, _ = files
    for name, text in made.files.items():
        (tmp_path / name).write_text(text)
    path = tmp_path / "responses.csv"
    book = find_codebook(path)
    table = read_answers(path, SCALE, codebook=book, groups="ethnic_group")
    said = table.others["ethnic_group"]
    assert set(said.dropna()) == {"white", "black"}
    kept = said.notna() & table.items.notna().all(axis=1)
    with pytest.warns(SmallSampleWarning, match="black .*, white"):
        found = dif(table.items[kept], said[kept], min_group=10)
    assert list(found.to_frame().index) == list(SCALE)


def test_the_fingerprint_is_that_of_the_export_without_chosen_columns(files):
    made, _ = files
    assert set(CHOSEN) <= set(made.about)
    plain = rows(made.unchosen)[0]
    assert set(CHOSEN).isdisjoint(plain) and "context_staff_skill" in plain


def test_a_run_offers_what_people_said_of_themselves_as_groups():
    offered = choices.groups_of(FORM)
    assert offered["sex"] == "Sex: What is your sex?"
    assert {"none", "mode", "preferred_involvement"} <= set(offered)


def test_the_page_exports_the_answers_that_were_ticked(app, client, session):
    campaign = answered(session, n=30)
    sign_in(client, session, "researcher", campaign.trust)
    assert 'name="side"' in client.get("/research/").text
    address = f"/research/campaigns/{campaign.id}/export"
    form = {"perspective": "service_user", "purpose": "own", "layout": "long"}
    form |= {"formats": ["csv"], "quasi": ["team"]}
    reply = client.post(address, data=form | {"side": ["sex"]})
    packed = zipfile.ZipFile(io.BytesIO(reply.data))
    found = rows(packed.read("responses.csv").decode("utf-8-sig"))
    assert {row["sex"] for row in found} == {"female"}
    assert "ethnic_group" not in found[0]
    refused = client.post(address, data=form | {"side": ["adult"]})
    assert refused.status_code == 422 and "No question adult" in refused.text


def test_an_export_says_what_became_of_each_item_since_the_form_before(files):
    made, _ = files
    table = rows(made.files["crosswalk.csv"])
    before = bank.instrument("short_service_user.v1")
    assert {row["form_before"] for row in table} == {before.ref}
    held = {row["item"]: row["relation"] for row in table}
    assert len(held) == len(table)
    ours, theirs = ({i.id: i for i in form.items} for form in (FORM, before))
    for name, relation in held.items():
        is_new, is_gone = name not in theirs, name not in ours
        assert (relation == "new", relation == "dropped") == (is_new, is_gone)
        if relation == "same":
            assert FORM.stem(ours[name]) == before.stem(theirs[name])
    assert set(held.values()) >= {"same", "other_answers", "reworded", "new"}


def test_the_codebook_says_it_of_each_item_once(files):
    made, _ = files
    book = rows(made.codebook)
    said = {row["column"]: row["since_before"] for row in book if row["since_before"]}
    assert set(said) == {item.id for item in FORM.items}
    assert sum(bool(row["since_before"]) for row in book) == len(said)
    variables = variables_of(made.answers, made.meanings).variables
    assert said == {v.name: v.since_before for v in variables if v.since_before}


def test_of_a_third_form_both_earlier_ones_are_laid_beside():
    text = since_before.files(bank.instrument("short_carer.v3"))["crosswalk.csv"]
    forms = {row["form_before"] for row in rows(text)}
    assert forms == {"short_carer.v1", "short_carer.v2"}
    assert since_before.files(bank.instrument("short_carer.v1")) == {}
