"""A person at a browser without scripts: follows links, sends forms, keeps cookies."""

import re

from surveyapp import bank

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
STATEMENTS = ("taking_part", "retest", "contact", "sharing")


def without_tokens(page):
    """A page without what is drawn anew for each request."""
    return re.sub(r'(nonce|name="csrf_token" value)="[^"]+"', "", page)


class Visitor:
    """What a client does as a respondent; `page` is the last page's text."""

    def __init__(self, client):
        self.client = client
        self.page = ""
        self.path = ""

    def get(self, path):
        return self._took(self.client.get(path, follow_redirects=True))

    def post(self, path=None, **fields):
        """Send a form of the page shown, or of `path`, and follow where it leads."""
        return self._took(self.send(path, **fields))

    def send(self, path=None, follow=True, **fields):
        fields["csrf_token"] = TOKEN.search(self.page)[1]
        response = self.client.post(path or self.path, data=fields)
        while follow and response.status_code == 307:  # with what was sent, once more
            response = self.client.post(response.location, data=fields)
        if follow and response.location:
            return self.client.get(response.location, follow_redirects=True)
        return response

    def _took(self, response):
        self.page = response.get_data(as_text=True)
        asked = response.request
        query = asked.query_string.decode()
        self.path = asked.path + (f"?{query}" if query else "")
        return response

    def open_link(self, token="a-token"):
        self.get(f"/s/{token}")
        return self.post()

    def consent(self, **given):
        self.get("/survey/consent")
        if self.path.endswith("/for-whom"):
            self.post(adult="yes", recent_contact="yes")
        return self.post(**{f"consent_{s}": given.get(s, "yes") for s in STATEMENTS})

    def begin(self, role="service_user", token="a-token"):
        """From the link to the page before the questions."""
        self.open_link(token)
        self.consent()
        if self.path.endswith("/role"):
            self.post(role=role)
        return self

    def answer_all(self, ref="short_service_user.v1", per_page=1, reason=None):
        """Every question: categories in turn, or a reason for all of them."""
        instrument = bank.instrument(ref)
        values = {i.id: str(n % 5) for n, i in enumerate(instrument.items, start=1)}
        for number, page in enumerate(instrument.pages(per_page), start=1):
            self.get(f"/survey/{number}")
            self.post(**{item.id: reason or values[item.id] for item in page})

    def keep_code(self, **given):
        """On from the page with the personal code, where that is shown."""
        if self.path.startswith("/survey/your-code"):
            self.post(**given)
        return self

    def submit(self):
        self.get("/survey/check")
        return self.post("/survey/submit")

    def go_on_with(self, code):
        """Type a personal code at the front page."""
        self.get("/")
        return self.post(code=code)

    @property
    def code(self):
        """The personal code, as the page for stopping shows it."""
        self.get("/survey/stop")
        return self.receipt

    @property
    def receipt(self):
        return re.search(r'class="app-code">([^<]+)<', self.page)[1]
