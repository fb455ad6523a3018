"""What hangs in a waiting room lets in by its square code, its address and its code."""

import io
import re

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from surveyapp.campaigns import posters
from surveyapp.models import AuditEvent, Invitation, InvitationToken, Mailing
from tests import factories

from ..paper.test_qr_codes import read, scanned
from ..signing_in import sign_in

CODE = re.compile(r"\b[A-Z2-9]{3}[ -][A-Z2-9]{3}[ -][A-Z2-9]{3}\b")


@pytest.fixture
def link(session):
    return factories.make_invitation(session, token="of-the-first-print", is_open=True)


@pytest.fixture
def printed(client, session, link):
    """Ask for a print as the coordinator; the response that leads to it."""
    sign_in(client, session, "coordinator", link.campaign.trust)
    address = f"/campaigns/{link.campaign_id}/open-links/{link.id}/poster"

    def ask(size="poster", **sent):
        return client.post(address, data={"size": size, "anyway": "yes", **sent})

    return ask


@pytest.mark.one_database
@pytest.mark.parametrize("size, n", [("poster", 1), ("cards", 8)])
def test_square_code_address_and_typed_code_let_in(printed, client, size, n):
    pdf = client.get(f"{printed(size).location}/file").data
    (picture,) = scanned(pdf, 150, 1)
    links = read(picture)
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    typed = CODE.search(text)[0]
    assert len(links) == n and len(set(links)) == 1 and text.count(typed) == n
    token = links[0].rpartition("/")[2]
    for address, sent in ((f"/s/{token}", {}), ("/", {"code": typed})):
        visitor = type(client)(client.application)
        assert visitor.post(address, data=sent).status_code == 303, address


@pytest.mark.one_database
def test_each_print_has_a_link_of_its_own_and_older_ones_go_on(printed, session, link):
    printed(), printed()
    hashes = session.scalars(
        select(InvitationToken.token_hash).filter_by(invitation_id=link.id)
    ).all()
    assert len(set(hashes)) == 3
    actions = session.scalars(select(AuditEvent.action)).all()
    assert actions.count("poster.printed") == 2


@pytest.mark.one_database
def test_a_closed_link_or_one_of_another_campaign_is_not_printed(
    printed, session, link
):
    link.status = "cancelled"
    session.commit()
    assert printed().status_code == 404


@pytest.mark.one_database
def test_what_opens_on_this_computer_alone_is_printed_when_told_so(printed, client):
    refused = printed(anyway=None)
    assert refused.status_code == 422 and "PROM_BASE_URL" in refused.text


@pytest.mark.one_database
def test_the_file_of_a_poster_can_be_had_again_until_its_link_is_closed(
    printed, client, session, link
):
    made = printed().location
    for _ in range(2):
        assert client.get(f"{made}/file").data.startswith(b"%PDF")
    of_link = f"/campaigns/{link.campaign_id}/open-links"
    assert made in client.get(f"{of_link}/").text
    client.post(f"{of_link}/{link.id}/close")
    assert client.get(f"{made}/file").status_code == 404
    tokens = select(InvitationToken.id).filter_by(invitation_id=link.id)
    assert len(session.scalars(tokens).all()) == 2


@pytest.mark.one_database
def test_the_list_of_an_open_link_leads_to_it_and_goes_with_it(
    printed, client, session, link
):
    of_links = f"/campaigns/{link.campaign_id}/open-links"
    made = client.post(f"{of_links}/new", data={"label": "The hall"}).location
    newest = select(Invitation.id).order_by(Invitation.id.desc())
    number = session.scalars(newest).first()
    assert made in client.get(f"{of_links}/").text
    client.post(f"{of_links}/{number}/close")
    assert made not in client.get(f"{of_links}/").text
    gone = client.get(made).text
    assert f'href="{of_links}/"' in gone and "made anew" not in gone


@pytest.mark.one_database
def test_a_link_that_is_closed_while_its_poster_is_set_is_not_printed(
    printed, client, session, link, monkeypatch
):
    def close_meanwhile(*_, **__):
        session.execute(update(Invitation).values(status="cancelled"))
        session.commit()
        return b"%PDF"

    monkeypatch.setattr(posters, "to_pdf", close_meanwhile)
    assert printed().status_code == 404
    assert session.scalars(select(Mailing)).all() == []
