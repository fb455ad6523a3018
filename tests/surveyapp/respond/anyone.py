"""What anybody may do at any moment of a journey: the rules that machines share."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import select

from surveyapp.assessments.queries import submitted
from surveyapp.campaigns import services as campaigns
from surveyapp.links import token_hash
from surveyapp.models import RespondentSession

devices = st.sampled_from(["phone", "computer"])
ELSEWHERE = {"information", "consent", "role", "done"}  # a POST that was not stored
NO_VISIT = 403


class Anyone(RuleBasedStateMachine):
    """Somebody with a personal link and two devices, who may withdraw.

    `receipts` are the codes that pages gave, by wave; `gone` the waves withdrawn.
    A machine says with `assessments()` what is stored of the person, and forgets
    in `forget(waves)` what the person has taken back.
    """

    app = session = campaign = None

    def __init__(self):
        super().__init__()
        self.browsers, self.receipts = {}, {}
        self.gone, self.new = set(), set()

    @rule(device=devices)
    def agree(self, device):
        browser = self.browsers[device]
        is_open = browser.get("/survey/consent").status_code != NO_VISIT
        if is_open and browser.path == "/survey/consent":
            browser.consent()
        if browser.path == "/survey/role":
            browser.post(role="service_user")

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
        if by_receipt and self.receipts:
            wave = max(self.receipts)
            given = {"receipt": self.receipts[wave]}
        elif here is not None and "Delete these answers" in browser.page:
            wave, given = here.wave, {"mine": "yes"}
        else:
            return
        if sure:
            before = self.n_withdrawn()
            browser.send("/withdraw", follow=False, which=which, **given)
            self.took_back(wave, which)
            assert self.n_withdrawn() == before + (1 in self.new)
            self.look_for_what_is_gone()

    def took_back(self, wave, which):
        """Note in the machine's own books what is gone; `new` is what went now."""
        standing = {a.wave for a in self.assessments()} - self.gone
        taken = standing if which == "all" else standing & {wave}
        self.forget(taken)
        self.new = taken
        self.gone |= taken

    def n_withdrawn(self):
        """How many withdrew, as the coordinator's page of the campaign counts them."""
        self.session.rollback()
        return sum(row[3] for row in campaigns.counts(self.session, self.campaign))

    def look_for_what_is_gone(self):
        """Nothing in the export, no visit that is open, and a receipt that says so."""
        out = [a for a in self.assessments() if a.wave in self.gone]
        assert all(a.withdrawn_at for a in out) and len(out) == len(self.gone)
        exported = submitted(self.session, self.campaign, "service_user")
        assert not {a.id for a in out} & {a.id for a in exported}
        assert not any(a.history or a.background or a.comments for a in out)
        for device, browser in self.browsers.items():
            here = self.assessment_on(device)
            if here is not None and here.wave in self.gone:
                assert browser.get("/survey/1").status_code == NO_VISIT
        for wave in self.gone & set(self.receipts):
            browser.get("/withdraw")
            receipt = self.receipts[wave]
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
