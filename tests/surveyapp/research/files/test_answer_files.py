"""Files as people have them: every format with every trouble, read or refused right."""

import json
import re

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from click.testing import CliRunner

import psychometrics as pm
from surveyapp.cli import main
from surveyapp.research.files import answer_options
from surveyapp.research.files.answer_options import read_as_stated, stated
from surveyapp.research.files.answer_settings import (
    AnswerSettings,
    read_settings,
    write_settings,
)
from surveyapp.research.files.answer_table import read_answers
from surveyapp.research.files.answer_words import (
    WordsAsAnswers,
    numbers_for,
    parse_labels,
)
from surveyapp.research.files.turned_items import against_their_scale
from surveyapp.research.files.unstated_codes import UnstatedCodes
from surveyapp.table_files.raw_table import InvalidTable

from . import answer_files
from .answer_files import FORMATS, ITEMS, SHEETS, TEXT, WORDS, as_texts, write

ORDER = " < ".join(WORDS)
TEXTS = [f"How often, in the last month, number {n}?" for n in range(1, 5)]
IDS = [json.dumps({"ImportId": f"QID{n}"}) for n in range(1, 5)]


@pytest.fixture
def truth():
    return answer_files.answers()


def same(table, truth):
    """Whether the answers are those of the truth, by row."""
    return np.array_equal(table.items.to_numpy(), truth.to_numpy(), equal_nan=True)


def in_words(truth):
    return [[w and WORDS[int(w) - 1] for w in row] for row in as_texts(truth)]


@pytest.mark.parametrize("kind", FORMATS)
def test_empty_cells_are_unanswered_in_every_format(tmp_path, truth, kind):
    path = write(tmp_path, kind, ITEMS, as_texts(truth))
    assert same(read_answers(path, ITEMS), truth)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("code", [9, 99, 999, -9, -99, 55])
def test_a_code_that_leaves_a_hole_is_no_answer_until_it_is_stated(
    tmp_path, truth, kind, code
):
    path = write(tmp_path, kind, ITEMS, as_texts(truth, blank=str(code)))
    with pytest.raises(UnstatedCodes, match=f"{code} stands 5 times beside 1 to 5"):
        read_answers(path, ITEMS)
    assert same(read_answers(path, ITEMS, missing=[str(code)]), truth)
    assert same(
        read_answers(path, ITEMS, missing=[str(code)], categories=(1, 5)), truth
    )
    low, high = min(1, code), max(5, code)
    kept = read_answers(path, ITEMS, categories=(low, high)).items
    assert (kept == code).sum().sum() == 5


def test_the_message_says_what_to_type(tmp_path, truth):
    path = write(tmp_path, "csv", ITEMS, as_texts(truth, blank="9"))
    done = CliRunner().invoke(main, ["validate", str(path), "--scales", "A=q1-q4"])
    assert done.exit_code == 2
    assert "--missing 9 if it stands for no answer" in done.stderr
    assert "--categories 1-9 if it is an answer" in done.stderr
    for command in ("reduce", "shorten"):
        more = ["--length", "3"] if command == "shorten" else []
        done = CliRunner().invoke(
            main, [command, str(path), "--scales", "A=q1-q4", *more]
        )
        assert (done.exit_code, "--missing 9" in done.stderr) == (2, True)


def test_an_option_that_nobody_chose_in_one_item_is_no_hole(tmp_path, truth):
    truth = truth.assign(q1=truth["q1"].replace(4, 3))
    path = write(tmp_path, "csv", ITEMS, as_texts(truth))
    assert same(read_answers(path, ITEMS), truth)


def test_codes_are_looked_at_within_each_scale(tmp_path, truth):
    wide = truth.assign(q3=truth["q3"] + 4, q4=truth["q4"] + 4)  # 5 to 9
    codes = wide.assign(q1=truth["q1"].fillna(9))
    path = write(tmp_path, "csv", ITEMS, as_texts(codes))
    with pytest.raises(UnstatedCodes, match="9 stands once beside 1 to 5 in q1"):
        read_answers(path, ITEMS, scales=[ITEMS[:2], ITEMS[2:]])


