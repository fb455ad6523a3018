"""Every form and every route meets what nobody sends who means well.

Each field gets some of the payloads, and each kind of field, feature and route all of
them between them; all to all is marked slow.

No response is an error of ours, none repeats what was sent unescaped or lacks a
header, nothing that no database keeps is stored, and no log tells of it.
"""

import copy
import inspect
import io
import re
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import LargeBinary, select

from surveyapp import create_app
from surveyapp.auth import sign_in_links
from surveyapp.characters import all_clean
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.models import Campaign, RoleGrant
from surveyapp.models.staff import ROLES

from .. import factories
from ..conftest import empty
from ..databases import kept_aside
from .covering import covering
from .crawler import addresses, crawl, forms
from .hostile import MARK, TEXTS, wrongs
from .respond.visitor import Visitor
from .signing_in import sign_in
from .test_access import world  # noqa: F401

WITHIN = ("information", "before-you-start", "care-plan", "1", "2", "pause-1")
LATER = ("more-1", "more-2", "comment", "check", "stop")
JOURNEY = [f"/survey/{page}" for page in WITHIN + LATER]
ANYONE = ["/", "/withdraw", "/display/?back=/", "/staff/sign-in", "/about/privacy"]
QUERY = (
    "at",
    "back",
    "from",
    "next",
    "part",
    "perspective",
    "language",
    "page",
    "words",
)
QUERY += ("first", "second", "size", "colours", "per_page", "ask", "auth_token", "team")


