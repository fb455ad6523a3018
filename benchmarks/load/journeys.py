"""People who answer, for locust: each walks the journey, page by page, and comes back.

    locust -f journeys.py --headless --host http://127.0.0.1:8000 -u 8 -r 8 -t 20s

`TOKEN` is the link to begin by; `RATE` how many questions a second each person
answers, at moments of their own, nought for as many as the server lets them. Once all
`PEOPLE` have come to the questions, `SECONDS` are counted; the file `TOLD` then has
what was acknowledged and how long it took. `run.py` starts this.
"""

import json
import os
import random
import re
import time
from pathlib import Path

import gevent
from locust import FastHttpUser, events, task

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
NAME = re.compile(r'name="(\w+)" type="radio"')
STATEMENTS = ("taking_part", "retest", "contact", "sharing")
PAGES = 30
RATE = float(os.environ.get("RATE", 0))
N_PEOPLE, SECONDS = int(os.environ["PEOPLE"]), float(os.environ["SECONDS"])
QUESTIONS = ("question page", "answer")
acknowledged = []  # when each answer was
took = []  # when each request of a question ended, and its milliseconds
begun = []  # when each person came to the questions
failed = []  # when a request was not what it should be


class Person(FastHttpUser):
    """Somebody without scripts, who sends an answer to every question in turn."""

    network_timeout = connection_timeout = 60.0

    def on_start(self):
        link = os.environ["TOKEN"]
        self.page, self.turn, self.number = "", 0, 1
        self.get(f"/s/{link}", "begin")
        self.post(f"/s/{link}", "begin")
        self.get("/survey/consent", "begin")
        if "for-whom" in self.address:
            self.post(self.address, "begin", adult="yes", recent_contact="yes")
        said = {f"consent_{name}": "yes" for name in STATEMENTS}
        self.post("/survey/consent", "begin", **said)
        self.due = time.monotonic()
        begun.append(self.due)
        if len(begun) == N_PEOPLE:
            gevent.spawn_later(SECONDS, self.environment.runner.quit)

    def wait_time(self):
        """Until the next question: as people do, not all at the same moment."""
        self.due += random.expovariate(RATE) if RATE else 0
        return max(0.0, self.due - time.monotonic())

    @task
    def answer(self):
        """Look at a page, then send an answer that is another than the one before."""
        page = f"/survey/{self.number}"
        self.get(page, "question page")
        names = NAME.findall(self.page)
        if names:
            value = str((self.turn + self.number) % 5)
            self.post(page, "answer", follow=False, **{names[0]: value})
        self.number = self.number % PAGES + 1
        self.turn += self.number == 1

    def get(self, path, name):
        self.took(self.client.get(path, name=name))

    def post(self, path, name, follow=True, **fields):
        token = TOKEN.search(self.page)
        fields["csrf_token"] = token[1] if token else ""
        with self.client.post(
            path, fields, name=name, allow_redirects=follow, catch_response=True
        ) as told:
            if told.status_code == 303:
                acknowledged.append(time.monotonic())
                told.success()
            elif name == "answer":
                told.failure(f"not kept: {told.status_code}")
            if follow:
                self.took(told)

    def took(self, told):
        self.page = told.text or ""
        self.address = re.sub(r"^https?://[^/]+", "", told.url or "")


@events.request.add_listener
def count(name, response_time, exception, **_):
    now = time.monotonic()
    if name in QUESTIONS:
        took.append((now, response_time))
    if exception is not None:
        failed.append(now)


@events.quitting.add_listener
def note(environment, **_):
    """What was counted since the last of the people had begun."""
    since = begun[-1] if len(begun) == N_PEOPLE else float("inf")
    waits = sorted(wait for at, wait in took if at >= since)
    told = {
        "n_kept": len(acknowledged),
        "kept": sum(at >= since for at in acknowledged) / SECONDS,
        "requests": len(took),
        "failed": len(failed),
        "p50": waits[len(waits) // 2] if waits else float("nan"),
        "p99": waits[len(waits) * 99 // 100] if waits else float("nan"),
    }
    Path(os.environ["TOLD"]).write_text(json.dumps(told))
