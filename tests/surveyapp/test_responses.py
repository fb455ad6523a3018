"""Who has answered, in numbers: the funnel equals the records, and tells of nobody."""

import csv
import io
import re
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import func, select, update

from surveyapp import database
from surveyapp.assessments import questions
from surveyapp.database import utc_now
from surveyapp.models import Campaign, Contact, Message
from surveyapp.tracking import break_off, release_jobs, response_rates
from surveyapp.tracking import response_funnel as funnel

from .. import factories
from .signing_in import sign_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def campaign(app, client, session):
    made = factories.make_campaign(session, asks_contacts=True)
    sign_in(client, session, "coordinator", made.trust)
    session.info["app"] = app
    return made


def ask(session, campaign, n, *, channel="email", status="sent", answers=0, **given):
    """Invite `n` people of one team by a message; of the first some have answered."""
    held = {"retain_until": utc_now() + timedelta(days=90), "perspective": "carer"}
    team = given.pop("team", campaign.teams[0])
    for k in range(n):
        contact = Contact(trust=campaign.trust, team=team, name=f"Person {k}", **held)
        with session.info["app"].app_context():  # names are encrypted
            factories.added(session, contact)
        token = f"{team.id}-{channel}-{status}-{k}"
        made = factories.make_invitation(
            session, campaign, token, contact=contact, team=team, **given
        )
        key = {"template": "first", "idempotency_key": token}
        session.add(Message(invitation=made, channel=channel, status=status, **key))
        if k < answers:
            factories.make_assessment(
                session,
                campaign,
                "carer",
                invitation=made,
                started_at=factories.LONG_AGO - timedelta(minutes=9 + k),
                submitted_at=factories.LONG_AGO,
            )
    session.commit()


def found(session, campaign):
    with session.info["app"].app_context():
        return funnel.funnel_of(session, campaign, now=utc_now())


def test_the_funnel_equals_the_records(session, campaign):
    ask(session, campaign, 20, answers=12)
    ask(session, campaign, 10, channel="sms", status="failed")
    ask(session, campaign, 10, channel="print", answers=2)
    total = found(session, campaign).total.counts
    assert total == {
        "asked": 40,
        "sent": 30,
        "delivered": 0,
        "opened": 14,
        "started": 14,
        "submitted": 14,
        "declined": 0,
        "undeliverable": 10,
    }
    by = found(session, campaign).by
    assert {row.name: row.counts["submitted"] for row in by["way"]} == {
        "E-mail": 12,
        "Letter": 2,
        "Text": 0,
    }
    assert set(by) == {"way"}  # one team, month, wave and perspective: no table
    assert found(session, campaign).rate == (35, 22, 50)


def test_withdrawn_and_second_sendings_are_no_answers_and_a_no_is_one(
    session, campaign
):
    ask(session, campaign, 12, answers=5)
    rows = session.query(factories.Assessment).order_by(factories.Assessment.id).all()
    rows[0].withdrawn_at = utc_now()
    rows[1].duplicate_number = 2
    last = select(func.max(Contact.id)).scalar_subquery()
    session.execute(
        update(Contact).where(Contact.id == last).values(opted_out_at=utc_now())
    )
    session.commit()
    seen = found(session, campaign)
    assert (seen.total.counts["submitted"], seen.total.counts["started"]) == (3, 5)
    assert seen.total.counts["declined"] == 1
    assert (seen.n_listed, seen.n_suppressed) == (12, 1)


def test_rows_of_few_people_do_not_tell_what_they_did(session, campaign):
    teams = [
        factories.make_team(session, campaign.trust, name) for name in ("Few", "More")
    ]
    ask(session, campaign, 20, answers=10)
    ask(session, campaign, 4, answers=1, team=teams[0])
    ask(session, campaign, 12, answers=3, team=teams[1])
    rows = {row.name: row for row in found(session, campaign).by["team"]}
    assert rows["Few"].counts["asked"] == 4 and not rows["Few"].is_shown
    assert not rows["More"].is_shown  # by which the few could be had from the total
    assert rows["Harbour team"].counts["submitted"] == 10


def test_links_that_many_use_are_counted_apart_and_have_no_rate(session, campaign):
    poster = factories.make_invitation(session, campaign, "poster", is_open=True)
    for sent in (None, factories.LONG_AGO):
        factories.make_assessment(
            session, campaign, invitation=poster, submitted_at=sent
        )
    session.commit()
    seen = found(session, campaign)
    assert (seen.n_open, seen.n_open_sent, seen.rate) == (2, 1, None)
    assert seen.total.counts["asked"] == 0


def stop_at(session, campaign, position, n, **given):
    yesterday = utc_now() - timedelta(days=1, hours=1)
    for _ in range(n):
        factories.make_assessment(
            session, campaign, position=position, **{"started_at": yesterday} | given
        )
    session.commit()


