"""What cannot be undone is looked at twice: no list has a button that does it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import inspect

from surveyapp import print_files
from surveyapp.campaigns import link_lists
from surveyapp.campaigns.ways_in import WayIn
from surveyapp.database import utc_now
from surveyapp.models import Contact, Invitation

from .. import factories
from .signing_in import sign_in
from .test_sent_once import posts

pytestmark = pytest.mark.one_database
FORMS = re.compile(r'<form method="post" action="([^"]+)"')


@pytest.fixture
def acts(app, client, session):
    """Name -> page of the list, page that asks once more, address, what it is about."""
    campaign = factories.make_campaign(session)
    user = sign_in(client, session, "coordinator", campaign.trust)
    poster = factories.make_invitation(session, campaign, "poster", is_open=True)
    personal = factories.make_invitation(session, campaign, "personal", label="1-1")
    waiting = factories.make_message(session, Invitation(campaign=campaign))
    kept = {"retain_until": utc_now() + timedelta(days=90), "name": "Ada Moor"}
    with app.app_context():  # names are encrypted
        ada = factories.added(
            session,
            Contact(trust=campaign.trust, postal_address="1 High Street", **kept),
        )
    to_ada = Invitation(campaign=campaign, contact=ada)
    letter = factories.make_message(session, to_ada, channel="print", status="sent")
    mailing = factories.make_mailing(session, campaign)
    people = factories.make_contact_list(session, campaign.trust)
    unread = factories.make_contact_list(
        session, campaign.trust, stage="mapping", findings=None
    )
    answers = factories.make_import(session, campaign, stage="receiving")
    brought = factories.make_import(
        session, campaign, stage="done", finished_at=utc_now()
    )
    paper = factories.make_keyed_form(session, user, campaign)
    ways = [WayIn("1-1", "a-token", "a-code")]
    listed = link_lists.keep(session, campaign, ways, now=utc_now())
    printed = print_files.keep(session, campaign, "forms", b"%PDF", 1, now=utc_now())
    session.commit()
    here = f"/campaigns/{campaign.id}"
    links, outbox = f"{here}/links/", f"{here}/outbox"
    chosen, made = f"confirm?link={personal.id}", f"{outbox}/mailings/{mailing.id}"
    poster_list = f"{here}/open-links/{poster.id}"
    poster_at, letter_at = f"{poster_list}/close", f"{outbox}/{letter.id}/anew"
    cancel, give_up = f"{outbox}/cancel", f"{made}/given-up"
    return {
        "poster": (poster_list, poster_at, poster_at, poster),
        "close": (
            f"{links}?find=1",
            f"{links}close/{chosen}",
            f"{links}close",
            personal,
        ),
        "anew": (f"{links}?find=1", f"{links}anew/{chosen}", f"{links}anew", personal),
        "letter": (f"{outbox}/?status=sent", letter_at, letter_at, letter),
        "cancel": (f"{outbox}/?status=due", cancel, cancel, waiting),
        "mailing": (made, give_up, give_up, mailing),
        "people": at(f"/contacts/{people.id}", "cancel", people),
        "unread": at(f"/contacts/{unread.id}", "cancel", unread),
        "answers": at(f"/imports/{brought.id}", "undo", brought),
        "unconfirmed": at(f"/imports/{answers.id}", "cancel", answers),
        "no more": at(f"/contacts/person/{ada.id}", "no-more", ada),
        "paper": at(f"/keying/{paper.id}", "remove", paper),
        "reading": at(f"/keying/{paper.id}", "hand-back", paper),
        "list": printed_at(f"{links}made/{listed.id}", listed),
        "file": printed_at(f"{here}/paper/made/{printed.id}", printed),
    }


def at(page, what, record):
    return page, f"{page}/{what}", f"{page}/{what}", record


def printed_at(page, record):
    return page, f"{page}/printed", page, record


NAMES = ("poster", "close", "anew", "letter", "cancel", "mailing")
NAMES += ("people", "unread", "answers", "unconfirmed", "no more", "paper", "reading")
NAMES += ("list", "file")
# What cannot be undone -> the page that says so first.
LOOKS = {
    "accounts.disable": "accounts.confirm",
    "accounts.factor": "accounts.confirm",
    "accounts.password": "accounts.confirm",
    "accounts.reset": "accounts.confirm",
    "accounts.take_role": "accounts.confirm_take",
    "contacts.cancel": "contacts.confirm_cancel",
    "importing.cancel": "importing.confirm_cancel",
    "importing.undo": "importing.confirm_undo",
    "keying.hand_back": "keying.confirm_hand_back",
    "keying.remove": "keying.confirm_remove",
    "life.delete": "life.confirm",
    "life.perform": "life.confirm",  # to close it
    "links.close": "links.confirm",
    "links.is_printed": "links.confirm_printed",
    "links.make_anew": "links.confirm",
    "open_links.close": "open_links.confirm_close",
    "outbox.act": "outbox.confirm_anew",  # to print a letter anew
    "outbox.cancel": "outbox.confirm_cancel",
    "outbox.settle_mailing": "outbox.confirm_give_up",
    "own_account.make_codes": "own_account.codes",
    "person.erase": "person.confirm_erase",
    "person.say_no": "person.confirm_no",
    "places.close_team": "places.confirm_close_team",
    "places.close_trust": "places.confirm_close_trust",
    "places.merge": "places.choose_merge",
    "printing.is_printed": "printing.confirm_printed",
    "printing.print_again": "printing.again",
    "runs.delete": "runs.confirm_delete",
    "targets.close": "targets.show_close",
    "targets.undo": "targets.show_undo",
}
# What can be undone, or done anew, by another button.
BACK = {
    "accounts.enable": "accounts.disable",
    "accounts.give_role": "accounts.take_role",
    "accounts.invite": "accounts.invite",
    "comments.let_out": "comments.take_back",
    "comments.take_back": "comments.let_out",
    "improvement.end": "improvement.resume",
    "improvement.resume": "improvement.end",
    "messages.begin": "messages.pause",
    "messages.pause": "messages.begin",
    "own_account.end_others": "security.login",
    "own_account.end_session": "security.login",
    "outbox.make_mailing": "outbox.settle_mailing",
    "person.let_back": "person.erase",
    "places.reopen_team": "places.close_team",
    "places.reopen_trust": "places.close_trust",
    "runs.cancel": "runs.again",
    "runs.remove": "runs.attach",
    "thanks.give": "thanks.take_back",
    "thanks.take_back": "thanks.give",
    "contacts.confirm": "contacts.cancel",
    "importing.confirm": "importing.undo",
    "contacts.carry_on": "contacts.cancel",
    "importing.carry_on": "importing.cancel",
}
# What makes something that can be closed or deleted, sets what can be set anew,
# settles what a person looked at, or does nothing that stays.
MAKES_OR_SETS = {
    *("asking.choose", "companions.choose", "notices.save", "settings.save"),
    *("printing.save_addresses", "messages.save", "messages.keep_words"),
    *("thanks.name_what", "comment_readers.name_readers", "comments.save"),
    *("places.change_trust", "places.change_team", "improvement.change"),
    *("runs.attach", "contacts.columns", "security.change_password"),
    *("keying.save_page", "keying.resolve", "keying.claim", "keying.begin"),
    *("accounts.add", "places.make_trust", "places.add_team", "campaigns.create"),
    *("life.clone", "importing.check", "links.make", "links.choose"),
    *("open_links.make", "open_links.print_poster", "waves.add", "contacts.receive"),
    *("messages.make", "messages.send_test", "messages.seen", "preview.press"),
    *("printing.print_forms", "printing.print_letters", "person.look"),
    *("keying.begin_without_number", "runs.start", "runs.again", "audit.download"),
    *("improvement.write", "targets.set_target", "targets.set_step"),
    "research.download",
}


def state_of(session, record):
    session.expire_all()
    return {c.name: getattr(record, c.key) for c in inspect(type(record)).columns}


@pytest.mark.parametrize("name", NAMES)
def test_what_closes_for_good_is_asked_once_more(client, session, acts, name):
    assert set(acts) == set(NAMES)
    listed, look, address, record = acts[name]
    before = state_of(session, record)
    page = client.get(listed).text
    assert address not in FORMS.findall(page) and address in page
    asked = client.get(look)
    assert address in FORMS.findall(asked.text) and "Leave" in asked.text
    assert state_of(session, record) == before  # a look changes nothing
    fields = dict(
        re.findall(r'name="(link|once|why)"[^>]*? value="([^"]+)"', asked.text)
    )
    assert client.post(address, data=fields).status_code in (200, 303)


def test_every_press_of_staff_is_looked_at_twice_or_can_be_undone(app):
    known = [*LOOKS, *BACK, *MAKES_OR_SETS]
    assert len(known) == len({*known}) and {*known} == posts(app)
    reads = {r.endpoint for r in app.url_map.iter_rules() if "GET" in r.methods}
    assert {*LOOKS.values()} <= reads
    assert {*BACK.values()} <= {*LOOKS, *BACK, *MAKES_OR_SETS, "security.login"}


def test_a_second_look_at_what_is_of_another_trust_is_not_found(client, session, acts):
    sign_in(client, session, "coordinator", factories.make_trust(session, "Southmoor"))
    assert {client.get(look).status_code for _, look, _, _ in acts.values()} == {404}


def test_a_second_look_at_no_link_says_so(client, acts):
    look = acts["close"][1].partition("?")[0]
    reply = client.get(look)
    assert reply.status_code == 422 and "Tick the links" in reply.text
