"""Nobody stands out of an export: ten people share what another could know of them."""

from collections import Counter
from random import Random

import pytest

from surveyapp.errors import InvalidAnswers, TooFewToExport
from surveyapp.research.exports.deidentify import LEAST, deidentified

HEADER = ["person", "team", "quarter", "wave", "mode", "item"]


def people(n, start=0, team=3, quarter="2026Q1", mode="web", waves=(1,)):
    return [
        [f"p{k}", team, quarter if wave == 1 else "2026Q3", wave, mode, 1]
        for k in range(start, start + n)
        for wave in waves
    ]


def made(*rows, chosen=("team", "quarter", "mode")):
    return deidentified([HEADER, *sum(rows, [])], chosen, Random(5))


def smallest(rows, *columns):
    """The fewest people that share all that is said of them over all of their rows."""
    header, *rows = rows
    places, said = [header.index(name) for name in columns], {}
    for row in rows:
        said.setdefault(row[0], set()).add(tuple(str(row[p]) for p in places))
    return min(Counter(map(frozenset, said.values())).values())


def test_what_ten_people_share_stays_as_it_is():
    rows, stated, left_out = made(people(12), people(11, 12, mode="paper"))
    assert stated.k == 11 and not stated.withheld and not left_out
    assert {row[2] for row in rows[1:]} == {"2026Q1"}


def test_a_rare_quarter_becomes_its_year_and_nothing_else_is_lost():
    rows, stated, _ = made(people(6), people(6, 6, quarter="2026Q2"))
    assert {row[2] for row in rows[1:]} == {"2026"}
    assert (stated.n_years, stated.withheld, stated.k) == (12, {}, 12)


def test_a_rare_mode_is_emptied_before_anything_that_was_named_first():
    rows, stated, _ = made(
        people(12), people(6, 12, mode="paper"), people(6, 18, mode="telephone")
    )
    assert stated.withheld == {"mode": 12}
    assert {row[4] for row in rows[1:]} == {"web", ""}
    assert "mode is left out for 12 people." in stated.lines


def test_who_still_stands_out_is_left_out_and_said_to_be():
    rows, stated, left_out = made(people(12), people(2, 12, mode="paper"))
    assert left_out == {"p12", "p13"} and len(rows) == 13
    assert any(line.startswith("2 people whose") for line in stated.lines)


def test_a_person_counts_once_with_all_that_their_rows_say():
    """Nine who answered twice are nine, and together another combination."""
    rows, stated, _ = made(people(12), people(9, 12, waves=(1, 2)))
    assert smallest(rows, "team", "quarter", "mode") >= LEAST == 10
    assert stated.k == smallest(rows, "team", "quarter", "mode")


@pytest.mark.parametrize("seed", range(8))
def test_every_combination_is_shared_by_ten_whatever_comes(seed):
    rng = Random(seed)
    given = [
        row
        for n in range(80)
        for row in people(
            1,
            n,
            team=rng.choice([1, 1, 1, 2, 3]),
            quarter=rng.choice(["2025Q4", "2026Q1", "2026Q2"]),
            mode=rng.choice(["web", "web", "web", "paper", "telephone"]),
            waves=rng.choice([(1,), (1, 2)]),
        )
    ]
    rows, stated, left_out = made(given)
    assert stated.k == smallest(rows, "team", "quarter", "mode") >= LEAST
    assert stated.n_people + len(left_out) == 80
    assert len({row[0] for row in rows[1:]}) == stated.n_people


def test_a_team_has_another_number_in_another_export():
    given = [HEADER, *people(40, team=811), *people(40, 40, team=7)]
    drawn = {
        tuple(row[1] for row in deidentified(given, ("team",), Random(n))[0][1::40])
        for n in range(20)
    }
    assert drawn == {(1, 2), (2, 1)}


def test_one_person_is_refused_with_the_number_that_would_do():
    with pytest.raises(TooFewToExport, match="1 person has sent .* it needs 10"):
        made(people(1, waves=(1, 2)))


@pytest.mark.parametrize("chosen", [(), ("age",), ("person",), ("team", "wave")])
def test_what_is_no_column_of_this_kind_is_refused(chosen):
    with pytest.raises(InvalidAnswers):
        made(people(12), chosen=chosen)
