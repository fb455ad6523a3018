"""Booklets: short for a person, complete for the sample."""

from collections import Counter
from itertools import combinations

import pytest

from item_bank.booklets import DIFFERENCE_SETS, plan
from item_bank.loader import load
from item_bank.models import PREREQUISITES

FORMS = ("pilot_service_user.v1", "pilot_carer.v1")


@pytest.fixture(params=FORMS)
def form(request):
    return load().instruments[request.param]


def ids(form):
    return {item.id for item in form.items}


@pytest.mark.parametrize("count", DIFFERENCE_SETS)
def test_every_two_clusters_meet_equally_often(count):
    steps = DIFFERENCE_SETS[count]
    apart = Counter((b - a) % count for a in steps for b in steps if a != b)
    assert len(apart) == count - 1 and len(set(apart.values())) == 1


def test_seventy_two_items_cost_a_person_about_thirty(form):
    cut = plan(form)
    assert all(29 <= length <= 32 for length in cut.lengths)
    lengths = {len(cut.for_person(n).items) for n in range(cut.n_booklets)}
    assert lengths == set(cut.lengths)


def test_everyone_gets_the_anchors(form):
    cut = plan(form)
    assert all(
        set(form.anchors) <= ids(cut.for_person(n)) for n in range(cut.n_booklets)
    )


def test_every_item_is_asked_equally_often(form):
    cut = plan(form)
    asked = Counter(i for n in range(cut.n_booklets) for i in ids(cut.for_person(n)))
    others = {asked[name] for name in ids(form) - set(form.anchors)}
    assert others == {round(cut.share * cut.n_booklets)}


def test_every_two_items_are_answered_together_by_somebody(form):
    cut = plan(form)
    booklets = [ids(cut.for_person(number)) for number in range(cut.n_booklets)]
    pairs = combinations(sorted(ids(form)), 2)
    assert all(any({a, b} <= booklet for booklet in booklets) for a, b in pairs)


def test_each_booklet_sees_each_prerequisite(form):
    cut = plan(form)
    for number in range(cut.n_booklets):
        scales = cut.for_person(number).scales
        assert min(len(scales[name]) for name in PREREQUISITES) >= 3


def test_each_prerequisite_comes_last_for_as_many_people(form):
    cut = plan(form)
    people = cut.n_booklets * len(PREREQUISITES)
    last = Counter(cut.for_person(n).blocks[-1].prerequisite for n in range(people))
    assert last == dict.fromkeys(PREREQUISITES, cut.n_booklets)


def test_the_gate_settles_only_what_a_booklet_asks(form):
    booklet = plan(form).for_person(4)
    assert set(booklet.gate.when_no) == set(booklet.scales["living_document"])
    assert booklet.ref == form.ref


@pytest.mark.parametrize("length, said", [(72, "give it whole"), (12, "12 anchors")])
def test_a_length_that_cannot_be_had_is_refused(length, said):
    with pytest.raises(ValueError, match=said):
        plan(load().instruments[FORMS[0]], length=length)
