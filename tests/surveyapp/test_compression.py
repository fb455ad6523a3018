"""The stylesheet is sent small to whoever can unpack it; pages never are."""

import gzip

import pytest

from surveyapp import assets

pytestmark = pytest.mark.one_database

STYLE = "/static/nhsuk/nhsuk-frontend.min.css"
SMALL = {"Accept-Encoding": "gzip"}


@pytest.fixture
def style():
    return (assets.fetch() / assets.STYLESHEET).read_bytes()


def test_the_stylesheet_is_a_ninth_of_its_size(client, style):
    with client.get(STYLE, headers=SMALL) as response:
        assert response.content_encoding == "gzip"
        assert gzip.decompress(response.data) == style
        assert len(response.data) < len(style) / 8
        assert "Accept-Encoding" in response.vary


def test_who_cannot_unpack_gets_it_plain(client, style):
    with client.get(STYLE, headers={"Accept-Encoding": "identity"}) as response:
        assert response.content_encoding is None
        assert response.data == style


def test_a_copy_in_the_browser_is_not_sent_again(client):
    with client.get(STYLE, headers=SMALL) as first:
        seen = {"If-None-Match": first.headers["ETag"]}
    with client.get(STYLE, headers=SMALL | seen) as again:
        assert again.status_code == 304 and again.data == b""


def test_pages_are_not_compressed(client):
    response = client.get("/about/privacy", headers=SMALL)
    assert response.content_encoding is None
