"""What people are told will happen does: a test for each promise of our texts.

A passage of a notice, a statement of consent or a line of a page carries the id of
what it promises; the test of that name does the act and reads database, file or page.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

import surveyapp
from surveyapp import bank
from surveyapp.assessments import notices, queries, recontact, retention, unsent
from surveyapp.assessments.retention import months_before
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import (
    Answer,
    Assessment,
    BackgroundAnswer,
    Comment,
    Consent,
    Contact,
    Invitation,
    Message,
    ReleasedGroup,
    Respondent,
    Score,
)
from surveyapp.research.exports.export import export

from ... import factories
from ..people import SUMMER, People, comments_for_leads, make_trust
from ..signing_in import sign_in
from .test_promised_sentences import LEDGER, WITHOUT_AN_ACT

pytestmark = pytest.mark.one_database

TESTS = Path(__file__).parents[2]
TEMPLATES = Path(surveyapp.__file__).parent / "templates"
DOCUMENTS = [
    bank.document(ref)
    for ref in (*notices.NOTICES, *notices.STATEMENTS.values(), notices.COMMENT)
]
MARK = re.compile(r"\{# promise: (\w+) #\}")
GIVEN = (Answer, BackgroundAnswer, Comment, Score)
# What sounds like something that will be done, or will not.
SOUNDS = re.compile(
    r"\b(we (do not|delete|keep|will)|(is|are) (then )?(deleted|stored|locked|kept)"
    r"|not told|do not get to see|nobody reads|no part of|they do not know who"
    r"|you can (leave|take|change|come|stop))\b",
    re.I,
)


def promised():
    """Every id that a text carries."""
    ids = {part.promise for document in DOCUMENTS for part in document.parts}
    ids |= {document.promise for document in DOCUMENTS}
    for page in sorted(TEMPLATES.rglob("*.html")):
        ids |= set(MARK.findall(page.read_text(encoding="utf-8")))
    return (ids | set(LEDGER) - WITHOUT_AN_ACT) - {""}


def test_each_promise_of_our_texts_has_a_test_and_each_test_a_promise():
    kept = {
        name
        for module in TESTS.glob("surveyapp/**/test_*.py")
        for name in re.findall(r"^def test_promise_(\w+)", module.read_text(), re.M)
    }
    assert kept == promised()


def test_a_passage_that_sounds_like_a_promise_carries_one():
    silent = [
        f"{document.id}.{part.id}"
        for document in DOCUMENTS
        for part in document.parts
        if SOUNDS.search(part.text.partition("## ")[0]) and not part.promise
    ]
    assert silent == []


def test_a_line_about_withdrawing_carries_what_it_promises():
    page = (TEMPLATES / "respond/withdraw.html").read_text(encoding="utf-8")
    before_the_form = page[: page.index("{% if mine %}")]
    lines = re.findall(r"<li>.*|<p>\{% trans %\}We will.*", before_the_form)
    assert len(lines) == 9 and all(MARK.search(line) for line in lines)


def n_of(session, *kinds):
    session.rollback()
    return sum(session.scalar(select(func.count()).select_from(k)) for k in kinds)


@pytest.fixture
def sent(visitor, session):
    """Someone who agreed to everything, answered, commented and sent it."""
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    visitor.get("/survey/comment")
    visitor.post(comment="They listened", consent_comment="yes")
    visitor.submit()
    return visitor


@pytest.fixture
def lead(app, client, session, campaign):
    """The browser of somebody who leads this team's service."""
    browser = type(client)(app)
    sign_in(browser, session, "lead", campaign.trust)
    return browser


def agreed(session, campaign, *names, **given):
    """Answers that were sent by somebody who agreed to these statements."""
    return factories.make_assessment(
        session,
        campaign,
        submitted_at=factories.LONG_AGO,
        consents=[
            Consent(statement_id=f"consent_{name}", statement_version=2, given=True)
            for name in ("taking_part", *names)
        ],
        **given,
    )


def test_promise_any_question_can_be_left_out(visitor, session):
    visitor.begin()
    for path in ("care-plan", "1", "more-1", "comment"):
        visitor.get(f"/survey/{path}")
        assert visitor.post().status_code == 200
    visitor.submit()
    assert visitor.path == "/survey/done" and n_of(session, Answer) == 0


def test_promise_saying_no_stores_nothing(visitor, session):
    visitor.open_link()
    visitor.consent(taking_part="no")
    assert visitor.path == "/survey/disagree"
    assert n_of(session, Assessment, Consent, Respondent, *GIVEN) == 0


def test_promise_managers_are_not_told(session, lead, campaign):
    forms = {"professional": "pilot_professional.v2"}
    asked = factories.make_campaign(session, campaign.teams[0], instruments=forms)
    came_by = factories.make_invitation(session, asked)
    agreed(session, asked, perspective="professional", invitation=came_by)
    session.commit()
    assert n_of(session, Message) == 0
    for address in (f"/campaigns/{asked.id}", f"/campaigns/{asked.id}/waves/"):
        assert lead.get(address).status_code in (403, 404)


