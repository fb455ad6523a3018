"""What anybody may do at any moment of a journey: the rules that machines share."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import select

from surveyapp.assessments.queries import submitted
from surveyapp.campaigns import services as campaigns
from surveyapp.links import token_hash
from surveyapp.models import RespondentSession

from .visitor import Visitor, without_tokens

devices = st.sampled_from(["phone", "computer"])
ELSEWHERE = {"information", "consent", "role", "done"}  # a POST that was not stored
NO_VISIT = 403


class Anyone(RuleBasedStateMachine):
    """Whoever has a personal link and two devices, and may withdraw.

    Each device that opens the link begins anew; only a personal code leads on. `codes`
    are the personal codes that pages gave, and `gone` what was withdrawn, by number of
    the assessment. A machine says with `assessments()` what is stored by its link, and
    forgets in `forget(ids)` what was taken back.
    """

    app = session = campaign = None

    def __init__(self):
        super().__init__()
        self.browsers, self.codes = {}, {}
        self.gone, self.new = set(), set()

    @rule(device=devices)
    def agree(self, device):
        browser = self.browsers[device]
        is_open = browser.get("/survey/consent").status_code != NO_VISIT
        if is_open and browser.path in ("/survey/consent", "/survey/for-whom"):
            browser.consent()
        if browser.path == "/survey/role":
            browser.post(role="service_user")
        self.note_code(device)

    def note_code(self, device):
        """Keep the personal code that this device shows, as the person would."""
        here = self.assessment_on(device)
        if here is not None and here.id not in self.gone:
            self.codes.setdefault(here.id, self.browsers[device].code)

    @precondition(lambda self: self.codes)
    @rule(device=devices, which=st.integers(0, 5))
    def go_on_by_code(self, device, which):
        """Type one of the codes on a device: that set of answers is there."""
        number = sorted(self.codes)[which % len(self.codes)]
        browser = self.browsers[device]
        browser.go_on_with(self.codes[number])
        if number in self.gone:
            assert browser.path == "/withdrawn"
        else:
            assert self.assessment_on(device).id == number

    @rule()
    def a_stranger_opens_the_link(self):
        """Who only has the invitation sees the same page whatever was done by it."""
        stranger = Visitor(self.app.test_client())
        stranger.get(f"/s/{self.token}")
        seen = without_tokens(stranger.page)
        assert seen == self.__dict__.setdefault("first_seen", seen)

    @precondition(lambda self: self.has_answers())
    @rule(
        device=devices,
        by_receipt=st.booleans(),
        which=st.sampled_from(["these", "all"]),
        sure=st.booleans(),
    )
    def withdraw(self, device, by_receipt, which, sure):
        """Take the answers back, of this visit or of the newest receipt."""
        browser, here = self.browsers[device], self.assessment_on(device)
        browser.get("/withdraw")
        if by_receipt and self.codes:
            number = max(self.codes)
            given = {"receipt": self.codes[number]}
        elif here is not None and "Delete these answers" in browser.page:
            number, given = here.id, {"mine": "yes"}
        else:
            return
        if sure:
            before = self.n_withdrawn()
            browser.send("/withdraw", follow=False, which=which, **given)
            self.took_back(number, which)
            firsts = {a.id for a in self.assessments() if a.wave == 1}
            assert self.n_withdrawn() == before + len(self.new & firsts)
            self.look_for_what_is_gone()

    def took_back(self, number, which):
        """Note in the machine's own books what is gone; `new` is what went now.

        A code reaches the same person's later times too, and never an earlier one.
        """
        found = {a.id: a for a in self.assessments()}
        one, taken = found[number], {number}
        if which == "all":
            mine = [a for a in found.values() if a.respondent_id == one.respondent_id]
            taken |= {a.id for a in mine if a.wave > one.wave}
        taken -= self.gone
        self.forget(taken)
        self.new = taken
        self.gone |= taken

    def n_withdrawn(self):
        """How many withdrew, as the coordinator's page of the campaign counts them."""
        self.session.rollback()
        return sum(row[3] for row in campaigns.counts(self.session, self.campaign))

    def look_for_what_is_gone(self):
        """Nothing in the export, no visit that is open, and a receipt that says so."""
        out = [a for a in self.assessments() if a.id in self.gone]
        assert all(a.withdrawn_at for a in out) and len(out) == len(self.gone)
        exported = submitted(self.session, self.campaign, "service_user")
        assert not {a.id for a in out} & {a.id for a in exported}
        assert not any(a.history or a.background or a.comments for a in out)
        for device, browser in self.browsers.items():
            here = self.assessment_on(device)
            if here is not None and here.id in self.gone:
                assert browser.get("/survey/1").status_code == NO_VISIT
        for number in self.gone & set(self.codes):
            browser.get("/withdraw")
            receipt = self.codes[number]
            browser.post("/withdraw", receipt=receipt, which="these")
            assert browser.path == "/withdrawn"

    def assessment_on(self, device):
        """What the cookie of a device stands for, or stood for; or None."""
        self.session.rollback()
        cookie = self.browsers[device].client.get_cookie("survey")
        if cookie is None:
            return None
        mine = RespondentSession.secret_hash == token_hash(cookie.value)
        visit = self.session.scalar(select(RespondentSession).where(mine))
        return visit and visit.assessment
