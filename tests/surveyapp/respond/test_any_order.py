"""In whatever order someone does things: nothing acknowledged is lost or doubled."""

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
from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.assessments.questions import questions_of
from surveyapp.links import new_token
from surveyapp.models import Assessment, Respondent, Score

from ...factories import days_pass, make_campaign, make_invitation, make_wave
from .anyone import ELSEWHERE, NO_VISIT, Anyone, devices
from .test_recontact import LINK
from .visitor import Visitor

pytestmark = pytest.mark.any_database

FORM = bank.instrument("short_service_user.v1")
numbers = st.integers(1, len(FORM.items))
values = st.sampled_from(["0", "2", "4", "cannot_remember", "did_not_happen", "9", ""])
pages = ["information", "consent", "role", "before-you-start", "care-plan", "pause-1"]
pages += ["more-1", "more-2", "comment", "check", "stop", "done", "7", "30", "31", ""]
pages += ["since-last-time"]
sizes = st.sampled_from(["1", "3", "12"])
languages = st.sampled_from(["en", "en-XA", "ar-XB", "fr"])


class Person(Anyone):
    """Someone with one personal link and two devices, who goes back and forth.

    Once the answers are sent there is a link for next time, which opens after 14
    days and again after 60, each time for 14 days.
    """

    def __init__(self):
        super().__init__()
        self.token, self.token_back = new_token(), None
        self.invitation = make_invitation(self.session, self.campaign, self.token)
        self.session.commit()
        self.acknowledged = {}
        for name in ("phone", "computer"):
            self.arrive(name)

    @initialize(came=st.sampled_from(["new", "sent", "back"]))
    def begin_somewhere(self, came):
        """At the beginning, or where it takes many steps to come: after sending."""
        if came == "new":
            return
        self.agree("phone")
        for number in (1, 12):
            self.answer("phone", number, "2", False)
        self.send_the_form("phone", False)
        if came == "back":
            self.time_passes(14)
            self.come_back("phone", False)
            self.agree("phone")
            self.answer("phone", 1, "0", False)

    @rule(device=devices)
    def arrive(self, device):
        """Open the link with no cookie, as at first or after losing it."""
        self.browsers[device] = Visitor(self.app.test_client())
        assert self.browsers[device].open_link(self.token).status_code == 200

    def has_answers(self):
        return bool(self.acknowledged)

    def forget(self, ids):
        for number in ids:
            self.acknowledged.pop(number, None)

    @precondition(lambda self: self.token_back)
    @rule(device=devices, keeps_cookie=st.booleans())
    def come_back(self, device, keeps_cookie):
        """Open the link for next time: early, in time, late, once more."""
        if not keeps_cookie:
            self.browsers[device] = Visitor(self.app.test_client())
        browser = self.browsers[device]
        response = browser.get(f"/s/{self.token_back}")
        assert response.status_code in (200, 403, 410)
        if response.status_code == 200:
            assert browser.post().status_code == 200
        elif not keeps_cookie:
            self.arrive(device)

    @precondition(lambda self: self.token_back)
    @rule(device=devices)
    def go_on_from_the_thanks(self, device):
        browser = self.browsers[device]
        browser.get("/survey/done")
        if "Answer again now" in browser.page:
            asked = {"role": "service_user"}
            assert browser.post("/survey/return", **asked).status_code == 200

    @precondition(lambda self: self.token_back)
    @rule(days=st.sampled_from([3, 14, 46]))
    def time_passes(self, days):
        days_pass(self.session, days)

    @rule(device=devices, page=st.sampled_from(pages))
    def look_at(self, device, page):
        found = self.browsers[device].get(f"/survey/{page}")
        assert found.status_code in (200, 403, 404)

    @rule(device=devices, number=numbers, value=values, twice=st.booleans())
    def answer(self, device, number, value, twice):
        """Send a page, perhaps an old one and perhaps twice."""
        browser = self.browsers[device]
        browser.get("/withdraw")
        number, item = self.place_of(device, number)
        for _ in range(1 + twice):
            fields = {item.id: value, "asked": "yes"}
            response = browser.send(f"/survey/{number}", follow=False, **fields)
            expected = (303, 409, 422, *([NO_VISIT] if self.gone else []))
            assert response.status_code in expected
            if response.status_code == 303 and value:
                if response.location.rpartition("/")[2] not in ELSEWHERE:
                    number = self.assessment_on(device).id
                    self.acknowledged.setdefault(number, {})[item.id] = value

    @rule(device=devices, per_page=sizes)
    def choose_another_size_of_page(self, device, per_page):
        self.browsers[device].get("/display/")
        assert self.browsers[device].post(per_page=per_page).status_code == 200

    @rule(device=devices, language=languages)
    def read_in_another_language(self, device, language):
        browser = self.browsers[device]
        browser.get("/display/")
        response = browser.send("/display/language", language=language)
        expected = {"en": {200}, "fr": {422}}.get(language, {200})
        if self.gone and language != "en":  # without a visit there is English alone
            expected = expected | {422}
        assert response.status_code in expected

    @rule(device=devices, number=numbers, value=values, language=languages)
    def read_otherwise_in_the_middle(self, device, number, value, language):
        """What is chosen comes along to the same page, and is no answer yet."""
        browser = self.browsers[device]
        browser.get("/withdraw")
        number, item = self.place_of(device, number)
        address = f"/display/language?back=/survey/{number}"
        response = browser.send(address, language=language, **{item.id: value})
        assert response.status_code in (200, NO_VISIT, 409, 422)

    @rule(device=devices, twice=st.booleans())
    def send_the_form(self, device, twice):
        browser = self.browsers[device]
        is_open = browser.get("/survey/check").status_code != NO_VISIT
        here = self.assessment_on(device)
        given = here and self.acknowledged.get(here.id, ())
        if is_open and browser.path == "/survey/check" and len(given) > 1:
            for _ in range(1 + twice):
                assert browser.send("/survey/submit").status_code == 200
            browser.get("/survey/done")
            self.codes[here.id] = browser.receipt
            found = LINK.search(browser.page)
            self.token_back = found[1] if found else self.token_back

    def place_of(self, device, number):
        """A page and an item on it, of the form as this person is given it."""
        assessment = self.assessment_on(device)
        if assessment is None:
            return number, FORM.items[number - 1]
        form = questions_of(assessment).instrument
        item = form.items[(number - 1) % len(form.items)]
        size = int((assessment.presentation or {}).get("per_page", 1))
        holds = [item in page for page in form.pages(size)]
        return holds.index(True) + 1, item

    def assessments(self):
        self.session.rollback()
        mine = Assessment.invitation_id == self.invitation.id
        person = select(Assessment.respondent_id).where(mine)
        theirs = Assessment.respondent_id.in_(person)
        return self.session.scalars(select(Assessment).where(theirs)).all()

    @invariant()
    def what_was_acknowledged_is_stored_once(self):
        found = self.assessments()
        sent = [a for a in found if a.submitted_at and not a.withdrawn_at]
        counting = [a.wave for a in sent if a.duplicate_number is None]
        assert sorted(counting) == sorted({a.wave for a in sent})
        assert {*self.acknowledged} <= {a.id for a in found}
        for assessment in found:
            stored = {a.item_id: a.reason or str(a.value) for a in assessment.answers}
            assert stored == self.acknowledged.get(assessment.id, {})
            n = select(func.count(Score.id)).where(Score.assessment_id == assessment.id)
            is_counted = assessment.submitted_at and assessment.id not in self.gone
            expected = len(FORM.scales) if is_counted else 0
            assert self.session.scalar(n) == expected

    @invariant()
    def a_person_keeps_one_order(self):
        orders = {}
        for a in self.assessments():
            if a.position != "role":
                orders.setdefault(a.respondent_id, set()).add(a.arrangement)
        assert all(len(order) == 1 for order in orders.values())


@pytest.mark.parametrize("item_order", ["as_printed", "rotated", "booklets"])
def test_any_order_of_pages_keeps_what_was_acknowledged(app, session, item_order):
    length = 20 if item_order == "booklets" else None
    languages = ["en", "en-XA", "ar-XB"]
    campaign = make_campaign(
        session, item_order=item_order, booklet_length=length, languages=languages
    )
    make_wave(session, campaign)
    make_wave(session, campaign, 3, "follow_up", 60)
    known = {"app": app, "session": session, "campaign": campaign}
    run_state_machine_as_test(
        type("Someone", (Person,), known),
        settings=settings(max_examples=6, stateful_step_count=20, deadline=None),
    )
    assert session.scalar(select(func.count(Respondent.id))) > 0
