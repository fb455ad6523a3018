"""Comments reach leads from whole blocks of thirty, of five authors who agreed."""

import pytest

from surveyapp.models import Comment, Consent
from surveyapp.tracking.comment_blocks import comment_blocks

from .people import DRAWS, SUMMER, People, make_trust

AGREED = "consent_comments"


@pytest.fixture
def people(session):
    return People(session, make_trust(session))


def wrote(people, n, n_agreed, n_authors):
    """So many people of a team, of whom the first wrote something, some agreeing."""
    made = people.invited(range(n))
    for k, one in enumerate(made[:n_authors]):
        one.comments = [Comment(text=f"Comment {k}")]
        said = {"statement_id": AGREED, "statement_version": 1}
        one.consents = [Consent(given=k < n_agreed, **said)]
    people.session.commit()
    people.release()
    return made


def told(people):
    of = people.session, people.trust.id, "service_user"
    return comment_blocks(*of, statement_id=AGREED, draws=DRAWS)


@pytest.mark.parametrize(
    "n, n_agreed, n_told", [(29, 8, 0), (30, 4, 0), (30, 5, 5), (30, 8, 8)]
)
def test_five_authors_of_a_block_must_agree(people, n, n_agreed, n_told):
    made = wrote(people, n, n_agreed, n_authors=9)
    comments = [each for block in told(people) for each in block.comment_ids]
    wanted = [one.comments[0].id for one in made[:n_told]]
    assert sorted(comments) == wanted
    assert n_told < 8 or comments != wanted  # in no order that tells who came first


def test_a_block_that_lost_a_member_tells_no_comment(people):
    made = wrote(people, 30, 8, n_authors=8)
    made[-1].withdrawn_at = SUMMER
    people.session.commit()
    assert told(people) == []
