"""Items of all prerequisites in turn, under a heading that names none."""

from collections import Counter

import pytest

from item_bank.languages import in_language
from item_bank.loader import load
from item_bank.mixing import mixed, n_orders
from item_bank.models import PREREQUISITES

FORMS = ("short_service_user.v3", "pilot_carer.v3", "pilot_professional.v2")


@pytest.fixture(params=FORMS)
def form(request):
    return load().instruments[request.param]


def test_every_order_has_each_item_once_and_the_forms_reference(form):
    ids = sorted(item.id for item in form.items)
    for number in range(n_orders(form)):
        made = mixed(form, number)
        assert sorted(item.id for item in made.items) == ids
        assert (made.ref, made.gate, made.anchors) == (
            form.ref,
            form.gate,
            form.anchors,
        )


def test_no_two_neighbours_are_of_one_prerequisite_while_there_are_others(form):
    (block,) = (b for b in mixed(form, 0).blocks if b.is_mixed)
    names = [item.prerequisite for item in block.items]
    shortest = min(Counter(names).values())
    dealt = names[: shortest * len(set(names))]
    assert all(a != b for a, b in zip(dealt, dealt[1:]))


def test_the_heading_names_no_prerequisite_and_is_worded_in_every_language(form):
    (block,) = (b for b in mixed(form, 1).blocks if b.is_mixed)
    assert (block.title, block.intro) == (form.title, form.intro)
    turned = in_language(load(), mixed(form, 1), "en-XA", pilot=True)
    (again,) = (b for b in turned.blocks if b.is_mixed)
    assert again.title == turned.title != form.title and again.intro == turned.intro


def test_what_a_gate_settles_stays_together_first_for_half():
    form = load().instruments["short_carer.v3"]
    made = [mixed(form, number) for number in range(n_orders(form))]
    plan = [[b.prerequisite for b in f.blocks].index("living_document") for f in made]
    assert Counter(plan) == {0: 5, 1: 5}
    for each in made:
        (block,) = (b for b in each.blocks if not b.is_mixed)
        assert [i.id for i in block.items] == list(form.scales["living_document"])


def test_each_prerequisite_begins_the_mixed_items_equally_often():
    form = load().instruments["short_service_user.v3"]
    first = Counter(
        next(b for b in mixed(form, n).blocks if b.is_mixed).items[0].prerequisite
        for n in range(n_orders(form))
    )
    assert first == dict.fromkeys(PREREQUISITES[:-1], 2)


def test_an_item_stands_in_other_places_in_other_orders():
    form = load().instruments["short_service_user.v3"]
    places = [
        [item.id for item in mixed(form, number).items].index("trust_contact")
        for number in range(n_orders(form))
    ]
    assert len(set(places)) >= 5
