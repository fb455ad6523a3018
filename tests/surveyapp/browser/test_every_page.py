"""Every page there is, looked at by machine: axe, size, focus, colours, names."""

import json
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyapp.auth import sign_in_links
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign, Contact, Invitation, MailingFile, RoleGrant

from ... import factories
from ..paper.keyers import reading
from ..signing_in import PASSWORD, with_password
from . import pages
from .looking import alone, check, check_by_keyboard, check_without_scripts
from .person import Person
from .test_recontact import come

HERE = Path(__file__).parent


def test_every_route_with_a_page_is_listed(app):
    routes = {r.endpoint for r in app.url_map.iter_rules() if "GET" in r.methods}
    assert routes - pages.listed() == set()
    assert pages.listed() - routes == set()
    assert all((HERE / f"{name}.py").is_file() for name in pages.ELSEWHERE.values())


def look(page, where):
    """Check one page; its title, which has to be its own."""
    check(page, where)
    assert page.locator("html").get_attribute("lang"), where
    return page.title()


@pytest.mark.browser
def test_pages_for_anyone(served, campaign, new_page):
    page, titles = new_page(), {}
    for endpoint, path in pages.ANYONE.items():
        page.goto(served[1] + path.format(campaign=campaign.id))
        titles[endpoint] = look(page, endpoint)
        page.reload()
        check_by_keyboard(page, endpoint)
    assert alone(titles) == {}


@pytest.mark.browser
def test_pages_for_anyone_without_scripts(served, campaign, new_page):
    page = new_page(java_script_enabled=False)
    for endpoint, path in pages.ANYONE.items():
        page.goto(served[1] + path.format(campaign=campaign.id))
        check_without_scripts(page, endpoint)


@pytest.fixture
def numbers(served, campaign):
    """Something for every kind of number in an address; who is signed in keys it."""

    def made_for(session, user):
        kept = session.get(Campaign, campaign.id)
        other = factories.make_staff(session, trust=kept.trust)
        factories.make_team(session, kept.trust, f"Another team, {user.id}")
        if user.has_role("administrator"):  # of every trust, who sees most
            user.grants.append(RoleGrant(role="administrator"))
        two = {"second_keyer_id": other.id, "second": reading(comment="He is well")}
        two |= {"first": reading(), "stage": "differences"}
        factories.make_attachment(session, kept)
        factories.make_reader(session, user, kept)
        told = "Dr Moor rang me on 01632 960009, and I felt heard"
        comment = factories.make_comment(session, kept, told)
        factories.make_block(session, comment.assessment)
        factories.make_message_plan(session, kept)
        if not kept.waves:
            factories.make_wave(session, kept)
        brought_in = {"stage": "done", "finished_at": utc_now()}
        target, step = factories.make_notes(session, other, kept.trust)
        return {
            "comment": comment.id,
            "target": target.id,
            "step": step.id,
            "campaign": kept.id,
            "trust": kept.trust_id,
            "team": kept.teams[0].id,
            "form": factories.make_keyed_form(session, user, kept).id,
            "differing": factories.make_keyed_form(session, user, kept, **two).id,
            "import": factories.make_import(session, kept, stage="receiving").id,
            "brought": factories.make_import(session, kept, **brought_in).id,
            "list": factories.make_contact_list(session, kept.trust).id,
            "poster": factories.make_invitation(
                session, kept, f"poster-of-{user.id}", is_open=True
            ).id,
            "personal": factories.make_invitation(
                session, kept, f"personal-of-{user.id}", label="9-1"
            ).id,
            "letter": factories.make_message(
                session, Invitation(campaign=kept), channel="print", status="sent"
            ).id,
            "mailing": factories.make_mailing(session, kept).id,
            "listed": factories.make_mailing(
                session, kept, carrier="links", files=[list_of_links()]
            ).id,
            "forms": factories.make_mailing(session, kept, carrier="forms").id,
            "staff": other.id,
            "grant": other.grants[0].id,
            "contact": session.scalars(
                select(Contact.id).filter_by(trust_id=kept.trust_id)
            ).first(),
            "run": factories.make_run(session, kept).id,
        }

    return made_for


@pytest.mark.browser
@pytest.mark.parametrize("role", sorted(pages.STAFF))
def test_pages_of_staff(served, campaign, new_page, numbers, role):
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        trust = session.get(Campaign, campaign.id).trust
        user = factories.make_demonstrator(session, role, trust)
        token, made = (
            sign_in_links.make(session, user, now=utc_now()),
            numbers(session, user),
        )
        session.commit()
    page = new_page()
    page.goto(f"{address}/staff/link/{token}")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    titles = {}
    for endpoint, path in pages.STAFF[role].items():
        assert page.goto(address + path.format(**made)).status == 200, endpoint
        titles[endpoint] = look(page, endpoint)
    assert alone(titles) == {}


def list_of_links():
    """One link as it stands on a list; it is closed."""
    way = {"label": "9-1", "token": "none", "code": "ABC-DEF-GHJ"}
    said = {"number": 1, "name": "links.json", "n": 1}
    return MailingFile(**said, content=json.dumps([way]).encode())


