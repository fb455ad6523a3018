"""What is promised encrypted stands in no file of the database as it was said."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from surveyapp.contacts import services
from surveyapp.models import (
    AnswerImportPiece,
    Comment,
    CommentReading,
    Contact,
    ContactChange,
    ContactImportPiece,
    Mailing,
    MailingFile,
)
from surveyapp.operations import key_rotation

from ... import factories
from ...databases import files_beside

SAID = "cellar-door@zanzibar.example"  # of this test alone
KNOWN = "Quillfeather survey"  # stands in clear, so that the search is known to find
DETAILS = ("name", "postal_address", "email", "telephone")
# Every file of the database, and what was written to the log before it came there.
IN_TABLES = """
    SELECT name FROM pg_ls_dir(:folder) AS name
    WHERE position(convert_to(:said, 'UTF8') IN
        pg_read_binary_file(:folder || '/' || name, 0, 100000000, true)) > 0
"""
IN_LOG = """
    SELECT name FROM pg_ls_waldir() WHERE name >= :since
    AND position(convert_to(:said, 'UTF8') IN
        pg_read_binary_file('pg_wal/' || name)) > 0
"""


@pytest.fixture
def since(session):
    """Where the log of PostgreSQL stands before anything is said."""
    now = text("SELECT pg_walfile_name(pg_current_wal_lsn())")
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return None if is_sqlite else session.scalar(now)


@pytest.fixture
def said(session, since):
    """A row of each kind that holds something of a person."""
    user = factories.make_staff(session, email=SAID)
    campaign = factories.make_campaign(session, title=KNOWN)
    trust, now = campaign.trust, factories.LONG_AGO
    assessment = factories.make_assessment(session, campaign)
    assessment.receipt_code = SAID
    assessment.comments = [comment := Comment(text=SAID)]
    words = dict.fromkeys(("edited", "action", "why_held"), SAID)
    session.add(CommentReading(comment=comment, **words))
    form = factories.make_keyed_form(session, user, campaign, note=SAID)
    form.first = form.second = {"comment": SAID}
    form.resolved = {"comment": [SAID, "a smudge"]}
    details = dict.fromkeys(DETAILS, SAID)
    contact = factories.added(
        session, Contact(trust=trust, retain_until=now, **details)
    )
    invitation = factories.make_invitation(session, campaign, contact=contact)
    invitation.promised_receipt = SAID
    factories.make_message(session, invitation, content=json.dumps({"to": SAID}))
    file = MailingFile(number=1, name="a.csv", n=1, content=SAID.encode())
    session.add(Mailing(campaign=campaign, carrier="file", files=[file]))
    answers = factories.make_import(session, campaign, findings=SAID)
    people = factories.make_contact_list(
        session, trust, findings=SAID, options={"header": json.dumps([SAID])}
    )
    session.add(AnswerImportPiece(answer_import_id=answers.id, number=1, content=SAID))
    session.add(ContactImportPiece(contact_import_id=people.id, number=1, content=SAID))
    change = {"contact_import_id": people.id, "contact_id": contact.id}
    session.add(ContactChange(before=SAID, made_at=now, **change))
    session.commit()


def test_nothing_promised_encrypted_is_in_the_files_of_the_database(
    session, said, since
):
    empty = [
        f"{table.name}.{column.name}"
        for table, column in key_rotation.columns()
        if not session.scalar(select(func.count(column)))
    ]
    assert empty == []  # whatever is encrypted has something to give away
    look = LOOKS[session.get_bind().dialect.name]
    assert look(session, KNOWN, since) != []
    assert look(session, SAID, since) == []


def in_sqlite(session, words, since=None):
    session.commit()
    path = Path(session.get_bind().url.database)
    held = files_beside(path).items()
    return [name for name, content in held if words.encode() in content]


def in_postgresql(session, words, since):
    folder = "base/%s" % session.scalar(
        text("SELECT oid FROM pg_database WHERE datname = current_database()")
    )
    session.commit()
    session.execute(text("CHECKPOINT"))
    told = [
        *session.scalars(text(IN_TABLES), {"folder": folder, "said": words}),
        *session.scalars(text(IN_LOG), {"since": since, "said": words}),
    ]
    session.commit()
    return told


LOOKS = {"sqlite": in_sqlite, "postgresql": in_postgresql}


@pytest.mark.one_database
def test_a_list_without_names_of_columns_gives_nobody_away(app, session, tmp_path):
    trust = factories.make_trust(session)
    user = factories.make_staff(session, trust=trust)
    path = tmp_path / "list.csv"
    path.write_text("Ada Quill,9 Attic Stair\nBo Quill,7 Attic Stair\n")
    now = factories.LONG_AGO
    with app.app_context(), path.open("rb") as file:
        made = services.receive(
            session,
            trust.id,
            file,
            kind="contacts",
            actor=user,
            by=user.id,
            now=now,
        )
        assert made.header == ["Ada Quill", "9 Attic Stair"]
        assert in_sqlite(session, "Attic") == []
