"""What is sent of a hundred payloads to a hundred fields, when each gets a few."""

import pytest

from .covering import covering

THINGS = [*range(23)]
PAYLOADS = "abcdefg"


@pytest.mark.parametrize("each", [1, 2, 3, 7, 9])
def test_each_thing_gets_several_and_each_kind_all(each):
    plan = covering(THINGS, PAYLOADS, each, kind=lambda thing: thing % 5)
    for kind in range(5):
        assert all({t for t in plan[p] if t % 5 == kind} for p in PAYLOADS)
    for thing in THINGS:
        assert sum(thing in plan[p] for p in PAYLOADS) >= min(each, len(PAYLOADS))


def test_a_kind_of_which_there_is_one_gets_everything():
    plan = covering(THINGS, PAYLOADS, 2, kind=lambda thing: thing == 4)
    assert all(4 in plan[payload] for payload in PAYLOADS)


def test_a_thing_gets_no_payload_twice():
    plan = covering(THINGS, PAYLOADS, 3, kind=lambda thing: thing % 5)
    assert all(len(set(things)) == len(things) for things in plan.values())


def test_without_a_number_everything_gets_every_payload():
    assert covering(THINGS, PAYLOADS) == dict.fromkeys(PAYLOADS, THINGS)
