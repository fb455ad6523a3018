"""The PDF as a reader has it: tags, language, words, and the same bytes again."""

import io
import re
from collections import Counter
from datetime import date

import pypdf
import pytest

from surveyapp import bank, typesetting
from surveyapp.assessments.documents import paragraphs
from surveyapp.database import utc_now
from surveyapp.paper import printing, qr_codes
from surveyapp.paper.compact_form import in_grids
from surveyapp.paper.form_layout import TEMPLATE, Style, set_form

from .test_boxes_and_ink import SENDER, make_run

PRINTED = [
    ("short_service_user.v1", "en", "standard", 16),
    ("short_carer.v1", "en", "large_print", 34),
    ("short_carer.v1", "en", "easy_read", 32),
    ("short_service_user.v1", "ar-XB", "standard", 16),
    ("short_service_user.v2", "en", "compact", 10),
]
FOOT = re.compile(r"Needhelpnow.{40,60}116123Page\d+of\d+Form.{9}Copy.{9}")


@pytest.fixture(scope="module", params=PRINTED, ids=lambda p: "-".join(map(str, p)))
def printed(request):
    *what, n_pages = request.param
    run = make_run(*what)
    return what, n_pages, pypdf.PdfReader(io.BytesIO(run.pdf)), run


def signs(text):
    """Letters and digits alone: where lines break and words turn does not matter."""
    return re.sub(r"[\W_]+", "", text)


def kinds(reader):
    """Every kind of the structure tree, in reading order."""

    def walk(node):
        node = node.get_object()
        if isinstance(node, pypdf.generic.ArrayObject):
            for each in node:
                yield from walk(each)
        elif isinstance(node, pypdf.generic.DictionaryObject):
            if "/S" in node:
                yield node["/S"]
            if "/K" in node:
                yield from walk(node["/K"])

    return [*walk(reader.trailer["/Root"]["/StructTreeRoot"])]


def test_it_is_tagged_and_says_title_and_language(printed):
    (ref, language, *_), _, reader, _ = printed
    root = reader.trailer["/Root"]
    assert (
        root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    )
    assert root["/Lang"].lower().startswith(language.partition("-")[0])
    assert reader.metadata.title == SENDER.title
    assert b"pdfuaid:part>1<" in root["/Metadata"].get_data()


def test_every_question_is_a_heading_and_its_answers_a_list(printed):
    (ref, _, edition), _, reader, run = printed
    found, fields = kinds(reader), run.layouts[0].fields
    if edition == "compact":
        fields = outside_the_grids(found, ref, fields)
    asked = [f for f in fields if f.kind in ("item", "gate", "question", "helped")]
    assert found.count("/H1") == 3
    assert found.count("/H3") >= len(fields)
    assert found.count("/L") >= len(asked)
    boxes = sum(len(f.boxes) for f in fields if f.type in ("one", "many"))
    assert found.count("/Lbl") >= boxes


def outside_the_grids(found, ref, fields):
    """What is no row of a table; each row of one has its statement and its boxes."""
    asked = in_grids(bank.instrument(ref))
    rows = [field for field in fields if field.id in asked]
    assert found.count("/Table") == found.count("/THead") > 0
    assert found.count("/TD") >= sum(len(row.values) - 1 for row in rows) / 2
    return [field for field in fields if field.id not in asked]


def test_pictures_are_told_in_words(printed):
    (ref, _, edition), _, reader, run = printed
    figures, grids = kinds(reader).count("/Figure"), 0
    if edition == "compact":  # what a box says stands elsewhere, so it is told as well
        asked = in_grids(bank.instrument(ref))
        fields = run.layouts[0].fields
        grids = sum(len(f.boxes) for f in fields if f.id in asked)
    assert figures - grids == (3 + 49 - 5 if edition == "easy_read" else 3)


def test_it_has_as_many_pages_as_it_says(printed):
    _, n_pages, reader, run = printed
    layout = run.layouts[0]
    assert abs(layout.n_pages - n_pages) <= 2  # a wording may come or go
    assert len(reader.pages) == layout.n_pages + layout.n_pages % 2
    assert all(
        page.mediabox.width == pytest.approx(595.28, abs=0.1) for page in reader.pages
    )


def test_every_word_of_the_form_is_on_paper(printed):
    (ref, language, edition), _, reader, _ = printed
    form = bank.worded(
        bank.instrument(ref), edition="easy_read" if edition == "easy_read" else None
    )
    said = "".join(signs(page.extract_text()) for page in reader.pages)
    said = FOOT.sub("", said)
    if language == "ar-XB":  # its words run backwards, so they are told by letter
        wanted = Counter("".join(map(signs, wordings(form))))
        assert wanted - Counter(said) == Counter()
        return
    missing = [text for text in wordings(form) if signs(text) not in said]
    assert missing == []


def wordings(form):
    """All that a person is shown of a form, in one sitting, on the web."""
    yield from (form.recall, form.intro, *form.definitions.values())
    yield from (form.gate.text, *form.gate.options.values())
    for block in form.blocks:
        yield from (block.title, block.intro)
    for item in form.items:
        labels = item.responses.reason_labels
        yield from (form.stem(item), *item.responses.labels.values())
        yield from (labels[reason] for reason in item.reasons)
    for asked in (form.preferred_involvement, *form.context, *form.background):
        yield from (asked.text[form.perspective], asked.hint, *asked.options.values())
    for document in form.documents:
        for kind, content in paragraphs(document.body):
            yield from content if kind == "list" else [content]


def test_each_item_offers_its_categories_and_then_its_own_reasons(printed):
    (ref, *_), _, _, run = printed
    layout, form = run.layouts[0], bank.instrument(ref)
    for item in form.items:
        expected = (*map(str, item.responses.values), *item.reasons)
        field = layout.field(item.id)
        assert (field.values, field.ref) == (expected, item.ref)
    order = [field.id for field in layout.fields if field.kind == "item"]
    assert order == [item.id for item in form.items]


def test_the_same_input_and_date_make_the_same_bytes():
    form = bank.instrument("short_service_user.v1")
    style = Style("standard", "en", "ltr", SENDER)
    set_once, secrets = set_form(form, style), printing.Secrets.new()
    data = style.data(
        [set_once.elements], [style.copy(secrets, form=set_once, place=0)]
    )
    first, again = (
        typesetting.to_pdf(TEMPLATE, data, date=date(2026, 11, 22)) for _ in range(2)
    )
    assert first == again
    assert first != typesetting.to_pdf(TEMPLATE, data, date=date(2026, 11, 23))


def test_a_language_without_its_letters_is_refused_and_not_printed_as_boxes():
    form = bank.instrument("short_service_user.v1")
    sender = SENDER.__class__(organisation="Northmoor", title="調査")
    with pytest.raises(Exception, match="could not be displayed"):
        style = Style("standard", "en", "ltr", sender)
        plan = [printing.CopyToPrint(printing.Secrets.new())]
        printing.typeset(plan, {None: set_form(form, style)}, style, utc_now())


def test_the_code_of_a_page_says_form_copy_and_page_alone(monkeypatch):
    said = []
    monkeypatch.setattr(qr_codes, "square", lambda text, error: said.append(text))
    qr_codes.of_pages("ABCDEFGH2", "JKLMNPQR3", 2)
    assert said == ["PROM1/ABCDEFGH2/JKLMNPQR3/01", "PROM1/ABCDEFGH2/JKLMNPQR3/02"]
