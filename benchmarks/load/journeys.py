"""People who answer, for locust: each walks the journey, page by page, and comes back.

    locust -f journeys.py --headless --host http://127.0.0.1:8000 -u 8 -r 8 -t 20s

`TOKEN` is the link to begin by; `RATE` how many questions a second each person
answers, nought for as many as the server lets them. What was acknowledged is counted
in the file `ACKNOWLEDGED`. `run.py` starts this.
"""

import os
import re
import time
from pathlib import Path

from locust import FastHttpUser, constant, constant_throughput, events, task

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
NAME = re.compile(r'name="(\w+)" type="radio"')
STATEMENTS = ("taking_part", "retest", "contact", "sharing")
PAGES = 30
RATE = float(os.environ.get("RATE", 0))
acknowledged = []  # when each answer was


class Person(FastHttpUser):
    """Somebody without scripts, who sends an answer to every question in turn."""

    wait_time = constant_throughput(RATE) if RATE else constant(0)
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


@events.quitting.add_listener
def note(environment, **_):
    """How many answers were acknowledged, and in how many seconds since the first."""
    took = acknowledged[-1] - acknowledged[0] if acknowledged else 0
    told = f"{len(acknowledged)} {took}"
    Path(os.environ["ACKNOWLEDGED"]).write_text(told)
