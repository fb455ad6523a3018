"""Rows of the teams' table: figures, where each lies, reliability, who answered."""

from .presenter import Cell, Row, between
from .response_rates import rate_text

HEAD = (
    "Team",
    "Mean",
    "95% interval",
    "People",
    "In the funnel",
    "Reliability",
    "Answered, of those invited",
)


def rows(what, found, rates):
    """One row a team that the person may see, also of those without a figure."""
    by_name = {team.name: team for team in found.teams}
    return tuple(
        Row(
            f"{by_name[name].number}. {name}" if name in by_name else name,
            _cells(by_name.get(name), _rate(rates, number)),
            number,
        )
        for number, name in what.seen.items()
    )


def _rate(rates, team):
    return rate_text(*rates.get(team, (0, 0))) if rates else "counted at night"


def _cells(team, rate):
    if team is None:
        return Cell("No group yet"), *[Cell("")] * 4, Cell(rate)
    return (
        Cell(team.sums.text),
        Cell(between(team.interval) if team.interval else ""),
        Cell(str(team.sums.n)),
        Cell(team.word),
        Cell(team.reliability_text),
        Cell(rate),
    )
