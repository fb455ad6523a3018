"""Under which prerequisite a reader files a wording that has no heading."""

import math
from pathlib import Path

import pytest

from item_bank import cli
from item_bank.errors import BankError
from item_bank.loader import BUILT_IN, load
from item_bank.models import PREREQUISITES
from item_bank.sorting import read_sorting

HEAD = "item,perspective,filed\n"
FIRST_ROUND = Path(__file__).parents[2] / "docs" / "second_edition_sorting.csv"


def sorting(*rows):
    return read_sorting(HEAD + "\n".join(rows), load())


def test_kappa_is_the_agreement_beyond_that_by_chance():
    filed = sorting(
        "trust_listened.v1,service_user,trust",
        "trust_listened.v2,service_user,parity",
        "parity_asked.v1,carer,parity",
        "parity_asked.v2,carer,parity",
    )
    # Homes 2 and 2, filed 1 and 3: chance (2 * 1 + 2 * 3) / 16 = .5.
    assert filed.share == 0.75 and filed.kappa == pytest.approx(0.5)
    assert [row.item for row in filed.elsewhere] == ["trust_listened.v2"]
    assert filed.of("carer").share == 1 and math.isnan(filed.of("carer").kappa)


@pytest.mark.parametrize(
    "row, said",
    [
        ("trust_gone.v1,carer,trust", "there is no item trust_gone.v1"),
        ("trust_listened.v2,professional,trust", "no wording for 'professional'"),
        ("trust_listened.v1,carer,hope", "'hope' is none of parity"),
    ],
)
def test_each_line_that_is_wrong_is_told_with_its_number(row, said):
    with pytest.raises(BankError, match="line 3") as told:
        sorting("trust_listened.v1,carer,trust", row)
    assert said in str(told.value)


def test_a_table_without_a_column_is_refused():
    with pytest.raises(BankError, match="no column filed"):
        read_sorting("item,perspective\n", load())


def test_the_first_round_is_told_as_the_docs_have_it():
    text, status = cli.sorting(BUILT_IN, file=str(FIRST_ROUND))
    assert status == 0 and text.splitlines()[1].split() == ["all", "182", "79%", "0.74"]
    docs = FIRST_ROUND.with_name("second_edition.md").read_text(encoding="utf-8")
    filed = read_sorting(FIRST_ROUND.read_text(encoding="utf-8"), load()).elsewhere
    assert len(filed) == 39
    missing = {row.item for row in filed if f"`{row.item}`" not in docs}
    assert missing == set()
    assert {row.filed for row in filed} <= set(PREREQUISITES)
