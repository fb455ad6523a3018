"""A whole wave in made-up days: nothing after a stop, nothing twice, none lost."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.messaging import message_plans, outbox
from surveyapp.messaging.carriers import Refused, TryLater
from surveyapp.models import (
    Campaign,
    Contact,
    Invitation,
    Message,
    MessagePlan,
    Suppression,
)
from surveyapp.models.contact import ContactKey
from surveyapp.tracking import response_funnel

from ... import factories
from .making import MONDAY, make_contact, make_plan

pytestmark = pytest.mark.one_database
WEEKS, KILLS = 8, 3
STEPS = ((0, "email"), (10, "sms"), (21, "email"))
SENT = ("sent", "delivered")


class Post:
    """A carrier that takes what it gets, unless it bounces or we are killed."""

    def __init__(self, rng):
        self.rng, self.got, self.kills = rng, [], KILLS

    def send(self, envelope):
        chance = self.rng.random()
        if chance < 0.03:
            raise Refused("550", is_undeliverable=True)
        if chance < 0.06:
            raise TryLater("451")
        self.got.append(envelope)
        if self.kills and chance > 0.97:
            self.kills -= 1
            raise KeyboardInterrupt  # after it went, before it was noted
        return None

    def find(self, key):
        return None


@pytest.mark.parametrize(
    "n_people", [150, pytest.param(20_000, marks=pytest.mark.slow)]
)
def test_a_wave_sends_nothing_twice_and_nothing_after_a_stop(
    app, session, rng, n_people
):
    with app.app_context():
        campaign = factories.make_campaign(session, asks_contacts=True)
        people = [
            make_contact(session, campaign, f"Person {n}") for n in range(n_people)
        ]
        for contact in people:
            session.add(
                ContactKey(contact_id=contact.id, digest=f"{contact.id}", kind="nhs")
            )
        plan = make_plan(session, campaign, STEPS, most=3, within_days=30)
        plan_id = plan.id
        session.commit()  # and nothing is read by it while workers write: SQLite's log
        post, stopped = Post(rng), {}
        with Session(db.engine) as first, Session(db.engine) as second:
            workers = [first, second]
            for day in range(7 * WEEKS):
                now = MONDAY + timedelta(days=day)
                before = len(post.got)
                for worker in workers:
                    held = worker.get(MessagePlan, plan_id)
                    message_plans.put_due(worker, held, now=now)
                work(workers, post, now)
                sent_to = [whom(e) for e in post.got[before:]]
                assert not [c for c in sent_to if stopped.get(c, day) < day]
                something_happens(session, rng, campaign, stopped, day, now)
        session.commit()
        check(session, post)
        check_funnel(session, campaign, post, stopped, now)


def work(workers, post, now):
    """Two workers in turn, message by message; who is killed leaves it to the other."""
    clock = {"smtp": post, "file": post}
    turn = 0
    while ids := outbox.due(workers[0], clock, now=now):
        for message_id in ids:
            for worker in (workers[turn % 2], workers[(turn + 1) % 2]):
                try:
                    outbox.send_one(worker, message_id, clock, clock=lambda: now)
                except KeyboardInterrupt:
                    worker.rollback()
            turn += 1
    outbox.find_cut_off(workers[0], clock, now=now + timedelta(hours=1))


def whom(envelope):
    return whom_key(envelope.key)


def whom_key(key):
    return int(key.split(".")[2])


def something_happens(session, rng, campaign, stopped, day, now):
    """Answers, opt-outs and deaths at random, of those who were written to."""
    session.commit()
    trust_id = campaign.trust_id
    written_to = session.execute(select(Invitation.id, Invitation.contact_id)).all()
    for invitation_id, contact_id in written_to:
        chance = rng.random()
        if contact_id in stopped or chance > 0.02:
            continue
        stopped[contact_id] = day
        if chance < 0.012:
            invitation = session.get(Invitation, invitation_id)
            invitation.status = "answered"
            factories.make_assessment(
                session, campaign, invitation=invitation, submitted_at=now
            )
        elif chance < 0.016:
            of = update(Contact).where(Contact.id == contact_id)
            session.execute(of.values(opted_out_at=now))
        else:
            listed = {"kind": "deceased", "digest": f"{contact_id}"}
            session.add(Suppression(trust_id=trust_id, as_of=now.date(), **listed))
    session.commit()


def check(session, post):
    """What the carrier got is what the records say, and every loss is shown."""
    twice = [key for key, n in Counter(e.key for e in post.got).items() if n > 1]
    assert twice == []
    counts = Counter(session.scalars(select(Message.status)))
    assert post.kills == 0 and counts["uncertain"] == KILLS
    assert sum(counts[s] for s in SENT) + counts["uncertain"] == len(post.got)
    assert counts["sending"] == 0
    kept = select(Message.id).where(
        Message.content.is_not(None), Message.status.in_((*SENT, "cancelled", "failed"))
    )
    assert session.scalars(kept).all() == []
    dead = select(Message).where(Message.is_undeliverable)
    assert session.scalars(dead).first() is not None


def check_funnel(session, campaign, post, stopped, now):
    """The page of who has answered says what the carrier and the people did."""
    session.expire_all()
    campaign = session.get(Campaign, campaign.id)
    invited = dict(map(tuple, session.execute(INVITED).all()))
    answered = {of for of, status in invited.items() if status == "answered"}
    open_still = select(Message.idempotency_key).where(Message.status == "uncertain")
    unsure = {*session.scalars(open_still)}
    got = {whom(e) for e in post.got if e.key not in unsure}
    refused = {whom_key(key) for key in session.scalars(FAILED)}
    no = {*session.scalars(select(Contact.id).where(Contact.opted_out_at.is_not(None)))}
    counts = response_funnel.funnel_of(session, campaign, now=now).total.counts
    assert counts == {
        "asked": len(invited),
        "sent": len(got | answered),
        "delivered": 0,
        "opened": len(answered),
        "started": len(answered),
        "submitted": len(answered),
        "declined": len(no),
        "undeliverable": len(refused - got - answered),
    }
    deaths = len(stopped) - len(answered) - len(no)
    print(f"{counts}, uncertain {len(unsure)}, deaths {deaths}, sent {len(post.got)}")


INVITED = select(Invitation.contact_id, Invitation.status)
FAILED = select(Message.idempotency_key).where(Message.status == "failed")
