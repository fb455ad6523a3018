"""Personal links after they were made: listed, closed one or all, printed anew."""

import re

import pytest
from sqlalchemy import select

from surveyapp.campaigns.personal_links import from_short, in_short
from surveyapp.campaigns.services import MOST_LINKS
from surveyapp.models import Invitation
from surveyapp.serving import options

from ... import factories
from ..signing_in import sign_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(client, session):
    made = factories.make_campaign(session)
    sign_in(client, session, "coordinator", made.trust)
    return made


def links_in(page):
    return re.findall(r"/s/([\w-]{20,})", page.text)


def make(client, campaign, n):
    sent = {"n": str(n)}
    address = f"/campaigns/{campaign.id}/links/new"
    return client.post(address, data=sent, follow_redirects=True)


def change(client, campaign, what, links, once=""):
    sent = {"link": [str(link.id) for link in links], "once": once}
    return client.post(f"/campaigns/{campaign.id}/links/{what}", data=sent)


def opens(client, token):
    return client.get(f"/s/{token}").status_code == 200


def test_a_lost_link_is_made_anew_and_the_old_one_closes(client, session, campaign):
    old = links_in(make(client, campaign, 3))
    first, *_ = session.scalars(select(Invitation).order_by(Invitation.id))
    made = change(client, campaign, "anew", [first], "a" * 12)
    listed = client.get(made.location)
    (new,) = links_in(listed)
    assert "1-1" in listed.text
    assert [opens(client, token) for token in (new, *old)] == [True, False, True, True]
    again = change(client, campaign, "anew", [first], "a" * 12)  # the page reloaded
    assert again.location == made.location and opens(client, new)


def test_links_are_closed_one_or_all_and_the_list_tells_of_nobody(
    client, session, campaign
):
    make(client, campaign, 3)
    make(client, campaign, 2)
    links = session.scalars(select(Invitation).order_by(Invitation.id)).all()
    assert [link.label for link in links] == ["1-1", "1-2", "1-3", "2-1", "2-2"]
    links[1].status = "answered"
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/links/").text
    assert "3 of 3 open" in page and "2 of 2 open" in page
    one = client.get(f"/campaigns/{campaign.id}/links/?find=1").text
    assert "answered" not in one.partition("<h1")[2]
    change(client, campaign, "close", links[:1])
    assert "2 of 3 open" in client.get(f"/campaigns/{campaign.id}/links/").text
    change(client, campaign, "close", links)
    assert "0 of 3 open" in client.get(f"/campaigns/{campaign.id}/links/").text
    assert change(client, campaign, "close", links).status_code == 422
    assert change(client, campaign, "close", []).status_code == 422


def test_a_closed_link_opens_nothing_and_counts_as_far_as_it_came(
    client, session, campaign
):
    tokens = links_in(make(client, campaign, 2))
    links = session.scalars(select(Invitation).order_by(Invitation.id)).all()
    links[1].status = "answered"
    session.commit()
    change(client, campaign, "close", links)
    assert [opens(client, token) for token in tokens] == [False, False]
    page = client.get(f"/campaigns/{campaign.id}/links/").text
    assert re.search(r"\d answered", page) is None  # what one of few did
    session.expire_all()
    assert [link.status for link in links] == ["made", "answered"]


def test_links_of_another_campaign_or_of_a_person_on_a_list_are_not_touched(
    client, session, campaign
):
    other = factories.make_invitation(session, token="of-another")
    session.commit()
    assert change(client, campaign, "close", [other]).status_code == 422
    session.refresh(other)
    assert other.status == "made"


def test_who_was_erased_from_the_lists_is_no_personal_link(client, session, campaign):
    invitation = factories.make_invitation(session, campaign, token="of-somebody-gone")
    factories.make_message(session, invitation, status="sent")
    session.commit()
    page = client.get(f"/campaigns/{campaign.id}/links/").text
    assert "None has been made" in page
    assert change(client, campaign, "anew", [invitation]).status_code == 422


