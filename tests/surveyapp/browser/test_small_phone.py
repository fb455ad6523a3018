"""How little a small phone shows at once, and how many pages that makes."""

import pytest
from sqlalchemy.orm import Session

from surveyapp import bank
from surveyapp.extensions import db

from ...factories import make_campaign, make_invitation, make_team, make_trust
from .conftest import PHONE
from .person import Person
from .test_adaptive import Chooser

pytestmark = pytest.mark.browser
SECOND = {"service_user": "short_service_user.v2", "carer": "short_carer.v2"}
# Where the last button of the page ends, in screens.
SCREENS = """(() => {
    const buttons = [...document.querySelectorAll("main .nhsuk-button")];
    const last = buttons.filter(b => b.checkVisibility()).at(-1);
    return (last.getBoundingClientRect().bottom + scrollY) / innerHeight;
})()"""


class WithoutPlan(Person):
    """A service user of the second edition, who has no plan and leaves nothing out."""

    def __init__(self, page, link):
        super().__init__(page, link)
        self.care_plan = "no"
        self.instrument = bank.instrument(SECOND[self.role])

    def begin(self):
        yield from super().begin(wants_plan="no")

    def answer(self):
        while (here := self.where()) != "more-1":
            yield here
            if here.startswith("pause"):
                self.press("Go on")
                continue
            for name in self.page.evaluate(
                "[...new Set([...document.querySelectorAll('main [type=radio]')]"
                ".map(e => e.name))]"
            ):
                self.choose(name, "1")
            self.press("Continue")


@pytest.fixture(scope="module")
def someone(served):
    """Makes a person on a page, in a campaign with so many statements a page."""

    def make(per_page, page):
        app, address = served
        with app.app_context(), Session(db.engine) as session:
            campaign = make_campaign(
                session, instruments=SECOND, items_per_page=per_page
            )
            token = f"phone-{campaign.id}"
            make_invitation(session, campaign, token, is_open=True)
            session.commit()
        return WithoutPlan(page, f"{address}/s/{token}")

    return make


def test_pages_of_one_question_are_few_and_each_takes_little_more_than_a_screen(
    someone, new_page
):
    person, screens, n_pages = someone(1, new_page()), {}, 0
    assert PHONE == {"width": 320, "height": 568}
    for here in person.walk():
        n_pages += 1
        if here.isdigit():
            screens[here] = person.page.evaluate(SCREENS)
    assert len(screens) == 25 and max(screens.values()) <= 1.3
    assert n_pages <= 40


@pytest.mark.parametrize("per_page, most", [(3, 22), (12, 17)])
def test_poster_to_thanks_without_a_plan_takes_few_pages(
    someone, new_page, per_page, most
):
    assert len([*someone(per_page, new_page()).walk()]) <= most


def test_an_adaptive_form_has_few_pages_around_its_questions(served, new_page):
    app, address = served
    with app.app_context(), Session(db.engine) as session:
        team = make_team(session, make_trust(session, is_demonstration=True))
        given = {p: f"demonstration_adaptive_{p}.v1" for p in SECOND}
        campaign = make_campaign(session, team, given)
        token = f"chooses-{campaign.id}"
        make_invitation(session, campaign, token, is_open=True)
        session.commit()
    link = f"{address}/s/{token}"
    met = [*Chooser(new_page(), link).walk()]
    assert len([here for here in met if not here.isdigit()]) <= 12


def test_reasons_open_without_scripts_and_stay_open_when_one_is_chosen(
    someone, new_page
):
    person = someone(1, new_page(java_script_enabled=False))
    [*person.begin()]
    reason = person.page.locator('input[value="did_not_happen"]')
    assert not reason.is_visible()
    assert "It did not happen" in person.page.inner_text("main summary")
    person.page.get_by_text("None of these fits me").click()
    reason.check()
    person.press("Continue")
    person.page.go_back()
    person.page.reload()
    assert reason.is_visible() and reason.is_checked()
