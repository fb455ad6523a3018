"""Excel workbooks that no spreadsheet writes, each in a few kilobytes."""

import io
import random
import zipfile

import openpyxl

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
STRINGS = "xl/sharedStrings.xml"
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LAUGHS = "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij")
)
BOMB = f'<!DOCTYPE x [<!ENTITY a "q7xq7xq7x">{LAUGHS}]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'


def sheet(rows, before="", dimension="A1:XFD1048576"):
    """A sheet of these rows, as XML."""
    head = f'{before}<worksheet {SPACE}><dimension ref="{dimension}"/>'
    return f"{head}<sheetData>{rows}</sheetData></worksheet>"


def cell(place, value, kind=""):
    kind = f' t="{kind}"' if kind else ""
    return f'<c r="{place}"{kind}><v>{value}</v></c>'


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def workbook(**parts):
    """A workbook of two columns and two rows, with some of its parts replaced."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    for cells in (["person", "q7x"], ["1", "2"], ["2", "=cmd|'q7x'!A0"]):
        book.active.append(cells)
    book.save(made)
    return repacked(made.getvalue(), **parts)


def repacked(raw, **parts):
    named = {"sheet": SHEET, "book": BOOK, "strings": STRINGS}
    changed = {named[name]: part for name, part in parts.items()}
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, changed.pop(name, None) or old.read(name))
        for name, part in changed.items():
            new.writestr(name, part)
    return made.getvalue()


def hostile_workbooks():
    """Name -> bytes."""
    whole = workbook()
    noise = random.Random(20260102)
    names = row(1, cell("A1", "person", "str"), cell("B1", "q7x", "str"))
    far = "".join(row(n, cell(f"XFD{n}", 1)) for n in range(2, 2_000))
    few = range(3, 3_000)
    wide = row(2, cell("IZZ2", 1)) + "".join(row(n, cell(f"A{n}", 1)) for n in few)
    return {
        "formula": whole,
        "laughs in a sheet": workbook(sheet=sheet(names + "&j;", BOMB)),
        "laughs in a cell": workbook(
            sheet=sheet(names + row(2, cell("A2", "&j;", "str")), BOMB)
        ),
        "laughs in strings": workbook(
            strings=f"{BOMB}<sst {SPACE}><si><t>&j;</t></si></sst>"
        ),
        "laughs in the book": workbook(book=f"{BOMB}<workbook {SPACE}>&j;</workbook>"),
        "a file of the machine": workbook(
            sheet=sheet(names + row(2, cell("A2", "&j;", "str")), OUTSIDE)
        ),
        "said to be endless": workbook(sheet=sheet(names + row(2, cell("A2", 1)))),
        "said to be small": workbook(
            sheet=sheet(names + row(2, cell("A2", 1)), dimension="A1")
        ),
        "a cell far away": workbook(
            sheet=sheet(names + row(1048576, cell("XFD1048576", 1)))
        ),
        "a row beyond all": workbook(
            sheet=sheet(names + row(10**15, cell("A1", 1))),
        ),
        "many rows as wide as can be": workbook(sheet=sheet(names + far)),
        "one row as wide as can be": workbook(sheet=sheet(names + wide)),
        "numbers of rows that go back": workbook(
            sheet=sheet(names + row(-5, cell("A1", 1)) + row(0, cell("A1", 2)))
        ),
        "rows of no number": workbook(sheet=sheet('<row r="q7x"><c r="?"/></row>')),
        "a string that is not there": workbook(
            sheet=sheet(names + row(2, cell("A2", 10**9, "s")))
        ),
        "a number that is none": workbook(
            sheet=sheet(names + row(2, cell("A2", "1e999"), cell("B2", "q7x")))
        ),
        "a day that is none": workbook(
            sheet=sheet(names + row(2, cell("A2", "9999-99-99", "d")))
        ),
        "controls": workbook(
            sheet=sheet(names + row(2, cell("A2", "_x0000__x0007_\x85", "str")))
        ),
        "no XML": workbook(sheet=b"\0" * 4_000),
        "UTF-16": workbook(sheet=sheet(names).encode("utf-16")),
        "deep": workbook(sheet=sheet("<a>" * 20_000)),
        "mostly nothing": workbook(sheet=sheet(names + " " * 30_000_000)),
        "cut": whole[: len(whole) // 2],
        "cut at the end": whole[:-30],
        **{
            f"noise {n}": bytes(
                byte if noise.random() > 0.01 else noise.randrange(256)
                for byte in whole
            )
            for n in range(10)
        },
    }
