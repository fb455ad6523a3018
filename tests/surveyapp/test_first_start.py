"""What `prom up` asks at a terminal, once; and a proxy that nobody told it of."""

from dataclasses import replace

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from surveyapp import first_start, proxy_notice
from surveyapp.campaigns import services
from surveyapp.models import StaffUser, Trust
from surveyapp.operations.doctor import proxies

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def asked(app, monkeypatch):
    """Answer what a first start asks: is there to be a demonstration, and the words."""

    def ask(*lines, option=None, at_terminal=True):
        monkeypatch.setattr(first_start, "is_at_terminal", lambda: at_terminal)
        wanted = []

        @click.command()
        def command():
            with app.app_context():
                wanted.append(first_start.wants_demonstration(option))

        said = CliRunner().invoke(command, input="\n".join((*lines, "")))
        assert said.exception is None, said.output
        return wanted[0], said.output

    return ask


def test_a_first_start_asks_plainly_and_the_flags_and_pipes_do_not(asked):
    wants, said = asked("1")
    assert wants and "A demonstration" in said and "For real" in said
    for option in (True, False):
        assert asked(option=option) == (option, "")
    assert asked(at_terminal=False) == (True, "")


def test_for_real_makes_a_trust_and_whoever_looks_after_it(asked, session):
    who = ("2", "Northmoor", "Ada", "no address", "Northmoor", "Ada", "ada@nhs.example")
    wants, said = asked(*who)
    assert not wants and "Enter an email address" in said and "/staff/link/" in said
    trust = session.scalars(select(Trust)).one()
    assert not trust.is_demonstration
    assert session.scalars(select(StaffUser.email)).one() == "ada@nhs.example"
    assert asked() == (False, "")  # it is somebody's now: nothing is asked or made up


def test_an_administrator_without_a_trust_yet_gets_no_demonstration(asked, session):
    admin = factories.make_staff(session, "administrator")
    admin.grants[0].trust = None
    session.delete(session.scalars(select(Trust)).one())
    session.commit()
    assert asked(at_terminal=False) == asked() == (False, "")


def test_a_campaign_of_a_real_trust_has_no_mark_of_a_demonstration(client, session):
    campaign = factories.make_campaign(session)
    sign_in(client, session, "coordinator", campaign.trust)
    for page in ("", "/life/", "/settings/", "/responses/", "/messages/"):
        assert "emonstration" not in client.get(f"/campaigns/{campaign.id}{page}").text
    campaign.trust.is_demonstration = True
    session.commit()
    assert "Demonstration" in client.get(f"/campaigns/{campaign.id}").text


def test_the_usual_order_of_questions_works_with_every_form(client, session):
    trust = factories.make_team(session).trust
    trust.is_demonstration = True
    sign_in(client, session, "coordinator", trust)
    page = client.get("/campaigns/").text
    for family, title in services.family_titles(services.forms()).items():
        sent = {"title": family, "form": family, "item_order": "rotated"}
        made = client.post("/campaigns/", data=sent)
        assert made.status_code == 303, (family, made.text)
        assert title.partition(" (")[0].replace("'", "&#39;") in page


def test_a_proxy_that_no_setting_names_is_told_of_to_administrators(
    app_with, client, session, tmp_path
):
    app = app_with(instance=tmp_path / "instance")
    app.test_client_class = type(client)
    config, client = app.config["PROM"], app.test_client()
    trust = factories.make_trust(session)
    for role in ("coordinator", "administrator"):
        sign_in(client, session, role, trust)
        through = {"headers": {"X-Forwarded-For": "192.0.2.7"}}
        page = client.get("/staff/", follow_redirects=True, **through)
        assert ("PROM_PROXIES" in page.text) == (role == "administrator")
    assert [f.how for f in proxies(config)] == ["wrong"]
    assert not proxy_notice.is_unknown(replace(config, proxies=1))
    assert "PROM_PROXIES" not in client.get("/staff/", follow_redirects=True).text
    assert not proxy_notice.is_unknown(config)  # it was mended


def test_a_stranger_who_sends_a_proxys_headers_sets_no_notice(
    app_with, client, session, tmp_path
):
    app = app_with(instance=tmp_path / "instance")
    app.test_client_class = type(client)
    config, client = app.config["PROM"], app.test_client()
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"):
        client.get("/", headers={name: "for=192.0.2.7"})
    assert not proxy_notice.is_unknown(config)
    sign_in(client, session, "administrator", factories.make_trust(session))
    assert "PROM_PROXIES" not in client.get("/staff/", follow_redirects=True).text
