"""People who key paper forms, each in a browser of their own."""

import re

from surveyapp import bank
from surveyapp.models import KeyedForm
from surveyapp.paper.keying_sheet import Sheet

from ..signing_in import sign_in

SHEET = Sheet(bank.instrument("short_service_user.v1"))
FIELDS = SHEET.fields


class Keyer:
    """One coordinator; `read` is what this person sees on the paper."""

    def __init__(self, client, session, trust):
        self.client = client
        self.user = sign_in(client, session, "coordinator", trust)

    def begin(self, campaign, perspective="service_user", team=None):
        """Begin a form without a number; its own number."""
        sent = {"campaign": campaign.id, "perspective": perspective}
        sent |= {"team": team.id} if team else {}
        return number_in(self.client.post("/keying/without-number", data=sent))

    def claim(self, form_id):
        return self.client.post(f"/keying/{form_id}/claim")

    def key(self, form_id, reading):
        """Key every page; the last response."""
        for number, page in enumerate(SHEET.pages, start=1):
            sent = {field.name: sent_as(field, reading) for field in page.fields}
            response = self.client.post(f"/keying/{form_id}/page/{number}", data=sent)
            assert response.status_code == 303, response.text
        return response

    def resolve(self, form_id, **sent):
        return self.client.post(f"/keying/{form_id}/differences", data=sent)


def sent_as(field, reading):
    """A code of the reading as the page sends it."""
    code = reading[field.name]
    if field.kind == "many":
        return [] if code == "blank" else code.split(";")
    return "" if field.kind == "date" and code == "blank" else code


def number_in(response):
    assert response.status_code == 303, response.text
    return int(re.search(r"/keying/(\d+)/", response.location)[1])


def reading(**changes):
    """A form filled in: every item in turn, yes to everything, no words."""
    given = {}
    for n, field in enumerate(FIELDS.values()):
        codes = [code for code, _ in field.boxes]
        given[field.name] = codes[n % len(codes)] if codes else ""
    for name in FIELDS:
        if name.startswith("consent_"):
            given[name] = "yes"
    given |= {"completed_on": "2026-03-27", "care_plan": "yes", "comment": ""}
    return given | changes


def stored(session, form_id):
    session.rollback()
    return session.get(KeyedForm, form_id, populate_existing=True)
