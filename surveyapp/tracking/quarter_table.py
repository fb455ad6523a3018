"""Means by team and quarter, in tables that are narrow enough to read and print."""

from collections import defaultdict
from dataclasses import dataclass

from .charts import TRUST
from .groups import Sums, total
from .presenter import FEW, Cell, Row, between
from .release_queue import OVERALL

NOBODY = "None"
AT_ONCE = 4  # quarters of one table
EVERY = "All quarters"


@dataclass(frozen=True)
class QuarterTable:
    """Some quarters in a row, with a row of cells for each team."""

    quarters: tuple
    rows: tuple


def tables(what):
    """The newest quarters with the sum of all of them, and tables of earlier ones."""
    sums, sd = what.by_month, what.figures.spreads.get(OVERALL)
    quarters = quarters_of(month for _, month in sums)
    parts = [
        quarters[max(end - AT_ONCE, 0) : end]
        for end in range(len(quarters), 0, -AT_ONCE)
    ]
    found, made = _by_quarter(sums), []
    for k, part in enumerate(parts or [()]):
        columns = (*part, None) if k == 0 else part
        names = tuple(EVERY if q is None else name_of(q) for q in columns)
        made.append(QuarterTable(names, _rows(found, what.shown, columns, sd)))
    return tuple(made)


def quarter_of_month(month):
    return month.replace(month=3 * ((month.month - 1) // 3) + 1)


def name_of(quarter):
    """April to June 2026."""
    last = quarter.replace(month=quarter.month + 2)
    return f"{quarter:%B} to {last:%B %Y}"


def quarters_of(months):
    """The quarters from the first to the last, those without a group too."""
    held = sorted({quarter_of_month(month) for month in months})
    quarters = held[:1]
    while quarters and quarters[-1] < held[-1]:
        year, month = divmod(quarters[-1].month + 2, 12)
        quarters.append(quarters[-1].replace(quarters[-1].year + year, month + 1))
    return tuple(quarters)


def _by_quarter(sums):
    """Team, or TRUST -> quarter -> sums; the quarter None is all of them."""
    held, found = defaultdict(list), defaultdict(dict)
    for (team, month), each in sums.items():
        quarter = quarter_of_month(month)
        for key in (team, quarter), (team, None), (TRUST, quarter), (TRUST, None):
            held[key].append(each)
    for (team, quarter), parts in held.items():
        found[team][quarter] = total(parts)
    return found


def _rows(found, shown, columns, sd):
    names = {team: name for team, name in shown.items() if team is not None}
    names |= {team: name for team, name in shown.items() if team in found}
    names |= {TRUST: TRUST} if found else {}
    return tuple(
        Row(name, _cells(found.get(team, {}), columns, sd))
        for team, name in names.items()
    )


def _cells(sums, columns, sd):
    return tuple(_cell(sums.get(quarter, Sums()), sd) for quarter in columns)


def _cell(sums, sd):
    if not sums.n:
        return Cell(NOBODY)
    few = ", few responses" if sums.n < FEW else ""
    interval = sums.interval(sd)
    about = f"{between(interval)}, " if interval else ""
    return Cell(sums.text, f"{about}n = {sums.n}{few}")
