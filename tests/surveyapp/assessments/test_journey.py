"""The order of pages follows from the instrument alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp import bank
from surveyapp.assessments.journey import Journey

refs = st.sampled_from(["short_service_user.v1", "pilot_carer.v1"])
journeys = st.builds(
    lambda ref, per_page: Journey(bank.instrument(ref), per_page),
    refs,
    st.integers(1, 12),
)
quick = settings(deadline=None, max_examples=30)


@quick
@given(journeys)
def test_walking_on_visits_every_stop_once_and_walking_back_too(journey):
    stop, walked = journey.stops[0], [journey.stops[0]]
    while stop != "check":
        stop = journey.after(stop)
        walked.append(stop)
    assert tuple(walked) == journey.stops
    assert len(set(walked)) == len(walked)
    assert [journey.before(s) for s in walked[1:]] == walked[:-1]


@quick
@given(journeys, st.integers(1, 12))
def test_a_stored_position_finds_the_same_item_on_any_size_of_page(journey, per_page):
    other = Journey(journey.instrument, per_page)
    for stop in journey.stops:
        again = other.stop(journey.position(stop))
        if stop.isdigit():
            assert journey.page(int(stop))[0] in other.page(int(again))
        else:
            assert again == stop


@pytest.mark.parametrize("stored", [None, "", "gone", "item:retired_item", "done"])
def test_a_position_that_no_longer_exists_is_the_beginning(stored):
    journey = Journey(bank.instrument("short_carer.v1"))
    assert journey.stop(stored) == "before-you-start"


def test_a_pause_follows_every_part_but_the_last():
    journey = Journey(bank.instrument("short_carer.v1"), 4)
    assert [s for s in journey.stops if s.startswith("pause")] == [
        f"pause-{n}" for n in range(1, 6)
    ]
    assert journey.after("pause-1") == "3"


def test_every_question_beside_the_items_is_on_one_page():
    instrument = bank.instrument("short_service_user.v1")
    asked = [q.id for page in Journey(instrument).more for q in page]
    everything = (*instrument.context, *instrument.background)
    assert asked == ["preferred_involvement", *(q.id for q in everything)]