@pytest.mark.parametrize("kind", FORMATS)
def test_words_are_asked_for_their_order_and_then_read(tmp_path, truth, kind):
    path = write(tmp_path, kind, ITEMS, in_words(truth))
    with pytest.raises(WordsAsAnswers, match="answers are words.*--labels") as refused:
        read_answers(path, ITEMS)
    assert set(refused.value.words) == set(WORDS)
    assert ORDER not in str(refused.value)  # nothing is guessed of the order
    assert same(read_answers(path, ITEMS, labels=parse_labels([ORDER])), truth)
    stated_codes = parse_labels(["Always=5,Never=1,Often=4,Rarely=2,Sometimes=3"])
    assert same(read_answers(path, ITEMS, labels=stated_codes), truth)


def test_a_word_that_nobody_chose_leaves_no_hole(tmp_path, truth):
    truth = truth.replace(3, 2)
    path = write(tmp_path, "csv", ITEMS, in_words(truth))
    assert same(read_answers(path, ITEMS, labels=parse_labels([ORDER])), truth)


def test_two_sets_of_words_are_told_apart(tmp_path, truth):
    others = ["No", "Hardly", "Partly", "Mostly", "Yes"]
    rows = [
        [*row[:2], *(w and others[WORDS.index(w)] for w in row[2:])]
        for row in in_words(truth)
    ]
    path = write(tmp_path, "csv", ITEMS, rows)
    with pytest.raises(WordsAsAnswers):
        read_answers(path, ITEMS, labels=parse_labels([ORDER]))
    both = parse_labels([ORDER, "no < hardly < partly < mostly < YES"])
    assert same(read_answers(path, ITEMS, labels=both), truth)


@pytest.mark.parametrize("form", ["{n} - {w}", "{n}. {w}", "({n}) {w}", "{n} = {w}"])
def test_words_behind_their_number_need_no_order(tmp_path, truth, form):
    rows = [
        [w and form.format(n=WORDS.index(w) + 1, w=w) for w in row]
        for row in in_words(truth)
    ]
    assert same(read_answers(write(tmp_path, "csv", ITEMS, rows), ITEMS), truth)


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("blank", [".", "#NULL!", "N/A", "n/a", "NA", "NULL", ".a"])
def test_the_marks_of_programs_are_no_answers(tmp_path, truth, kind, blank):
    path = write(tmp_path, kind, ITEMS, as_texts(truth, blank=blank))
    assert same(read_answers(path, ITEMS), truth)


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("below", [[TEXTS], [TEXTS, IDS], [IDS]])
def test_rows_of_texts_below_the_names_are_no_persons(tmp_path, truth, kind, below):
    path = write(tmp_path, kind, ITEMS, [*below, *as_texts(truth)])
    table = read_answers(path, ITEMS)
    assert same(table, truth)
    assert "texts of questions, not answers" in " ".join(table.notes)


@pytest.mark.parametrize("kind", SHEETS)
def test_names_below_a_row_of_headings_are_found(tmp_path, truth, kind):
    above = [["Section A", "", "Section B", ""]]
    path = write(tmp_path, kind, ITEMS, as_texts(truth), above=above)
    table = read_answers(path, ITEMS)
    assert same(table, truth) and "names are in row 2" in " ".join(table.notes)


def test_header_rows_may_be_stated_where_answers_are_words_too(tmp_path, truth):
    path = write(tmp_path, "csv", ITEMS, [TEXTS, *in_words(truth)])
    labels = parse_labels([ORDER])
    with pytest.raises(WordsAsAnswers, match="How often"):
        read_answers(path, ITEMS, labels=labels)
    assert same(read_answers(path, ITEMS, labels=labels, header_rows=2), truth)


