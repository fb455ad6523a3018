"""In whatever order: no answer of an adaptive form is lost, no item taken back."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from surveyapp import bank
from surveyapp.links import new_token
from surveyapp.models import Assessment, Score

from ...factories import make_invitation
from .adaptive_visitor import ITEM, AdaptiveVisitor
from .anyone import ELSEWHERE, NO_VISIT, Anyone, devices

pytestmark = pytest.mark.any_database

FORM = bank.instrument("demonstration_adaptive_service_user.v1")
POOL = {item.id for item in FORM.items}
values = st.sampled_from(["0", "2", "4", "cannot_remember", "did_not_happen", "9", ""])
pages = ["information", "role", "before-you-start", "care-plan", "pause-1", "more-1"]
pages += ["all-questions", "check", "stop", "done", "1", "3", "7", "12", "40", ""]


class Chooser(Anyone):
    """Someone with one personal link and two devices, each perhaps on an old page."""

    def __init__(self):
        super().__init__()
        self.token = new_token()
        self.invitation = make_invitation(self.session, self.campaign, self.token)
        self.session.commit()
        self.acknowledged, self.given, self.shown = {}, {}, {}
        for name in ("phone", "computer"):
            self.arrive(name)
            self.agree(name)

    @rule(device=devices)
    def arrive(self, device):
        self.browsers[device] = AdaptiveVisitor(self.app.test_client())
        assert self.browsers[device].open_link(self.token).status_code == 200
        self.shown.pop(device, None)

    def has_answers(self):
        return bool(self.acknowledged)

    def forget(self, ids):
        for number in ids:
            self.acknowledged.pop(number, None)
            self.given.pop(number, None)

    @rule(device=devices, page=st.sampled_from(pages))
    def look_at(self, device, page):
        browser = self.browsers[device]
        expected = (200, 404, *([NO_VISIT] if self.gone else []))
        assert browser.get(f"/survey/{page}").status_code in expected
        if browser.number and ITEM.search(browser.page):
            self.shown[device] = browser.path.partition("?")[0], browser.item

    @rule(device=devices)
    def go_where_it_was(self, device):
        """To the newest question, which another device may have brought."""
        here = self.assessment_on(device)
        self.look_at(device, str(len(self.given.get(here and here.id, ()))))

    @rule(device=devices, value=values, sure=st.booleans(), twice=st.booleans())
    def answer_what_is_shown(self, device, value, sure, twice):
        """Send the page this device has open, perhaps long since passed, or twice."""
        if device not in self.shown:
            return
        path, item = self.shown[device]
        browser = self.browsers[device]
        browser.get("/withdraw")  # for its token alone
        for _ in range(1 + twice):
            fields = {item: value} | ({"asked": "yes"} if sure else {})
            response = browser.send(path, follow=False, **fields)
            expected = (303, 404, 409, 422, *([NO_VISIT] if self.gone else []))
            assert response.status_code in expected
            stored = response.status_code == 303 and value
            if stored and response.location.rpartition("/")[2] not in ELSEWHERE:
                number = self.assessment_on(device).id
                self.acknowledged.setdefault(number, {})[item] = value

    @rule(device=devices)
    def answer_three_in_a_row(self, device):
        for _ in range(3):
            self.go_where_it_was(device)
            self.answer_what_is_shown(device, "2", True, False)
            self.what_was_given_stays_given()

    @rule(device=devices)
    def see_all_questions(self, device):
        browser = self.browsers[device]
        offered = browser.get("/survey/all-questions").status_code == 200
        here = self.assessment_on(device)
        n = len(self.given.get(here and here.id, ()))
        if browser.path == "/survey/all-questions" and offered and n > 3:
            assert browser.post().status_code == 200

    @rule(device=devices, twice=st.booleans())
    def send_the_form(self, device, twice):
        browser = self.browsers[device]
        is_open = browser.get("/survey/check").status_code != NO_VISIT
        here = self.assessment_on(device)
        n = len(self.acknowledged.get(here and here.id, ()))
        if is_open and browser.path == "/survey/check" and n > 4:
            for _ in range(1 + twice):
                assert browser.send("/survey/submit").status_code == 200
            browser.get("/survey/done")
            self.codes[here.id] = browser.receipt

    def assessments(self):
        self.session.rollback()
        mine = Assessment.invitation_id == self.invitation.id
        return self.session.scalars(select(Assessment).where(mine)).all()

    @invariant()
    def what_was_acknowledged_is_stored_once(self):
        found = self.assessments()
        for assessment in found:
            stored = {a.item_id: a.reason or str(a.value) for a in assessment.answers}
            assert stored == self.acknowledged.get(assessment.id, {})
            mine = Score.assessment_id == assessment.id
            scales = [s.scale for s in self.session.scalars(select(Score).where(mine))]
            is_counted = assessment.submitted_at and assessment.id not in self.gone
            expected = ["involvement_theta"] if is_counted else []
            assert scales == expected

    @invariant()
    def what_was_given_stays_given(self):
        for assessment in self.assessments():
            if assessment.sitting is None:
                continue
            given = assessment.sitting.given
            before = self.given.get(assessment.id, ())
            assert given[: len(before)] == before
            assert len(set(given)) == len(given) <= 12 and set(given) <= POOL
            waiting = [e for e in assessment.sitting.exposures if e.passed_at is None]
            assert waiting in ([], [assessment.sitting.exposures[-1]])
            self.given[assessment.id] = given


def test_any_order_keeps_answers_and_items(app, session, adaptive_campaign):
    known = {"app": app, "session": session, "campaign": adaptive_campaign}
    run_state_machine_as_test(
        type("Somebody", (Chooser,), known),
        settings=settings(max_examples=6, stateful_step_count=15, deadline=None),
    )
