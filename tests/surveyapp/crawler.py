"""Finds every page and form that someone can reach, and reads what a form sends."""

import copy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from flask import url_for

CHOSEN = {"radio", "checkbox"}
SILENT = {"submit", "button", "image", "reset"}
# What a person with nothing in mind puts where nothing stands yet.
PLAUSIBLE = {"email": "someone@example.org", "number": "1", "date": "2026-03-27"}


@dataclass
class Form:
    """A form as a browser knows it: where it goes, and what it would send."""

    action: str
    method: str = "get"
    values: dict = field(default_factory=dict)  # name -> list of values
    plausible: dict = field(default_factory=dict)  # name -> a value that may do
    names: set = field(default_factory=set)
    kinds: dict = field(default_factory=dict)  # name -> what its box is
    files: set = field(default_factory=set)

    @property
    def path(self):
        return urlsplit(self.action).path

    @property
    def fields(self):
        """Names of everything that a person could have put something into."""
        return sorted(self.names - {"csrf_token"})

    @property
    def filled(self):
        """What is sent by someone who leaves nothing out."""
        given = {name: value for name, value in self.values.items() if any(value)}
        return {**self.plausible, **given}


class Page(HTMLParser):
    """The forms and links of one page, at its address."""

    def __init__(self, address, text):
        super().__init__()
        self.address, self.forms, self.links = address, [], set()
        self._named, self._select, self._typed = {}, None, None
        self.feed(text)

    def handle_starttag(self, tag, pairs):
        given = dict(pairs)
        if tag == "a" and given.get("href"):
            self.links.add(urldefrag(urljoin(self.address, given["href"]))[0])
        elif tag == "form":
            self._begin(given)
        elif tag in ("input", "textarea", "select", "option", "button"):
            self._take(tag, given)

    def handle_data(self, data):
        if self._typed:
            form, name = self._typed
            form.values[name][-1] += data

    def handle_endtag(self, tag):
        if tag in ("textarea", "select"):
            self._typed = self._select = None

    def _begin(self, given):
        action = urljoin(self.address, given.get("action") or self.address)
        form = Form(action, given.get("method", "get").lower())
        self.forms.append(form)
        self._named[given.get("id")] = form

    def _take(self, tag, given):
        named = self._named.get(given.get("form"))
        form = named or (self.forms[-1] if self.forms else None)
        name = given.get("name")
        if form is None:
            return
        if tag == "button" and given.get("formaction"):
            self._press(form, given)
        elif tag == "option":
            if self._select:
                self._offer(*self._select, given, "selected" in given)
        elif name and tag == "select":
            form.names.add(name)
            form.kinds[name] = tag
            self._select = form, name
        elif name and given.get("type") == "file":
            form.files.add(name)
        elif name:
            self._field(form, tag, name, given)

    def _field(self, form, tag, name, given):
        form.names.add(name)
        kind = given.get("type", "text") if tag == "input" else tag
        form.kinds.setdefault(name, kind)
        if tag == "textarea":
            form.plausible.setdefault(name, "Words")
            self._add(form, name, "")
            self._typed = form, name
        elif kind in CHOSEN:
            self._offer(form, name, given, "checked" in given)
        elif tag == "input" and kind not in SILENT:
            form.plausible.setdefault(name, PLAUSIBLE.get(kind, "Words"))
            self._add(form, name, given.get("value", ""))
        elif given.get("value"):
            form.plausible.setdefault(name, given["value"])

    def _offer(self, form, name, given, is_chosen):
        value = given.get("value", "on")
        if value:
            form.plausible.setdefault(name, value)
        if is_chosen:
            self._add(form, name, value)

    def _add(self, form, name, value):
        form.values.setdefault(name, []).append(value)

    def _press(self, form, given):
        """A button that sends a form's fields to another place."""
        action = urljoin(self.address, given["formaction"])
        names = form.names | ({given["name"]} if given.get("name") else set())
        other = Form(
            action,
            form.method,
            form.values,
            form.plausible,
            names,
            form.kinds,
            form.files,
        )
        self.forms.append(other)


def addresses(app, numbers, method="GET"):
    """Endpoint and address of every route, with what is known put into it."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method in rule.methods and rule.endpoint != "static":
                values = {name: numbers.get(name, 1) for name in rule.arguments}
                yield rule.endpoint, url_for(rule.endpoint, **values)


def crawl(client, start, *, leaves=()):
    """Every page within reach from these addresses, by its address.

    Addresses that begin like one of `leaves` are not looked at.
    Each is asked for by the browser as it is now: a page may end a session.
    """
    seen, waiting, cookies = {}, list(start), copy.deepcopy(client._cookies)
    leaves = tuple(leaves)
    while waiting:
        address = waiting.pop()
        if address in seen or not address.startswith("/") or address.startswith(leaves):
            continue
        client._cookies = copy.deepcopy(cookies)
        response = client.get(address)
        seen[address] = response
        if response.location:
            waiting.append(response.location)
        elif response.mimetype == "text/html":
            page = Page(address, response.text)
            known = {place(each) for each in seen} | {place(each) for each in waiting}
            waiting += [link for link in page.links if place(link) not in known]
    client._cookies = cookies
    return seen


def place(address):
    """An address as far as it is another page than one with other values in it."""
    path, _, query = address.partition("?")
    names = sorted({pair.partition("=")[0] for pair in query.split("&")})
    return path, tuple(names)


def forms(app, pages):
    """The forms on pages, each kind once; those that end things come last.

    Forms are of one kind that go to the same view with as many fields.
    """
    found, rules = {}, app.url_map.bind("")
    for address, response in pages.items():
        if response.mimetype == "text/html":
            for form in Page(address, response.text).forms:
                view = rules.match(form.path, method=form.method.upper())[0]
                key = form.method, view, len(form.fields), len(form.files)
                found.setdefault(key, form)
    return sorted(found.values(), key=lambda form: not form.fields or form.path in LAST)


LAST = {"/withdraw", "/staff/password"}
