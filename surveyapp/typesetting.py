"""PDFs from typst templates: tagged, the same bytes for the same input and date.

Fonts come from the packages of Noto Sans that are installed, never from the system:
the same form looks, and is laid out, alike on every machine.
"""

import json
import struct
import zlib
from datetime import UTC, datetime, time
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
MM_PER_POINT = 25.4 / 72
STANDARD = "ua-1"
MEMORY = 10  # documents for which typst keeps what an earlier one may share


@cache
def _font_folders():
    """Folders of every installed Noto Sans; the Latin one is needed."""
    packages = sorted(
        found.value
        for found in entry_points(group="fontpkg.family")
        if found.name.startswith("noto_sans")
    )
    return [str(files(name) / "files") for name in packages]


@cache
def _families():
    """Their names, the Latin one first, as typst looks for each sign in turn."""
    import typst

    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=_font_folders(),
    ).families()
    return sorted(found, key=lambda name: (name != "Noto Sans", name))


def _compiler(template, data):
    import typst

    return typst.Compiler(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=_font_folders(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps({**data, "fonts": _families()})},
    )


def to_pdf(template, data, *, date):
    """The bytes of a tagged PDF (PDF/UA-1), dated at noon of a day.

    typst refuses what would not be accessible, such as a picture without words.
    """
    at = datetime.combine(date, time(12), tzinfo=UTC)
    pdf = _compiler(template, data).compile(pdf_standards=STANDARD, timestamp=at)
    _free_memory()
    return pdf


def to_png(drawing, description, *, width=640):
    """The bytes of a PNG of an SVG drawing, two pixels to each of its `width` points.

    `description` says what is seen, and stands in the file as its description.
    """
    import typst

    page = f"""#set page(width: {width}pt, height: auto, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg", width: 100%, alt: "")"""
    compiler = typst.Compiler(
        page.encode(),
        font_paths=_font_folders(),
        ignore_system_fonts=True,
        sys_inputs={"drawing": drawing},
    )
    png = compiler.compile(format="png", ppi=144)
    _free_memory()
    return _described(png, description)


def _described(png, description):
    """A PNG with a description before its end, as its readers look for one."""
    text = b"Description\0\0\0\0\0" + description.encode()
    body = b"iTXt" + text
    chunk = struct.pack(">I", len(text)) + body + struct.pack(">I", zlib.crc32(body))
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


def _free_memory():
    """Let typst free what it laid out, which it keeps for its next ten documents.

    A server would hold ten batches of letters that nobody asks for again.
    """
    import typst

    empty = typst.Compiler(ignore_system_fonts=True)
    for _ in range(MEMORY + 1):
        empty.compile(b"", format="svg")


def query_marks(template, data):
    """What a template tells of itself at its `<told>` marks, lengths in millimetres."""
    marks = json.loads(_compiler(template, data).query("<told>", field="value"))
    return [{name: _millimetres(value) for name, value in m.items()} for m in marks]


def _millimetres(value):
    if isinstance(value, str) and value.endswith("pt"):
        try:
            return round(float(value[:-2]) * MM_PER_POINT, 3)
        except ValueError:
            return value
    return value