@pytest.mark.browser
@pytest.mark.parametrize("role", sorted(pages.STAFF))
def test_staff_reach_everything_by_keyboard_and_send_it_without_scripts(
    served, campaign, new_page, numbers, role
):
    """Each page twice: Tab through it with scripts, and look at it with scripts off."""
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        trust = session.get(Campaign, campaign.id).trust
        user = factories.make_demonstrator(session, role, trust)
        made = numbers(session, user)
        tokens = [sign_in_links.make(session, user, now=utc_now()) for _ in range(2)]
        session.commit()
    for token, settings, check_page in (
        (tokens[0], {}, check_by_keyboard),
        (tokens[1], {"java_script_enabled": False}, check_without_scripts),
    ):
        page = new_page(**settings)
        page.goto(f"{address}/staff/link/{token}")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
        for endpoint, path in pages.STAFF[role].items():
            assert page.goto(address + path.format(**made)).status == 200, endpoint
            check_page(page, endpoint)


@pytest.mark.browser
@pytest.mark.parametrize("look_of_it", ["usual", "words:easy_read.v1,size:larger"])
@pytest.mark.parametrize("language", ["en-XA", "ar-XB"])
def test_the_journey_in_longer_words_and_from_right_to_left(
    served, campaign, new_page, sign_in_as, language, look_of_it
):
    page = new_page()
    sign_in_as(page, "coordinator")
    base = f"{served[1]}/preview/{campaign.id}/carer/{language}/{look_of_it}"
    stops = ("s", "survey/information", "survey/consent", "survey/1", "survey/more-2")
    for path in (*stops, "survey/check", *pages.PREVIEWED.values()):
        page.goto(f"{base}/{path}")
        check(page, f"{path} in {language}")
        assert page.title().startswith("Preview: ")


@pytest.fixture
def sign_in_as(served, campaign):
    """Sign someone in on a page, by a one-time link."""

    def sign_in_as(page, role):
        app, address = served
        with app.app_context(), Session(db.engine) as session:
            trust = session.get(Campaign, campaign.id).trust
            user = factories.make_demonstrator(session, role, trust)
            token = sign_in_links.make(session, user, now=utc_now())
            session.commit()
        page.goto(f"{address}/staff/link/{token}")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()

    return sign_in_as


@pytest.mark.browser
def test_signing_in_with_a_second_factor(served, campaign, new_page):
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        trust = session.get(Campaign, campaign.id).trust
        user = factories.make_staff(session, "coordinator", trust)
        key = with_password(app, user)
        email = user.email
        session.commit()
    page = new_page()
    page.goto(f"{address}/staff/sign-in")
    page.get_by_role("textbox", name="Email").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    look(page, "second factor")
    page.get_by_role("link", name="Use a recovery code").click()
    look(page, "recovery code")
    for _ in range(4):
        page.locator("input[name=code]").fill("0123-4567-89ab")
        with page.expect_navigation():
            page.get_by_role("button", name="Continue").click()
    assert "Please wait a while" in look(page, "a wait")
    page.get_by_role("link", name="Go back and try again").click()
    page.get_by_role("link", name="Enter a code from the app").click()
    page.locator("input[name=code]").fill(pyotp.TOTP(key).now())
    with page.expect_navigation():
        page.locator("main button").click()
    page.goto(f"{address}/staff/confirm")
    look(page, "confirm")
    page.goto(f"{address}/staff/second-factor")
    look(page, "second factor anew")
    page.get_by_role("button", name="Set up an authenticator app").click()
    look(page, "the square code")
    page.locator("input[name=code]").fill("000000")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    look(page, "the square code again")
    page.goto(f"{address}/staff/account/recovery-codes")
    with page.expect_navigation():
        page.get_by_role("button", name="Make the codes").click()
    look(page, "recovery codes just made")
    page.goto(f"{address}/staff/account/")
    look(page, "an account with a password")


@pytest.mark.browser
def test_asked_again_whether_anything_has_changed(served, campaign, link, new_page):
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        factories.make_wave(session, session.get(Campaign, campaign.id), after_days=1)
        session.commit()
    person = Person(new_page(), link)
    come(person, served)
    code = person.page.locator(".app-code").last.inner_text()
    back = person.page.locator("a.app-break").get_attribute("href")
    returning = new_page()
    returning.goto(address + back[back.index("/r/") :])
    look(returning, "the link for coming back")
    with app.app_context(), Session(db.engine) as session:
        factories.days_pass(session, 2)
    page = new_page()
    page.goto(address)
    page.get_by_role("textbox").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="Start").click()
    page.goto(f"{address}/survey/since-last-time")
    look(page, "since last time")


@pytest.mark.browser
def test_who_has_no_plan_is_asked_whether_one_is_wanted(served, new_page):
    app, address = served
    second = {"service_user": "short_service_user.v2", "carer": "short_carer.v2"}
    with app.app_context(), Session(db.engine) as session:
        campaign = factories.make_campaign(session, instruments=second)
        token = f"second-{campaign.id}"
        factories.make_invitation(session, campaign, token, is_open=True)
        session.commit()
    person = Person(new_page(), f"{address}/s/{token}")
    for stop in person.begin():
        if stop == "information":
            look(person.page, "about the survey, and for whom it is")
            person.page.goto(f"{address}/survey/for-whom")
            look(person.page, "for whom the survey is")
            person.page.goto(f"{address}/survey/not-for-you?because=adult")
            look(person.page, "for whom it is not")
            person.page.goto(f"{address}/survey/information")
    page = person.page
    page.goto(f"{address}/survey/care-plan")
    person.choose("care_plan", "no")
    person.press("Continue")
    assert person.where() == "wants-plan"
    look(page, "whether a plan is wanted")
    person.choose("wants_plan", "not_sure")
    person.press("Continue")
    look(page, "the first question of the second edition")
    page.goto(f"{address}/survey/check")
    look(page, "the check page without the care plan's questions")
