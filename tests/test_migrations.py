"""Up, down, up again with data in place; models and schema agree; nothing skipped."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from surveyapp import create_app
from surveyapp.config import Config
from surveyapp.extensions import MIGRATIONS, db
from surveyapp.models import InvitationToken, Reply, Score

from . import databases, factories
from .conftest import KEYS, WORKER

STEPS = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request, tmp_path):
    """An application on a database that has no tables yet."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
        yield create_app(Config(environment="test", database_url=url, **KEYS))
        return
    server = request.getfixturevalue("postgresql")
    with databases.database(server, f"survey_migrations_{WORKER}") as url:
        app = create_app(Config(environment="test", database_url=url, **KEYS))
        yield app
        with app.app_context():
            db.engine.dispose()


def submitted(session):
    assessment = factories.make_assessment(session)
    assessment.record([Reply("an_item", 1, value=3)], now=datetime.now(UTC))
    session.add(factories.make_score(assessment))
    session.commit()


def rows(table):
    with db.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


def test_up_down_and_up_again_with_data_in_place(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        submitted(db.session)
        flask_migrate.downgrade(revision="0001")
        assert rows("team") == 1
        flask_migrate.upgrade()
        assert (rows("team"), rows("assessment")) == (1, 0)
        flask_migrate.downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_models_and_schema_agree(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, {"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_steps_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in STEPS]
    assert numbers == list(range(1, len(STEPS) + 1))
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [STEPS[-1].name[:4]]


@pytest.mark.parametrize("path", STEPS, ids=[path.stem for path in STEPS])
def test_every_step_can_be_taken_back(path):
    steps = {
        n.name: n for n in ast.parse(Path(path).read_text()).body if hasattr(n, "name")
    }
    assert not isinstance(steps["downgrade"].body[0], ast.Pass)


def test_a_second_submission_breaks_a_constraint(session):
    assessment = factories.make_assessment(session)
    session.add_all(factories.make_score(assessment) for _ in range(2))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    assert session.query(Score).count() == 0


def test_a_reply_is_a_value_or_a_reason_never_both(session):
    assessment = factories.make_assessment(session)
    reply = Reply("an_item", 1, value=1, reason="not_wanted")
    assessment.record([reply], now=datetime.now(UTC))
    with pytest.raises(IntegrityError):
        session.commit()


def test_links_and_codes_of_before_are_kept_up_and_down(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        made = factories.make_invitation(db.session, short_code_hash="c" * 64)
        kept = made.tokens[0].token_hash
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0031")
        with db.engine.connect() as connection:
            held = text("SELECT token_hash, short_code_hash FROM invitation")
            assert connection.execute(held).one() == (kept, "c" * 64)
        flask_migrate.upgrade()
        one = InvitationToken.invitation_by(db.session, short_code_hash="c" * 64)
        assert one.id == 1 and one.tokens[0].token_hash == kept
