"""Ratings of content read from CSV."""

import pandas as pd
import pytest

from item_bank.errors import BankError
from item_bank.loader import load
from item_bank.ratings import COLUMNS, read_ratings
from psychometrics.items.content_validity import content_validity

HEAD = ",".join(COLUMNS) + "\n"
GOOD = HEAD + (
    "L1,lived_experience,trust_listened.v1,4,4,,\n"
    "L2,lived_experience,trust_listened.v1,3,2,,hard to read\n"
    "P1,professional,trust_listened.v1,2,4,,\n"
    "P1,professional,trust,,,3,something on time is missing\n"
    "L1,lived_experience,trust_believed.v1,4,,,\n"
)


def read(text):
    return read_ratings(text, load())


def test_a_table_has_one_place_for_each_rater():
    ratings = read(GOOD)
    assert ratings.raters() == ("L1", "L2", "P1")
    assert ratings.table("relevance") == {
        "trust_listened.v1": [4, 3, 2],
        "trust_believed.v1": [4, None, None],
    }
    assert ratings.table("complete", group="professional") == {"trust": [3]}


def test_percentages_count_those_who_answered():
    rows = {(r["about"], r["scale"]): r for r in read(GOOD).percentages()}
    relevance = rows["trust_listened.v1", "relevance"]
    assert (relevance["n"], relevance["is_low"]) == (3, True)
    assert relevance["share"] == pytest.approx(2 / 3)
    assert rows["trust_believed.v1", "relevance"]["n"] == 1
    assert ("trust_believed.v1", "clarity") not in rows


def test_groups_are_kept_apart():
    rows = read(GOOD).percentages(group="lived_experience")
    shares = {(r["about"], r["scale"]): r["share"] for r in rows}
    assert shares["trust_listened.v1", "relevance"] == 1
    assert shares["trust_listened.v1", "clarity"] == 0.5


@pytest.mark.parametrize(
    "row, said",
    [
        ("L1,lived_experience,trust_heard.v9,4,4,,", "neither an item nor"),
        ("L1,patients,trust_listened.v1,4,4,,", "group is 'patients'"),
        (",lived_experience,trust_listened.v1,4,4,,", "give each rater a code"),
        ("L1,lived_experience,trust_listened.v1,5,4,,", "relevance is '5'"),
        ("L1,lived_experience,trust_listened.v1,4,good,,", "clarity is 'good'"),
        ("L1,lived_experience,trust_listened.v1,4,4,4,", "not asked of trust_"),
        ("L1,lived_experience,trust,4,,4,", "relevance is not asked of trust"),
        ("L1,lived_experience", "has not the 7 cells"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_row(row, said):
    with pytest.raises(BankError, match=f"ratings.csv: row 2: .*{said}"):
        read(HEAD + row + "\n")


def test_all_problems_are_told_at_once():
    bad = HEAD + "L1,x,trust_listened.v1,9,4,,\nL2,y,nothing.v1,4,4,,\n"
    with pytest.raises(BankError) as caught:
        read(bad)
    assert len(caught.value.problems) == 4


def test_a_rater_says_a_thing_once():
    twice = GOOD + "L1,lived_experience,trust_listened.v1,1,1,,\n"
    with pytest.raises(BankError, match="L1 rated trust_listened.v1 in row 2 already"):
        read(twice)


@pytest.mark.parametrize("text", ["", HEAD, "rater,group\n"])
def test_an_empty_file_is_refused(text):
    with pytest.raises(BankError, match="no column|no rating"):
        read(text)


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert read("\ufeff" + GOOD).raters() == ("L1", "L2", "P1")


def test_a_table_is_what_the_content_validity_indices_take():
    ratings = read(GOOD)
    frame = pd.DataFrame(ratings.table("relevance"), index=ratings.raters())
    result = content_validity(frame.astype(float))
    shares = {
        row["about"]: row["share"]
        for row in ratings.percentages()
        if row["scale"] == "relevance"
    }
    assert result.items["i_cvi"].to_dict() == pytest.approx(shares)
