"""A form pressed twice, or pressed again after Back, makes nothing a second time."""

import re
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select

import surveyapp
from surveyapp import sent_once
from surveyapp.auth import permissions
from surveyapp.models import Campaign, Invitation, RoleGrant, SentForm, StaffUser, Team

from .. import factories
from .signing_in import sign_in

TEMPLATES = Path(surveyapp.__file__).parent / "templates"
TOKEN = 'name="csrf_token"'
# Whose forms the sign-in's library or the way of a respondent brings, and the frame.
OTHER_FORMS = {"base_staff.html", "staff_parts.html", "auth/link.html"}
OTHER_FOLDERS = {"respond", "security", "errors"}
FIELD = re.compile(r'name="once" value="([^"]+)"')

# What makes nothing, or knows by itself that it was done: pressing twice is once.
CHANGES = {
    "sets what stands to what was typed": (
        *("asking.choose", "companions.choose", "notices.save", "settings.save"),
        *("printing.save_addresses", "messages.save", "messages.keep_words"),
        *("thanks.name_what", "comment_readers.name_readers", "comments.save"),
        *("places.change_trust", "places.change_team", "improvement.change"),
        *("runs.attach", "contacts.columns", "security.change_password"),
        *("keying.save_page", "keying.resolve"),
    ),
    "goes to a stage, and from that stage no further": (
        *("life.perform", "messages.begin", "messages.pause", "messages.seen"),
        *("importing.confirm", "importing.carry_on", "importing.cancel"),
        *("importing.undo", "contacts.confirm", "contacts.carry_on"),
        *("contacts.cancel", "outbox.settle_mailing", "keying.claim"),
        *("keying.hand_back", "comments.let_out", "comments.take_back"),
        *("improvement.end", "improvement.resume", "runs.cancel"),
        *("accounts.disable", "accounts.enable", "places.close_trust"),
        *("places.reopen_trust", "places.close_team", "places.reopen_team"),
    ),
    "closes, deletes or cancels, of which nothing is left to do": (
        *("life.delete", "links.is_printed", "links.close", "open_links.close"),
        *("outbox.cancel", "printing.is_printed", "person.erase", "person.say_no"),
        *("person.let_back", "runs.delete", "runs.remove", "keying.remove"),
        *("targets.close", "targets.undo", "accounts.take_role", "places.merge"),
        *("own_account.end_session", "own_account.end_others"),
        *("thanks.give", "thanks.take_back"),
    ),
    "looks for somebody, shows something or gives a file": (
        *("person.look", "links.choose", "preview.press", "audit.download"),
        *("research.download",),
    ),
    "finds the one that is there: a trust has one plan, a paper one form": (
        *("messages.make", "keying.begin"),
    ),
}


def posts(app):
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    return {
        rule.endpoint
        for rule in rules
        if not permissions.is_open(rule.endpoint)
        and permissions.blueprint_of(rule.endpoint) != "security"
    } | {"security.change_password"}


def test_every_press_of_staff_makes_once_or_says_why_twice_is_no_more(app):
    made = {name for name, view in app.view_functions.items() if is_maker(view)}
    changing = [name for names in CHANGES.values() for name in names]
    assert len(changing) == len({*changing})
    assert not made & {*changing}
    assert made | {*changing} == posts(app)


def is_maker(view):
    return getattr(view, "makes_once", False)


def test_every_form_of_staff_carries_a_mark_with_its_token():
    own = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if TOKEN in path.read_text()
        and path.relative_to(TEMPLATES).parts[0] not in OTHER_FOLDERS
    }
    assert own == OTHER_FORMS
    forms = re.compile(r'<form[^>]+method="post".*?</form>', re.S)
    without = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if path.relative_to(TEMPLATES).parts[0] not in OTHER_FOLDERS
        and str(path.relative_to(TEMPLATES)) not in OTHER_FORMS
        for form in forms.findall(path.read_text())
        if "{{ csrf() }}" not in form
    }
    assert without == set()


