"""Whatever rows a file has, they come out as they went in."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyapp.campaigns import import_work
from surveyapp.research.exports.export import tables

from ... import factories
from .earlier import ITEMS, confirm, csv_of, found_in, look_at

pytestmark = pytest.mark.any_database

CELLS = ["", "0", "1", "2", "3", "4", "91", "94", "81", "82", "83"]
COLUMNS = ("quarter", "wave", "mode", "assisted_by", "language", "care_plan", *ITEMS)
rows = st.fixed_dictionaries(
    {
        "quarter": st.sampled_from(["2024Q4", "2025Q1", "2026Q2"]),
        "perspective": st.just("service_user"),
        "wave": st.sampled_from(["1", "2"]),
        "mode": st.sampled_from(["web", "paper", "telephone", "face_to_face"]),
        "assisted_by": st.sampled_from(["", "staff", "family_or_friend"]),
        "language": st.sampled_from(["en", "cy"]),
        "care_plan": st.sampled_from(["", "yes", "not_sure"]),
        ITEMS[0]: st.sampled_from(CELLS[1:]),
        **{item: st.sampled_from(CELLS) for item in ITEMS[1:]},
    }
)


def told(table):
    """Rows as text, in an order that says nothing."""
    return sorted(tuple(row[name] for name in COLUMNS) for row in table)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
@given(st.lists(rows, min_size=1, max_size=6))
def test_what_is_brought_in_is_exported_again_as_it_was(app, session, given_rows):
    with app.app_context():
        campaign = factories.make_campaign(session)
        made = look_at(session, campaign, csv_of(*given_rows))
        assert found_in(made).problems == []
        confirm(session, made)
        import_work.carry_on(session, made.id, actor="x")
        text = tables(session, campaign, "service_user").responses
    assert told(csv.DictReader(io.StringIO(text))) == told(given_rows)