def places(session, campaign, *, now=None):
    """What the page tells after a night."""
    break_off.count_anew(session, campaign, now=now or utc_now())
    told = break_off.break_off_of(session, campaign)
    return [(each.name, each.n_came, each.n_stopped) for each in told.places]


def test_places_at_which_few_stopped_are_put_together_with_the_next(
    client, session, campaign
):
    items = [i.id for i in questions.whole_form(campaign, "service_user").items]
    stop_at(session, campaign, "role", 4)
    stop_at(session, campaign, f"item:{items[0]}", 5)
    assert places(session, campaign) == []  # nine are too few
    stop_at(session, campaign, f"item:{items[9]}", 3)
    stop_at(session, campaign, f"item:{items[12]}", 11)
    stop_at(session, campaign, "check", 9)
    stop_at(session, campaign, "done", 20, submitted_at=utc_now() - timedelta(hours=25))
    assert places(session, campaign) == [
        ("First page to statement 10", 52, 12),
        ("Statement 11 to last page", 40, 20),
    ]
    page = text_of(client, campaign)
    assert "Of 52 who began" in page and "12 stopped" in page


def text_of(client, campaign):
    return client.get(f"/campaigns/{campaign.id}/responses/").text


def test_a_place_is_counted_in_the_order_in_which_each_person_was_asked(
    session, campaign
):
    ref = campaign.instrument_ref("service_user")
    first = questions.arranged_questions(ref, "rotated:2").items[0].id
    stop_at(session, campaign, f"item:{first}", 10, arrangement="rotated:2")
    stop_at(session, campaign, "check", 10)
    names = [name for name, _, _ in places(session, campaign)]
    assert names[0] == "First page to statement 10"


def stops_on(client, campaign):
    """What the page of a campaign says of where people stopped."""
    return re.search(r'aria-label="Of [^"]+"', text_of(client, campaign))[0]


def test_two_looks_tell_of_nobody_who_went_on_or_withdrew(client, session, campaign):
    """An attacker looks each hour and each morning, and knows who goes on when."""
    stop_at(session, campaign, "role", 15)
    stop_at(session, campaign, "check", 15)
    before, seen = places(session, campaign), stops_on(client, campaign)
    people = session.query(factories.Assessment).order_by(factories.Assessment.id).all()
    for n, somebody in enumerate(people[:10]):
        if n % 2:
            somebody.withdrawn_at = utc_now()
        else:
            somebody.position = "check"
        session.commit()
        assert stops_on(client, campaign) == seen  # within the day
        told = places(session, campaign)  # and after the night
        assert (told == before) is (n < 9), n
    assert sum(n for _, _, n in told) == 25  # ten at once


def nights(rng, days=90):
    """What is counted each night of a campaign: place -> how many stopped there.

    People come some a day, stop somewhere, and some of them go on, send or withdraw.
    """
    stopped, n_sent = np.zeros(6, int), 0
    for _ in range(days):
        new = rng.poisson(rng.choice([0.5, 3, 12]))
        stopped += rng.multinomial(new, np.full(6, 1 / 6))
        at = rng.integers(6)
        moved = min(stopped[at], rng.poisson(1))
        stopped[at] -= moved  # on to the end, or withdrawn
        n_sent += rng.binomial(moved, 0.6)
        yield {"sent": int(n_sent)} | {str(k): int(n) for k, n in enumerate(stopped)}


def test_who_reads_it_each_day_and_takes_differences_learns_of_ten_at_least(rng):
    """Of 40 campaigns: no row and no step between two readings is of fewer people."""
    n_readings = 0
    for _ in range(40):
        told, read = {}, ()
        for counted in nights(rng):
            step = break_off.n_differ(told, counted)
            if step >= break_off.LEAST:
                told = counted
            stops = Counter({int(k): n for k, n in told.items() if k != "sent"})
            rows = break_off.merged(stops, told.get("sent", 0), 5)
            assert all(row.n_stopped >= break_off.LEAST for row in rows)
            if rows != read:
                assert step >= break_off.LEAST
                read, n_readings = rows, n_readings + 1
    assert n_readings > 100


def test_who_is_answering_today_has_not_stopped(session, campaign):
    stop_at(session, campaign, "role", 10, started_at=utc_now())
    assert places(session, campaign) == []


def test_where_people_stop_says_why_paper_and_chosen_questions_are_not_in_it(
    client, session, campaign
):
    campaign.modes = ["web", "paper"]
    session.commit()
    page = text_of(client, campaign)
    assert "Of paper nobody knows where" in page
    assert "chooses its questions" not in page
    campaign.instruments[0].instrument = "demonstration_adaptive_service_user.v1"
    session.commit()
    assert "A form that chooses its questions" in text_of(client, campaign)