@pytest.fixture(scope="session")
def strict_app(config, migrated_app):
    """An application that answers errors as in production, one for each database."""
    app = create_app(config)
    app.testing = app.config["TESTING"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def strict(strict_app, client):
    """Makes browsers of an application that answers errors as in production."""
    return lambda: type(client)(strict_app)


@pytest.fixture(params=["anyone", "respondent", "staff"])
def browser(request, strict, session, world):  # noqa: F811
    """Someone of a kind, staff in every role, and where they begin."""
    browser = strict()
    factories.make_invitation(session, token="open", is_open=True)
    if request.param == "respondent":
        Visitor(browser).begin(token="open")
        return browser, JOURNEY + ANYONE
    if request.param == "staff":
        user = sign_in(browser, session, ROLES[0], world.trust)
        user.grants += [RoleGrant(role=role, trust=world.trust) for role in ROLES[1:]]
        campaign = session.get(Campaign, world.numbers["campaign_id"])
        factories.make_reader(session, user, campaign)
        session.commit()
        found = addresses(browser.application, world.numbers)
        return browser, [address for _, address in found]
    user = factories.make_staff(session, "lead", world.trust)
    token = sign_in_links.make(session, user, now=utc_now())
    session.commit()
    browser.get("/")  # for the secret of the forms' tokens
    return browser, [*ANYONE, "/s/open", f"/staff/link/{token}"]


@pytest.fixture(scope="module")
def crawled():
    """Pages that staff reach, which are many: the same in every test."""
    return []


@pytest.fixture
def pages(request, browser, crawled):
    if request.node.callspec.params["browser"] != "staff":
        return crawl(*browser)
    if not crawled:
        crawled.append(crawl(*browser))
    return crawled[0]


@pytest.fixture(params=["several", pytest.param("all", marks=pytest.mark.slow)])
def several(request):
    """The number of payloads that each thing gets, or None for all."""
    return lambda number: number if request.param == "several" else None


def feature(form):
    return form.path.split("/")[1]


class Sender:
    """Sends forms, each from the same browser as it was when it saw the form."""

    def __init__(self, browser):
        self.browser, self.cookies = browser, copy.deepcopy(browser._cookies)
        self.n_taken, self.wrong = 0, set()

    def send(self, form, changes, named, file=(f"{MARK}\0.csv", b"\0q7x,\n")):
        """Send it with other values in some of its fields; note what is wrong."""
        values = {**form.values, **changes}
        if form.method == "get":
            response = self.ask("GET", form.path, named, query_string=values)
        else:
            name, content = file
            values |= {each: (io.BytesIO(content), name) for each in form.files}
            response = self.ask("POST", form.action, named, data=values)
        self.n_taken += response.status_code not in (400, 403, 404)
        return response

    def ask(self, method, address, named, **options):
        self.browser._cookies = copy.deepcopy(self.cookies)
        response = self.browser.open(address, method=method, **options)
        path = response.request.path
        response.request.environ["wsgi.input"].close()  # a file, where much was sent
        self.wrong |= {(path, method, named, each) for each in wrongs(response)}
        return response


@contextmanager
def as_before(app, session):
    """What may be done as often as one likes, since the rows are put back after it."""
    with kept_aside(session.bind) as put_back, app.app_context():

        def again():
            session.rollback()
            empty(session.bind)
            put_back()

        yield again
        session.rollback()


def shared(session, things):
    """All of them on PostgreSQL, which refuses more, and every sixth on SQLite.

    There test_hostile_reach.py goes to every route.
    """
    return list(things)[:: 1 if session.bind.dialect.name == "postgresql" else 6]


def test_no_form_does_anything_but_refuse_what_is_hostile(
    app, browser, pages, session, several, capfd
):
    found = shared(session, forms(app, pages))
    sender, plan = Sender(browser[0]), covering(found, TEXTS, several(8), feature)
    with as_before(app, session) as again:
        for name, those in plan.items():
            for form in those:
                sender.send(form, dict.fromkeys(form.fields, TEXTS[name]), name)
            sender.wrong |= {("stored", "", name, each) for each in unclean(session)}
            again()
    assert sorted(sender.wrong) == []
    assert sender.n_taken > sum(map(len, plan.values())) / 2
    assert MARK not in capfd.readouterr().err


def test_one_hostile_field_among_good_ones_does_no_more(
    app, browser, pages, session, several, capfd
):
    found = shared(session, forms(app, pages))
    fields = [(form, name) for form in found for name in form.fields]
    names = ("script", "controls", "beyond", "integer", "negative", "wide")
    plan = covering(fields, names, several(2), kind=lambda each: box(*each))
    sender = Sender(browser[0])
    with as_before(app, session) as again:
        for name, those in plan.items():
            for form, field in those:
                sender.send(form, {**form.filled, field: TEXTS[name]}, name)
            sender.wrong |= {("stored", "", name, each) for each in unclean(session)}
            again()
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err


def box(form, field):
    """What kind of field of what feature it is."""
    return feature(form), form.method, form.kinds[field]


@pytest.mark.one_database
def test_no_route_does_more_where_no_page_shows_its_form(
    app,
    browser,
    session,
    world,  # noqa: F811
    capfd,
):
    """Many a form stands on a page in one state alone: its fields are guessed here."""
    browser, _ = browser
    sender, barred = Sender(browser), set()
    with as_before(app, session) as again:
        for name in ("script", "header", "controls", "beyond", "nothing"):
            for endpoint, address in addresses(app, world.numbers, method="POST"):
                fields = words_of(app.view_functions[endpoint])
                sent = dict.fromkeys(fields, TEXTS[name])
                if endpoint not in barred:
                    response = sender.ask("POST", address, name, data=sent)
                    barred |= {endpoint} if response.status_code == 403 else set()
            sender.wrong |= {("stored", "", name, each) for each in unclean(session)}
            again()
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err


def words_of(view):
    """Every word in quotes in the module of a view: names of fields are among them."""
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(view)))
    return sorted({*re.findall(r"[\"']([a-z]\w*)[\"']", source)} - {"csrf_token"})


def unclean(session):
    """Columns that hold what no database is to keep."""
    session.rollback()
    for mapper in db.Model.registry.mappers:
        columns = [c for c in mapper.columns if not isinstance(c.type, LargeBinary)]
        for row in session.execute(select(*columns)):
            for column, value in zip(columns, row):
                if not all_clean(value):
                    yield str(column)


IN_ADDRESSES = [
    quote(TEXTS[name][:300], safe="")
    for name in ("script", "attribute", "template", "sql", "header", "path", "absolute")
]
IN_ADDRESSES += ["%ff%fe", "%00", "a/../../b", "%0d%0aX-q7x:1", "q7x" * 500]
NUMBERS = [
    "0",
    "-1",
    TEXTS["integer"],
    TEXTS["long"],
    TEXTS["beyond"],
    quote("٣"),
    "1e5",
]


