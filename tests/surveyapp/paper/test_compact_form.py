"""The compact edition asks the same on few pages, and is keyed by its letters."""

import io
from collections import Counter
from types import SimpleNamespace

import pypdf
import pytest

from surveyapp import bank
from surveyapp.assessments import notices
from surveyapp.models import Campaign, Trust
from surveyapp.paper import printing
from surveyapp.paper.form_layout import Style, set_form
from surveyapp.paper.keying_sheet import Sheet
from surveyapp.paper.print_options import Choice

from ... import factories
from .test_boxes_and_ink import SENDER, make_run

MOST_PAGES = 10  # of thirty items, with the pages to keep
SHORT = [f"short_service_user.v{n}" for n in (1, 2, 3)] + ["short_carer.v3"]


def with_notices(ref, monkeypatch, *, is_research=False):
    """A form with all that a campaign says on paper."""
    told = SimpleNamespace(suppress_below=10, backup_days=35)
    monkeypatch.setattr(notices, "running_config", lambda: told)
    form, given = bank.instrument(ref), factories.notice(is_research=is_research)
    trust = Trust(name="Northmoor NHS Foundation Trust")
    campaign = Campaign(trust=trust, title="How involved are you?", notices=[given])
    choice = Choice(form.perspective, "en", "compact")
    return printing.with_notices(campaign, form, choice)


def set_as(edition, form):
    return set_form(form, Style(edition, "en", "ltr", SENDER))


@pytest.mark.parametrize("ref", SHORT)
def test_thirty_items_take_ten_pages_with_notices_and_all(ref, monkeypatch):
    form = with_notices(ref, monkeypatch, is_research=ref.endswith("3"))
    layout = set_as("compact", form).layout
    assert len(form.items) == 30 and layout.n_pages <= MOST_PAGES


@pytest.fixture(scope="module")
def layouts():
    form = bank.instrument("short_service_user.v2")
    return [set_as(edition, form).layout for edition in ("standard", "compact")]


def test_it_has_the_boxes_of_the_standard_edition_as_data(layouts):
    told = [
        [(f.id, f.kind, f.type, f.ref, f.values) for f in layout.fields]
        for layout in layouts
    ]
    assert told[0] == told[1]
    assert layouts[0].form_id != layouts[1].form_id


def test_a_statement_and_all_its_boxes_lie_in_one_row_of_one_page(layouts):
    for field in layouts[1].fields:
        assert len({box.page for box in field.boxes}) == 1
        if field.kind == "item":
            assert len({box.y for box in field.boxes}) == 2  # answers, then reasons


def test_who_keys_it_sees_the_letters_that_are_on_paper(layouts):
    form = bank.instrument("short_service_user.v2")
    sheet, letters = Sheet(form, layouts[1]), set()
    for item in form.items:
        boxes = dict(sheet.fields[item.id].boxes)
        assert [boxes[str(v)] for v in item.responses.values] == [
            *item.responses.labels.values()
        ]
        for reason in item.reasons:
            letter, _, label = boxes[reason].partition(": ")
            assert label == item.responses.reason_labels[reason]
            letters.add((letter, reason))
    assert len(letters) == len(dict(letters)) == 6  # one letter, one reason
    assert dict(sheet.fields["age_band"].boxes)["rather_not_say"] == (
        "I would rather not say"
    )
    plain = Sheet(form, layouts[0]).fields["parity_asked"]
    assert dict(plain.boxes)["did_not_happen"] == "It did not happen"


@pytest.fixture(scope="module")
def reader():
    run = make_run("short_service_user.v2", "en", "compact")
    return pypdf.PdfReader(io.BytesIO(run.pdf))


def test_nothing_that_people_read_is_smaller_than_twelve_points(reader):
    sizes = Counter()

    def note(text, _, matrix, __, size):
        if text.strip():
            sizes[round(size * abs(matrix[0]), 1)] += 1

    for page in reader.pages:
        page.extract_text(visitor_text=note)
    assert {size for size in sizes if size < 12} == {9}  # the numbers of the form
    assert sizes[9] < 10 * len(reader.pages)


def test_the_period_and_the_answers_stand_at_the_head_of_each_block(reader):
    form = bank.instrument("short_service_user.v2")
    told = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for block in form.blocks:
        assert f"{form.recall} {block.intro}" in told
    assert told.count("If none fits") >= len(form.blocks)
