"""Many independent fits: here one after another, or on any executor."""

from collections.abc import Callable, Iterable


def run_all(function: Callable, tasks: Iterable, executor=None, progress=None):
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
