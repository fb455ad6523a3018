"""A worker beside a server that was started by hand: it comes and goes with it."""

import os
import subprocess
import sys
from contextlib import contextmanager

MAIN = "from surveyapp.cli import main; main()"


@contextmanager
def process_beside():
    """Start `prom work`; end it when this process leaves, not when a fork does."""
    owner = os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "work", "--beside", str(owner)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if os.getpid() == owner:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
