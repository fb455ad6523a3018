"""The extensions, made here and bound to an application in create_app."""

from pathlib import Path
from typing import TYPE_CHECKING

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from .database import Base, to_json
from .signed_session import FormTokens

# An engine's errors repeat nothing of what was stored.
ENGINE = {"hide_parameters": True, "json_serializer": to_json}

db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False},
    engine_options=ENGINE,
)


def read_only_session() -> Session:
    """A session of a job's own that only reads."""
    return Session(db.engine, expire_on_commit=False)


if TYPE_CHECKING:
    from flask_sqlalchemy.model import Model as _Model

    # What Flask-SQLAlchemy makes of the two when it runs.
    class Model(Base, _Model):
        __abstract__ = True

else:
    Model = db.Model
HERE = Path(__file__).parent
# Packed inside this package, or beside it in a checkout: wheel.py.
PLACES = (HERE / "migrations", HERE.parent / "migrations")
MIGRATIONS = next((place for place in PLACES if place.is_dir()), PLACES[0])

migrate = Migrate(directory=str(MIGRATIONS))
csrf = FormTokens()