@pytest.mark.parametrize("kind", TEXT)
def test_the_line_that_excel_reads_its_separator_from_is_read(tmp_path, truth, kind):
    path = write(tmp_path, kind, ITEMS, as_texts(truth))
    coding = answer_files.CODING.get(kind, "utf-8")
    text = path.read_bytes().decode(coding)
    separator = answer_files.SEPARATOR.get(kind, ",")
    end = "\r" if kind == "old-mac" else "\r\n"
    path.write_bytes(f"sep={separator}{end}{text}".encode(coding))
    assert same(read_answers(path, ITEMS), truth)


@pytest.mark.parametrize("kind", ["semicolon", "tab"])
def test_decimal_commas_are_numbers(tmp_path, truth, kind):
    rows = [[c and f"{c},0" for c in row] for row in as_texts(truth)]
    assert same(read_answers(write(tmp_path, kind, ITEMS, rows), ITEMS), truth)


@pytest.mark.parametrize("kind", SHEETS)
def test_quoted_texts_with_line_breaks_and_separators_are_one_cell(
    tmp_path, truth, kind
):
    end = "\r" if kind == "old-mac" else "\n"
    said = f'She said: "a; b, c|d\te"{end}{end}and left'
    rows = [[*row, said] for row in as_texts(truth)]
    path = write(tmp_path, kind, [*ITEMS, f"why,{end}in words"], rows)
    table = read_answers(path, ITEMS)
    assert same(table, truth)
    assert table.others.iloc[0, 0] == said
    broken = [*rows[:3], ["two", *rows[3][1:]]]
    path = write(tmp_path, kind, [*ITEMS, "why"], broken)
    row = 5 if kind == "xlsx" else 11  # a record has three lines in a text
    with pytest.raises(InvalidTable, match=f"column q1, row {row}: 'two'"):
        read_answers(path, ITEMS)


def test_windows_text_is_read_and_said(tmp_path, truth):
    rows = [[*row, "café"] for row in as_texts(truth)]
    path = write(tmp_path, "cp1252", [*ITEMS, "where"], rows)
    table = read_answers(path, ITEMS)
    assert same(table, truth) and table.others["where"].iloc[0] == "café"
    assert "row 2 is not UTF-8; read as Windows text" in table.notes[0]


def test_labels_and_missing_codes_of_spss_are_followed(tmp_path, truth):
    path = tmp_path / "answers.sav"
    codes = truth.fillna(9.0)
    labels = dict(enumerate(WORDS, 1)) | {9: "No answer"}
    about = {"variable_value_labels": dict.fromkeys(ITEMS, labels)}
    pyreadstat.write_sav(codes, str(path), **about)
    with pytest.raises(UnstatedCodes, match=r"9 \(No answer\) stands 5 times"):
        read_answers(path, ITEMS)
    for declared in ([9], [{"lo": 6, "hi": 99}]):
        missing = {"missing_ranges": dict.fromkeys(ITEMS, declared)}
        pyreadstat.write_sav(codes, str(path), **about, **missing)
        table = read_answers(path, ITEMS)
        assert same(table, truth) and "as the file declares: 9" in table.notes[0]
    pyreadstat.write_sav(codes, str(path), **missing)  # a range, and no labels
    assert "as the file declares: 9" in read_answers(path, ITEMS).notes[0]


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("a.csv", b"%PDF-1.7 ...", "a PDF"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel file"),
        ("a.csv", b"<html><table>", "a web page"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged workbook"),
        ("a.sav", b"$FL2@(#) SPSS", "SPSS file that cannot be read"),
        ("a.dta", b"<stata_dta>", "Stata file that cannot be read"),
        ("a.parquet", b"PAR1 broken PAR1", "damaged Parquet file"),
        ("a.csv", b"q1,q2\n\x811,2\n", "neither UTF-8 nor Windows text"),
        ("a.csv", b"q1,q2\n1,2\n\x00\x00", "not a text file"),
        ("a.csv", b'q1,q2\n1,2\n"3,4\n', "row 3"),
    ],
)
def test_what_is_no_table_is_refused_with_the_sentence_that_mends_it(
    tmp_path, name, content, says
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidTable, match=f"^{name}: .*{says}"):
        read_answers(path, ["q1", "q2"])


