"""In whatever order someone does things: nothing acknowledged is lost or doubled."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from surveyapp import bank
from surveyapp.links import new_token
from surveyapp.models import Assessment, Score

from ...factories import make_invitation
from .visitor import Visitor

INSTRUMENT = bank.instrument("short_service_user.v1")
ITEMS = INSTRUMENT.items
ELSEWHERE = {"information", "consent", "role", "done"}  # a POST that was not stored
devices = st.sampled_from(["phone", "computer"])
numbers = st.integers(1, len(ITEMS))
values = st.sampled_from(["0", "2", "4", "cannot_remember", "did_not_happen", "9", ""])
pages = ["information", "consent", "role", "before-you-start", "care-plan", "pause-1"]
pages += ["extra", "more-2", "comment", "check", "stop", "done", "7", "30", "31", ""]
sizes = st.sampled_from(["1", "3", "12"])


class Person(RuleBasedStateMachine):
    """Someone with one personal link and two devices, who goes back and forth."""

    app = session = campaign = None

    def __init__(self):
        super().__init__()
        self.token = new_token()
        self.invitation = make_invitation(self.session, self.campaign, self.token)
        self.session.commit()
        self.acknowledged = {}
        self.browsers = {}
        for name in ("phone", "computer"):
            self.arrive(name)

    @rule(device=devices)
    def arrive(self, device):
        """Open the link with no cookie, as at first or after losing it."""
        self.browsers[device] = Visitor(self.app.test_client())
        assert self.browsers[device].open_link(self.token).status_code == 200

    @rule(device=devices)
    def agree(self, device):
        browser = self.browsers[device]
        browser.get("/survey/consent")
        if browser.path == "/survey/consent":
            browser.consent()
        if browser.path == "/survey/role":
            browser.post(role="service_user")

    @rule(device=devices, page=st.sampled_from(pages))
    def look_at(self, device, page):
        assert self.browsers[device].get(f"/survey/{page}").status_code in (200, 404)

    @rule(device=devices, number=numbers, value=values, twice=st.booleans())
    def answer(self, device, number, value, twice):
        """Send a page, perhaps an old one and perhaps twice."""
        browser, item = self.browsers[device], ITEMS[number - 1]
        browser.get("/withdraw")
        number = self.page_of(number)
        for _ in range(1 + twice):
            fields = {item.id: value, "asked": "yes"}
            response = browser.send(f"/survey/{number}", follow=False, **fields)
            assert response.status_code in (303, 409, 422)
            if response.status_code == 303 and value:
                if response.location.rpartition("/")[2] not in ELSEWHERE:
                    self.acknowledged[item.id] = value

    @rule(device=devices, per_page=sizes)
    def choose_another_size_of_page(self, device, per_page):
        self.browsers[device].get("/display/")
        assert self.browsers[device].post(per_page=per_page).status_code == 200

    @rule(device=devices, twice=st.booleans())
    def send_the_form(self, device, twice):
        browser = self.browsers[device]
        browser.get("/survey/check")
        if browser.path == "/survey/check" and len(self.acknowledged) > 2:
            for _ in range(1 + twice):
                assert browser.send("/survey/submit").status_code == 200

    def page_of(self, number):
        """The page that an item is on now, of the size this person chose."""
        for assessment in self.assessments():
            size = int((assessment.presentation or {}).get("per_page", 1))
            pages_now = INSTRUMENT.pages(size)
            holds = [ITEMS[number - 1] in page for page in pages_now]
            return holds.index(True) + 1
        return number

    def assessments(self):
        self.session.rollback()
        mine = Assessment.invitation_id == self.invitation.id
        return self.session.scalars(select(Assessment).where(mine)).all()

    @invariant()
    def what_was_acknowledged_is_stored_once(self):
        found = self.assessments()
        assert len(found) <= 1
        for assessment in found:
            stored = {a.item_id: a.reason or str(a.value) for a in assessment.answers}
            assert stored == self.acknowledged
            n = select(func.count(Score.id)).where(Score.assessment_id == assessment.id)
            expected = len(INSTRUMENT.scales) if assessment.submitted_at else 0
            assert self.session.scalar(n) == expected


def test_any_order_of_pages_keeps_what_was_acknowledged(app, session, campaign):
    known = {"app": app, "session": session, "campaign": campaign}
    run_state_machine_as_test(
        type("Someone", (Person,), known),
        settings=settings(max_examples=10, stateful_step_count=20, deadline=None),
    )
