"""The care plan, reasons, consents and codes in any order, on two devices.

Two people at one invitation, each with a code of their own: what one says reaches
neither the other's pages nor the other's score, and each score follows the gate.
"""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from surveyapp import bank
from surveyapp.assessments.journey import journey_of
from surveyapp.assessments.queries import submitted
from surveyapp.links import new_token
from surveyapp.models import Assessment, Score

from ...factories import make_campaign, make_invitation
from .anyone import ELSEWHERE, NO_VISIT, Anyone, devices
from .visitor import Visitor

pytestmark = pytest.mark.any_database

REF = "short_service_user.v2"
FORM = bank.instrument(REF)
ITEMS = {item.id: item for item in FORM.items}
PLAN_ITEMS = FORM.gate.when_no
# By hand from the table of the gate: plan and wish, and what becomes of its items.
LOWEST = {("no", "yes"), ("no", "not_sure"), ("no", None), ("not_sure", None)}
STRUCTURAL = {("no", "no")}
ASIDE = {"not_wanted", "not_applicable"}
MISSING = {"do_not_know", "cannot_remember", "prefer_not_to_say"}
said = st.sampled_from(["yes", "no", "not_sure", None])
some = st.sampled_from([*PLAN_ITEMS, "parity_asked", "coordination_staff_knew"])
replies = st.sampled_from(["0", "1", "2", "4", *sorted(ASIDE | MISSING)])
replies |= st.just("did_not_happen")


def outcome(plan, wanted):
    if plan != "no":
        wanted = None
    if (plan, wanted) in LOWEST:
        return "lowest"
    return "structural" if (plan, wanted) in STRUCTURAL else "asked"


def living_document(plan, wanted, given):
    """The score that METHOD says, from the table and the replies alone."""
    if outcome(plan, wanted) != "asked":
        return 0.0 if outcome(plan, wanted) == "lowest" else None
    kept = {i: given.get(i) for i in PLAN_ITEMS if given.get(i) not in ASIDE}
    shares = [
        0 if reply == "did_not_happen" else int(reply) / max(ITEMS[i].responses.values)
        for i, reply in kept.items()
        if reply is not None and reply not in MISSING
    ]
    if not kept or len(shares) < len(kept) / 2:
        return None
    return 100 * sum(shares) / len(shares)


