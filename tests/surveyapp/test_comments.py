"""Reading what people write: by whom, by when, with which marks, and to what end."""

from datetime import timedelta

import pytest

from surveyapp.assessments.comment_counts import Unread, unread_comments
from surveyapp.models import (
    AuditEvent,
    CommentProtocol,
    CommentReading,
    RoleGrant,
)
from surveyapp.tracking import comment_services as services
from surveyapp.tracking.comment_screen import (
    ADDRESS,
    EMAIL,
    NAME,
    NUMBER,
    TELEPHONE,
    kinds,
    screen,
)

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

SENT = factories.LONG_AGO + timedelta(days=2)
STEPS = "Ring the duty worker at once, then note it"
FORM = {"version": "0", "risk": "none", "decision": "undecided", "edited": "Kind staff"}


@pytest.fixture
def campaign(session):
    made = factories.make_campaign(session)
    session.add(CommentProtocol(campaign_id=made.id, steps=STEPS, days=3))
    session.commit()
    return made


@pytest.fixture
def reader(client, session, campaign):
    user = sign_in(client, session, "researcher", campaign.trust)
    factories.make_reader(session, user, campaign)
    session.commit()
    return user


@pytest.mark.parametrize(
    "text, marked, kind",
    [
        ("I told Sarah of it", "Sarah", NAME),
        ("then Dr patel came", "patel", NAME),
        ("my son is called tom", "tom", NAME),
        ("we saw Siân’s nurse", "Siân’s", NAME),
        ("write to jo.moor@x.example", "jo.moor@x.example", EMAIL),
        ("look at www.x.example", "www.x.example", EMAIL),
        ("I am @joh on there", "@joh", EMAIL),
        ("ring 07700 900123 please", "07700 900123", TELEPHONE),
        ("ring 0113 496 0000", "0113 496 0000", TELEPHONE),
        ("or +44 7700 900123", "+44 7700 900123", TELEPHONE),
        ("at 12 Harbour Street", "12 Harbour Street", ADDRESS),
        ("on Moor Lane", "Moor Lane", ADDRESS),
        ("at ls1 4ap", "ls1 4ap", ADDRESS),
        ("born 3.4.1961", "3.4.1961", NUMBER),
        ("on the 3rd April 2026", "3rd April 2026", NUMBER),
        ("number 12345", "12345", NUMBER),
        ("it is QQ123456C", "QQ123456C", NUMBER),
    ],
)
def test_what_may_tell_who_somebody_is_gets_a_mark(text, marked, kind):
    parts = screen(text)
    told = kind in {p.kind for p in parts if marked.replace("’s", "") in p.text}
    assert told and "".join(part.text for part in parts) == text


@pytest.mark.parametrize(
    "text",
    [
        "They asked about my body as well as my mind.",
        "The GP and the CPN never met. I'd like that, on Mondays or on Monday.",
        "On the way home I was in a house with 3 others, 10 out of 10",
        "Nobody asked.\nIt was fine!",
        "",
    ],
)
def test_plain_words_get_no_mark(text):
    assert kinds(text) == ()


def test_nothing_that_was_marked_is_hidden(client, session, campaign, reader):
    comment = factories.make_comment(session, campaign, "Dr Moor & <b>I</b> met Ann")
    session.commit()
    page = client.get(f"/comments/{comment.id}").text
    assert "<mark>Moor</mark>" in page and "<mark>Ann</mark>" in page
    assert "&lt;b&gt;" in page and "<b>I" not in page and STEPS in page


@pytest.mark.parametrize("role", ["coordinator", "administrator", "researcher"])
def test_nobody_reads_who_was_not_named(client, session, campaign, role):
    comment = factories.make_comment(session, campaign)
    sign_in(client, session, role, campaign.trust)
    for path in (f"/comments/{comment.id}", f"/comments/campaigns/{campaign.id}"):
        assert client.get(path).status_code == 404
    assert client.post(f"/comments/{comment.id}", data=FORM).status_code == 404
    assert "Nobody has named you" in client.get("/comments/").text


def test_who_leads_services_is_not_named_and_reads_no_more(
    client, session, campaign, reader
):
    comment = factories.make_comment(session, campaign)
    assert reader in services.candidates(session, campaign)
    reader.grants.append(RoleGrant(role="lead", trust=campaign.trust))
    session.commit()
    assert reader not in services.candidates(session, campaign)
    assert client.get(f"/comments/{comment.id}").status_code == 404


