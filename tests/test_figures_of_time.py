"""What a text says of how long something lasts is what the code does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from surveyapp import print_files, throttle
from surveyapp.assessments import suppression
from surveyapp.assessments.unsent import UNSENT_DAYS
from surveyapp.auth import known_browsers, sign_in_links
from surveyapp.campaigns import preview_views
from surveyapp.config import LEAST, Config
from surveyapp.contacts import services as lists
from surveyapp.contacts import undo
from surveyapp.jobs import lifecycle
from surveyapp.messaging import message_plans, outbox
from surveyapp.operations import health

ROOT = Path(__file__).parent.parent
WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "six": 6, "seven": 7}
WORDS |= {"ten": 10, "eleven": 11}
UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
FIGURE = rf"(\d+|{'|'.join(WORDS)}) ({'|'.join(UNITS)})s?\b"
DAYS = timedelta(days=1)
STEP_DAYS = [days for days, _ in message_plans.USUAL]
# Document, what stands around a figure of time (<>), and how long it is.
SAID = [
    ("docs/contacts.md", "details from before, for <>", undo.KEEP_BEFORE),
    ("docs/contacts.md", "nobody confirmed go after <>", lists.KEEP_UNWRITTEN),
    ("docs/contacts.md", "lists of the last <>", suppression.FRESH),
    ("docs/messages.md", "after <>, a letter", STEP_DAYS[1] * DAYS),
    ("docs/run-a-campaign.md", "a reminder after <>", STEP_DAYS[1] * DAYS),
    ("docs/paper.md", "are printed, or for <>", print_files.KEPT),
    ("docs/guessing.md", "is known to it for <>", known_browsers.LASTS),
    ("docs/guessing.md", "the first try <> later", throttle.MEMORY),
    ("docs/guessing.md", "are free again within <>", throttle.MINUTE),
    (
        "docs/threat_model.md",
        "a desk within <>",
        timedelta(minutes=Config.staff_idle_minutes),
    ),
    ("docs/deploy.md", "works once, within <>", sign_in_links.GOOD_FOR),
    ("docs/commands.md", "works once, within <>", sign_in_links.GOOD_FOR),
    ("docs/deploy.md", "A worker holds a job for <>", lifecycle.LEASE),
    ("docs/deploy.md", "no worker has said for <>", health.ALIVE),
    ("docs/deploy.md", "unsent answers of <>", UNSENT_DAYS * DAYS),
    (
        "docs/security.md",
        "A visit lasts <>",
        timedelta(hours=LEAST["respondent_session_hours"]),
    ),
    (
        "surveyapp/templates/campaigns/preview.html",
        "browser for <> at most",
        timedelta(seconds=preview_views.FOR_AN_HOUR),
    ),
    ("surveyapp/respond/about_views.py", "It stays for <> after", known_browsers.LASTS),
    (
        "surveyapp/respond/about_views.py",
        "It stays for <>, or until the preview",
        timedelta(seconds=preview_views.FOR_AN_HOUR),
    ),
    ("surveyapp/admin/commands.py", "Within <>, once", sign_in_links.GOOD_FOR),
    ("surveyapp/admin/staff_commands.py", "Within <>, once", sign_in_links.GOOD_FOR),
    (
        "surveyapp/admin/staff_commands.py",
        "works once, within <>",
        sign_in_links.GOOD_FOR,
    ),
    ("surveyapp/campaigns/check_list.py", "No list of the last <>", suppression.FRESH),
]


@pytest.mark.parametrize("path, around, length", SAID)
def test_a_figure_of_time_is_that_of_the_code(path, around, length):
    text = " ".join((ROOT / path).read_text(encoding="utf-8").split())
    before, after = map(re.escape, around.split("<>"))
    said = re.findall(before + FIGURE + after, text)
    assert said, f"{path} says nothing like it any more"
    for number, unit in said:
        n = WORDS.get(number) or int(number)
        assert n * UNITS[unit] == length


def test_a_message_is_given_up_after_as_many_tries_and_hours_as_is_said():
    said = (ROOT / "docs/messages.md").read_text(encoding="utf-8")
    tries, hours = re.search(
        r"given up after (\w+) tries over (\w+) hours", said
    ).groups()
    assert WORDS[tries] == outbox.ROUND
    waited = sum(outbox.BACK_OFF, timedelta()) / timedelta(hours=1)
    assert round(waited) == WORDS[hours]