def test_promise_nothing_is_stored_before_consent(visitor, session):
    visitor.open_link()
    for path in ("information", "consent", "stop"):
        visitor.get(f"/survey/{path}")
    assert n_of(session, Assessment, Consent, Respondent, *GIVEN) == 0


def test_promise_one_can_stop_and_come_back(visitor, another_device):
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    another_device.go_on_with(visitor.code)
    another_device.get("/survey/1")
    assert re.search(r'value="3"[^>]* checked', another_device.page)


def test_promise_no_name_is_asked():
    asks = re.compile(
        r"\b(your (full )?(name|address|postcode)|date of birth|nhs number)\b", re.I
    )
    texts = {
        wording
        for form in bank.instruments()
        for question in (*form.context, *form.background)
        for wording in question.text.values()
    }
    assert texts and [wording for wording in texts if asks.search(wording)] == []


def test_promise_care_teams_see_no_answers(sent, lead, campaign):
    for address in (
        "/research/",
        "/keying/",
        "/campaigns/",
        f"/campaigns/{campaign.id}",
        f"/research/campaigns/{campaign.id}/export?perspective=service_user",
    ):
        assert lead.get(address).status_code in (403, 404, 405), address


def test_promise_leads_see_groups_alone(session, rng, app):
    people = People(session, make_trust(session))
    least = app.config["PROM"].suppress_below
    people.invited(rng.uniform(0, 100, least - 1))
    people.release(now=SUMMER)
    assert n_of(session, ReleasedGroup) == 0
    people.invited(rng.uniform(0, 100, 1))
    people.release(now=SUMMER)
    assert session.scalars(select(ReleasedGroup.n)).all() == [least]


def test_promise_nobody_reads_answers_as_they_are_given(visitor, session, campaign):
    visitor.begin()
    visitor.get("/survey/comment")
    visitor.post(comment="Not yet", consent_comment="yes")
    assert n_of(session, Comment) == 1
    assert queries.submitted(session, campaign, "service_user") == []
    assert comments_for_leads(session, campaign) == []


def test_promise_who_asks_is_told_to_keep_no_notes(client, session, open_link):
    sign_in(client, session, "coordinator", open_link.campaign.trust)
    assert "Please keep no notes of it" in client.get("/s/a-token").text


def test_promise_withdrawal_deletes_at_once(sent, another_device, session):
    assert n_of(session, *GIVEN) > 0
    another_device.get("/withdraw")
    another_device.post(receipt=sent.receipt)
    assert another_device.path == "/withdrawn" and n_of(session, *GIVEN) == 0


def test_promise_what_withdrawal_leaves(sent, app, session):
    sent.get("/withdraw")
    days = app.config["PROM"].backup_days
    assert f"within {days} days" in sent.page
    sent.post(mine="yes")
    session.rollback()
    kept = session.scalars(select(Assessment)).one()
    assert kept.withdrawn_at and kept.submitted_at and kept.mode == "web"
    assert {c.given for c in kept.consents} == {True}


def test_promise_who_withdrew_is_not_asked_again(visitor, session, campaign, client):
    factories.make_wave(session, campaign)
    visitor.begin()
    visitor.submit()
    link = re.search(r'href="(/s/[0-9a-f]{48})"', visitor.page)[1]
    visitor.get("/withdraw")
    visitor.post(mine="yes")
    factories.days_pass(session, 15)
    assert client.get(link).status_code == 410


def test_promise_new_figures_are_made_without_who_withdrew(session, rng):
    people = People(session, make_trust(session))
    made = people.invited(rng.uniform(0, 100, 10))
    made[0].withdrawn_at = SUMMER
    session.commit()
    people.release(now=SUMMER)
    assert n_of(session, ReleasedGroup) == 0


def test_promise_no_internet_address_is_kept(client, visitor, app, session):
    client.environ_base = {**client.environ_base, "REMOTE_ADDR": "203.0.113.77"}
    visitor.begin()
    visitor.submit()
    with app.app_context(), db.engine.connect() as connection:
        rows = [
            str(row)
            for table in db.metadata.sorted_tables
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"'))
        ]
    assert rows and [row for row in rows if "203.0.113" in row] == []


def test_promise_contacts_are_locked_and_apart(app, session, campaign):
    with app.app_context():
        kept = {"name": "Ada Canary", "postal_address": "1 Canary Row"}
        session.add(Contact(trust=campaign.trust, retain_until=utc_now(), **kept))
        session.commit()
    (row,) = session.execute(text("SELECT * FROM contact")).all()
    assert "Canary" not in str(row)
    of_answers = {key.column.table.name for key in Assessment.__table__.foreign_keys}
    assert "contact" not in of_answers