class Decider(Anyone):
    """Two people with one personal invitation, who change their minds."""

    def __init__(self):
        super().__init__()
        self.token = new_token()
        self.invitation = make_invitation(self.session, self.campaign, self.token)
        self.session.commit()
        self.plan, self.wanted, self.given, self.shares = {}, {}, {}, {}
        for name in ("phone", "computer"):
            self.arrive(name)

    @initialize(came=st.sampled_from(["new", "sent", "both"]), plan=said, wanted=said)
    def begin_somewhere(self, came, plan, wanted):
        """At the beginning, or where it takes many steps to come."""
        for device in ("phone", "computer") if came != "new" else ():
            self.agree(device)
            self.say_of_the_plan(device, plan, wanted)
            for item, reply in (("parity_asked", "3"), (PLAN_ITEMS[0], "not_wanted")):
                self.answer(device, item, reply)
        if came == "sent":
            self.send_the_form("phone", False)

    @rule(device=devices)
    def arrive(self, device):
        self.browsers[device] = Visitor(self.app.test_client())
        assert self.browsers[device].open_link(self.token).status_code == 200

    def has_answers(self):
        return bool(self.given)

    def forget(self, ids):
        for number in ids:
            for book in (self.plan, self.wanted, self.given, self.shares):
                book.pop(number, None)

    def note_code(self, device):
        super().note_code(device)
        here = self.assessment_on(device)
        if here is not None and here.id not in self.gone:
            self.shares.setdefault(here.id, True)
            self.given.setdefault(here.id, {})

    def sends(self, device, path, **fields):
        """The assessment in which a page was stored, or None where it was not."""
        browser, here = self.browsers[device], self.assessment_on(device)
        browser.get("/withdraw")  # for its token alone
        kept = {name: value for name, value in fields.items() if value is not None}
        response = browser.send(f"/survey/{path}", follow=False, asked="yes", **kept)
        assert response.status_code in (303, NO_VISIT, 404, 409, 422)
        if response.status_code != 303 or here is None:
            return None
        return None if response.location.rpartition("/")[2] in ELSEWHERE else here.id

    @rule(device=devices, plan=said, wanted=said)
    def say_of_the_plan(self, device, plan, wanted):
        """One after the other, perhaps leaving one out: what was said before stays."""
        number = self.sends(device, "care-plan", care_plan=plan)
        if number is None:
            return
        self.plan[number] = plan or self.plan.get(number)
        asked = self.sends(device, "wants-plan", wants_plan=wanted)
        assert (asked is not None) == (self.plan[number] == "no")
        if asked is not None:
            self.wanted[number] = wanted or self.wanted.get(number)

    @rule(device=devices, item=some, reply=replies)
    def answer(self, device, item, reply):
        """An item that is asked, or in spite of the gate from a page long open."""
        if not self.offers(item, reply):
            return
        here = self.assessment_on(device)
        stop = here and journey_of(here).stop_of(item)
        number = self.sends(device, stop or "1", **{item: reply})
        if number is not None:
            self.given[number][item] = reply

    def offers(self, item, reply):
        held = ITEMS[item]
        return reply in held.reasons or reply in map(str, held.responses.values)

    @precondition(lambda self: self.given)
    @rule(device=devices, shares=st.booleans())
    def change_what_was_agreed(self, device, shares):
        browser, here = self.browsers[device], self.assessment_on(device)
        browser.get("/withdraw")
        answer = {"consent_sharing": "yes" if shares else "no"}
        response = browser.send("/survey/agreed", follow=False, **answer)
        if response.status_code == 303 and "agreed" in response.location:
            self.shares[here.id] = shares

    @rule(device=devices, whose=st.sampled_from(["own", "shared"]))
    def say_whose_device_it_is(self, device, whose):
        browser = self.browsers[device]
        browser.get("/withdraw")
        sent = browser.send("/survey/your-code", follow=False, device=whose)
        assert sent.status_code in (303, NO_VISIT, 409)

    @rule(device=devices, twice=st.booleans())
    def send_the_form(self, device, twice):
        browser = self.browsers[device]
        is_open = browser.get("/survey/check").status_code != NO_VISIT
        here = self.assessment_on(device)
        if is_open and browser.path == "/survey/check" and here.id in self.plan:
            self.the_check_page_shows_what_is_asked(device, here)
            for _ in range(1 + twice):
                assert browser.send("/survey/submit").status_code == 200
            browser.get("/survey/done")
            self.codes[here.id] = browser.receipt

    def the_check_page_shows_what_is_asked(self, device, here):
        is_asked = outcome(*self.told(here.id)) == "asked"
        for item in PLAN_ITEMS:
            stem = FORM.stem(ITEMS[item])
            assert (stem in self.browsers[device].page) == is_asked

    def told(self, number):
        return self.plan.get(number), self.wanted.get(number)

    def assessments(self):
        self.session.rollback()
        mine = Assessment.invitation_id == self.invitation.id
        return self.session.scalars(select(Assessment).where(mine)).all()

    @invariant()
    def each_has_what_that_person_told_alone(self):
        for one in self.assessments():
            if one.id in self.gone:
                continue
            stored = {a.item_id: a.reason or str(a.value) for a in one.answers}
            assert stored == self.given.get(one.id, {})
            assert (one.care_plan, one.wants_plan) == self.told(one.id)
            asked = {item.id for item in journey_of(one).asked} & {*PLAN_ITEMS}
            is_asked = outcome(*self.told(one.id)) == "asked"
            assert asked == ({*PLAN_ITEMS} if is_asked else set())

    @invariant()
    def each_score_follows_the_gate(self):
        for one in self.assessments():
            if one.submitted_at and one.id not in self.gone:
                mine = Score.assessment_id == one.id, Score.scale == "living_document"
                score = self.session.scalars(select(Score).where(*mine)).one()
                expected = living_document(*self.told(one.id), self.given[one.id])
                assert score.value == pytest.approx(expected)

    @invariant()
    def outside_goes_what_that_person_agreed_to_now(self):
        found = submitted(self.session, self.campaign, "service_user")
        outside = submitted(
            self.session, self.campaign, "service_user", only_shared=True
        )
        mine = {one.id for one in found} & {*self.shares}
        assert mine & {one.id for one in outside} == {
            number for number in mine if self.shares[number]
        }


def run(app, session, *, examples, steps):
    campaign = make_campaign(session, instruments={"service_user": REF})
    known = {"app": app, "session": session, "campaign": campaign}
    machine = type("SomeoneWhoDecides", (Decider,), known)
    comes_to_the_end(machine())  # which few steps at random may never do
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None
        ),
    )


def comes_to_the_end(someone):
    """On the phone; on the computer the same person has yet to send."""
    someone.begin_somewhere(came="sent", plan="no", wanted="yes")
    sent = [one.submitted_at is not None for one in someone.assessments()]
    assert sorted(sent) == [False, True]
    someone.each_has_what_that_person_told_alone()
    someone.each_score_follows_the_gate()
    someone.outside_goes_what_that_person_agreed_to_now()
    someone.teardown()


def test_any_order_follows_the_gate_and_what_each_agreed_to(app, session):
    run(app, session, examples=3, steps=12)


@pytest.mark.slow
def test_any_order_at_length(app, session):
    run(app, session, examples=30, steps=40)
