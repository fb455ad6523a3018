"""`prom reduce` and `prom shorten`: from a bank's answers to fewer items."""

import functools
import warnings
from pathlib import Path

import click

from ...refused import Refused
from .answer_options import answer_options, read_as_stated, stated
from .cli_options import parse_list
from .codebook import find_codebook
from .interrupts import stoppable
from .progress import progress_bar


def _of_answers(command):
    """Read the file that the shared options describe; problems become one line.

    A reduction that is named by --retained says how the same file was read then.
    """

    @functools.wraps(command)
    def inside(file, **typed):
        # Estimation takes a second to import, which other commands need not wait for.
        from .earlier_reduction import read_reduction
        from .shortening import REFUSALS

        try:
            codebook = find_codebook(file)
            if typed.get("retained"):
                typed["retained"] = read_reduction(typed["retained"])
            earlier = typed["retained"].settings if typed.get("retained") else None
            settings = stated(file, typed, codebook=codebook, earlier=earlier)
            table, settings = read_as_stated(
                file, settings, codebook=codebook, dead_items=True
            )
            table = table.turned(settings.reverse, settings.categories)
            with warnings.catch_warnings(record=True) as caveats:
                warnings.simplefilter("always")
                command(table, settings, **typed)
        except REFUSALS as problem:
            raise Refused(str(problem)) from problem
        for caveat in dict.fromkeys(str(c.message) for c in caveats):
            click.echo(f"Note: {caveat}", err=True)

    inside = click.option(
        "--seed", default=1, show_default=True, help="For what is drawn."
    )(inside)
    return click.argument("file", type=click.Path(path_type=Path))(
        answer_options(inside)
    )


def _folder(default):
    return click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(default),
        show_default=True,
        help="The folder to write; an earlier result in it is replaced.",
    )


def _file(name, help):
    return click.option(name, type=click.Path(path_type=Path), help=help)


@click.command("reduce")
@_of_answers
@click.option(
    "--groups", multiple=True, help="A column to look for DIF by; may repeat."
)
@_file("--votes", "A CSV of item and vote (keep or drop), a row a ballot.")
@_file("--content", "A CSV of item and relevance, clarity or i_cvi, as shares.")
@_file("--rules", "Stages and limits: rules.yaml of an earlier run, changed.")
@click.option("--minimum", default=2, show_default=True, help="Items a scale keeps.")
@click.option("--flags", default=2, show_default=True, help="Flags before one goes.")
@click.option(
    "--resamples",
    default=20,
    show_default=True,
    help="Bootstrap samples in which the flags are counted again.",
)
@_folder("reduction")
def reduce_command(
    table, settings, groups, votes, content, rules, minimum, flags, resamples, seed, out
):
    """Flag the items in a FILE of answers by stages and say which could go.

    Writes ledger.csv, decisions.csv, flow.svg, the rules used and where all came
    from into the folder --out. People decide: votes overrule every flag.
    """
    from . import shortening

    with stoppable(f"Stopped: nothing was written to {out}."), progress_bar() as bar:
        reduction = shortening.reduce_table(
            table,
            settings,
            out,
            rules=shortening.read_rules(rules) if rules else None,
            groups=table.other(groups),
            votes=shortening.read_votes(votes) if votes else None,
            content=shortening.read_content(content) if content else None,
            minimum=minimum,
            n_flags=flags,
            n_replications=resamples,
            progress=lambda done, total: bar("Resamples", done, total),
            seed=seed,
        )
    click.echo(reduction.flow().to_string())
    _say(reduction.notes)
    click.echo(f"{out / 'decisions.csv'}")


@click.command("shorten")
@_of_answers
@_file("--retained", "decisions.csv of a reduction: choose among what it retains.")
@click.option("--length", "n_items", type=int, required=True, help="Items of the form.")
@click.option("--minimum", default=1, show_default=True, help="Items of each scale.")
@click.option("--maximum", type=int, help="Most items of each scale.")
@click.option(
    "--criterion",
    type=click.Choice(["weighted", "maximin"]),
    default="maximin",
    show_default=True,
    help="Most information over all levels of theta, or the highest lowest.",
)
@click.option(
    "--forms", "n_forms", default=1, show_default=True, help="Parallel forms."
)
@click.option("--forced", default="", help="Items that must stand in the form.")
@click.option("--forbidden", default="", help="Items that must not.")
@click.option("--together", is_flag=True, help="Calibrate all items as one scale.")
@_folder("short-form")
def shorten_command(table, settings, retained, out, forced, forbidden, **options):
    """Choose the short form with most information, and check it on other persons.

    Half of the persons in the FILE choose, proven optimal or with the gap; on
    the other half each scale of the form is compared with that of the full bank.
    With --retained nothing that the reduction read needs to be said again, and what
    it flagged stands beside the items of the form.
    """
    from . import shortening

    form, compared, notes = shortening.shorten_table(
        table,
        retained.kept_of(settings.scales) if retained else settings.scales,
        out,
        retained=retained,
        forced=parse_list(forced),
        forbidden=parse_list(forbidden),
        **options,
    )
    click.echo(form.summary())
    click.echo(compared.summary())
    _say(notes)
    click.echo(f"{out / 'form.csv'}")


def _say(notes):
    for note in notes:
        click.echo(f"Note: {note}", err=True)


COMMANDS = (reduce_command, shorten_command)