def with_cell(rows, place, text):
    row, column = place
    return [
        [text if (r, c) == (row, column) else cell for c, cell in enumerate(cells)]
        for r, cells in enumerate(rows)
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "text, says",
    [
        ("2-3", "row 8: '2-3' is not a number; --missing '2-3'"),
        ("3%", "row 8: '3%' is not a number"),
        ("0x2", "row 8: '0x2' is not a number"),
        ("1_0", "row 8: '1_0' is not a number"),
        ("2025-05-02", "row 8: 2025-05-02 is a day, as a spreadsheet makes"),
        ("02-May", "row 8: 02-May is a day"),
        ("May-05", "row 8: May-05 is a day"),
        ("2/3/2025", "row 8: 2/3/2025 is a day"),
        ("2.5", "row 8: 2.5 is not a whole number .*--missing 2.5 if it"),
        ("1e300", "row 8: 1e300 is not a whole number"),
        ("inf", "row 8: inf is not a whole number"),
        ("55", "55 stands once beside 1 to 5 in q2, row 8"),
    ],
)
def test_a_cell_that_only_looks_like_a_code_is_no_answer(
    tmp_path, truth, kind, text, says
):
    rows = with_cell(as_texts(truth), (6, 1), text)
    with pytest.raises(InvalidTable, match=says):
        read_answers(write(tmp_path, kind, ITEMS, rows), ITEMS)


def test_many_numbers_beside_the_codes_are_days_or_ages_or_sums(tmp_path, truth):
    days = truth.assign(q3=45000 + np.arange(len(truth)))
    path = write(tmp_path, "csv", ITEMS, as_texts(days))
    with pytest.raises(InvalidTable, match="60 different.*45059.*leave q3 out") as said:
        read_answers(path, ITEMS)
    assert len(str(said.value)) < 200
    sums = [*as_texts(truth), ["171", "172", "173", "174"]]
    path = write(tmp_path, "csv", ITEMS, sums)
    with pytest.raises(InvalidTable, match="row 62: 171 to 174 .* row of sums"):
        read_answers(path, ITEMS)


@pytest.mark.parametrize(
    "amount", [lambda n: 1 + np.arange(n), lambda n: 6 + np.arange(n) % 25]
)
def test_a_persons_number_or_a_sum_that_leaves_no_hole_is_no_answer(
    tmp_path, truth, amount
):
    path = write(tmp_path, "csv", ITEMS, as_texts(truth.assign(q1=amount(60))))
    with pytest.raises(InvalidTable, match="q1 has .* sums or amounts.*leave q1 out"):
        read_answers(path, ITEMS)
    assert read_answers(path, ITEMS, categories=(1, 60)).items["q1"].max() > 5


def test_an_item_of_eleven_options_may_stand_beside_others(tmp_path, truth):
    path = write(tmp_path, "csv", ITEMS, as_texts(truth.assign(q1=np.arange(60) % 11)))
    assert read_answers(path, ITEMS).items["q1"].max() == 10


def test_a_file_of_one_person_is_too_short_before_any_code_stands_apart(tmp_path):
    path = write(tmp_path, "csv", ITEMS, [["2", "3", "5", "2"]])
    with pytest.raises(InvalidTable, match="1 person for 4 items"):
        read_answers(path, ITEMS)


def test_a_row_of_answers_where_names_should_be_is_named(tmp_path, truth):
    first, *rows = as_texts(truth)
    path = write(tmp_path, "csv", first, rows)
    with pytest.raises(InvalidTable, match="row 1 holds numbers.*row of column names"):
        read_answers(path, ITEMS)