@pytest.fixture
def campaign(client, session):
    made = factories.make_campaign(session)
    user = sign_in(client, session, "coordinator", made.trust)
    user.grants.append(RoleGrant(role="administrator", trust=made.trust))
    session.commit()
    return made


# Page of the form, what is typed, and what there is one more of.
MAKERS = {
    "campaign": ("/campaigns/", {"title": "Winter", "form": "short"}, Campaign),
    "links": ("/campaigns/{campaign}/links/new", {"n": "3"}, Invitation),
    "open link": ("/campaigns/{campaign}/open-links/new", {"label": "A"}, Invitation),
    "team": ("/admin/trusts/{trust}/teams", {"name": "East", "code": "E"}, Team),
    "staff": (
        "/admin/trusts/{trust}/staff",
        {"email": "new@example.org", "name": "Ada", "role": "keyer"},
        StaffUser,
    ),
}


@pytest.mark.one_database
@pytest.mark.parametrize("what", MAKERS)
def test_the_second_press_leads_to_what_the_first_one_made(
    client, session, campaign, what
):
    address, typed, kind = MAKERS[what]
    address = address.format(campaign=campaign.id, trust=campaign.trust_id)
    if what == "staff":
        typed = typed | {"place": f"trust:{campaign.trust_id}"}
    count = select(func.count()).select_from(kind)

    def sent():
        return {**typed, "once": FIELD.findall(client.get(address).text)[-1]}

    form, n = sent(), session.scalar(count)
    first = client.post(address, data=form)
    assert first.status_code == 303
    n_made = session.scalar(count)
    again = client.post(address, data=form)
    assert n_made > n and session.scalar(count) == n_made
    assert again.status_code == 303 and again.location == first.location
    assert "done already" in client.get(again.location).text
    assert client.post(address, data=sent()).status_code in (303, 422)  # a new form


@pytest.mark.one_database
def test_a_form_that_was_refused_may_be_sent_again(client, session, campaign):
    address = f"/campaigns/{campaign.id}/links/new"
    mark = FIELD.findall(client.get(address).text)[-1]
    for n, status in (("0", 422), ("2", 303)):
        sent = {"n": n, "once": mark}
        assert client.post(address, data=sent).status_code == status
    assert session.scalars(select(SentForm.mark)).all() == [mark]


@pytest.mark.any_database
def test_two_presses_at_the_same_moment_make_one_list(app, client, session, campaign):
    address = f"/campaigns/{campaign.id}/links/new"
    sent = {"n": "2", "once": FIELD.findall(client.get(address).text)[-1]}
    statuses, browsers = [], [app.test_client() for _ in range(2)]
    sent["csrf_token"] = client.csrf_token()
    for browser in browsers:
        browser._cookies = {**client._cookies}
    pressing = [
        Thread(target=lambda b=b: statuses.append(b.post(address, data=sent)))
        for b in browsers
    ]
    for each in pressing:
        each.start()
    for each in pressing:
        each.join()
    assert [reply.status_code for reply in statuses] == [303, 303]
    assert session.scalar(select(func.count(Invitation.id))) == 2


@pytest.mark.one_database
def test_a_form_whose_making_was_cut_off_says_so_and_may_be_sent_later(
    client, session, campaign, monkeypatch
):
    monkeypatch.setattr(sent_once, "PATIENCE", 1)
    monkeypatch.setattr(sent_once, "TURN", 0)
    mark, address = "a" * 12, f"/campaigns/{campaign.id}/links/new"
    cut = factories.added(session, SentForm(mark=mark))
    session.commit()
    sent = {"n": "2", "once": mark}
    assert client.post(address, data=sent).location == "/staff/"
    assert session.scalar(select(func.count(Invitation.id))) == 0
    cut.sent_at -= sent_once.ABANDONED * 2
    session.commit()
    client.post(address, data=sent)
    assert session.scalar(select(func.count(Invitation.id))) == 2
