"""The survey's own work beside the least that any program would do, in one run.

    PYTHONPATH=. python benchmarks/app.py

Each line is a ratio of processor time, the least of several runs on both sides: a
request of the journey to one that an empty Flask application answers; a step of an
adaptive form to one estimate of theta; a check of the whole bank to parsing its files;
a hostile plan to reading its YAML; starting to importing what the application rests on.
"""

import base64
import os
import resource
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import yaml
from against_r import cpu_time
from flask import Flask
from numpy.random import default_rng

from item_bank.checks import check
from item_bank.loader import BUILT_IN
from surveyapp import create_app, scoring
from surveyapp.config import Config
from surveyapp.research.files.plans import InvalidPlan, parse_plan

ADAPTIVE = "demonstration_adaptive_service_user.v1"
FOUNDATION = "import alembic, flask, flask_security, numpy, pandas, sqlalchemy, wtforms"
KEYS = {
    "secret_key": secrets.token_hex(24),
    "token_pepper": secrets.token_hex(24),
    "field_keys": (base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),),
}


def page(folder):
    """A page of the survey beside an empty page."""
    app = create_app(Config(environment="test", instance=folder, **KEYS))
    empty = Flask("empty")
    empty.add_url_rule("/", view_func=lambda: "<!doctype html><title>Empty</title>")
    ours, theirs = app.test_client(), empty.test_client()
    get = 100 * [None]
    return (
        cpu_time(lambda: [ours.get("/about/privacy") for _ in get]),
        cpu_time(lambda: [theirs.get("/") for _ in get]),
    )


def step(_folder):
    """A step with half of the answers beside the estimate that it contains."""
    test = scoring.adaptive_test(ADAPTIVE)
    answers = {item: 2 for item in [*test.parameters.items][::10]}
    rng = default_rng(1)
    return (
        cpu_time(lambda: [test.step(answers, rng=rng) for _ in range(100)]),
        cpu_time(lambda: [test.estimate(answers) for _ in range(100)]),
    )


def bank(_folder):
    """A check of every file beside parsing every file."""
    texts = [path.read_text("utf-8") for path in BUILT_IN.rglob("*.yaml")]
    check()
    return cpu_time(check), cpu_time(lambda: [*map(parsed, texts)], 3)


def parsed(text):
    return yaml.load(text, Loader=yaml.CSafeLoader)


def plan(_folder):
    """A plan of nine thousand mistakes beside reading it."""
    text = "\n".join(f"k{n}: 1" for n in range(9_000))

    def refuse():
        try:
            parse_plan(text.encode(), "plan.yaml")
        except InvalidPlan:
            return

    return cpu_time(refuse, 3), cpu_time(lambda: parsed(text), 3)


def start(folder):
    """Making the application in a new process beside importing its foundation."""
    made = "from surveyapp import create_app; create_app()"
    names = {f"PROM_{n.upper()}": v for n, v in KEYS.items() if isinstance(v, str)}
    more = {"PROM_FIELD_KEYS": KEYS["field_keys"][0], "PROM_INSTANCE": str(folder)}
    env = os.environ | names | more
    return spent(made, env), spent(FOUNDATION, env)


def spent(code, env, repeats=3):
    seconds = []
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], env=env, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime)
        seconds[-1] -= before.ru_utime + before.ru_stime
    return min(seconds)


QUESTIONS = {
    "page of the survey : empty page of Flask": page,
    "step of an adaptive form : estimate of theta": step,
    "check of the bank : parsing its files": bank,
    "refusing a hostile plan : parsing it": plan,
    "start : import of its foundation": start,
}


if __name__ == "__main__":
    for question, ask in QUESTIONS.items():
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = ask(Path(folder))
        print(f"{question}: {ours / theirs:.2f} ({ours:.3f} s of {theirs:.3f} s)")
