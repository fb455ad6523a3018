"""Every chart of leads: a drawing, its PNG and its numbers, and words that tell it."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree

import pypdf
import pytest
from PIL import Image

from surveyapp import bank
from surveyapp.bank import SCALES
from surveyapp.models import Answer, ImprovementNote
from surveyapp.tracking import cut_drawing, cut_presenter

from .people import DAY, SPRING, People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.one_database
FORM = bank.instrument("short_service_user.v1")
SVG = "{http://www.w3.org/2000/svg}"
FEBRUARY = datetime(2027, 2, 1, 12, tzinfo=UTC)
# Page -> the charts that stand on it or are of it, by the name of their files.
CHARTS = {
    "": ("chart", "profile"),
    "/board": ("chart",),
    "/teams": ("funnel",),
    "/items": ("items",),
    "/years": ("years",),
}


@pytest.fixture
def people(client, session, rng):
    """Two teams of sixty who answered every item, on the web and on paper."""
    people = People(session, make_trust(session))
    known = {"version": 1, "source": "web", "answered_at": SPRING}
    for team, low in (("Harbour team", 20), ("Moorside", 50)):
        for mode in ("web", "paper"):
            values = rng.uniform(low, low + 40, 40)
            given = {"scales": SCALES, "care_plan": "yes", "mode": mode}
            for one in people.invited(values, team, **given):
                for k, item in enumerate(FORM.items):
                    value = min(4, max(0, int(rng.integers(0, 3)) + k % 3))
                    of = {"item_id": item.id, "item_version": item.version}
                    one.answers.append(Answer(**of, value=value, **known))
    session.commit()
    people.release()
    people.release(now=FEBRUARY)
    user = sign_in(client, session, "lead", people.trust)
    note = {"what": "Two clinics a week", "started_on": (SPRING + DAY).date()}
    of = {"trust_id": people.trust.id, "written_by_id": user.id}
    session.add(ImprovementNote(**of, **note))
    session.commit()
    return people


def test_each_chart_is_drawn_kept_and_told(client, people):
    of = f"/tracking/{people.trust.id}/service_user"
    for page, names in CHARTS.items():
        text = unescape(client.get(of + page, query_string={"team": ""}).text)
        assert "<table" in text
        for name in names:
            drawn = client.get(f"{of}/{name}.svg")
            root = ElementTree.fromstring(drawn.text)
            title, told = (root.find(f"{SVG}{part}").text for part in ("title", "desc"))
            # What stands in words on the page is the picture's alternative text.
            assert title and len(told) > 20 and told in text, (page, name)
            assert root.get("role") == "img" and root.get("aria-labelledby")
            shown = "".join(root.itertext())
            assert shown.count(title) >= 2, "a file says by itself what it is"
            picture = Image.open(io.BytesIO(client.get(f"{of}/{name}.png").data))
            picture.load()
            assert picture.width == 1280 and told in picture.info["Description"]
            rows = csv.reader(io.StringIO(client.get(f"{of}/{name}.csv").text))
            assert len([*rows]) > 1
            if name != "items":  # whose bars stand on the page one by one
                assert told in text.partition("<svg")[2]


def test_every_drawing_of_the_pages_is_among_these(app):
    """A new file of a picture has to join the walk above."""
    with app.app_context():
        rules = [r.rule for r in app.url_map.iter_rules() if r.rule.endswith(".svg")]
    mine = {rule.rsplit("/", 1)[1] for rule in rules if rule.startswith("/tracking/")}
    walked = {name for names in CHARTS.values() for name in names}
    assert mine == {f"{name}.svg" for name in walked}


def test_what_was_tried_stands_on_the_board_page_and_in_its_files(client, people):
    of = f"/tracking/{people.trust.id}/service_user/board"
    page = client.get(of).text
    assert "Two clinics a week (the whole trust, from 21 Apr 2026)" in page
    assert re.search(r'stroke="#7c2855".*?>1</text>', page, re.DOTALL)
    assert 'tried,"Two clinics a week (the' in client.get(f"{of}.csv").text
    assert client.get(f"{of}.pdf").data.startswith(b"%PDF")


def test_what_was_tried_is_told_without_a_chart_as_well(client, people):
    of = f"/tracking/{people.trust.id}/carer/board"  # of whom none has answered
    page, kept = client.get(of).text, client.get(f"{of}.csv").text
    pages = pypdf.PdfReader(io.BytesIO(client.get(f"{of}.pdf").data)).pages
    printed = " ".join("".join(each.extract_text() for each in pages).split())
    for told in (page, kept, printed):
        assert "Two clinics a week" in told and "numbered on the chart" not in told


def test_a_picture_of_what_is_not_there_is_not_found(client, people):
    of = f"/tracking/{people.trust.id}"
    for kind in ("svg", "png"):
        for name in ("chart", "profile", "funnel", "items", "years"):
            assert client.get(f"{of}/carer/{name}.{kind}").status_code == 404
        assert (
            client.get(f"{of}/service_user/years.{kind}?year=2025").status_code == 404
        )


def test_a_cut_says_whether_its_ends_lie_apart():
    cells = [
        cut_presenter.CutCell("Web", 60.0, (55.0, 65.0), "60"),
        cut_presenter.CutCell("Paper", 40.0, (35.0, 45.0), "40"),
    ]
    cut = cut_presenter.Cut("mode", "How people answered", (), tuple(cells))
    assert cut_drawing.finding(cut).endswith("lowest Paper (40).")
    near = cut_presenter.CutCell("Paper", 56.0, (51.0, 61.0), "56")
    cut = cut_presenter.Cut("mode", "How people answered", (), (cells[0], near))
    assert cut_drawing.finding(cut).endswith("that may be chance.")
