"""What nobody sends who means well, and how to see that it did something."""

import re

from surveyapp.headers import FIXED

from .test_characters import REFUSED

MARK = "q7x"
PRODUCT = str(7919 * 7919)
WHOLE = {*FIXED, "Content-Security-Policy", "Cache-Control"}
TEXTS = {
    "script": f"<{MARK}><script>{MARK}()</script>",
    "attribute": f"\"{MARK}=\" onfocus='{MARK}' '{MARK}='",
    "template": "{{7919*7919}}${7919*7919}#{7919*7919}<%=7919*7919%>{%raw%}{#",
    "format": f"%s%n%(x)s{{0.__class__}}{{{MARK}}}%d%",
    "sql": f"{MARK}' OR '1'='1'; DROP TABLE trust; -- \\",
    "header": f"{MARK}\r\nX-{MARK}: 1\r\nSet-Cookie: {MARK}=1\r\n\r\n<{MARK}>",
    "path": "../../../../../etc/passwd",
    "absolute": f"//{MARK}.example/{MARK}",
    "address": f"https://{MARK}.example/",
    "code": f"javascript:{MARK}()",
    "shell": f"$({MARK})`{MARK}`;|{MARK}",
    "formula": f"=cmd|' /C {MARK}'!A0",
    "controls": MARK + "".join(REFUSED).replace("\ud800", "").replace("\udfff", ""),
    "marks": f"{MARK}\u202e\u2066\ufeff\u200f\u0301\U0001f600\u2028",
    "beyond": "123456789012345678901234567890",
    "long": "9223372036854775808",
    "integer": "2147483648",
    "negative": "-1",
    "number": "1e309",
    "nothing": "nan",
    "digits": "٣²",
    "empty": "",
    "space": " \t\n ",
    "wide": MARK * 20_000,
}
NEVER = (
    ("script", re.compile(f"<{MARK}|<script>{MARK}", re.I)),
    ("attribute", re.compile(f'"{MARK}=')),  # ours are all in double quotes
    ("template", re.compile(PRODUCT)),
    ("format", re.compile("<class ")),
    ("file", re.compile("root:.:0")),
    ("inside", re.compile("Traceback \\(most|sqlalchemy|psycopg|sqlite3|/surveyapp/")),
    ("link", re.compile(f'(href|src|action)="(javascript:|//|https?://){MARK}')),
)


def wrongs(response):
    """What is wrong with a response, whatever was asked: a name for each."""
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    missing = WHOLE - {name for name, _ in response.headers}
    if missing:
        yield f"without {sorted(missing)}"
    if any(MARK in name.lower() for name, _ in response.headers):
        yield "header of its own"
    for cookie in response.headers.getlist("Set-Cookie"):
        if cookie.startswith(MARK):
            yield "cookie of its own"
    if not is_here(response.location or "/"):
        yield f"sends away to {response.location[:60]}"
    if response.mimetype == "text/html":
        for name, seen in NEVER:
            if seen.search(response.text):
                yield f"shows {name}"


def is_here(location):
    """Whether a place to go on to is on this very site."""
    return location.startswith("/") and not location.startswith(("//", "/\\"))