def test_two_lists_of_one_page_are_made_anew_one_after_the_other(
    client, session, campaign
):
    make(client, campaign, 1)
    make(client, campaign, 2)
    first, *_, last = session.scalars(select(Invitation).order_by(Invitation.id))
    for link in (last, first):  # the back button, then the other list
        look = f"/campaigns/{campaign.id}/links/anew/confirm?link={link.id}"
        once = re.search(r'name="once" value="([^"]+)"', client.get(look).text)[1]
        made = change(client, campaign, "anew", [link], once)
        assert len(links_in(client.get(made.location))) == 1


def test_a_link_is_looked_for_by_its_number_and_long_lists_come_some_at_a_time(
    client, session, campaign
):
    make(client, campaign, 120)
    make(client, campaign, 2)
    here = f"/campaigns/{campaign.id}/links/"
    one = client.get(f"{here}?find=1-117").text
    assert re.findall(r'name="link" value="\d+" checked><[^>]+>([^<]+)', one) == [
        "1-117"
    ]
    pages = [client.get(f"{here}?find=1&page={n}").text for n in (1, 2, 3, 9)]
    assert [page.count('name="link"') for page in pages] == [50, 50, 20, 20]
    every = re.search(r'href="([^"]+close/confirm[^"]+)"', pages[1])[1]
    assert "Close 120 links?" in client.get(every).text
    assert "No link has this number" in client.get(f"{here}?find=7-1").text


def test_what_was_closed_is_shown_on_its_list_no_more(client, session, campaign):
    sent = {"n": "2"}
    made = client.post(f"/campaigns/{campaign.id}/links/new", data=sent).location
    before = links_in(client.get(made))
    first, _ = session.scalars(select(Invitation).order_by(Invitation.id))
    change(client, campaign, "anew", [first])
    assert links_in(client.get(made)) == before[1:]
    change(client, campaign, "close", session.scalars(select(Invitation)).all())
    assert links_in(client.get(made)) == []


def test_a_list_of_which_nothing_is_open_is_not_to_be_printed(
    client, session, campaign
):
    make(client, campaign, 2)
    first, second = session.scalars(select(Invitation).order_by(Invitation.id))
    page = f"/campaigns/{campaign.id}/links/"
    assert "2 links, 1-1 to 1-2, made" in client.get(page).text
    change(client, campaign, "anew", [first])
    assert "1 link, 1-1, made" in client.get(page).text
    change(client, campaign, "anew", [second])
    lists = client.get(page).text
    assert "1-1 to 1-2, made" not in lists and "1 link, 1-2, made" in lists
    change(client, campaign, "close", [first, second])
    assert "To be printed" not in client.get(page).text
    assert "to print" not in client.get(f"/campaigns/{campaign.id}").text


@pytest.mark.parametrize("step", [1, 2])
def test_the_longest_list_is_looked_at_again_by_an_address_that_is_served(
    client, session, campaign, step
):
    make(client, campaign, MOST_LINKS)
    links = session.scalars(select(Invitation).order_by(Invitation.id)).all()[::step]
    gone_on = change(client, campaign, "close/choose", links)
    assert gone_on.status_code == 303
    longest = options(0, 1)["limit_request_line"]
    assert len(gone_on.location) + 100 < longest
    asked = client.get(gone_on.location).text
    assert f"Close {len(links)} links?" in asked
    assert re.findall(r'name="link" value="(\d+)"', asked) == [
        str(link.id) for link in links
    ]


@pytest.mark.parametrize(
    "numbers", [[], [7], [7, 8, 9], [2, 4, 5, 900], [1, 2**31 - 1]]
)
def test_numbers_of_links_come_back_as_they_were_written(numbers):
    assert from_short(in_short(numbers)) == numbers


@pytest.mark.parametrize("text", ["x", "1-", "-3", "1..2", "5-99999", "1-9999.1-9999"])
def test_what_no_page_wrote_chooses_no_link(client, campaign, text):
    assert from_short(text) == []
    look = f"/campaigns/{campaign.id}/links/close/confirm"
    assert client.get(look, query_string={"link": text}).status_code == 422