def test_promise_exports_have_no_name(app, session, campaign):
    with app.app_context():
        kept = Contact(trust=campaign.trust, name="Ada Canary", retain_until=utc_now())
        came_by = factories.make_invitation(session, campaign, "hers", contact=kept)
        agreed(session, campaign, "sharing", invitation=came_by)
        for _ in range(9):
            agreed(session, campaign, "sharing")
        session.commit()
        given = {"actor": "staff:1", "purpose": "shared"}
        files = export(session, campaign, "service_user", **given).files
    assert files and "Canary" not in str(files)


def test_promise_sharing_outside_needs_consent(session, campaign):
    asked = session, campaign, "service_user"
    agreed(session, campaign)
    yes = agreed(session, campaign, "sharing")
    assert queries.submitted(*asked, only_shared=True) == [yes]
    assert len(queries.submitted(*asked)) == 2


def test_promise_comments_reach_leads_with_consent(session, campaign):
    agreed(session, campaign, comments=[Comment(text="Not for leads")])
    agreed(session, campaign, "comment", comments=[Comment(text="For leads")])
    assert comments_for_leads(session, campaign) == ["For leads"]


def test_promise_no_part_comes_from_elsewhere(visitor):
    visitor.begin()
    for path in ("information", "1", "comment", "check", "stop"):
        rules = visitor.get(f"/survey/{path}").headers["Content-Security-Policy"]
        assert not re.search(r'(?:src|srcset)="(?:https?:)?//', visitor.page)
        assert "http" not in rules and "*" not in rules


def test_promise_contact_is_used_for_who_agreed(app, session, campaign):
    factories.make_wave(session, campaign)
    with app.app_context():
        kept = Contact(trust=campaign.trust, name="Ada", retain_until=utc_now())
        for n, names in enumerate([("retest",), ("retest", "contact")]):
            came_by = factories.make_invitation(
                session, campaign, f"hers-{n}", contact=kept
            )
            first = agreed(session, campaign, *names, invitation=came_by)
            recontact.invite(session, first)
            session.flush()
            back = recontact.invitation_of(session, first)
            assert (back.contact is kept) == ("contact" in names)


@pytest.mark.parametrize("said, n", [("yes", 1), ("no", 0)])
def test_promise_retest_invites_who_agreed(visitor, session, campaign, said, n):
    factories.make_wave(session, campaign)
    visitor.open_link()
    visitor.consent(retest=said)
    visitor.post(role="service_user")
    visitor.submit()
    session.rollback()
    back = select(Invitation).where(Invitation.respondent_id.is_not(None))
    assert len(session.scalars(back).all()) == n


def test_promise_consents_can_be_changed(sent, another_device, session, campaign):
    another_device.go_on_with(sent.receipt)
    another_device.get("/survey/agreed")
    another_device.post(consent_sharing="no", consent_comment="no")
    session.rollback()
    shared = queries.submitted(session, campaign, "service_user", only_shared=True)
    assert shared == [] and comments_for_leads(session, campaign) == []


def test_promise_answers_go_after_the_months_stated(sent, app, session):
    months = int(factories.SLOTS["retention"])
    later = utc_now() + timedelta(days=31 * months)
    assert months_before(later, months) > utc_now()
    with app.app_context():
        assert retention.delete_answers(session, now=utc_now()) == 0
        assert retention.delete_answers(session, now=later) == 1
    assert n_of(session, Assessment, Consent, Respondent, *GIVEN) == 0


def test_promise_figures_of_groups_stay(app, session, rng):
    people = People(session, make_trust(session))
    people.invited(rng.uniform(0, 100, 10))
    people.release()
    with app.app_context():
        later = SUMMER + timedelta(days=3660)
        assert retention.delete_answers(session, now=later) == 10
    assert session.scalars(select(ReleasedGroup.n)).all() == [10]


def test_promise_unsent_answers_are_deleted(visitor, app, session):
    visitor.begin()
    visitor.get("/survey/1")
    visitor.post(parity_asked="3")
    session.rollback()
    with app.app_context():
        later = utc_now() + timedelta(days=unsent.UNSENT_DAYS + 1)
        assert unsent.delete_unsent(session, now=later) == 1
    assert n_of(session, Assessment, Consent, Respondent, *GIVEN) == 0


def test_promise_contacts_go_on_their_day(app, session, campaign):
    with app.app_context():
        day = utc_now()
        session.add(Contact(trust=campaign.trust, name="Ada", retain_until=day))
        session.commit()
        retention.delete_contacts(session, now=day - timedelta(days=1))
        assert n_of(session, Contact) == 1
        retention.delete_contacts(session, now=day)
    assert n_of(session, Contact) == 0
