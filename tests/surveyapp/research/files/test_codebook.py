"""The codebook beside an export says what each code counts as."""

import numpy as np
import pytest

from surveyapp.research.files.answer_table import read_answers
from surveyapp.research.files.codebook import find_codebook, read_codebook
from surveyapp.table_files.raw_table import InvalidTable

BOOK = """column,code,label,counts_as,scale,item_version
person,,Stands for one person,,,
heard,,,,trust,1
heard,0,No,category,trust,1
heard,1,Partly,category,trust,1
heard,2,Yes,category,trust,1
heard,91,It did not happen,lowest,trust,1
heard,93,Does not apply,structural,trust,1
believed,0,No,category,trust,1
believed,2,Yes,category,trust,1
"""


@pytest.fixture
def export(tmp_path):
    (tmp_path / "codebook.csv").write_text(BOOK)
    path = tmp_path / "responses.csv"
    path.write_text("person,heard,believed\na,91,0\nb,2,2\nc,93,1\nd,1,\n")
    return path


def test_a_reason_becomes_the_lowest_category_or_a_gap(export):
    book = find_codebook(export)
    table = read_answers(
        export, ["heard", "believed"], categories=(0, 2), codebook=book
    )
    assert table.items["heard"].tolist()[:2] == [0, 2]
    assert np.isnan(table.items["heard"].iloc[2])
    assert table.reasons.loc["heard"].tolist() == [1, 1]


def test_scales_and_categories_come_from_the_codebook(export):
    book = find_codebook(export)
    assert book.scales == {"trust": ["heard", "believed"]}
    assert book.categories == (0, 2)


def test_no_codebook_is_none_and_a_strange_one_is_refused(tmp_path):
    assert find_codebook(tmp_path / "answers.csv") is None
    (tmp_path / "codebook.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InvalidTable, match="not a codebook"):
        read_codebook(tmp_path / "codebook.csv")


def test_items_that_are_left_out_do_not_matter(export):
    table = read_answers(export, ["heard"], codebook=find_codebook(export))
    assert table.reasons.loc["heard"].tolist() == [1, 1]
    assert [*table.items] == ["heard"]
