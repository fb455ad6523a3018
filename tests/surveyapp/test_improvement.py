"""What a lead tried, from when: written, changed, closed, and marked on charts."""

import re

import pytest
from sqlalchemy import select

from surveyapp.models import AuditEvent, ImprovementNote, RoleGrant

from .people import People, make_trust
from .signing_in import sign_in

pytestmark = pytest.mark.any_database

WHAT = "A form for physical health in every meeting"


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


@pytest.fixture
def lead(client, session, people):
    return sign_in(client, session, "lead", people.trust)


def write(client, people, team="", what=WHAT, started_on="2026-04-01"):
    form = {"team": team, "what": what, "started_on": started_on}
    return client.post(f"/improvement/{people.trust.id}/new", data=form)


def the_note(session):
    session.expire_all()
    return session.scalars(select(ImprovementNote)).one()


def test_a_note_can_be_written_changed_closed_and_opened_again(
    client, session, people, lead
):
    team = people.trust.teams[0]
    assert write(client, people, str(team.id)).status_code == 303
    note = the_note(session)
    address = f"/improvement/{people.trust.id}"
    assert (note.what, str(note.started_on)) == (WHAT, "2026-04-01")
    form = {"what": "Longer meetings", "started_on": "2026-05-02"}
    assert client.post(f"{address}/{note.id}", data=form).status_code == 303
    assert (the_note(session).what, str(note.started_on)) == tuple(form.values())
    client.post(f"{address}/{note.id}/end")
    assert the_note(session).ended_on is not None
    assert "Longer meetings" in client.get(address + "/").text
    client.post(f"{address}/{note.id}/resume")
    assert the_note(session).ended_on is None
    kinds = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [kind for kind in kinds if kind.startswith("improvement_note")] == [
        f"improvement_note.{each}"
        for each in ("written", "changed", "ended", "resumed")
    ]


@pytest.mark.parametrize(
    "form, told",
    [
        ({"what": "  "}, "Write what you tried"),
        ({"what": "x" * 301}, "these are 301"),
        ({"started_on": "yesterday"}, "Write a day"),
        ({"started_on": "2999-01-01"}, "Choose a day from"),
    ],
)
def test_what_cannot_be_a_note_is_refused_and_what_was_typed_stays(
    client, session, people, lead, form, told
):
    page = write(client, people, **form)
    assert page.status_code == 422 and told in page.text
    assert form.get("what", WHAT).strip() in page.text
    assert session.scalars(select(ImprovementNote)).all() == []


def test_a_note_marks_the_chart_of_its_team_and_no_other(
    client, people, session, lead, rng
):
    harbour, moorside = people.trust.teams[:2]
    people.invited(rng.uniform(20, 60, 30))
    people.invited(rng.uniform(20, 60, 30), "Moorside")
    people.release()
    write(client, people, str(harbour.id), "<b>Tried</b> here")
    write(client, people, what="Tried everywhere")
    address = f"/tracking/{people.trust.id}/service_user"
    wanted = {harbour.id: ["1", "2"], moorside.id: ["1"], "": ["1"]}
    for team, numbers in wanted.items():
        page = client.get(address, query_string={"team": team}).text
        marked = re.findall(r'font-size="11">(\d)</text>', page)
        assert marked == numbers and "Tried everywhere" in page
        assert ("&lt;b&gt;Tried" in page) is (team == harbour.id)
        svg = client.get(f"{address}/chart.svg", query_string={"team": team}).text
        assert re.findall(r'font-size="11">(\d)</text>', svg) == numbers


def test_a_lead_of_one_team_writes_notes_of_that_team_alone(
    client, people, session, lead
):
    harbour, moorside = people.trust.teams[:2]
    write(client, people, str(moorside.id), "Of the other team")
    write(client, people, what="Of the trust")
    lead.grants = [RoleGrant(role="lead", trust=people.trust, team=harbour)]
    session.commit()
    assert write(client, people, str(harbour.id)).status_code == 303
    for team in (str(moorside.id), ""):
        assert write(client, people, team).status_code == 404
    page = client.get(f"/improvement/{people.trust.id}/").text
    assert WHAT in page and "Of the trust" in page and "Of the other team" not in page
    for note in session.scalars(select(ImprovementNote)).all():
        address = f"/improvement/{people.trust.id}/{note.id}"
        expected = 200 if note.team_id == harbour.id else 404
        assert client.get(address).status_code == expected
        assert client.post(f"{address}/end").status_code == (
            303 if expected == 200 else 404
        )
