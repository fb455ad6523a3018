"""Every format says the same: it is read back to the same frame, and validated."""

import io
import json
import runpy
from datetime import timedelta
from random import Random

import pandas as pd
import pyreadstat
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from surveyapp.assessments.codes import CODES, GATE_CODES, NOT_ASKED
from surveyapp.bank import instrument, instruments
from surveyapp.cli import main
from surveyapp.errors import InvalidAnswers
from surveyapp.extensions import db
from surveyapp.models import Reply
from surveyapp.research.exports import commands, package
from surveyapp.research.exports.export import export
from surveyapp.research.exports.layouts import LAYOUTS
from surveyapp.research.exports.package import FORMATS
from surveyapp.research.files.answer_options import read_as_stated, stated
from surveyapp.research.files.codebook import find_codebook
from surveyapp.table_files import spss_and_stata_names
from surveyapp.table_files.reading import read_table

from .... import factories
from ....conftest import empty
from ....item_bank.fhir_schema import validator

pytestmark = pytest.mark.any_database

TABLES = [name for name in FORMATS if name != "fhir"]
FORM = instrument("short_service_user.v1")
TYPED = {
    "scales": (),
    "reverse": "",
    "categories": None,
    "missing": "",
    "labels": (),
    "header_rows": None,
}


@pytest.fixture(scope="module")
def made(migrated_app):
    """Every format, long and wide, of sixty people; a third came again."""
    with migrated_app.app_context(), Session(db.engine) as session:
        campaign = answered(session, Random(20260301))
        asked = {"actor": "x", "purpose": "own", "formats": [*FORMATS]}
        files = {
            layout: export(
                session,
                campaign,
                "service_user",
                layout=layout,
                quasi=("team", "mode"),
                rng=Random(1),
                **asked,
            ).files
            for layout in LAYOUTS
        }
    with migrated_app.app_context():
        empty(db.engine)
    return files


def answered(session, rng):
    """A campaign of booklets, with every reason, the gate, and a second wave."""
    campaign = factories.make_campaign(
        session, instruments={"service_user": FORM.ref}, title="Wer fragt – who asks"
    )
    factories.make_wave(session, campaign)
    for n in range(60):
        level = rng.gauss(0, 1)
        first = sitting(session, campaign, n, level, rng, {"mode": MODES[n % 2]})
        if n % 3 == 0:
            again = {"respondent": first.respondent, "wave": 2, "mode": MODES[n % 2]}
            sitting(session, campaign, n, level, rng, again)
    session.commit()
    return campaign


MODES = ("web", "paper")


def sitting(session, campaign, n, level, rng, given):
    when = factories.LONG_AGO + timedelta(days=2 + 20 * (given.get("wave") == 2))
    plan = "no" if n % 4 == 0 else "yes"
    arrangement = "booklets:20:0" if n % 5 == 0 else None
    made = factories.make_assessment(
        session,
        campaign,
        submitted_at=when,
        care_plan=plan,
        arrangement=arrangement,
        **given,
    )
    made.record([*replies(n, plan, level, rng)], now=when)
    return made


def replies(n, plan, level, rng):
    for k, item in enumerate(FORM.items):
        if plan == "no" and item.id in FORM.gate.when_no:
            continue
        if (n + k) % 11 == 0 and item.reasons:
            reason = [*item.reasons][(n + k) % len(item.reasons)]
            yield Reply(item.id, item.version, reason=reason)
        elif (n + k) % 13:
            value = min(4, max(0, round(2 + level + rng.gauss(0, 1))))
            yield Reply(item.id, item.version, value=value)


@pytest.fixture(params=LAYOUTS)
def folder(request, made, tmp_path):
    for name, content in made[request.param].items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def frame_of(path, wanted):
    raw = read_table(path, wanted=wanted, keep_missing=True)
    return pd.DataFrame(list(raw.rows.values()), columns=list(raw.header))


def test_each_format_is_read_back_to_the_same_frame(folder):
    expected = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    assert len(expected) in (60, 80) and (expected == "97").any(axis=None)
    for name in TABLES:
        frame = frame_of(folder / f"responses.{name}", list(expected))
        pd.testing.assert_frame_equal(frame, expected)


def test_validate_reads_the_same_answers_in_each_format(folder):
    tables = {}
    for name in TABLES:
        file = folder / f"responses.{name}"
        book = find_codebook(file)
        settings = stated(file, {**TYPED}, codebook=book)
        table, _ = read_as_stated(file, settings, codebook=book, dead_items=True)
        tables[name] = table
    expected = tables.pop("csv")
    assert expected.reasons.to_numpy().sum() and not expected.applies.all(axis=None)
    for table in tables.values():
        for part in ("items", "applies", "reasons", "others"):
            pd.testing.assert_frame_equal(
                getattr(table, part).reset_index(drop=True),
                getattr(expected, part).reset_index(drop=True),
            )


def test_validate_takes_an_spss_file_of_ours_as_it_is(made, tmp_path):
    for name in ("responses.sav", "codebook.csv"):
        (tmp_path / name).write_bytes(made["long"][name])
    scale = f"plan={','.join(FORM.scales['trust'])}"
    asked = [str(tmp_path / "responses.sav"), "--scales", scale]
    done = CliRunner().invoke(
        main, ["validate", *asked, "--out", str(tmp_path / "report")]
    )
    assert done.exit_code == 0, done.output
    assert "60" in (tmp_path / "report" / "report.html").read_text()


