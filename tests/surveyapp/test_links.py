"""Tokens and codes: hard to guess, easy to copy, and mistakes are noticed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp import links

bodies = st.text(links.ALPHABET, min_size=8, max_size=8)
quick = settings(deadline=None, max_examples=60)


def test_tokens_and_codes_are_as_long_as_promised():
    assert len(links.new_token()) * 6 >= 128
    assert links.CODE_LENGTH * 5 >= 40 and links.RECEIPT_LENGTH * 5 >= 50
    assert len({links.new_token() for _ in range(100)}) == 100


def test_only_hashes_that_need_the_key_stand_for_a_code():
    code = links.new_code()
    assert links.code_hash(code, "one key") != links.code_hash(code, "another")
    assert code not in links.code_hash(code, "one key")


@quick
@given(bodies)
def test_a_code_is_known_however_it_is_typed(body):
    code = body + links.check_character(body)
    typed = f"  {links.grouped(code).lower().replace('-', ' ')} "
    assert links.is_code(typed)
    assert links.code_hash(typed, "k") == links.code_hash(code, "k")


@quick
@given(bodies, st.integers(0, 8), st.sampled_from(links.ALPHABET))
def test_one_wrong_character_is_noticed(body, place, sign):
    code = body + links.check_character(body)
    wrong = code[:place] + sign + code[place + 1 :]
    assert links.is_code(wrong) == (wrong == code)


@pytest.mark.parametrize("typed", ["", "ABC", "ABC-DEF-GH", "!!!", "x" * 500])
def test_what_is_not_a_code_is_told_apart(typed):
    assert not links.is_code(typed)


def test_codes_are_shown_in_groups():
    assert links.grouped("ABCDEFGHJ") == "ABC-DEF-GHJ"
    assert links.grouped("ABCDEFGHJKLM") == "ABCD-EFGH-JKLM"
