"""Booklets: short for a person, complete for the sample."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from item_bank.booklets import DIFFERENCE_SETS, plan
from item_bank.checks.blueprint import MOST_APART, uneven
from item_bank.loader import load
from item_bank.models import PREREQUISITES

FORMS = ("pilot_service_user.v1", "pilot_carer.v1")
NAMED = ("pilot_service_user.v3", "pilot_carer.v3")


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


@pytest.fixture(params=NAMED)
def named(request):
    """A form whose file says which clusters its booklets are made of."""
    return load().instruments[request.param]


def test_named_booklets_have_as_many_items_of_each_prerequisite(named):
    cut = plan(named)
    for number in range(cut.n_booklets):
        scales = cut.for_person(number).scales
        assert {len(scales[name]) for name in PREREQUISITES} == {6}
        assert set(named.anchors) <= ids(cut.for_person(number))


def test_named_booklets_are_alike_in_location(named):
    cut = plan(named)
    booklets = [cut.for_person(n).items for n in range(cut.n_booklets)]
    for level in ("low", "middle", "high"):
        counts = [sum(i.level == level for i in items) for items in booklets]
        assert max(counts) - min(counts) <= MOST_APART
    for items in booklets:
        held = {(item.prerequisite, item.level) for item in items}
        assert min(Counter(name for name, _ in held).values()) >= 2


def test_every_two_items_of_named_booklets_are_answered_together(named):
    cut = plan(named)
    booklets = [ids(cut.for_person(number)) for number in range(cut.n_booklets)]
    pairs = combinations(sorted(ids(named)), 2)
    assert all(any({a, b} <= booklet for booklet in booklets) for a, b in pairs)


def test_a_form_in_a_new_edition_leaves_the_booklets_of_the_old_as_they_were():
    """What a person was given is stored as a number, and has to mean the same."""
    old = plan(load().instruments["pilot_service_user.v2"])
    assert old.form.booklets == () and old.clusters[0][0] == "parity_check_offered"


def test_dealing_in_turn_would_not_be_alike(named):
    rest = [item.id for item in named.items if item.id not in named.anchors]
    dealt = tuple(tuple(rest[at::13]) for at in range(13))
    told = list(uneven(replace(named, booklets=dealt)))
    assert any("at one level alone" in said or "of level" in said for said in told)


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda c: c[:-1], "do not hold each item"),
        (lambda c: (c[0] + c[1], *c[2:]), "not for 12"),
        (lambda c: (c[0] + c[1][:1], c[1][1:], *c[2:]), "items of parity"),
    ],
)
def test_booklets_that_are_not_alike_are_told(named, spoil, said):
    told = uneven(replace(named, booklets=spoil(named.booklets)))
    assert any(said in each for each in told)
