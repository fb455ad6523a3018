"""People answer at an older release while its tables become those of this one.

python .ci/beside.py COMMIT: the older release's own code is really run, from a worktree
of that commit; it serves before, during and after `prom migrate` of this release, this
release takes over, and the older one comes back. Prints what was acknowledged and lost.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from sqlalchemy import create_engine, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from surveyapp.config import Config, new_key  # noqa: E402
from tests.chaos import people  # noqa: E402
from tests.processes import end, start  # noqa: E402
from tests.surveyapp import served  # noqa: E402

OPEN = """
from surveyapp import create_app
from surveyapp.extensions import db
from tests import factories
app = create_app()
with app.app_context():
    factories.make_invitation(db.session, token="open", is_open=True)
    db.session.commit()
"""


def run(folder, env, *command):
    """Run a release's own code to its end."""
    there = {**env, "PYTHONPATH": str(folder)}
    subprocess.run([sys.executable, *command], cwd=folder, env=there, check=True)


def migrate(folder, env):
    run(folder, env, "-c", served.MAIN, "migrate")


@contextmanager
def host(folder, env, port):
    """A release that serves."""
    command = [sys.executable, "-c", served.MAIN, "serve", "--no-worker"]
    there = {**env, "PYTHONPATH": str(folder)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = start([*command, "--port", str(port)], cwd=folder, env=there, **quiet)
    try:
        served.wait_until_it_answers(process, port)
        yield process
    finally:
        end(process)


def drill(older, instance):
    """The whole way on SQLite; 1 where something that was acknowledged is lost."""
    config = Config(
        database_url=f"sqlite:///{instance / 'survey.sqlite'}",
        instance=instance,
        secret_key=os.urandom(24).hex(),
        token_pepper=os.urandom(24).hex(),
        field_keys=(new_key(),),
    )
    env, port = served.environment(config), served.free_port()
    migrate(older, env)
    run(older, env, "-c", OPEN)
    engine = create_engine(config.database_url)
    with host(older, env, port), people.people(3, port) as everyone:
        people.until_acknowledged(everyone, 20)
        told(engine, "the older release, its own tables", everyone)
        migrate(ROOT, env)
        people.until_acknowledged(everyone, 20)
        told(engine, "the older release, the newer tables", everyone)
    for who, folder in (("this release", ROOT), ("the older one again", older)):
        with host(folder, env, port):
            for person in everyone:
                caller = served.Caller(port)
                caller.cookies = person.caller.cookies
                status = caller.call("GET", "/survey/1")[0]
                print(f"{who}: the visit of somebody goes on with {status}")
    with Session(engine) as session:
        missing, half = people.lost(session, everyone), people.half_written(session)
    print(f"lost: {len(missing)}; half written: {len(half)}")
    return int(bool(missing or half))


def told(engine, when, everyone):
    with engine.connect() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
    n = people.n_acknowledged(everyone)
    statuses = [dict(person.statuses) for person in everyone]
    print(f"{when} ({head}): {n} acknowledged; {statuses}")


def main(commit):
    with tempfile.TemporaryDirectory() as folder:
        older, instance = Path(folder, "older"), Path(folder, "instance")
        instance.mkdir()
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "-q", "--detach", older, commit], check=True)
        look = "surveyapp/static/nhsuk"
        shutil.copytree(ROOT / look, older / look, dirs_exist_ok=True)
        try:
            return drill(older, instance)
        finally:
            subprocess.run([*git, "remove", "--force", older], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