def test_no_address_does_anything_but_lead_nowhere(
    app,
    world,  # noqa: F811
    browser,
    session,
    several,
    capfd,
):
    sender, places = Sender(browser[0]), {True: [], False: []}
    for rule in shared(session, app.url_map.iter_rules()):
        for argument, converter in rule._converters.items():
            is_number = type(converter).__name__ == "IntegerConverter"
            places[is_number].append((rule, argument))
    numbers = covering(places[True], NUMBERS, several(3), blueprint)
    words = covering(places[False], IN_ADDRESSES, several(4), blueprint)
    for value, those in (numbers | words).items():
        for rule, argument in those:
            address = address_with(rule, {**world.numbers, argument: value})
            for method in rule.methods & {"GET", "POST"}:
                sender.ask(method, address, rule.rule)
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err


def blueprint(place):
    return place[0].endpoint.partition(".")[0]


def address_with(rule, values):
    """An address of a route, with parts that no route of ours would make."""
    pattern = re.sub("<(?:[^:<>]+:)?([^<>]+)>", "{\\1}", rule.rule)
    return pattern.format(**{name: values.get(name, 1) for name in rule.arguments})


@pytest.mark.one_database
def test_no_query_does_anything_but_be_ignored(app, browser, pages, several, capfd):
    sender = Sender(browser[0])
    names = ("script", "attribute", "address", "header", "controls", "beyond")
    plan = covering(pages, (*names, *ODD), several(3), lambda page: page.split("/")[1])
    for name, those in plan.items():
        for address in those:
            path, _, query = address.partition("?")
            asked = dict.fromkeys((*QUERY, *names_in(query)), TEXTS.get(name))
            odd = ODD.get(name) or urlencode(asked, errors="surrogatepass")
            sender.ask("GET", f"{path}?{odd}", name)
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err


ODD = {
    "encoding": "from=%ff&back=%00&=&&&at",
    "twice": "back=//q7x.example&" * 50,
}


def names_in(query):
    return {pair.partition("=")[0] for pair in query.split("&") if pair}


FORM = "application/x-www-form-urlencoded"
BODIES = {
    "json": (b'{"email": "q7x", "password": {"q7x": [1]}}', "application/json"),
    "json list": (b'["q7x", {"a": null}]', "application/json"),
    "json number": (b"7", "application/json"),
    "json nul": (
        b'{"email": "q7x\\u0000\\ud800", "next": "//q7x"}',
        "application/json",
    ),
    "json deep": (b"[" * 50_000, "application/json"),
    "json number long": (b'{"email": ' + b"9" * 10_000 + b"}", "application/json"),
    "no json": (b"{q7x", "application/json"),
    "xml": (
        b'<!DOCTYPE x [<!ENTITY q SYSTEM "file:///etc/passwd">]><x>&q;</x>',
        "text/xml",
    ),
    "text": (b"email=q7x&password=q7x", "text/plain"),
    "binary": (bytes(range(256)) * 8, FORM),
    "utf-16": ("email=q7x".encode("utf-16"), f"{FORM}; charset=utf-16"),
    "charset": (b"email=q7x", f"{FORM}; charset=q7x"),
    "pairs": (b"&&=&==&q7x&%&%zz=%q7&csrf_token", FORM),
    "lists": (
        b"email[]=q7x&email[a]=1&email=1&email=2&csrf_token=a&csrf_token=b",
        FORM,
    ),
    "many": (b"&".join(b"q7x%d=1" % n for n in range(20_000)), FORM),
    "large": (b"comment=" + b"q7x" * 2_000_000, FORM),
    "no boundary": (b"q7x", "multipart/form-data"),
    "odd boundary": (
        b"q7x",
        "multipart/form-data; boundary=\xff".encode("latin-1").decode("latin-1"),
    ),
    "cut": (
        b'--q\r\nContent-Disposition: form-data; name="q7x"\r\n\r\nq7',
        "multipart/form-data; boundary=q",
    ),
    "parts": (
        b"".join(
            b'--q\r\nContent-Disposition: form-data; name="q7x"\r\n\r\n1\r\n'
            for _ in range(2000)
        )
        + b"--q--",
        "multipart/form-data; boundary=q",
    ),
    "header": (
        b"--q\r\nContent-Disposition: " + b"q7x" * 50_000 + b"\r\n\r\n1\r\n--q--",
        "multipart/form-data; boundary=q",
    ),
    "nothing": (b"", ""),
    "kind": (b"email=q7x", 'q7x/\x7f; q7x="q7x'),
}
# Read to their end, or refused, before any view is asked: some addresses are enough.
HEAVY = {"json deep", "json number long", "many", "large", "parts", "header"}
EVERY_HEAVY = 12
HEADERS = {
    "Host": "q7x.example",
    "X-Forwarded-Host": "q7x.example",
    "X-Forwarded-For": "q7x, ' OR 1=1",
    "X-Forwarded-Proto": "javascript",
    "X-Original-URL": "/admin/",
    "X-HTTP-Method-Override": "DELETE",
    "Referer": "https://q7x.example/<q7x>",
    "Origin": "https://q7x.example",
    "Accept": "q7x/*;q=nan, application/json",
    "Accept-Language": "q7x;q=1e999, " + "en-" * 3000,
    "Accept-Encoding": "q7x;q=x, gzip;q=\x7f",
    "Cookie": 'survey="q7x\\000"; staff=q7x.q7x.q7x; __Host-survey=q7x; =; ;; session',
    "Authorization": "Basic q7x, Digest",
    "Authentication-Token": "q7x",
    "Range": "bytes=9-1,-q7x",
    "If-Modified-Since": "q7x",
    "If-None-Match": 'W/"q7x',
    "If-Range": "q7x",
    "Content-Encoding": "gzip",
    "User-Agent": "<q7x>",
    "Sec-Fetch-Site": "cross-site",
    "X-CSRFToken": "q7x",
}


