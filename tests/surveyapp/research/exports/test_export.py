"""Exports: every answer and reason, nobody's name, and nothing that runs."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveyapp import bank
from surveyapp.assessments.codes import NOT_ASKED, REASON_CODES
from surveyapp.assessments.queries import n_submitted
from surveyapp.assessments.questions import questions_of
from surveyapp.errors import NothingToExport
from surveyapp.models import AuditEvent, Comment, Reply
from surveyapp.research.exports.export import export, tables
from surveyapp.research.files.codebook import read_codebook
from surveyapp.scoring import score_assessment

from .... import factories
from ...signing_in import sign_in

FORM = bank.instrument("short_service_user.v1")
FORM_OF_THE_PAGE = {
    "perspective": "service_user",
    "purpose": "own",
    "formats": ["csv", "sav"],
    "layout": "long",
    "quasi": ["team", "quarter"],
}
FIRST, SECOND, THIRD = FORM.items[:3]


@pytest.fixture
def campaign(session):
    """One submitted assessment: a category, a reason, and the rest left out."""
    campaign = factories.make_campaign(session)
    assessment = factories.make_assessment(
        session, campaign, submitted_at=factories.LONG_AGO + timedelta(days=2)
    )
    replies = [
        Reply(FIRST.id, FIRST.version, value=3),
        Reply(SECOND.id, SECOND.version, reason="did_not_happen"),
        Reply(THIRD.id, THIRD.version, reason="prefer_not_to_say"),
    ]
    assessment.record(replies, now=factories.LONG_AGO)
    assessment.comments.append(Comment(text="SECRET WORDS"))
    session.commit()
    return campaign


def made(app, session, campaign, **given):
    """The tables of what was sent, before anybody is hidden among others."""
    with app.app_context():
        return tables(session, campaign, "service_user", **given)


def exported(app, session, campaign, **given):
    with app.app_context():
        return export(
            session, campaign, "service_user", actor="staff:1", purpose="own", **given
        )


def joined_by(session, campaign, n):
    """More people who sent the same day, without an answer."""
    when = factories.LONG_AGO + timedelta(days=2)
    for _ in range(n):
        factories.make_assessment(session, campaign, submitted_at=when)
    session.commit()


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_every_reason_has_its_own_code(app, session, campaign):
    row = rows(made(app, session, campaign).responses)[0]
    assert row[FIRST.id] == "3"
    assert row[SECOND.id] == str(REASON_CODES["did_not_happen"])
    assert row[THIRD.id] == str(REASON_CODES["prefer_not_to_say"])
    assert row[FORM.items[3].id] == ""


def test_coded_reasons_are_the_numbers_that_are_scored(app, session, campaign):
    row = rows(made(app, session, campaign, coded=True).responses)[0]
    assert (row[FIRST.id], row[SECOND.id], row[THIRD.id]) == ("3", "0", "")


def test_what_the_gate_settled_has_a_code_that_counts_as_lowest(
    app, session, campaign, tmp_path
):
    session.scalars(select(factories.Assessment)).one().care_plan = "no"
    session.commit()
    files = made(app, session, campaign).files
    item = FORM.gate.when_no[0]
    assert rows(files["responses.csv"])[0][item] == "96"
    (tmp_path / "codebook.csv").write_text(files["codebook.csv"])
    reasons = read_codebook(tmp_path / "codebook.csv").reasons
    assert reasons[item][96.0] == ("No care plan", "lowest")


def test_the_codebook_names_every_column_and_code(app, session, campaign, tmp_path):
    files = made(app, session, campaign).files
    columns = {row["column"] for row in rows(files["codebook.csv"])}
    assert columns == set(rows(files["responses.csv"])[0])
    (tmp_path / "codebook.csv").write_text(files["codebook.csv"])
    book = read_codebook(tmp_path / "codebook.csv")
    assert book.scales["trust"] == list(FORM.scales["trust"])
    assert book.categories == (0, 4)


def test_no_comment_pseudonym_or_time_leaves(app, session, campaign):
    text = str(made(app, session, campaign).files)
    assessment = (
        campaign.teams[0].trust and session.scalars(select(factories.Assessment)).one()
    )
    for secret in ("SECRET", assessment.respondent.pseudonym, "2026-01", ":00"):
        assert secret not in text


def test_an_export_says_in_which_words_the_form_was_read(app, session, campaign):
    assert rows(made(app, session, campaign).responses)[0]["words"] == "usual"
    assessment = session.scalars(select(factories.Assessment)).one()
    assessment.presentation = {"words": "easy_read.v1"}
    session.commit()
    assert rows(made(app, session, campaign).responses)[0]["words"] == "easy_read.v1"


def test_an_export_is_in_the_audit(app, session, campaign):
    joined_by(session, campaign, 9)
    exported(app, session, campaign)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == (
        "answers.exported",
        f"campaign:{campaign.id}",
    )
    asked = {"perspective": "service_user", "purpose": "own"}
    assert event.detail == {"n": 10, "k": 10, **asked}


def test_someone_who_withdrew_is_not_in_it(app, session, campaign):
    session.scalars(
        select(factories.Assessment)
    ).one().withdrawn_at = factories.LONG_AGO
    session.commit()
    with pytest.raises(NothingToExport):
        made(app, session, campaign)


def test_the_count_is_of_what_an_export_would_hold(session, campaign):
    then = factories.LONG_AGO + timedelta(days=2)
    for given in (
        {},
        {"submitted_at": then, "withdrawn_at": then},
        {"submitted_at": then, "instrument_version": 9},
    ):
        factories.make_assessment(session, campaign, **given)
    assert n_submitted(session, campaign, "service_user") == 1
    assert n_submitted(session, campaign, "professional") == 0


@pytest.mark.parametrize(
    "n, says",
    [
        (0, "0 forms sent twice by one invitation are left out."),
        (1, "1 form sent twice by one invitation is left out."),
    ],
)
def test_it_says_how_many_were_sent_twice_by_one_invitation(
    app, session, campaign, n, says
):
    joined_by(session, campaign, 9)
    when = factories.LONG_AGO + timedelta(days=3)
    for _ in range(n):
        factories.make_assessment(
            session, campaign, submitted_at=when, duplicate_number=2
        )
    session.commit()
    package = exported(app, session, campaign)
    assert package.n == 10 and says in package.files["about.txt"].decode()


def test_a_researcher_downloads_one_archive(client, session, campaign):
    sign_in(client, session, "researcher", campaign.trust)
    joined_by(session, campaign, 9)
    assert "10 sent so far" in client.get("/research/").text
    response = client.post(
        f"/research/campaigns/{campaign.id}/export",
        data=FORM_OF_THE_PAGE,
    )
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    beside = ["codebook.csv", "dictionary.html", "about.txt", "scales.yaml"]
    assert archive.namelist() == ["responses.csv", "responses.sav", *beside]
    assert b"k = 10" in archive.read("about.txt")
    assert archive.read("responses.csv").startswith(b"\xef\xbb\xbfperson,")


def test_a_coded_export_scores_as_the_app_does(app, session, campaign):
    """What a researcher computes from the file is what was stored."""
    row = rows(made(app, session, campaign, coded=True).responses)[0]
    assessment = session.scalars(select(factories.Assessment)).one()
    stored = {s.scale: s for s in score_assessment(assessment, now=factories.LONG_AGO)}
    answered = [int(row[i]) for i in FORM.scales["parity"] if row[i]]
    assert stored["parity"].n_answered == len(answered)


def test_an_export_says_which_booklet_and_what_nobody_asked_this_person(app, session):
    campaign = factories.make_campaign(
        session,
        instruments={"service_user": "pilot_service_user.v1"},
        item_order="booklets",
        booklet_length=30,
    )
    when = factories.LONG_AGO + timedelta(days=2)
    given = {"arrangement": "booklets:30:14", "submitted_at": when}
    assessment = factories.make_assessment(session, campaign, **given)
    session.commit()
    (row,) = rows(made(app, session, campaign).responses)
    about = row["item_order"], row["booklet"], row["first_part"]
    assert about == ("booklets", "2", "personalisation")
    not_asked = questions_of(assessment).not_asked
    assert {i for i, v in row.items() if v == str(NOT_ASKED)} == not_asked
    (coded,) = rows(made(app, session, campaign, coded=True).responses)
    assert {coded[item] for item in not_asked} == {""}


def test_the_codebook_counts_what_was_not_asked_as_structural(app, session, tmp_path):
    campaign = factories.make_campaign(
        session, item_order="booklets", booklet_length=20
    )
    when = factories.LONG_AGO + timedelta(days=2)
    given = {"arrangement": "booklets:20:0", "submitted_at": when}
    factories.make_assessment(session, campaign, **given)
    session.commit()
    path = tmp_path / "codebook.csv"
    path.write_text(made(app, session, campaign).codebook)
    for reasons in read_codebook(path).reasons.values():
        assert reasons[float(NOT_ASKED)][1] == "structural"
