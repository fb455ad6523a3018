"""What a board gets: one report as a page, a PDF and a file, of the same figures."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pypdf
import pytest

from surveyapp.models import RoleGrant

from .people import DAY, SPRING, People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


@pytest.fixture
def address(people, client, session, rng):
    """Six months of a group each of two teams, and somebody who leads them."""
    for month in range(6):
        at = SPRING - timedelta(days=30 * month)
        people.invited(rng.uniform(20, 60, 10), at=at, scales=("involvement", "trust"))
        people.invited(rng.uniform(20, 60, 10), "Moorside", at=at)
    people.invited([50, 60])
    people.release(SPRING + DAY)
    sign_in(client, session, "lead", people.trust)
    return f"/tracking/{people.trust.id}/service_user/board"


def rows_of(client, address, **query):
    text = client.get(f"{address}.csv", query_string=query).text
    return list(csv.DictReader(io.StringIO(text)))


def pdf_of(client, address, **query):
    return pypdf.PdfReader(
        io.BytesIO(client.get(f"{address}.pdf", query_string=query).data)
    )


def words(text):
    """Letters, digits and points alone: where lines break does not matter."""
    return re.sub(r"[^\w.]+", "", text)


@pytest.mark.parametrize("whole", ["", "yes"])
@pytest.mark.parametrize("period", ["", "2026", "2026-01"])
@pytest.mark.parametrize("team", [0, None])
def test_page_pdf_and_file_tell_the_same_numbers(
    client, people, address, team, period, whole
):
    number = "" if team is None else people.trust.teams[team].id
    query = {"team": number, "period": period, "whole": whole}
    page = client.get(address, query_string=query).text
    page = words(unescape(re.sub(r"<[^>]+>", " ", page)))
    reader = pdf_of(client, address, **query)
    pdf = words("".join(each.extract_text() for each in reader.pages))
    rows = rows_of(client, address, **query)
    assert {row["part"] for row in rows} >= {"period", "chart", "prerequisite"}
    for row in rows:
        told = [row[n] for n in ("what", "people", "mean", "centre", "limits")]
        told = told[1:3] + told[4:] if row["part"] == "period" else told
        for cell in told:
            assert words(cell) in page and words(cell) in pdf, (row, cell)


def test_a_period_is_the_sum_of_its_groups(client, people, address):
    harbour = people.trust.teams[0]
    chart = client.get(
        address.replace("board", "chart.csv"), query_string={"team": harbour.id}
    )
    groups = list(csv.DictReader(io.StringIO(chart.text)))
    for period, first, last in (
        ("", "2000-01-01", "2099-12-31"),
        ("2026-01", "2026-01-01", "2026-03-31"),
        ("2025", "2025-01-01", "2025-12-31"),
    ):
        rows = rows_of(client, address, team=harbour.id, period=period)
        inside = [g for g in groups if first <= g["last_answer"] <= last]
        means = [float(g["mean"]) for g in inside]
        assert rows[0]["people"] == str(10 * len(inside)) and len(inside) > 1
        assert float(rows[0]["mean"]) == pytest.approx(
            sum(means) / len(means), abs=0.05
        )
        assert [r["mean"] for r in rows if r["part"] == "chart"] == [
            g["mean"] for g in inside
        ]


def test_what_is_not_shown_is_said_with_why(client, people, address):
    harbour = people.trust.teams[0]
    page = client.get(address, query_string={"team": harbour.id}).text
    assert "in no figure yet: 2." in page and "needs 8 more, at least" in page
    assert "reads Not yet needs three groups" in page


def test_the_pdf_is_tagged_and_says_what_its_picture_shows(client, address):
    reader = pdf_of(client, address)
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] and catalog["/Lang"] == "en-GB"
    assert reader.metadata.title == "Involvement of service users: The whole trust"
    held = str([each.get_object() for each in reader.resolved_objects.values()]) + str(
        [reader.get_object(n) for n in range(1, len(reader.xref[0]) + 1)]
    )
    assert "/Alt" in held and "by month. 6 points" in held


def test_a_page_for_a_board_is_one_page_however_many_points(
    client, people, address, rng
):
    for month in range(6, 40):
        at = SPRING - timedelta(days=30 * month)
        people.invited(rng.uniform(20, 60, 10), at=at)
    people.release(SPRING + DAY)
    assert len(pdf_of(client, address).pages) == 1
    assert "Earlier points of this period" in client.get(address).text
    assert len(pdf_of(client, address, whole="yes").pages) > 1


def test_nobody_gets_a_report_of_a_team_that_is_not_theirs(
    client, people, session, address
):
    harbour, moorside = people.trust.teams[:2]
    user = sign_in(client, session, "lead", people.trust)
    user.grants = [RoleGrant(role="lead", trust=people.trust, team=harbour)]
    session.commit()
    for kind in ("", ".pdf", ".csv"):
        asked = {"query_string": {"team": moorside.id}}
        assert client.get(address + kind, **asked).status_code == 404
        assert client.get(address + kind).status_code == 200


@pytest.mark.parametrize("period", ["2026-02", "1999", "x"])
def test_a_period_without_figures_is_not_found(client, address, period):
    for kind in ("", ".pdf", ".csv"):
        found = client.get(address + kind, query_string={"period": period})
        assert found.status_code == 404


def test_before_anything_was_let_out_the_report_says_so(client, people, session):
    sign_in(client, session, "lead", people.trust)
    address = f"/tracking/{people.trust.id}/carer/board"
    assert "No figure was let out in all quarters" in client.get(address).text
    assert len(pdf_of(client, address).pages) == 1
