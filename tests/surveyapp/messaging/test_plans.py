"""Who gets what when: the same answer ahead and on the day."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from surveyapp.assessments import retention
from surveyapp.calendar import LONDON
from surveyapp.errors import InvalidAnswers
from surveyapp.messaging import (
    composing,
    message_plans,
    outbox,
    people,
    schedule,
    sending_days,
)
from surveyapp.models import AuditEvent, Invitation, Message

from ... import factories
from .making import MONDAY, STEPS, Recorder, make_contact, make_message, make_plan

pytestmark = pytest.mark.any_database

TODAY = MONDAY.date()
DAYS = sending_days.SendingDays(9, 18, False)


def rules(*steps, **given):
    defaults = {"starts_on": TODAY, "closes_on": None, "most": 4, "within_days": 60}
    made = [schedule.Step(n, *step) for n, step in enumerate(steps or STEPS, start=1)]
    return schedule.Rules(made, DAYS, **defaults | given)


def somebody(*channels, **given):
    return schedule.Person(1, channels or ("email", "print"), **given)


def told(person, rules, first_day=TODAY):
    to_come = schedule.upcoming(person, rules, first_day)
    return [(p.step.number, p.channel, (p.day - TODAY).days) for p in to_come]


def test_a_plan_reminds_and_changes_the_way():
    assert told(somebody(), rules()) == [
        (1, "email", 0),
        (2, "email", 14),
        (3, "print", 28),
    ]


def test_who_has_no_address_for_a_step_is_passed_over():
    assert told(somebody("email"), rules())[-1] == (2, "email", 14)
    assert told(somebody("print"), rules((0, "email"), (21, "print"))) == [
        (2, "print", 21)
    ]


def test_a_day_that_is_a_holiday_moves_to_the_next_working_day():
    good_friday = date(2026, 4, 3)
    assert DAYS.next_open(good_friday) == date(2026, 4, 7)  # after Easter Monday
    assert not DAYS.is_open(date(2026, 12, 28))  # in lieu of Boxing Day


def test_steps_keep_their_distances_after_a_pause():
    late = TODAY + timedelta(days=70)
    person = somebody(went={1: TODAY}, days=[TODAY])
    assert told(person, rules(), late) == [(2, "email", 70), (3, "print", 84)]


def test_what_went_late_moves_what_follows():
    went = {1: TODAY + timedelta(days=3)}  # a Thursday
    assert [day for *_, day in told(somebody(went=went), rules())] == [17, 31]


def test_the_cap_counts_every_campaign_and_lets_wait():
    before = [TODAY - timedelta(days=10), TODAY - timedelta(days=5)]
    capped = rules(most=2, within_days=30)
    days = [day for *_, day in told(somebody(days=before), capped)]
    assert days[0] == 21  # 20 days from now the first is 30 days ago: a Sunday
    for day in days:
        window = [*before, *(TODAY + timedelta(days=d) for d in days)]
        end = TODAY + timedelta(days=day)
        assert sum(end - timedelta(days=30) < each <= end for each in window) <= 2


def test_nothing_is_planned_for_after_the_end():
    ends = TODAY + timedelta(days=20)
    assert [step for step, *_ in told(somebody(), rules(closes_on=ends))] == [1, 2]


@given(
    went=st.dictionaries(
        st.integers(1, 3), st.integers(-60, 0).map(lambda d: TODAY + timedelta(days=d))
    ),
    late=st.integers(0, 90),
    most=st.integers(1, 4),
)
def test_no_step_twice_none_in_the_past_none_on_a_closed_day(went, late, most):
    first_day = DAYS.next_open(TODAY + timedelta(days=late))
    person = somebody(went=went, days=sorted(went.values()))
    to_come = [*schedule.upcoming(person, rules(most=most), first_day)]
    numbers = [planned.step.number for planned in to_come]
    days = [planned.day for planned in to_come]
    assert numbers == sorted({*numbers}) and not {*numbers} & {*went}
    assert days == sorted({*days}) and all(DAYS.is_open(day) for day in days)
    assert all(day >= first_day for day in days)


@pytest.fixture
def campaign(app, session):
    with app.app_context():
        yield factories.make_campaign(session)


def listed(session, campaign):
    """Five people whom a plan reaches in different ways, and three whom it does not."""
    none = dict.fromkeys(("email", "telephone", "postal_address"))
    make_contact(session, campaign)
    make_contact(session, campaign, preferences={"mode": "letter"})
    make_contact(session, campaign, **none | {"telephone": "+447700900124"})
    make_contact(session, campaign, **none | {"email": "b@example.org"})
    make_contact(session, campaign, perspective="carer", team=None)
    make_contact(session, campaign, preferences={"mode": "telephone"})
    make_contact(session, campaign, perspective="professional")
    make_contact(session, campaign, opted_out_at=MONDAY)


def run_days(session, plan, n_days, start=MONDAY):
    """What is put into the outbox, and sent, on each of so many days."""
    put = Counter()
    for day in range(n_days):
        now = start + timedelta(days=day)
        message_plans.put_due(session, plan, now=now)
        for message in session.scalars(select(Message).filter_by(status="due")):
            here = message.due_at.astimezone(LONDON).date()
            put[here, message.step, message.channel] += 1
            message.status, message.sent_at = "sent", now
        session.commit()
    return put


def test_the_preview_is_what_is_sent_when_nobody_answers(session, campaign):
    listed(session, campaign)
    plan = make_plan(session, campaign)
    session.commit()
    ahead = message_plans.preview(session, plan, now=MONDAY)
    assert (ahead.n_people, ahead.unreached) == (6, 1)
    assert session.scalar(select(Invitation.id)) is None  # looking writes nothing
    assert run_days(session, plan, 40) == ahead.counts
    assert sum(ahead.counts.values()) == 3 + 3 + 2 + 2 + 3


PLANS = (STEPS, ((0, "email"), (1, "sms"), (9, "print")), ((0, "print"),))


@pytest.mark.parametrize("steps", PLANS)
def test_whoever_has_something_due_is_among_those_looked_at(
    session, campaign, rng, steps
):
    plan = make_plan(session, campaign, steps, most=3, within_days=20)
    for number in range(40):
        contact = make_contact(session, campaign, f"Person {number}")
        for step in range(1, 2 + rng.integers(len(steps) + 1)):
            day = MONDAY - timedelta(days=int(rng.integers(30)), hours=number)
            make_message(
                session,
                contact,
                campaign,
                step=step,
                due_at=day,
                sent_at=day if rng.random() < 0.5 else None,
                idempotency_key=f"{number}.{step}",
            )
    session.commit()
    asked = [people.batches(session, plan, now=MONDAY)]
    asked.append(people.batches(session, plan, now=MONDAY, only_due=True))
    everybody, looked_at = ({n for ids in each for n in ids} for each in asked)
    of_plan = people.rules_of(plan)
    to_come = {
        person.contact_id: next(schedule.upcoming(person, of_plan, TODAY), None)
        for person in people.persons(session, campaign, sorted(everybody))
    }
    due = {n for n, planned in to_come.items() if planned and planned.day == TODAY}
    assert due <= looked_at < everybody == {*to_come}


def test_who_has_got_the_last_message_is_not_looked_at_again(session, campaign):
    contact = make_contact(session, campaign)
    plan = make_plan(session, campaign)
    make_message(session, contact, campaign, step=len(STEPS), status="sent")
    session.commit()
    late = MONDAY + timedelta(days=300)
    assert [*people.batches(session, plan, now=late, only_due=True)] == []
    assert [*people.batches(session, plan, now=late)] == [[contact.id]]


def test_a_step_is_put_once_however_often_it_is_asked_for(session, campaign):
    make_contact(session, campaign)
    plan = make_plan(session, campaign)
    session.commit()
    assert message_plans.put_due(session, plan, now=MONDAY) == 1
    assert message_plans.put_due(session, plan, now=MONDAY) == 0
    [message] = session.scalars(select(Message)).all()
    assert message.carrier == "file" and message.invitation.perspective
    assert (message.campaign_id, message.step) == (campaign.id, 1)


def test_a_plan_that_is_paused_or_whose_campaign_is_closed_puts_nothing(
    session, campaign
):
    make_contact(session, campaign)
    plan = make_plan(session, campaign, paused_at=MONDAY)
    session.commit()
    assert message_plans.put_due(session, plan, now=MONDAY) == 0
    plan.paused_at, campaign.closes_at = None, MONDAY
    session.commit()
    assert message_plans.put_due(session, plan, now=MONDAY) == 0


def test_who_has_answered_is_in_no_plan(session, campaign):
    contact = make_contact(session, campaign)
    message = make_message(session, contact, campaign, status="sent", sent_at=MONDAY)
    plan = make_plan(session, campaign)
    session.commit()
    assert message_plans.preview(session, plan, now=MONDAY).n_people == 1
    message.invitation.status = "answered"
    session.commit()
    assert message_plans.preview(session, plan, now=MONDAY).n_people == 0


def test_messages_of_another_campaign_count_towards_the_cap(session, campaign):
    contact = make_contact(session, campaign)
    other = factories.make_campaign(session, team=campaign.teams[0])
    make_message(session, contact, other, status="sent", sent_at=MONDAY)
    plan = make_plan(session, campaign, most=1, within_days=10)
    session.commit()
    assert message_plans.put_due(session, plan, now=MONDAY) == 0
    assert message_plans.put_due(session, plan, now=MONDAY + timedelta(days=10)) == 1


def wanted(**changes):
    defaults = {
        "starts_on": TODAY,
        "from_hour": 9,
        "until_hour": 18,
        "on_weekends": False,
        "most": 4,
        "within_days": 60,
        "steps": [(0, "preferred", "print", False), (14, "print", "print", True)],
    }
    return message_plans.Wanted(**defaults | changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": None}, "starts_on"),
        ({"from_hour": 18, "until_hour": 9}, "from_hour"),
        ({"most": 0}, "most"),
        ({"steps": []}, "step-1"),
        ({"steps": [(3, "email", "print", False)]}, "step-1"),
        (
            {"steps": [(0, "email", "print", False), (0, "email", "print", False)]},
            "step-2",
        ),
        ({"steps": [(0, "email", "print", True)]}, "step-1"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused_where_it_is_wrong(changes, field):
    assert field in message_plans.problems_of(wanted(**changes))


def test_a_plan_is_made_changed_begun_and_paused_and_each_is_recorded(
    session, campaign
):
    plan = message_plans.make(session, campaign, actor="staff:1", now=MONDAY)
    message_plans.change(session, plan, wanted(), actor="staff:1", now=MONDAY)
    message_plans.begin(session, plan, actor="staff:1", now=MONDAY)
    assert plan.is_running and [s.has_form for s in plan.steps] == [False, True]
    message_plans.pause(session, plan, actor="staff:1", now=MONDAY)
    assert not plan.is_running
    done = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert done == ["plan.made", "plan.changed", "plan.begun", "plan.paused"]
    campaign.closes_at = MONDAY
    session.commit()
    with pytest.raises(InvalidAnswers):
        message_plans.begin(session, plan, actor="staff:1", now=MONDAY)


def test_the_outbox_sends_what_the_plan_has_put(session, campaign):
    make_contact(session, campaign)
    plan = make_plan(session, campaign)
    session.commit()
    message_plans.put_due(session, plan, now=MONDAY)
    carrier = Recorder()
    assert outbox.send_due(session, {"file": carrier}, clock=lambda: MONDAY) == 1
    assert people.persons(session, campaign, [1])[0].went == {1: TODAY}


def test_somebody_with_the_number_of_who_was_deleted_is_written_to(session, campaign):
    plan = make_plan(session, campaign)
    old = make_contact(session, campaign)
    number = old.id
    assert message_plans.put_due(session, plan, now=MONDAY) == 1
    retention.forget(session, [number])
    session.commit()
    session.expunge(old)
    make_contact(session, campaign, "Bea New", id=number)  # as SQLite does by itself
    session.commit()
    assert message_plans.put_due(session, plan, now=MONDAY) == 1


def test_the_first_message_to_somebody_does_not_remind(session, campaign):
    plan = make_plan(session, campaign, steps=((0, "email"), (14, "print")))
    make_contact(session, campaign, email=None)
    later = MONDAY + timedelta(days=14)
    message_plans.put_due(session, plan, now=later)
    message = session.scalars(select(Message)).one()
    assert message.step == 2
    said = composing.compose(session, message, now=later)
    assert said["kind"] == "first" and "We wrote to you" not in said["text"]


def test_no_message_is_foretold_for_the_day_after_the_last(session, campaign):
    campaign.closes_at = datetime(2026, 6, 14, 23, 0, tzinfo=UTC)  # midnight in London
    plan = make_plan(session, campaign)  # whose second message is for the 15th
    make_contact(session, campaign)
    session.commit()
    ahead = message_plans.preview(session, plan, now=MONDAY)
    assert {day for day, *_ in ahead.counts} == {MONDAY.date()}