@pytest.mark.one_database
def test_no_body_does_anything_but_be_refused(
    app,
    browser,
    world,  # noqa: F811
    several,
    capfd,
):
    sender = Sender(browser[0])
    every = addresses(app, world.numbers, method="POST")
    taken = [  # what is for others meets them as well
        (endpoint.partition(".")[0], address)
        for endpoint, address in every
        if sender.ask("POST", address, "empty").status_code != 403
    ]
    light = BODIES.keys() - HEAVY
    plan = covering(taken, sorted(light), several(5), kind=lambda each: each[0])
    plan |= dict.fromkeys(HEAVY, taken[::EVERY_HEAVY])
    for name, those in plan.items():
        for _, address in those:
            body, kind = BODIES[name]
            sender.ask("POST", address, name, data=body, content_type=kind)
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err


@pytest.mark.one_database
def test_only_a_form_is_read_as_one(browser):
    browser, _ = browser
    for kind in ("application/json", "text/plain", "text/xml", "q7x/q7x"):
        assert browser.post("/", data=b"{}", content_type=kind).status_code == 415
    assert browser.post("/finish").status_code == 303


@pytest.mark.one_database
def test_no_header_does_anything_but_be_ignored(browser, pages, capfd):
    sender = Sender(browser[0])
    for n, address in enumerate(pages):
        for name, value in HEADERS.items() if n < 10 else ():
            sender.ask("GET", address, name, headers={name: value})
        sender.ask("GET", address, "all", headers=HEADERS)
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err


@pytest.mark.one_database
@pytest.mark.parametrize("browser", ["respondent", "staff"], indirect=True)
def test_no_address_that_is_only_looked_at_signs_anybody_out(
    app,
    world,  # noqa: F811
    browser,
):
    browser, start = browser
    mine = "/survey/1" if start[0] == JOURNEY[0] else "/admin/"
    assert browser.get(mine).status_code == 200
    ended = []
    for _, address in addresses(app, world.numbers):
        cookies = copy.deepcopy(browser._cookies)
        browser.get(address)
        browser._cookies = cookies
        if browser.get(mine).status_code != 200:
            ended.append(address)
    assert ended == []


@pytest.mark.one_database
def test_nothing_but_the_cookie_of_a_session_signs_in(strict, session, world):  # noqa
    browser = strict()
    user = sign_in(browser, session, ROLES[0], world.trust)
    with browser.application.test_request_context():
        token = user.get_auth_token()
    other = strict()
    for asked in (
        {"headers": {"Authentication-Token": token}},
        {"query_string": {"auth_token": token}},
    ):
        assert other.get("/admin/", **asked).status_code == 303
    answer = browser.get("/staff/sign-in", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "Q7X"]
)
def test_no_other_method_does_anything(strict, world, method):  # noqa: F811
    sender = Sender(strict())
    for _, address in addresses(sender.browser.application, world.numbers):
        response = sender.ask(method, address, method)
        assert response.status_code in (200, 400, 403, 404, 405), address
        assert method == "OPTIONS" or response.status_code != 200
    assert sorted(sender.wrong) == []