def test_spss_declares_what_is_missing_and_keeps_what_counts(folder):
    frame, about = pyreadstat.read_sav(folder / "responses.sav")
    item = FORM.gate.when_no[0]
    assert about.variable_measure[item] == "ordinal"
    assert about.column_names_to_labels[item] == FORM.stem(by_id(item))
    assert (frame[item] == 96).any() and frame[item].min() >= 0
    labels = about.variable_value_labels[item]
    assert labels[96] == "No care plan" and labels[0] == by_id(item).responses.labels[0]
    assert labels[-NOT_ASKED].startswith("Not asked")


def test_stata_has_a_letter_for_each_reason(folder):
    frame, about = pyreadstat.read_dta(folder / "responses.dta", user_missing=True)
    item = spss_and_stata_names.stata_name(FORM.gate.when_no[0])
    letter = spss_and_stata_names.stata_missing(str(NOT_ASKED))
    assert about.variable_value_labels[item][letter].startswith("Not asked")
    assert (frame == letter).any(axis=None) and (frame[item] == 96).any()
    assert max(map(len, frame)) <= spss_and_stata_names.LONGEST


def by_id(item):
    return next(each for each in FORM.items if each.id == item)


def test_every_code_beyond_the_categories_has_a_letter_and_a_place_in_the_range():
    assert {*spss_and_stata_names.CODES} == {*CODES.values(), *GATE_CODES, NOT_ASKED}


def test_names_that_are_cut_for_stata_stay_apart():
    ids = {f"{item.id}_w2": 1 for form in instruments() for item in form.items}
    short = [spss_and_stata_names.stata_name(name) for name in ids]
    assert len({*short}) == len(short)


def test_a_workbook_holds_numbers_as_numbers_and_names_as_text(folder):
    book = load_workbook(io.BytesIO((folder / "responses.xlsx").read_bytes()))
    assert book.sheetnames == ["responses", "codebook"]
    (person, *_), *_ = book["responses"].iter_rows(min_row=2)
    assert person.data_type == "s" and person.value.startswith("p")
    assert all(c.data_type != "f" for row in book["codebook"] for c in row)


def test_the_python_script_labels_the_parquet_file(folder):
    ran = runpy.run_path(str(folder / "read_export.py"))
    item = FORM.gate.when_no[0]
    labelled = ran["labelled"][item]
    assert list(labelled.cat.categories[:2]) == [
        by_id(item).responses.labels[0],
        by_id(item).responses.labels[1],
    ]
    assert labelled.isna().sum() >= ran["responses"][item].isna().sum()
    assert labelled.notna().any() and labelled.cat.ordered


def test_later_waves_of_a_wide_file_stand_beside_the_first(made):
    wide = pd.read_csv(io.BytesIO(made["wide"]["responses.csv"]), dtype=str)
    long = pd.read_csv(io.BytesIO(made["long"]["responses.csv"]), dtype=str)
    item = FORM.items[0].id
    again = long[long["wave"] == "2"].set_index("person")[item]
    beside = wide.set_index("person")[f"{item}_w2"]
    assert wide["person"].is_unique and "wave" not in wide
    pd.testing.assert_series_equal(beside[again.index], again, check_names=False)
    assert beside.drop(again.index).isna().all()


def test_the_dictionary_says_what_each_column_and_code_means(folder):
    text = (folder / "dictionary.html").read_text()
    header = (folder / "responses.csv").read_text().partition("\n")[0].split(",")
    for name in header:
        assert f'<section id="{name}">' in text
    assert "Version of the wording" in text and "k = " in text
    assert "Wer fragt – who asks" in text and "{{" not in text


def test_a_bundle_is_valid_by_the_official_schema(made):
    """And leads back to the same categories by the linkIds of the Questionnaire."""
    bundle = json.loads(made["long"]["responses.fhir.json"])
    problems = list(validator("Bundle").iter_errors(bundle))
    assert [problem.message[:200] for problem in problems] == []
    assert len(bundle["entry"]) == 80
    assert made["wide"]["responses.fhir.json"] == made["long"]["responses.fhir.json"]
    long = pd.read_csv(io.BytesIO(made["long"]["responses.csv"]), dtype=str)
    first, row = bundle["entry"][0]["resource"], long.iloc[0]
    answers = {
        asked["linkId"]: asked["answer"][0]["valueCoding"]["code"]
        for group in first["item"]
        if "item" in group
        for asked in group["item"]
    }
    for item in FORM.items:
        if row[item.id] in ("0", "1", "2", "3", "4"):
            assert answers[item.ref] == row[item.id]
    assert first["subject"]["identifier"]["value"] == row["person"]
    assert first["authored"] == row["quarter"][:4]


def test_the_command_offers_every_format_and_layout():
    offered = {o.name: o for o in commands.export_answers.params}
    assert list(offered["formats"].type.choices) == [*FORMATS]
    assert list(offered["layout"].type.choices) == [*LAYOUTS]


@pytest.mark.parametrize(
    "asked", [((), "long"), (("csv", "xls"), "long"), (("csv",), "tall")]
)
def test_a_format_or_layout_that_there_is_not_is_refused(asked):
    with pytest.raises(InvalidAnswers):
        package.check(*asked)
