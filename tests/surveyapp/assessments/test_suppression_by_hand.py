"""Whom a list of one trust stops, and which list counts: one by one, by hand."""

from datetime import date, timedelta

import pytest

from surveyapp.assessments import suppression
from surveyapp.calendar import LONDON
from surveyapp.models import Contact, ContactKey, Suppression
from surveyapp.models.contact_import import LISTS

from ... import factories

pytestmark = pytest.mark.one_database
TODAY = date(2026, 3, 27)
OLD, NEW = TODAY - timedelta(days=40), TODAY - timedelta(days=2)


@pytest.fixture
def trust(app, session):
    with app.app_context():  # where names are locked
        yield factories.make_trust(session)


def person(session, trust, name, *keys, **given):
    """Somebody who is known by these (digest, kind) or (digest, kind, is about)."""
    later = factories.LONG_AGO + timedelta(days=4000)
    made = Contact(trust=trust, name=name, **{"retain_until": later} | given)
    made.keys = [
        ContactKey(digest=digest, kind=kind, is_about=bool(about))
        for digest, kind, *about in keys
    ]
    return factories.added(session, made)


def listed(session, trust, kind, *digests, day=NEW, stage="done"):
    """A list of a kind with those on it."""
    given = {"kind": kind, "stage": stage, "as_of": day, "findings": None}
    made = factories.make_contact_list(session, trust, **given)
    for digest in digests:
        known = {"contact_import_id": made.id, "kind": kind, "as_of": day}
        session.add(Suppression(trust_id=trust.id, digest=digest, **known))
    session.commit()
    return made


def against(session, *people, heeds=True):
    return [
        suppression.reasons_against(session, each, TODAY, heeds_opt_out=heeds)
        for each in people
    ]


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_stops_whom_it_names_in_its_own_trust_alone(session, trust, kind):
    other = factories.make_trust(session, "Southvale")
    mine = person(session, trust, "Ada", ("d1", "nhs"))
    named = person(session, trust, "Bea", ("d1", "name_birth"))
    beside = person(session, trust, "Cy", ("d2", "nhs"))
    elsewhere = person(session, other, "Di", ("d1", "nhs"))
    by_telephone = person(session, trust, "Ed", ("d1", "telephone"))
    listed(session, trust, kind, "d1")
    everybody = mine, named, beside, elsewhere, by_telephone
    assert against(session, *everybody) == [[kind], [kind], [], [], []]
    free = suppression.who_may_be_written_to(trust.id, TODAY, heeds_opt_out=True)
    assert {each.name for each in session.scalars(free)} == {"Cy", "Ed"}
    counted = suppression.counts(session, trust.id, TODAY)
    assert counted[kind] == 2 and sum(counted.values()) == 2
    assert sum(suppression.counts(session, other.id, TODAY).values()) == 0


@pytest.mark.parametrize("kind", LISTS)
def test_only_the_list_of_the_dead_stops_who_cares_for_somebody_on_it(
    session, trust, kind
):
    carer = person(session, trust, "Bea", ("d1", "nhs", True))
    listed(session, trust, kind, "d1")
    assert against(session, carer) == [[kind] if kind == "deceased" else []]


def test_an_opt_out_counts_as_the_newest_whole_list_of_ones_own_trust_has_it(
    session, trust
):
    other = factories.make_trust(session, "Southvale")
    ada = person(session, trust, "Ada", ("d1", "nhs"))
    listed(session, trust, "data_opt_out", "d1", day=OLD)
    listed(session, other, "data_opt_out")
    listed(session, trust, "deceased")
    listed(session, trust, "data_opt_out", stage="checked")
    assert against(session, ada) == [["data_opt_out"]]
    assert against(session, ada, heeds=False) == [[]]
    assert not suppression.may_be_written_to(session, ada, TODAY, heeds_opt_out=True)
    assert suppression.may_be_written_to(session, ada, TODAY, heeds_opt_out=False)
    listed(session, trust, "data_opt_out")
    assert against(session, ada) == [[]]


def test_nobody_is_written_to_from_the_midnight_on_which_details_go(session, trust):
    midnight = factories.LONG_AGO.astimezone(LONDON).replace(
        year=2026, month=3, day=27, hour=0, minute=0, second=0, microsecond=0
    )
    moment = timedelta(seconds=1)
    people = [
        person(session, trust, "Ada", retain_until=midnight + late)
        for late in (-moment, 0 * moment, moment)
    ]
    assert against(session, *people) == [["expired"], ["expired"], []]


def test_who_said_no_is_counted_as_such(session, trust):
    no = person(session, trust, "Ada", opted_out_at=factories.LONG_AGO)
    person(session, trust, "Bea")
    session.commit()
    assert against(session, no) == [["opted_out"]]
    assert suppression.counts(session, trust.id, TODAY)["opted_out"] == 1


def test_the_newest_lists_are_those_of_ones_own_trust_that_were_taken_in(
    session, trust
):
    listed(session, trust, "deceased", day=OLD)
    listed(session, trust, "deceased", day=NEW, stage="undone")
    listed(session, factories.make_trust(session, "Southvale"), "do_not_contact")
    listed(session, trust, "contacts", day=NEW)
    found = suppression.newest_lists(session, trust.id)
    assert found == dict.fromkeys(LISTS) | {"deceased": OLD}
    fresh = dict.fromkeys(LISTS, NEW)
    assert suppression.not_fresh(fresh, TODAY, heeds_opt_out=True) == []
    lacks = fresh | {"data_opt_out": None, "deceased": OLD}
    assert suppression.not_fresh(lacks, TODAY, heeds_opt_out=False) == ["deceased"]
    assert suppression.not_fresh(lacks, TODAY, heeds_opt_out=True) == [
        "deceased",
        "data_opt_out",
    ]


def test_a_campaign_heeds_the_opt_out_where_its_notice_says_research(session, trust):
    campaign = factories.make_campaign(session)
    for notice, expected in (
        (None, False),
        (factories.notice(), False),
        (factories.notice(is_research=True), True),
    ):
        campaign.notices = [notice] if notice else []
        assert suppression.heeds_data_opt_out(campaign) is expected
