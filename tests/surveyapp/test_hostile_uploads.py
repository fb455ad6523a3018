"""Every box for a file meets files that nobody sends who means well.

A list that a box of another feature takes is sent to a third of the boxes; all to all
is marked slow.
"""

import gzip
import io
import random
import zipfile

import pytest

from surveyapp.jobs import worker

from .crawler import crawl, forms
from .hostile import MARK
from .test_access import world  # noqa: F401
from .test_characters import REFUSED
from .test_hostile_input import (  # noqa: F401
    Sender,
    as_before,
    browser,
    feature,
    several,
    strict,
    strict_app,
    unclean,
)

NAMES = (
    f"{MARK}.csv",
    "../../etc/passwd",
    'a"; filename="b\r\nX-q7x: 1',
    "x\0.yaml",
    "٣",
)
CELLS = (
    "",
    f"<{MARK}>",
    f"=cmd|{MARK}",
    "\x07\x1b",
    "\0",
    "\ufffe",
    "9" * 400,
    "-1",
    "nan",
)
LAUGHS = "a: &a [q7x, q7x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi")
)


def zipped(name, content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def files(headers):
    """Contents by name; rows below the real first lines of the lists among them."""
    noise = random.Random(20260101).randbytes(20_000)
    made = {
        "nothing": b"",
        "mark alone": b"\xef\xbb\xbf",
        "noise": noise,
        "nul": b"\0" * 1000,
        "pdf": b"%PDF-1.7\n" + noise,
        "spss": b"$FL2" + noise,
        "stata": b"<stata_dta>" + noise,
        "parquet": b"PAR1" + noise + b"PAR1",
        "sheet": zipped("xl/workbook.xml", b"<!DOCTYPE x>" + noise),
        "bomb": zipped("xl/workbook.xml", b"0" * 20_000_000),
        "gzip": gzip.compress(b"q7x" * 1_000_000),
        "laughs": LAUGHS.encode(),
        "python": b"!!python/object/apply:os.system ['touch /tmp/q7x']",
        "deep yaml": b"[" * 3000,
        "deep map": b"a: " * 3000,
        "yaml key": b"? [q7x, {q7x: !!binary q7x}]\n: !!set {q7x}\n",
        "yaml nul": b'title: "\\0\\ud800\\x07q7x"\nplan: 1\n',
        "yaml number": b"plan: 1e999\nn: -.inf\nm: 0x" + b"f" * 4000,
        "quote": b'person,perspective\n"q7x',
        "wide": b",".join(b"q7x%d" % n for n in range(100_000)) + b"\n1",
        "one line": b"q7x" * 300_000,
        "many lines": b"\n" * 300_000,
    }
    for name, header in headers.items():
        width = header.count(",") + 1
        for n, cell in enumerate(CELLS):
            row = ",".join([cell] * width)
            made[f"{name} {n}"] = f"{header}\n{row}\n{row}\n".encode()
        made[f"{name} bytes"] = header.encode() + b"\n" + b"\xff\xed\xa0\x80," * width
        made[f"{name} utf-16"] = f"{header}\n{MARK}\n".encode("utf-16")
        made[f"{name} columns"] = f"{header},{header}\n".encode()
        made[f"{name} cells"] = f"{header}\n{',' * 5000}\n".encode()
        controls = "".join(c for c in REFUSED if not "\ud800" <= c <= "\udfff")
        made[f"{name} controls"] = f"{header}{controls}\n{controls}\n".encode()
    return made


def is_for_another(form, name):
    """Whether a file has the first line of a list that other boxes take."""
    return name.startswith("/") and name.split("/")[1] != feature(form)


@pytest.mark.parametrize("browser", ["staff"], indirect=True)
@pytest.mark.one_database
def test_no_file_does_anything_but_be_refused(
    app,
    browser,  # noqa: F811
    session,
    several,  # noqa: F811
    capfd,
):
    browser, start = browser
    pages = crawl(browser, start)
    found = [form for form in forms(app, pages) if form.files]
    assert len(found) >= 3
    headers = {
        address: response.get_data().decode("utf-8-sig").splitlines()[0]
        for address, response in pages.items()
        if response.mimetype == "text/csv" and response.data.strip()
    }
    sender, made, every = Sender(browser), files(headers), several(3) or 1
    with as_before(app, session) as again:
        for k, form in enumerate(found):
            for n, (name, content) in enumerate(made.items()):
                if is_for_another(form, name) and (n + k) % every:
                    continue
                sent = NAMES[n % len(NAMES)], content
                response = sender.send(form, form.filled, name, sent)
                worker.run_due()
                if response.location:
                    sender.ask("GET", response.location, name)
                    sender.ask("GET", f"{response.location}/problems.csv", name)
            sender.wrong |= {("stored", "", name, each) for each in unclean(session)}
            again()
    assert sorted(sender.wrong) == []
    assert MARK not in capfd.readouterr().err
