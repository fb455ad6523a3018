"""Comments reach leads from whole blocks of thirty, of five authors who agreed."""

import pytest

from surveyapp.assessments.withdrawal import withdraw
from surveyapp.errors import InvalidAnswers, NotFound
from surveyapp.models import (
    Assessment,
    Comment,
    CommentReading,
    Consent,
    ReleasedBlock,
)
from surveyapp.tracking import comment_services as services
from surveyapp.tracking.comment_blocks import comment_blocks, for_leads

from .. import factories
from .people import DRAWS, SUMMER, People, make_trust

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def within_the_app(app):
    with app.app_context():
        yield


class Readers:
    """Thirty people or so, of whom some wrote, and somebody who reads that."""

    def __init__(self, session, n, n_agreed, n_authors):
        self.session = session
        self.people = People(session, make_trust(session))
        self.trust, self.campaign = self.people.trust, self.people.campaign
        made = self.people.invited(range(n))
        for k, one in enumerate(made[:n_authors]):
            one.comments = [Comment(text=f"Comment {k}")]
            said = {"statement_id": "consent_comment", "statement_version": 1}
            one.consents = [Consent(given=k < n_agreed, **said)]
        session.commit()
        self.made = made
        self.people.release()
        self.user = factories.make_staff(session, trust=self.trust)
        factories.make_reader(session, self.user, self.campaign)
        session.commit()

    def read(self, *, held_back=0):
        """Decide on every comment: the first are held back, the others for leads."""
        authors = [one for one in self.made if one.comments]
        for k, one in enumerate(authors):
            (comment,) = one.comments
            decision = "held_back" if k < held_back else "for_leads"
            decision = decision if services.agreed(comment) else "undecided"
            services.save_reading(
                self.session, comment, given(decision, k), user=self.user, now=SUMMER
            )

    def let_out(self):
        (block,) = self.session.query(ReleasedBlock)
        services.let_out(self.session, block.id, user=self.user, now=SUMMER)

    def told(self):
        """What leads read, block by block."""
        of = self.session, self.trust.id, "service_user"
        return [
            [comment.text for comment in comments]
            for _, comments in for_leads(*of, draws=DRAWS)
        ]


def given(decision, k, **changes):
    fields = {"version": "0", "risk": "none", "action": "", "why_held": "It names two"}
    fields |= {"edited": f"edited {k}", "themes": ["trust"], "checked": True}
    return {**fields, "decision": decision, **changes}


@pytest.mark.parametrize("n, n_agreed, n_told", [(30, 5, 5), (30, 8, 8)])
def test_a_block_is_let_out_edited_and_in_no_order(session, n, n_agreed, n_told):
    here = Readers(session, n, n_agreed, n_authors=9)
    here.read()
    assert here.told() == []
    here.let_out()
    (told,) = here.told()
    assert sorted(told) == [f"edited {k}" for k in range(n_told)]
    assert here.told() == [told]
    assert n_told < 8 or told != sorted(told)


@pytest.mark.parametrize("n, n_agreed, held_back", [(30, 4, 0), (30, 8, 4)])
def test_fewer_than_five_authors_are_never_let_out(session, n, n_agreed, held_back):
    here = Readers(session, n, n_agreed, n_authors=9)
    here.read(held_back=held_back)
    with pytest.raises(InvalidAnswers):
        here.let_out()
    assert here.told() == []


def test_people_who_make_no_block_tell_nothing(session):
    here = Readers(session, 29, 8, n_authors=9)
    here.read()
    assert comment_blocks(session, here.trust.id) == []


def test_a_block_waits_until_every_comment_is_decided_on(session):
    here = Readers(session, 30, 8, n_authors=8)
    here.read()
    reading = session.query(CommentReading).first()
    reading.decision = "undecided"
    session.commit()
    with pytest.raises(InvalidAnswers):
        here.let_out()


def test_who_withdraws_takes_the_comment_along_before_and_after(session):
    here = Readers(session, 30, 8, n_authors=8)
    here.read()
    withdraw(session, here.made[0].id, now=SUMMER)
    here.let_out()
    (told,) = here.told()
    assert sorted(told) == [f"edited {k}" for k in range(1, 8)]
    withdraw(session, here.made[1].id, now=SUMMER)
    (left,) = here.told()
    assert left == [text for text in told if text != "edited 1"]
    assert session.query(CommentReading).count() == 6


def test_a_block_of_which_four_authors_are_left_is_shown_no_more(session):
    here = Readers(session, 30, 5, n_authors=5)
    here.read()
    here.let_out()
    withdraw(session, here.made[0].id, now=SUMMER)
    assert here.told() == []


def test_who_agrees_no_more_takes_the_comment_along(session):
    here = Readers(session, 30, 6, n_authors=6)
    here.read()
    here.let_out()
    here.made[2].consents[0].given = False
    session.commit()
    (left,) = here.told()
    assert "edited 2" not in left and len(left) == 5


def test_what_was_let_out_can_be_edited_held_back_and_taken_back(session):
    here = Readers(session, 30, 7, n_authors=7)
    here.read()
    here.let_out()
    for k, change in ((0, {"edited": "less"}), (1, {"decision": "held_back"})):
        (comment,) = here.made[k].comments
        changed = given("for_leads", k, version="1") | {"edited": "x"} | change
        services.save_reading(session, comment, changed, user=here.user, now=SUMMER)
    (left,) = here.told()
    assert "less" in left and len(left) == 6 and "edited 1" not in left
    (block,) = session.query(ReleasedBlock)
    services.take_back(session, block.id, user=here.user)
    assert here.told() == []


def test_who_does_not_read_every_comment_of_a_block_lets_none_out(session):
    here = Readers(session, 30, 6, n_authors=6)
    here.read()
    other = factories.make_campaign(session, here.trust.teams[0])
    session.get(Assessment, here.made[0].id).campaign = other
    session.commit()
    with pytest.raises(NotFound):
        here.let_out()