def test_how_long_it_took_is_told_by_way_from_ten_people_on(client, session, campaign):
    ask(session, campaign, 21, answers=21)
    rows = session.query(factories.Assessment).order_by(factories.Assessment.id).all()
    for row in rows[11:]:
        row.mode = "telephone"
    rows[-1].started_at -= timedelta(days=3)  # rested
    session.commit()
    break_off.count_anew(session, campaign, now=utc_now())
    web, telephone = break_off.times_of(session, campaign)
    assert (web.n, web.quartiles) == (11, (12, 14, 16))
    assert (telephone.n, telephone.quartiles) == (9, None)
    page = text_of(client, campaign)
    assert "On the web, alone" in page and "Shown from 10 people on" in page


def test_the_page_shows_the_numbers_as_picture_table_and_file(
    client, session, campaign
):
    campaign.n_wanted = 50
    ask(session, campaign, 20, answers=12)
    ask(session, campaign, 10, channel="print", answers=3)
    address = f"/campaigns/{campaign.id}/responses/"
    page = client.get(address).text
    assert "Asked 30" in page and "Sent answers 15" in page  # the picture's words
    assert "50 % of those asked" in page and "15 of 50 answers hoped" in page
    assert "Person" not in page
    text = client.get(f"{address}responses.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["which"], r["submitted"]) for r in rows] == [
        ("All", "15"),
        ("E-mail", "12"),
        ("Letter", "3"),
    ]


def test_pages_that_count_later_waves_say_so(client, session, campaign):
    for wave in (1, 1, 2):
        factories.make_assessment(
            session, campaign, wave=wave, submitted_at=factories.LONG_AGO
        )
    session.commit()
    assert (
        "1 more were sent when people" in client.get(f"/campaigns/{campaign.id}").text
    )
    sign_in(client, session, "researcher", campaign.trust)
    page = client.get("/research/").text
    assert "3 sent so far: 2 for the first time, 1 when asked again" in page


def number(pattern, text):
    return int(re.search(pattern, re.sub(r"(<[^>]+>|\s)+", " ", text))[1])


def test_every_role_sees_the_same_numbers_or_a_sentence_why_not(
    client, session, campaign
):
    """A campaign with every kind of answer, looked at by four people."""
    ask(session, campaign, 40, answers=17)
    rows = session.query(factories.Assessment).order_by(factories.Assessment.id).all()
    rows[0].withdrawn_at = utc_now()
    poster = factories.make_invitation(session, campaign, "poster", is_open=True)
    given = {"perspective": "carer", "submitted_at": factories.LONG_AGO}
    factories.make_assessment(session, campaign, invitation=poster, **given)
    factories.make_assessment(session, campaign, mode="paper", **given)  # of a file
    factories.make_assessment(session, campaign, wave=2, invitation=poster, **given)
    factories.make_assessment(session, campaign, "carer", duplicate_number=2)
    session.commit()
    response_rates.count_rates(session, campaign.trust_id)

    pages, funnel_page = {}, text_of(client, campaign)
    for role, address in (
        ("coordinator", f"/campaigns/{campaign.id}"),
        ("researcher", "/research/"),
        ("lead", f"/tracking/{campaign.trust_id}/carer/teams"),
        ("administrator", "/admin/"),
    ):
        sign_in(client, session, role, campaign.trust)
        pages[role] = client.get(address, follow_redirects=True).text
    sent = 16 + 1 + 1 + 1
    assert number(r"(\d+) sent answers count in all", funnel_page) == sent
    assert number(r"carer (\d+) sent so far", pages["researcher"]) == sent
    first, again = (
        number(r"Carer \d+ (\d+)", pages["coordinator"]),
        number(r"times; (\d+) more were sent", pages["coordinator"]),
    )
    assert first + again == sent
    assert number(r"Sent answers (\d+)", funnel_page) == 16
    rate = number(r"(\d+) % of those asked", funnel_page)
    assert rate == 40 and f"about {rate}%" in pages["lead"]
    reasons = {
        "coordinator": "who withdrew or sent twice is beside",
        "researcher": "those on the form that it gives now are counted",
        "lead": "so that nobody’s taking part is told",
        "administrator": "is not on administrators’ pages",
    }
    assert [role for role, why in reasons.items() if why not in pages[role]] == []


def test_stops_of_the_others_are_counted_where_a_campaign_is_deleted_meanwhile(
    app, session, monkeypatch
):
    first = factories.make_campaign(session)
    other = factories.make_campaign(session, first.teams[0], is_draft=True)
    session.commit()
    last = other.id

    def delete_meanwhile(_session):
        if (there := session.get(Campaign, last)) is not None:
            session.delete(there)
            session.commit()

    monkeypatch.setattr(database, "take_turns", delete_meanwhile)
    with app.app_context():
        release_jobs.count_stops(session, None, None)
    assert session.scalars(select(Campaign.id)).all() == [first.id]
