"""Look after the item bank: check it, read it, publish it, hand it on."""

import argparse
import contextlib
import io
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from item_bank import cli, exchange_cli, publish_cli
from item_bank.errors import BankError
from item_bank.lock import LOCKED
from item_bank.models import PREREQUISITES


class Narrow(argparse.HelpFormatter):
    """Help on lines of one length, however wide the terminal is."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=78)


def parser(prog: str = "python -m item_bank") -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog=prog, description=__doc__)
    top.add_argument("--bank", default=cli.DEFAULT_FOLDER, help="another bank")
    top.add_argument("--own", help="a folder with forms and calibrations of our own")
    below = top.add_subparsers(dest="command", required=True)
    add = partial(_add, below)
    add("check", help="every problem, with file and place").set_defaults(run=cli.check)
    listing = add("list", help="one line for each item, or of another kind")
    listing.add_argument("kind", nargs="?", default="item", choices=LOCKED)
    listing.add_argument("--prerequisite", choices=PREREQUISITES)
    listing.add_argument("--status")
    listing.set_defaults(run=cli.overview)
    showing = add("show", help="one record, with its grounds")
    showing.add_argument("ref")
    showing.set_defaults(run=cli.show)
    covering = add("coverage", help="which finding is asked by which item")
    covering.add_argument("--matrix", dest="as_matrix", action="store_true")
    covering.set_defaults(run=cli.coverage)
    planning = add("blueprint", help="a form's findings, by facet and location")
    planning.add_argument("ref", metavar="form")
    planning.set_defaults(run=cli.blueprint_of)
    crossing = add("crosswalk", help="which item of one form is which of another")
    crossing.add_argument("old", metavar="older")
    crossing.add_argument("new", metavar="newer")
    crossing.set_defaults(run=cli.crosswalk_of)
    differing = add("diff", help="what changed between two records")
    differing.add_argument("old")
    differing.add_argument("new")
    differing.set_defaults(run=cli.diff)
    locking = add("lock", help="publish forms: their words never change again")
    locking.add_argument("refs", nargs="+", metavar="form")
    locking.set_defaults(run=cli.lock)
    printing = add("print", help="the bank for review")
    printing.add_argument("--out", default="bank.html", help="a .html or .pdf file")
    printing.set_defaults(run=cli.print_bank)
    exporting = add("export", help="a form for another system")
    exporting.add_argument("ref", metavar="form")
    exporting.add_argument("--format", choices=exchange_cli.FORMATS, default="fhir")
    exporting.add_argument("--language", dest="languages", action="append", default=[])
    exporting.add_argument("--out", required=True, help="the file to write")
    exporting.set_defaults(run=exchange_cli.export)
    rating = add("ratings", help="what raters said of relevance and clarity")
    rating.add_argument("file", help="a CSV file")
    rating.set_defaults(run=cli.ratings)
    filing = add("sorting", help="under which prerequisite readers file wordings")
    filing.add_argument("file", help="a CSV file")
    filing.set_defaults(run=cli.sorting)
    describing = add("fields", help="every field of every file, and every rule")
    describing.add_argument("--into", help="renew the reference in this page")
    describing.set_defaults(run=cli.fields)
    importing = add("import", help="what was reworded in another system")
    importing.add_argument("file")
    importing.add_argument("--format", choices=exchange_cli.FORMATS, default="fhir")
    importing.set_defaults(run=exchange_cli.back)
    translating = add("translation", help="a language beside the source, to be read")
    translating.add_argument("language")
    translating.add_argument("ref", metavar="form")
    translating.set_defaults(run=cli.translation)
    publish_cli.add_commands(add)
    return top


def _add(
    below: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    *,
    help: str,
) -> argparse.ArgumentParser:
    """A command with its one line of help, which its own help begins with."""
    says = f"{help[:1].upper()}{help[1:]}."
    return below.add_parser(name, help=help, description=says, formatter_class=Narrow)


def help_of(command: str, prog: str) -> str:
    """What one command says of itself and its options, on lines of 78 characters."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        parser(prog).parse_args([command, "--help"])
    return said.getvalue().rstrip()


def main(
    arguments: Sequence[str] | None = None, prog: str = "python -m item_bank"
) -> int:
    """Run one command; returns 0, 1 for problems found, 2 for bad input."""
    options = vars(parser(prog).parse_args(arguments))
    options.pop("command")
    run, folder, own = (options.pop(name) for name in ("run", "bank", "own"))
    try:
        if not Path(folder).is_dir():
            raise ValueError(f"{folder} is no folder with a bank")
        printed: cli.Printed = run((folder, own) if own else folder, **options)
    except (BankError, ValueError, OSError) as error:
        printed = str(error), 2
    text, code = printed
    print(text, file=sys.stderr if code == 2 else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
