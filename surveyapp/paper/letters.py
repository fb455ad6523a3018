"""Letters by mail merge, one to each person of a list, with a form where asked.

The file for the printer holds names and addresses, encrypted, until it is printed;
nothing else does.
"""

from ..assessments.link_numbers import next_list
from ..database import let_go
from ..errors import InvalidAnswers
from .address_list import FILE, read_addresses
from .print_options import problems_of
from .printing import (
    MOST_COPIES,
    CopyToPrint,
    Secrets,
    balanced_arrangements,
    print_copies,
)


def print_letters(
    session,
    campaign,
    file,
    choice,
    *,
    actor,
    now,
    with_forms=False,
    keeps_file=False,
):
    """Print a letter to each person of a list, with a form where asked. Commits.

    Names and addresses are in the PDF alone. With `keeps_file` that is kept, encrypted,
    to be had again for some days.

    Raises
    ------
    InvalidAnswers
        If the list, the choice or an address of the campaign will not do.
    """
    problems = problems_of(campaign, choice)
    campaign.teams  # loaded, because nothing is held while the list is read
    let_go(session)
    try:
        people = read_addresses(file, campaign)
    except InvalidAnswers as problem:
        problems |= problem.problems
    if with_forms and not problems and len(people) > MOST_COPIES:
        problems[FILE] = f"With forms, {MOST_COPIES} people at a time are the most"
    if problems:
        raise InvalidAnswers(problems)
    batch = next_list(session, campaign)
    orders = balanced_arrangements(session, campaign, choice.perspective)
    to_print = [
        CopyToPrint(
            Secrets.new(),
            each.team,
            arrangement=next(orders) if with_forms else None,
            has_form=with_forms,
            addressee=each,
            label=None if with_forms else f"{batch}-{number}",
        )
        for number, each in enumerate(people, start=1)
    ]
    return print_copies(
        session,
        campaign,
        to_print,
        choice,
        actor=actor,
        now=now,
        action="letters.printed",
        keeps_file=keeps_file,
    )