@pytest.mark.parametrize("turned", [(), ("q2", "q4")])
@pytest.mark.parametrize("code, range_", [(0, "0-5"), (6, "1-6")])
def test_no_answer_written_as_the_next_code_shows_by_the_other_items(
    tmp_path, code, range_, turned
):
    codes = answer_files.answers(400, blanks=False)
    for item in turned:
        codes[item] = 6 - codes[item]
    sound = write(tmp_path, "csv", ITEMS, as_texts(codes))
    assert same(read_answers(sound, ITEMS), codes)  # 1 and 5 are answers
    away = np.random.default_rng(4).random(codes.shape) < 0.06
    path = write(tmp_path, "csv", ITEMS, as_texts(codes.mask(away, code)))
    says = f"{code} stands {away.sum()} times next to 1 to 5 .*--missing {code} if.*"
    with pytest.raises(UnstatedCodes, match=says + f"--categories {range_}"):
        read_answers(path, ITEMS)
    assert same(read_answers(path, ITEMS, missing=[str(code)]), codes.mask(away))


def test_two_rows_with_one_identifier_are_said(tmp_path, truth):
    who = [str(n % 57) for n in range(60)]
    rows = [[n, *row] for n, row in zip(who, as_texts(truth))]
    (note,) = read_answers(write(tmp_path, "csv", ["ID", *ITEMS], rows), ITEMS).notes
    assert note.startswith("column ID: row 59 has the identifier of row 2, and 2 more")
    waves = [[*row, str(1 + n // 57)] for n, row in enumerate(rows)]
    path = write(tmp_path, "csv", ["ID", *ITEMS, "wave"], waves)
    assert read_answers(path, ITEMS).notes == ()


@pytest.mark.parametrize("times", [2, 3])
def test_identifiers_that_all_stand_several_times_are_said(tmp_path, truth, times):
    rows = [[str(n % (60 // times)), *r] for n, r in enumerate(as_texts(truth))]
    (note,) = read_answers(write(tmp_path, "csv", ["id", *ITEMS], rows), ITEMS).notes
    assert note.endswith("each row counts as a person")
    few = [[str(n % 4), *row] for n, row in enumerate(as_texts(truth))]
    path = write(tmp_path, "csv", ["id", *ITEMS], few)
    assert read_answers(path, ITEMS).notes == ()  # the name of something else


def test_halves_of_a_scale_that_go_against_each_other_are_both_named(tmp_path):
    codes = answer_files.answers(200)
    turned = {item: 6 - codes[item] for item in ("q2", "q4")}
    path = write(tmp_path, "csv", ITEMS, as_texts(codes.assign(**turned)))
    table, settings = read_as_stated(path, stated(path, typed()))
    (note,) = against_their_scale(table, settings)
    assert note.startswith("q1, q3 go against q2, q4 in A")
    for reverse in ("q2,q4", "q1,q3"):
        settings = stated(path, typed(reverse=reverse))
        assert not [*against_their_scale(table, settings)]


def test_items_that_go_against_their_scale_are_named_until_they_are_turned(tmp_path):
    codes = answer_files.answers(200)
    path = write(tmp_path, "csv", ITEMS, as_texts(codes.assign(q2=6 - codes["q2"])))
    table, settings = read_as_stated(path, stated(path, typed()))
    (note,) = against_their_scale(table, settings)
    assert re.fullmatch(
        r"q2 \(-0\.\d\d\) goes against the other items of A; --reverse q2 if .*", note
    )
    settings = stated(path, typed(reverse="q2"))
    assert not [*against_their_scale(table, settings)]


@pytest.fixture
def at_terminal(monkeypatch):
    monkeypatch.setattr(answer_options, "is_at_terminal", lambda: True)


def typed(**options):
    usual = {"scales": ("A=q1-q4",), "reverse": "", "categories": None}
    usual |= {"missing": "", "labels": (), "header_rows": None}
    return usual | options


@pytest.mark.usefixtures("at_terminal")
def test_a_person_is_asked_once_and_the_answer_is_kept(tmp_path, truth):
    codes = [[w or "99" for w in row] for row in in_words(truth)]
    path = write(tmp_path, "csv", ITEMS, codes)
    out = tmp_path / "report"
    command = ["reduce", str(path), "--scales", "A=q1-q4", "--out", str(out)]
    command += ["--resamples", "0"]
    shown = sorted(WORDS, key=lambda w: -sum(row.count(w) for row in codes))
    numbers = " ".join(str(shown.index(word) + 1) for word in WORDS)
    done = CliRunner().invoke(main, command, input=f"1 1\n{numbers}\ny\ny\n")
    assert "Each of the numbers 1 to 5 once." in done.stderr
    kept = read_settings(tmp_path / "answers.scales.yaml")
    assert kept.labels == ({word: n for n, word in enumerate(WORDS, 1)},)
    table, settings = read_as_stated(path, stated(path, typed(scales=())))
    assert same(table, truth) and settings.categories == (1, 5)


@pytest.mark.usefixtures("at_terminal")
@pytest.mark.parametrize("said, n_left", [("y", 0), ("n", 5)])
def test_a_person_says_what_a_code_beside_the_others_is(
    tmp_path, truth, monkeypatch, said, n_left
):
    path = write(tmp_path, "csv", ITEMS, as_texts(truth, blank="9"))
    answers = iter([said == "y", False])
    monkeypatch.setattr("click.confirm", lambda *_, **__: next(answers))
    table, settings = read_as_stated(path, stated(path, typed()))
    assert (table.items == 9).sum().sum() == n_left
    assert settings.categories == (None if said == "y" else (1, 9))
    assert not (tmp_path / "answers.scales.yaml").exists()


def test_settings_survive_being_written_and_read(tmp_path):
    settings = AnswerSettings(
        scales={"A": ["q1", "q2"]},
        reverse=("q2",),
        categories=(1, 5),
        missing=("9", "Don't know"),
        labels=({"Never": 1, "Often": 2}, {"No": 0, "Yes": 1}),
        header_rows=2,
    )
    path = tmp_path / "answers.scales.yaml"
    write_settings(path, settings)
    assert read_settings(path) == settings


@pytest.mark.parametrize(
    "text, says",
    [
        ("scales: {A: [q1]}\nlabel: [a, b]\n", "no such key as label"),
        ("scales: {A: [q1]}\nlabels: [no, yes]\n", "put quotes around them"),
        ("scales: {A: [q1]}\nscales: {B: [q1]}\n", "stands twice"),
        ("A: 1\n", "1 is no list"),
        ("[]", "a mapping of scale to items is needed"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused(tmp_path, text, says):
    path = tmp_path / "scales.yaml"
    path.write_text(text)
    with pytest.raises(InvalidTable, match=f"scales.yaml.*{says}"):
        read_settings(path)


def test_what_is_typed_counts_before_what_is_kept(tmp_path, truth):
    path = write(tmp_path, "csv", ITEMS, as_texts(truth))
    kept = AnswerSettings(scales={"A": ITEMS}, missing=("1",), categories=(2, 5))
    write_settings(tmp_path / "answers.scales.yaml", kept)
    assert stated(path, typed(scales=())).missing == ("1",)
    assert stated(path, typed(missing="5", categories="1-4")).missing == ("5",)


def test_the_right_alpha_comes_of_every_way_to_write_a_blank(tmp_path, truth):
    right = pm.cronbach_alpha(truth).alpha
    for blank, options in (("", {}), ("#NULL!", {}), ("999", {"missing": ["999"]})):
        path = write(tmp_path, "semicolon", ITEMS, as_texts(truth, blank=blank))
        items = read_answers(path, ITEMS, **options).items
        assert pm.cronbach_alpha(items).alpha == right


def test_identifiers_stay_the_texts_that_they_are(tmp_path, truth):
    people = [f"0{n}" for n in range(len(truth))]
    rows = [[who, *row] for who, row in zip(people, as_texts(truth))]
    table = read_answers(write(tmp_path, "csv", ["person", *ITEMS], rows), ITEMS)
    assert table.others["person"].tolist() == people


def test_a_frame_saved_by_pandas_with_its_row_numbers_is_read(tmp_path, truth):
    path = tmp_path / "answers.csv"
    truth.to_csv(path)
    assert same(read_answers(path, ITEMS), truth)
    assert isinstance(pd.read_csv(path), pd.DataFrame)


def notes_of(tmp_path, truth, **columns):
    """What is noted of the same answers with further columns."""
    names = list(columns)
    rows = [[*said, *row] for said, row in zip(zip(*columns.values()), as_texts(truth))]
    path = write(tmp_path, "csv", [*names, *ITEMS], rows)
    return " ".join(read_answers(path, ITEMS).notes)


def test_times_that_cannot_be_and_waves_without_a_first_are_said(tmp_path, truth):
    people = [f"p{n // 2}" for n in range(len(truth))]
    waves = [f"{n % 2 + 1}" for n in range(len(truth))]
    days = [f"2025-0{n % 2 + 3}-27" for n in range(len(truth))]
    sound = {"person": people, "wave": waves, "date": days}
    assert notes_of(tmp_path, truth, **sound) == ""
    days[7] = "2024-12-24"
    said = notes_of(tmp_path, truth, **sound)
    assert said == "times that cannot be: row 9: wave 2 is before wave 1 in row 8"
    waves[7], waves[6] = "3", "2"
    assert "2 rows are of a later wave, and their persons have no first one: 8, 9" in (
        notes_of(tmp_path, truth, **sound)
    )


@pytest.mark.parametrize(
    "spoilt, says",
    [
        (lambda n: "1.2E+11", "1.2E+11 in row 2, with 59 more, is a number as a"),
        (lambda n: f"{n:04d}" if n > 999 else str(n), "leading zeros may have been"),
        (lambda n: f"{n}00000000000000", "rounded after 15 digits"),
    ],
)
def test_identifiers_that_a_spreadsheet_changed_are_said(tmp_path, truth, spoilt, says):
    people = [spoilt(900 + 97 * n) for n in range(len(truth))]
    assert says in notes_of(tmp_path, truth, person=people)


def test_identifiers_that_are_sound_are_not_spoken_of(tmp_path, truth):
    for person in ("{}", "0{}", "p{}", "{}98765432101234567"):
        people = [person.format(n + 10) for n in range(len(truth))]
        assert notes_of(tmp_path, truth, person=people) == ""


@pytest.mark.parametrize(
    "amounts",
    [
        ["1 week", "2 weeks", "3 weeks"],
        ["1 month", "2 weeks"],
        ["2 or more", "1 time"],
        ["3 to 5 days", "1 day"],
        ["1 to three", "4 and over"],
        ["1 cigarette", "2 cigarettes", "20 cigarettes"],
        ["2 weeks"],
    ],
)
def test_an_amount_of_something_is_no_numbered_label(amounts):
    with pytest.raises(InvalidTable):
        numbers_for({"q1": pd.Series(amounts)}, [], "answers.csv")


def test_a_label_with_its_number_before_it_is_read_by_that_number():
    for words in (
        ["1 never", "2 often"],
        ["1 - some days", "2 - most days"],
        ["1 To a great extent", "2 To some extent or other"],
    ):
        made = numbers_for({"q1": pd.Series(words)}, [], "answers.csv")
        assert made["q1"].tolist() == [1, 2]
