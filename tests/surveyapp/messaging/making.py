"""People of a list, plans, and carriers that write down what they get."""

from datetime import UTC, datetime, timedelta

from surveyapp.messaging.carriers import Refused
from surveyapp.models import Contact, Invitation, Message, MessagePlan, PlanStep

from ... import factories

MONDAY = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)  # 11:00 in London
STEPS = ((0, "preferred"), (14, "preferred"), (28, "print"))


def make_contact(session, campaign, name="Ada Moor", **given):
    defaults = {
        "email": "ada@example.org",
        "telephone": "+447700900123",
        "postal_address": "1 High Street\nNorthmoor\nSW1A 1AA",
        "perspective": "service_user",
        "team": campaign.teams[0],
        "retain_until": MONDAY + timedelta(days=4000),
    }
    contact = Contact(trust=campaign.trust, name=name, **defaults | given)
    return factories.added(session, contact)


def make_plan(session, campaign, steps=STEPS, **given):
    """A plan that runs since Monday."""
    defaults = {
        "starts_on": MONDAY.date(),
        "started_at": MONDAY,
        "from_hour": 9,
        "until_hour": 18,
        "most": 4,
        "within_days": 60,
    }
    plan = MessagePlan(
        campaign=campaign,
        steps=[
            PlanStep(number=n, after_days=days, channel=channel)
            for n, (days, channel) in enumerate(steps, start=1)
        ],
        **defaults | given,
    )
    return factories.added(session, plan)


def make_message(session, contact, campaign, **given):
    """A message that is due on Monday, by e-mail."""
    invitation = Invitation(
        campaign=campaign,
        contact=contact,
        team=campaign.teams[0],
        perspective="service_user",
    )
    defaults = {
        "campaign_id": campaign.id,
        "step": 1,
        "channel": "email",
        "carrier": "smtp",
        "template": "",
        "idempotency_key": f"plan.{campaign.id}.{contact.id}.1",
        "due_at": MONDAY,
    }
    message = Message(invitation=invitation, **defaults | given)
    return factories.added(session, message)


class Recorder:
    """A carrier that keeps what it gets; `problems` are raised first, one each."""

    def __init__(self, *problems, was_taken=None):
        self.got, self.problems, self.was_taken = [], [*problems], was_taken

    def send(self, envelope):
        if self.problems:
            problem = self.problems.pop(0)
            if problem is not None:
                raise problem
        self.got.append(envelope)
        return f"reference-{len(self.got)}"

    def find(self, key):
        return self.was_taken


def nobody_there():
    return Refused("SMTP 550 at recipient", is_undeliverable=True)
