"""Many independent fits: here one after another, or on any executor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import TypeVar

from .annotations import Progress

Task = TypeVar("Task")
Made = TypeVar("Made")


def run_all(
    function: Callable[[Task], Made],
    tasks: Iterable[Task],
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Made]:
    """Return `function(task)` for each task, in order.

    Parameters
    ----------
    function : callable
        Importable by name where the executor uses other processes.
    executor : concurrent.futures.Executor, optional
        Where the calls run; without one, here.
    progress : callable, optional
        Called with (done, total) after each result.
    """
    tasks = list(tasks)
    results = (
        map(function, tasks) if executor is None else executor.map(function, tasks)
    )
    gathered = []
    for result in results:
        gathered.append(result)
        if progress is not None:
            progress(len(gathered), len(tasks))
    return gathered
