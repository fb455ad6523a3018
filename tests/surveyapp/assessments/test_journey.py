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
            assert again == stop or stop.startswith("pause")


@pytest.mark.parametrize("stored", [None, "", "gone", "item:retired_item", "done"])
def test_a_position_that_no_longer_exists_is_the_beginning(stored):
    journey = Journey(bank.instrument("short_carer.v1"))
    assert journey.stop(stored) == "before-you-start"


@pytest.mark.parametrize(
    "ref, per_page, after",
    [
        ("short_carer.v1", 1, ["15"]),
        ("short_carer.v1", 4, []),
        ("pilot_carer.v1", 1, ["12", "24", "36", "48", "60"]),
        ("pilot_carer.v1", 3, ["12"]),
    ],
)
def test_a_rest_comes_between_two_parts_after_a_dozen_pages(ref, per_page, after):
    journey = Journey(bank.instrument(ref), per_page)
    rests = [stop for stop in journey.stops if stop.startswith("pause")]
    assert [journey.before(stop) for stop in rests] == after


@pytest.mark.parametrize(
    "stored, now",
    [
        ("care-plan", "before-you-start"),
        ("pause-2", "11"),
        ("pause-5", "26"),
        ("extra", "more-1"),
        ("more-5", "more-2"),
        ("helped", "comment"),
    ],
)
def test_who_stopped_where_there_is_no_stop_any_more_goes_on_near_it(stored, now):
    assert Journey(bank.instrument("short_service_user.v1")).stop(stored) == now


def test_questions_beside_the_items_stand_on_two_pages_at_most():
    for form in bank.instruments():
        assert len(Journey(form).more) <= 2


def test_every_question_beside_the_items_is_on_one_page():
    instrument = bank.instrument("short_service_user.v1")
    asked = [q.id for page in Journey(instrument).more for q in page]
    everything = (*instrument.context, *instrument.background)
    assert asked == ["preferred_involvement", *(q.id for q in everything)]
