"""Up, down, up again with data in place; models and schema agree; nothing skipped."""

import ast
import json
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from surveyapp import create_app
from surveyapp.config import Config
from surveyapp.extensions import MIGRATIONS, db
from surveyapp.models import (
    Assessment,
    Comment,
    InvitationToken,
    ReleasedFigure,
    ReleasedGroup,
    ReleasedSum,
    Reply,
    Score,
    StaffUser,
)

from . import databases, factories
from .conftest import KEYS, WORKER

BEFORE_GROUPS = "0034"
OF_BEFORE = (
    "INSERT INTO trust (id, slug, name, is_demonstration, created_at)"
    " VALUES (1, 'a', 'A', false, '2025-01-01 00:00:00')",
    *(
        f"INSERT INTO team (id, trust_id, name, is_active) VALUES ({n}, 1, '{n}', true)"
        for n in (1, 2, 3)
    ),
    "INSERT INTO campaign (id, trust_id, title, purpose, opens_at, modes, languages,"
    " companion_measures, items_per_page, item_order, return_address, contact,"
    " created_at) VALUES (1, 1, 'A', '', '2025-01-01 00:00:00', '[]', '[]', '[]', 1,"
    " 'as_printed', '', '', '2025-01-01 00:00:00')",
    *(
        statement
        for n in (1, 2, 3)
        for statement in (
            f"INSERT INTO respondent (id, pseudonym, created_at)"
            f" VALUES ({n}, '{n}', '2025-01-01 00:00:00')",
            f"INSERT INTO assessment (id, respondent_id, campaign_id, team_id,"
            f" instrument_id, instrument_version, perspective, mode, language,"
            f" presentation, wave, is_synthetic, started_at, submitted_at)"
            f" VALUES ({n}, {n}, 1, {n}, 'short_service_user', 1, 'service_user',"
            f" 'web', 'en', '{{}}', 1, false, '2025-05-01 00:00:00',"
            f" '2025-05-01 00:00:00')",
        )
    ),
)
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


# Before these, steps took away what the version before still read.
ADDING_SINCE = 33
TAKES_AWAY = {"drop_column", "drop_table", "rename_table"}


def test_a_step_first_adds_so_that_the_version_before_goes_on():
    taken = {
        f"{path.name}: {call.func.attr}"
        for path in STEPS[ADDING_SINCE - 1 :]
        for step in ast.parse(path.read_text()).body
        if getattr(step, "name", "") == "upgrade"
        for call in ast.walk(step)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr in TAKES_AWAY
        or {"new_column_name"} & {k.arg for k in call.keywords}
    }
    assert taken == set()


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


def test_what_is_encrypted_is_in_clear_again_on_the_way_back(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade()
        user = factories.make_staff(db.session, email="a@example.org")
        assessment = factories.make_assessment(db.session)
        assessment.comments, assessment.receipt_code = [Comment(text="It helped")], "R7"
        keyed = factories.make_keyed_form(db.session, user)
        keyed.first = {"comment": "It helped", "age": "2"}
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0053")
        with db.engine.connect() as connection:
            for told in ("email FROM staff_user", "receipt_code FROM assessment"):
                held = connection.scalar(text(f"SELECT {told}"))
                assert held in ("a@example.org", "R7")
            assert connection.scalar(text("SELECT text FROM comment")) == "It helped"
            reading = connection.scalar(text("SELECT first FROM keyed_form"))
            reading = json.loads(reading) if isinstance(reading, str) else reading
            assert reading == {"comment": "It helped", "age": "2"}
        flask_migrate.upgrade()
        assert db.session.get(StaffUser, user.id).email == "a@example.org"


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


def test_figures_of_quarters_become_groups_and_stay_where_they_were(empty_app):
    """All shown: as they were. Something hidden: rounded, and small teams together."""
    shown = [30, 1815.0, 120_000.0]
    small = [6, 300.0, 16_000.0]
    with empty_app.app_context():
        flask_migrate.upgrade(revision=BEFORE_GROUPS)
        with db.engine.begin() as connection:
            for statement in OF_BEFORE:
                connection.execute(text(statement))
            for quarter, figures in (
                ("2025-04-01", {"1": {"involvement": shown, "trust": shown}}),
                (
                    "2025-07-01",
                    {
                        "1": {"involvement": [*shown, *shown]},
                        "2": {"involvement": small, "trust": small},
                        "3": {"involvement": small, "trust": [1, 50.0, 2500.0]},
                    },
                ),
            ):
                members = {team: [int(team)] for team in figures}
                values = {"q": quarter, "f": json.dumps(figures)}
                connection.execute(
                    text(
                        "INSERT INTO release (trust_id, perspective, quarter, figures,"
                        " members, released_at, is_final) VALUES (1, 'service_user',"
                        " :q, :f, :m, '2025-12-01 00:00:00', true)"
                    ),
                    values | {"m": json.dumps(members)},
                )
        flask_migrate.upgrade()
        held = db.session.execute(
            select(ReleasedGroup.team_id, ReleasedFigure)
            .join(ReleasedFigure, ReleasedFigure.group_id == ReleasedGroup.id)
            .order_by(ReleasedFigure.id)
        ).all()
        found = [(t, f.scale, f.n, f.is_rounded) for t, f in held]
        assert found == [
            (1, "involvement", 30, False),
            (1, "trust", 30, False),
            (1, "involvement", 30, True),
            (None, "involvement", 12, True),
        ]
        values = [figure.value for _, figure in held]
        assert values[:2] == [60.5, 60.5]
        assert values[2] in (60, 65) and values[3] == 50
        sums = select(ReleasedSum.n, ReleasedSum.n_groups, ReleasedSum.squares)
        of_team = sums.filter_by(scale="involvement", team_id=1)
        assert db.session.execute(of_team).all() == [(60, 2, 900)]
        inside = select(Assessment.released_group_id).order_by(Assessment.id)
        assert db.session.scalars(inside).all() == [1, 3, 3]
        db.session.remove()
        flask_migrate.downgrade(revision=BEFORE_GROUPS)
        assert rows("release") == 2