def test_what_was_not_sent_or_was_withdrawn_is_not_read(
    client, session, campaign, reader
):
    waiting = factories.make_comment(session, campaign, submitted_at=None)
    gone = factories.make_comment(session, campaign, withdrawn_at=SENT)
    session.commit()
    for comment in (waiting, gone):
        assert client.get(f"/comments/{comment.id}").status_code == 404
    assert unread_comments(session, [campaign.id], now=SENT) == {}


def test_unread_comments_are_counted_with_those_that_are_due(session, campaign):
    for days in (0, 2):
        sent = SENT + timedelta(days=days)
        factories.make_comment(session, campaign, submitted_at=sent)
    session.commit()
    counts = unread_comments(session, [campaign.id], now=SENT + timedelta(days=3))
    assert counts == {campaign.id: Unread(n=2, n_overdue=1)}


def test_a_coordinator_sees_on_the_first_page_what_waits(client, session, campaign):
    for _ in range(2):
        factories.make_comment(session, campaign)
    sign_in(client, session, "coordinator", campaign.trust)
    for path in ("/campaigns/", f"/campaigns/{campaign.id}"):
        page = client.get(path).text
        assert "2 comments are unread" in page and "2 overdue" in page
        assert "They listened" not in page


def test_a_reader_keeps_themes_a_flag_and_what_was_done(
    client, session, campaign, reader
):
    comment = factories.make_comment(session, campaign)
    session.commit()
    form = FORM | {"risk": "open", "theme": ["trust", "parity", "none"]}
    client.post(f"/comments/{comment.id}", data=form)
    flagged = unread_comments(session, [campaign.id], now=SENT)[campaign.id]
    assert flagged == Unread(n_flagged=1)
    closing = form | {"version": "1", "risk": "closed"}
    assert client.post(f"/comments/{comment.id}", data=closing).status_code == 422
    client.post(f"/comments/{comment.id}", data=closing | {"action": "Rang the GP"})
    session.expire_all()
    (kept,) = session.query(CommentReading)
    assert (kept.risk, kept.action, kept.version) == ("closed", "Rang the GP", 2)
    assert kept.themes == ["parity", "trust"] and kept.reader_id == reader.id
    read = session.query(AuditEvent).filter_by(action="comment.read")
    events = read.order_by(AuditEvent.id).all()
    assert [event.detail["risk"] for event in events] == ["open", "closed"]
    assert "Rang" not in str([event.detail for event in events])


def test_two_readers_do_not_overwrite_each_other(client, session, campaign, reader):
    comment = factories.make_comment(session, campaign)
    session.commit()
    client.post(f"/comments/{comment.id}", data=FORM)
    late = client.post(f"/comments/{comment.id}", data=FORM | {"risk": "open"})
    assert late.status_code == 422 and "Somebody else saved" in late.text


@pytest.mark.parametrize(
    "change, told",
    [
        ({"risk": ""}, "Say whether"),
        ({"decision": "maybe"}, "Choose one"),
        ({"decision": "held_back"}, "Say why leads"),
        ({"decision": "for_leads", "edited": " "}, "Write what leads may read"),
        ({"decision": "for_leads", "edited": "I saw Ann"}, "may still hold a name"),
        ({"action": "x" * 2001}, "2000 letters"),
    ],
)
def test_what_is_lacking_is_said_and_nothing_kept(
    client, session, campaign, reader, change, told
):
    comment = factories.make_comment(session, campaign)
    session.commit()
    answer = client.post(f"/comments/{comment.id}", data=FORM | change)
    assert answer.status_code == 422 and told in answer.text
    assert session.query(CommentReading).count() == 0


def test_without_the_authors_word_no_comment_is_for_leads(
    client, session, campaign, reader
):
    comment = factories.make_comment(session, campaign, agreed=False)
    session.commit()
    assert "did not agree" in client.get(f"/comments/{comment.id}").text
    form = FORM | {"decision": "for_leads"}
    assert client.post(f"/comments/{comment.id}", data=form).status_code == 422


