"""What was typed is kept as it reads, and nothing is kept that no database takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from surveyapp.characters import all_clean, clean, cleaned, first_refused, is_clean
from surveyapp.database import utc_now
from surveyapp.errors import NotFound, UnusableText
from surveyapp.extensions import db
from surveyapp.models import Comment, Contact, Invitation, StaffUser

from ..factories import make_campaign, make_invitation, make_team, make_trust
from .respond.visitor import Visitor
from .signing_in import sign_in

REFUSED = [
    "\0",
    "\x07",
    "\x1b",
    "\x7f",
    "\x80",
    "\x9f",
    "\ud800",
    "\udfff",
    "\ufdd0",
    "\uffff",
    "\U0010fffe",
]
KEPT = ["\t", "\n", "é", "\u200d", "\u2028", "\ufffd", "\U0001f600", "ش", "<"]


@pytest.mark.parametrize("character", REFUSED)
def test_what_cannot_be_kept_is_left_out(character):
    assert clean(f"a{character}b") == "ab"
    assert not is_clean(f"a{character}b")
    assert first_refused(f"a{character}b") == f"U+{ord(character):04X}"
    assert cleaned({"x": [f"{character}y", 3]}) == {"x": ["y", 3]}
    assert not all_clean([{character: 1}])


@pytest.mark.parametrize("character", KEPT)
def test_what_people_write_stays(character):
    assert clean(f"a{character}b") == f"a{character}b"
    assert is_clean(f"a{character}b") and all_clean({"x": [character]})


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x0b", "\x0c", "\x85"])
def test_a_line_ends_in_one_way(end):
    assert clean(f"one{end}two") == "one\ntwo"


@given(st.text(st.characters(exclude_categories=())))
def test_a_cleaned_text_is_clean_and_can_be_written(said):
    once = clean(said)
    assert is_clean(once) and clean(once) == once
    assert once.encode() is not None


def test_a_comment_with_what_no_database_takes_is_kept_as_it_reads(client, session):
    make_invitation(session, is_open=True)
    visitor = Visitor(client).begin()
    visitor.get("/survey/comment")
    visitor.post(comment="".join(REFUSED[:6]) + "Thank\0 you\x0band\r\nbye\ufdd0")
    assert visitor.page and session.query(Comment).one().text == "Thank you\nand\nbye"


def test_a_title_in_any_form_of_a_body_is_cleaned(client, session):
    trust = sign_in(client, session).grants[0].trust
    campaign = make_campaign(session, make_team(session, trust))
    address = f"/campaigns/{campaign.id}/open-links/new"
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = {"la\0bel": "Ward\0 3\x07", "team": campaign.teams[0].id}
        assert client.post(address, data=form, content_type=kind).status_code == 303
    labels = session.scalars(select(Invitation.label)).all()
    assert labels == ["Ward 3", "Ward 3"]


@pytest.mark.parametrize("address", ["/s/a%00b", "/survey/%01", "/static/%C2%80.css"])
def test_no_page_is_at_an_address_that_cannot_be_kept(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"comment=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"comment=x", "multipart/form-data"),
        (b"--x\r\nnot a part", "multipart/form-data; boundary=x"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused_and_not_taken_as_empty(
    client, body, content_type
):
    response = client.post("/", data=body, content_type=content_type)
    assert response.status_code == 400
    assert "We could not read that" in response.text


def test_a_query_that_cannot_be_read_is_refused(app):
    environ = {"QUERY_STRING": "from=\xff"}
    response = app.test_client().get("/display/", environ_overrides=environ)
    assert response.status_code == 400


@pytest.mark.parametrize("character", REFUSED)
def test_whatever_way_it_comes_either_database_refuses_it_in_our_words(
    app, session, character
):
    said, trust = f"a{character}b", make_trust(session)
    with app.app_context():
        for record in (
            StaffUser(email=said, name="x", fs_uniquifier="x"),
            Contact(trust_id=trust.id, name=said, retain_until=utc_now()),
        ):
            with pytest.raises(Exception) as refused:
                session.add(record)
                session.flush()
            session.rollback()
            problem = getattr(refused.value, "orig", refused.value)
            assert isinstance(problem, UnusableText)
            assert character not in str(problem)
        with pytest.raises(UnusableText):
            db.session.execute(text("SELECT :said"), {"said": said})


@pytest.mark.parametrize("number", [2**31, -(2**31), 2**63, 10**30])
def test_a_number_that_no_row_has_finds_none_on_either_database(app, number):
    with app.app_context(), pytest.raises(NotFound):
        db.session.get(StaffUser, number)
