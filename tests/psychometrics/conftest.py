import pytest

from .drawn_results import made


@pytest.fixture(scope="module")
def results_of_one_study():
    """What one walk made is not kept while other files are tested."""
    yield
    made.cache_clear()