def test_comments_are_searched_by_words_state_and_theme(
    client, session, campaign, reader
):
    texts = ("The nurse listened", "Nobody listened", "Kind")
    kept = [factories.make_comment(session, campaign, text) for text in texts]
    session.commit()
    client.post(f"/comments/{kept[0].id}", data=FORM | {"theme": "trust"})

    def found(**asked):
        page = client.get(f"/comments/campaigns/{campaign.id}", query_string=asked).text
        return [text for text in texts if f">{text}<" in page]

    assert found() == list(texts)
    assert found(words="LISTENED the") == ["The nurse listened"]
    assert found(state="unread", words="listened") == ["Nobody listened"]
    assert found(theme="trust") == ["The nurse listened"]
    assert found(state="overdue", perspective="carer") == []


def test_after_a_comment_comes_the_next_that_nobody_has_read(
    client, session, campaign, reader
):
    first, second = (factories.make_comment(session, campaign) for _ in range(2))
    session.commit()
    ways = [
        client.post(f"/comments/{comment.id}", data=FORM).location
        for comment in (first, second)
    ]
    assert ways == [f"/comments/{second.id}", f"/comments/campaigns/{campaign.id}"]


def test_a_coordinator_names_readers_and_changes_them(client, session, campaign):
    user = sign_in(client, session, "coordinator", campaign.trust)
    other = factories.make_staff(session, "researcher", campaign.trust)
    lead = factories.make_staff(session, "lead", campaign.trust)
    session.commit()
    address = f"/campaigns/{campaign.id}/comments/"
    form = {"reader": [user.id, other.id], "days": "5", "steps": "Ring the team"}
    assert client.post(address, data=form).status_code == 303
    assert services.readers(session, campaign) == [user, other]
    assert client.post(address, data=form | {"reader": [other.id]}).status_code == 303
    session.expire_all()
    assert services.readers(session, campaign) == [other]
    for wrong in ({"reader": []}, {"reader": [lead.id]}, {"days": "0"}, {"steps": ""}):
        assert client.post(address, data=form | wrong).status_code == 422
    stored = session.get(CommentProtocol, campaign.id)
    assert (stored.days, stored.steps) == (5, "Ring the team")
    assert session.query(AuditEvent).filter_by(action="comments.readers").count() == 2


def test_staff_of_another_trust_are_not_named(client, session, campaign):
    sign_in(client, session, "coordinator", campaign.trust)
    stranger = factories.make_staff(session, "researcher")
    form = {"reader": [stranger.id], "days": "5", "steps": "Ring"}
    answer = client.post(f"/campaigns/{campaign.id}/comments/", data=form)
    assert answer.status_code == 422 and stranger.email not in answer.text


def test_leads_read_what_was_let_out_of_their_own_teams(app, client, session, campaign):
    other = factories.make_team(session, campaign.trust, "Moorside")
    for team in (campaign.teams[0], other):
        made = [factories.make_comment(session, campaign, team=team) for _ in range(5)]
        block = factories.make_block(session, *(c.assessment for c in made))
        for comment in made:
            reading = {"decision": "for_leads", "edited": f"Of {team.name}"}
            reading |= {"block_id": block.id, "let_out_at": SENT}
            session.add(CommentReading(comment_id=comment.id, **reading))
    lead = sign_in(client, session, "lead", campaign.trust)
    address = f"/tracking/{campaign.trust_id}/service_user/comments"
    page = client.get(address).text
    assert page.count("Of Harbour team") == page.count("Of Moorside") == 5
    assert "They listened" not in page and "January 2026" not in page
    lead.grants = [RoleGrant(role="lead", trust=campaign.trust, team=other)]
    session.commit()
    page = client.get(address).text
    assert "Of Harbour team" not in page and page.count("Of Moorside") == 5


def test_a_block_is_let_out_and_taken_back_on_its_page(
    client, session, campaign, reader
):
    made = [factories.make_comment(session, campaign) for _ in range(5)]
    block = factories.make_block(session, *(c.assessment for c in made))
    session.commit()
    address = f"/comments/blocks/{block.id}"
    assert client.post(f"{address}/let-out").status_code == 422
    for comment in made:
        form = FORM | {"decision": "for_leads"}
        assert client.post(f"/comments/{comment.id}", data=form).status_code == 303
    assert client.post(f"{address}/let-out").location == "/comments/blocks"
    lead_page = f"/tracking/{campaign.trust_id}/service_user/comments"
    assert client.get(lead_page).text.count("Kind staff") == 5
    assert client.post(f"{address}/take-back").status_code == 303
    assert "Kind staff" not in client.get(lead_page).text
