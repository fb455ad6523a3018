"""What blocks of thirty people tell of a team or a trust, as its page shows it."""

from dataclasses import dataclass

from . import profile as profiles
from .blocks import GROUPS
from .charts import day_text
from .groups import LEAST, Waiting
from .item_results import item_results, plans, standing_out

THIRTY = GROUPS * LEAST


@dataclass(frozen=True)
class Picture:
    """Places of a profile's picture."""

    rows: tuple
    height: int
    grid: tuple = profiles.GRID


@dataclass(frozen=True)
class Behind:
    """What lies behind a mean; `missing` says how many people it takes, if it does."""

    profile: profiles.Profile
    picture: Picture | None
    plans: object
    strongest: tuple
    weakest: tuple
    period: str
    missing: str

    @property
    def standing_out(self):
        """Which items stand out, in a sentence or two."""
        told = [
            f"{title}: {', '.join(r.wording for r in results)}."
            for title, results in (
                ("Strongest", self.strongest),
                ("Weakest", self.weakest),
            )
            if results
        ]
        return " ".join(told) or "No item stands out by more than chance."


def behind(what):
    """Prerequisites, care plans and items of what a page is about (`Chosen`)."""
    totals, spreads = what.figures.totals, what.figures.spreads
    told = profiles.profile(what.name, totals, what.own_totals, spreads)
    results = item_results(what.family, what.tally)
    strongest, weakest = standing_out(results)
    rows, height = profiles.rows(told)
    return Behind(
        profile=told,
        picture=Picture(rows, height) if rows else None,
        plans=plans(what.tally, results),
        strongest=strongest,
        weakest=weakest,
        period=_period(what.tally),
        missing="" if what.tally.n_blocks else _missing(what),
    )


def _period(tally):
    if not tally.n:
        return ""
    return f"{day_text(tally.first_on)} to {day_text(tally.last_on)}"


def _missing(what):
    """How many more people it takes until there is more to tell than a mean."""
    rule = f"Prerequisites and items are let out from {THIRTY} people of one team"
    if what.team is None:
        return f"{rule}: no team has so many yet."
    waiting = what.waiting.get(what.team, Waiting())
    lacking = max(GROUPS - len(what.points), 1)
    needed = waiting.n_needed + LEAST * (lacking - 1)
    return f"{rule}: {what.name} needs {needed} more, at least."
