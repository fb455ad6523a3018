"""Short forms ask about as many findings as so few items can."""

from itertools import combinations

import pytest

from item_bank.checks.registry import newest
from item_bank.coverage import blueprint
from item_bank.loader import load
from item_bank.models import PREREQUISITES
from item_bank.selection import MOST_NARROW, choose, is_spread, merit, n_narrow

SHORT = ("short_service_user.v3", "short_carer.v3")
# Each waits for a warning, or lies among items that readers cannot tell apart.
WITHOUT = {
    "collaboration_carer_future",
    "collaboration_influence",
    "personalisation_questions",
    "trust_drinking",
    "trust_past_care",
    "trust_sexual_problems",
    "trust_smoking",
}


@pytest.fixture(scope="module", params=SHORT)
def form(request):
    return load().instruments[request.param]


def test_no_choice_of_as_many_items_is_better(form):
    before = load().instruments[f"{form.id}.v2"]
    chosen = choose(
        load(),
        form.perspective,
        anchors=form.anchors,
        before=[item.id for item in before.items],
        without=WITHOUT,
    )
    for block in form.blocks:
        assert {i.ref for i in block.items} == {
            i.ref for i in chosen[block.prerequisite]
        }


@pytest.mark.parametrize("name", PREREQUISITES)
def test_the_count_of_findings_is_that_of_a_look_at_every_choice(form, name):
    bank, who = load(), form.perspective
    pool = [i for i in newest(bank) if i.prerequisite == name and who in i.stem]
    pool = [item for item in pool if item.id not in WITHOUT]
    anchors = [item for item in pool if item.id in form.anchors]
    rest = [item for item in pool if item.id not in form.anchors]
    most = max(
        merit(bank, who, (*anchors, *more), ())[0]
        for more in combinations(rest, 3)
        if is_spread((*anchors, *more)) and n_narrow(more) <= MOST_NARROW
    )
    row = next(r for r in blueprint(bank, form) if r["prerequisite"] == name)
    own = {e for i in form.items if i.prerequisite == name for e in i.evidence}
    assert len(own & set(row["findings"])) == most


def test_each_prerequisite_has_every_location_and_facet(form):
    for row in blueprint(load(), form)[:-1]:
        parts = ("low", "middle", "high", "current", "process", "outcome")
        assert min(row[part] for part in parts) >= 1
        assert row["low"] + row["middle"] + row["high"] == 5


def test_both_perspectives_are_asked_the_same_anchors():
    users, carers = (load().instruments[ref] for ref in SHORT)
    assert users.anchors == carers.anchors and len(users.anchors) == 12


def test_a_reason_for_leaving_out_names_what_the_forms_have(form):
    pilot = load().instruments[f"pilot_{form.perspective}.v3"]
    names = {item.id for item in form.items}
    for finding, why in form.findings_left_out.items():
        if why.endswith("the pilot has it."):
            assert finding in pilot.evidence, finding
        if " of this form " in why:
            assert why.split()[0] in names, finding


def test_a_pool_without_a_low_item_is_refused():
    low = {item.id for item in newest(load()) if item.level == "low"}
    with pytest.raises(ValueError, match="no choice of parity"):
        choose(load(), "carer", anchors=(), without=low)
