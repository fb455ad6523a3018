"""Statements that are kept go round SQLAlchemy, and lose nothing of it by that."""

import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError

from surveyapp.errors import NotFound, UnusableText
from surveyapp.kept_statements import Kept
from surveyapp.models import Campaign, Trust

from .. import factories
from ..counting import statements

NAMED = Kept(select(Trust.id, Trust.name).where(Trust.slug == bindparam("slug")))
RENAME = Kept(
    update(Trust).where(Trust.slug == bindparam("of")).values(name=bindparam("name"))
)
TIMES = (Campaign.languages, Campaign.opens_at, Campaign.closes_at, Campaign.is_draft)
OF_CAMPAIGN = Campaign.id == bindparam("of")


@pytest.fixture
def engine(session):
    return session.get_bind()


@pytest.fixture
def trust(session):
    trust = factories.make_trust(session, slug="northmoor")
    session.commit()
    return trust


def test_rows_come_in_the_types_of_their_columns(session, engine):
    campaign = factories.make_campaign(session)
    session.commit()
    with engine.connect() as connection:
        rows = Kept(select(*TIMES).where(OF_CAMPAIGN)).rows(
            connection, {"of": campaign.id}
        )
    usual = session.execute(select(*TIMES).where(Campaign.id == campaign.id))
    assert rows == [list(row) for row in usual]
    assert rows[0][1].tzinfo is not None


def test_what_listens_hears_of_each_statement(trust, engine):
    with statements() as sent, engine.connect() as connection:
        NAMED.rows(connection, {"slug": "northmoor"})
    assert [each.split()[0] for each in sent] == ["SELECT"]


def test_no_value_passes_that_a_database_would_not_keep(trust, engine):
    with engine.connect() as connection, connection.begin():
        with pytest.raises(UnusableText):
            NAMED.rows(connection, {"slug": "north\0moor"})
        with pytest.raises(NotFound):
            Kept(select(Trust.name).where(Trust.id == bindparam("id"))).rows(
                connection, {"id": 2**63}
            )


def test_what_was_not_committed_is_undone(session, trust, engine):
    with pytest.raises(ZeroDivisionError), engine.connect() as connection:
        with connection.begin():
            RENAME.send(connection, {"of": "northmoor", "name": "Southmoor"})
            assert NAMED.rows(connection, {"slug": "northmoor"})[0][1] == "Southmoor"
            1 / 0
    session.refresh(trust)
    assert trust.name != "Southmoor"


def test_an_error_is_sqlalchemys_and_hides_its_parameters(trust, engine):
    again = Kept(insert(Trust).values(slug=bindparam("slug"), name=bindparam("name")))
    with pytest.raises(DBAPIError, match="parameters hidden"):
        with engine.connect() as connection, connection.begin():
            again.send(connection, {"slug": "northmoor", "name": "A name"})


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True, scope="session")
def test_a_connection_that_broke_is_let_go_of(trust, engine):
    end = Kept(select(func.pg_terminate_backend(func.pg_backend_pid())))
    with engine.connect() as connection:
        with pytest.raises(OperationalError) as broken:
            end.rows(connection, {})
        assert connection.invalidated
    assert broken.value.connection_invalidated
    with engine.connect() as another:
        assert NAMED.rows(another, {"slug": "northmoor"}) != []
