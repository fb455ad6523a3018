"""What tests start meets signals as a program in the foreground does."""

import signal
import subprocess
import sys

import pytest

from .processes import own_signals, start

SAY = "import signal; print(*(signal.getsignal(n) is signal.SIG_IGN for n in (2, 15)))"


@pytest.fixture
def background():
    """This process ignores Ctrl-C and SIGTERM, as a job of a script may."""
    before = {n: signal.signal(n, signal.SIG_IGN) for n in (2, 15)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_child_of_a_runner_in_the_background_can_be_stopped(background):
    child = start([sys.executable, "-c", SAY], stdout=subprocess.PIPE, text=True)
    assert child.communicate()[0].split() == ["False", "False"]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_test_that_runs_in_the_background_can_be_stopped_itself(background):
    with pytest.raises(KeyboardInterrupt), own_signals():
        signal.raise_signal(signal.SIGINT)
