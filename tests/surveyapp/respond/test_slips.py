"""What goes wrong with a link, a code or an address on paper, at each way in.

Signs and words behind a link; a code in another script's digits, with words around
it, in a whole link; cookies cleared or blocked: each is helped, and none is a loop.
"""

import re

import pytest

from surveyapp.links import check_character, code_hash, grouped, token_hash
from surveyapp.models import Invitation, InvitationToken

from .visitor import Visitor

pytestmark = pytest.mark.one_database

TOKEN = "t" * 32
CODE = "23456789" + check_character("23456789")
LINKS = ["/s/" + "x" * 32, "/r/" + "y" * 48, "/no-more/" + "z" * 32]
PAPER = ["/withdraw", "/no-more/"]  # addresses that stand on paper, typed by hand
BEHIND = [".", ")", ">", "”", ").", "…", " ,", "»", "。"]
WORDS = [".Thank you", ", please", ") or call us"]


@pytest.mark.parametrize("behind", BEHIND + WORDS)
@pytest.mark.parametrize("link", LINKS)
def test_what_stands_behind_a_link_is_none_of_it(client, link, behind):
    assert client.get(link + behind).location == link


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("address", PAPER)
def test_what_stands_behind_an_address_on_paper_is_none_of_it(client, address, behind):
    meant = client.get(address + behind).location
    assert meant.rstrip("/") == address.rstrip("/")
    assert client.get(meant, follow_redirects=True).status_code == 200


WRITTEN = {
    "as printed": grouped,
    "in small letters": lambda code: code.lower(),
    "in digits of another script": lambda code: code.translate(
        {ord("0") + n: 0x06F0 + n for n in range(10)}
    ),
    "in wide signs": lambda code: "".join(chr(ord(c) + 0xFEE0) for c in code),
    "with words around": lambda code: f"My code is {grouped(code)}. Thank you",
    "in brackets": lambda code: f"({grouped(code).replace('-', ' ')})",
}
by_writing = pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)


@pytest.fixture
def letter(app, session, campaign):
    """A personal invitation by letter, with a link and a code."""
    key = app.config["PROM"].derived_key("codes")
    hashes = {"token_hash": token_hash(TOKEN), "short_code_hash": code_hash(CODE, key)}
    made = Invitation(campaign=campaign, tokens=[InvitationToken(**hashes)])
    session.add(made)
    session.commit()
    return made


@by_writing
def test_the_code_of_a_letter_lets_in_and_stops_letters(client, letter, written):
    visitor = Visitor(client)
    visitor.go_on_with(written(CODE))
    assert visitor.path == "/survey/information"
    visitor.get("/no-more/")
    visitor.post(code=written(CODE))
    assert visitor.path == "/no-more/done"


@by_writing
def test_a_personal_code_brings_back_and_withdraws(client, app, letter, written):
    visitor, elsewhere = Visitor(client), Visitor(app.test_client())
    visitor.begin(token=TOKEN)
    code = visitor.code.replace("-", "")
    elsewhere.go_on_with(written(code))
    assert elsewhere.path.startswith("/survey/")
    elsewhere.get("/withdraw")
    elsewhere.post(receipt=written(code))
    assert elsewhere.path == "/withdrawn"


@pytest.mark.parametrize("box", ["/", "/no-more/"])
def test_a_whole_link_in_a_box_for_a_code_opens_what_it_is_for(client, letter, box):
    visitor = Visitor(client)
    visitor.get(box)
    visitor.post(code=f"See https://survey.example/no-more/{TOKEN}.")
    assert visitor.path == f"/no-more/{TOKEN}"
    visitor.get(box)
    visitor.post(code=f"<https://survey.example/s/{TOKEN}>")
    assert visitor.path == (f"/s/{TOKEN}" if box == "/" else f"/no-more/{TOKEN}")


WAYS_WITHOUT_COOKIES = [("/", {"code": grouped(CODE)}), (f"/s/{TOKEN}", {})]


@pytest.mark.parametrize("path, sent", WAYS_WITHOUT_COOKIES)
def test_blocked_cookies_are_told_by_link_and_by_code(app, letter, path, sent):
    client = app.test_client(use_cookies=False)
    page = client.post(path, data=sent)
    for _ in range(5):
        if page.location is None:
            break
        page = client.get(page.location)
    assert page.location is None, "a loop"
    assert page.status_code in (400, 403) and "keeps no cookies" in page.text
    assert "on paper" in page.text and 'http-equiv="refresh"' not in page.text


@pytest.mark.parametrize("cookies", [("survey",), ("session",), ("survey", "session")])
def test_cleared_cookies_end_at_a_box_for_the_code(client, letter, cookies):
    visitor = Visitor(client)
    visitor.begin(token=TOKEN)
    code = visitor.code
    for name in cookies:
        client.delete_cookie(name)
    if "survey" in cookies:
        assert visitor.get("/survey/1").status_code == 403
        assert re.search(r'name="code"', visitor.page)
        visitor.post("/", code=code)
    else:
        visitor.get("/survey/stop")
    assert visitor.path.startswith("/survey/")
