"""Who is counted as invited and as having answered, one by one, beside decoys."""

import pytest

from surveyapp.tracking import response_rates
from surveyapp.tracking.response_rates import rate_text

from .. import factories

pytestmark = pytest.mark.one_database
SENT = factories.LONG_AGO


class Invited:
    """People of a trust: a team, one that was merged into it, and another."""

    def __init__(self, session):
        self.session, self.campaign = session, factories.make_campaign(session)
        self.trust, self.home = self.campaign.trust, self.campaign.teams[0]
        self.merged, self.away = (
            factories.make_team(session, self.trust, name) for name in "bc"
        )
        self.merged.merged_into_id = self.home.id
        self.n = 0

    def invite(self, n, team, **given):
        made = []
        for _ in range(n):
            self.n += 1
            token = f"{self.trust.id} {self.n}"
            made.append(
                factories.make_invitation(
                    self.session, self.campaign, token, team=team, **given
                )
            )
        return made

    def answer(self, invitations, **given):
        sent = {"submitted_at": SENT} | given
        for each in invitations:
            factories.make_assessment(
                self.session, self.campaign, invitation=each, **sent
            )

    def counted(self, perspective="service_user"):
        """What the night counts and pages read."""
        self.session.commit()
        response_rates.count_rates(self.session, self.trust.id)
        self.session.rollback()
        return self.read(perspective)

    def read(self, perspective="service_user"):
        return response_rates.response_rates(self.session, self.trust.id, perspective)


def test_personal_invitations_are_counted_and_whether_something_came_that_counts(
    session,
):
    here, elsewhere = Invited(session), Invited(session)
    home = here.invite(3, here.home) + here.invite(2, here.merged)
    here.answer([home[0], home[3]])
    here.answer(home[1:2], withdrawn_at=SENT)
    here.answer(home[2:3], submitted_at=None)
    of_users = here.invite(4, here.away, perspective="service_user")
    here.answer(of_users[:3])
    here.invite(1, None)
    for given in (
        {"perspective": "carer"},
        {"is_open": True},
        {"status": "cancelled"},
    ):
        here.answer(here.invite(5, here.home, **given))
    back = here.invite(1, here.home)  # for who answered before
    back[0].respondent_id = factories.make_assessment(session).respondent_id
    elsewhere.answer(elsewhere.invite(6, elsewhere.home))
    assert elsewhere.counted() == {elsewhere.home.id: (6, 6), None: (0, 0)}
    expected = {here.home.id: (5, 2), here.away.id: (4, 3), None: (1, 0)}
    for _ in "12":  # in place of what was counted before
        assert here.counted() == expected
    assert here.read("carer") == {here.home.id: (10, 7), None: (1, 0)}
    assert elsewhere.read() == {elsewhere.home.id: (6, 6), None: (0, 0)}


@pytest.mark.parametrize(
    "invited, answered, text",
    [
        (29, 20, "fewer than 30 invited"),
        (30, 15, "about 50%"),
        (1000, 99, "under 10%"),
        (100, 10, "about 10%"),
        (100, 90, "about 90%"),
        (1000, 901, "over 90%"),
        (1000, 474, "about 45%"),
        (1000, 476, "about 50%"),
    ],
)
def test_a_rate_is_told_in_steps_of_five_and_at_its_ends_by_bounds(
    invited, answered, text
):
    assert rate_text(invited, answered) == text
