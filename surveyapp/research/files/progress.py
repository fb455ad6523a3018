"""Says how far a long job has come: a bar on a terminal, lines elsewhere."""

from contextlib import contextmanager

import click


@contextmanager
def progress_bar():
    """Give a callable (step, done, total) that shows each step as it begins."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _say
        return
    with _bar(console) as bar:
        task = bar.add_task("", total=None)
        yield lambda step, done, total: bar.update(
            task, description=step, completed=done, total=total
        )


def in_two_parts(progress, n_later):
    """Two callables for two jobs that are shown as one; None each without progress."""
    if progress is None:
        return None, None
    before = 0

    def first(step, done, total):
        nonlocal before
        before = total
        if done < total:
            progress(step, done, total + n_later)

    def second(step, done, total):
        progress(step, before + done, before + n_later)

    return first, second


def _say(step, done, total):
    if done < total:
        click.echo(f"[{done + 1}/{total}] {step}", err=True)


def _bar(console):
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        MofNCompleteColumn(separator=" of "),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
    )
