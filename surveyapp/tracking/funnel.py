"""Teams in a funnel: how far their means lie apart, beside what chance alone does.

No team has a place in a row: teams stand in the order of their names.
"""

from dataclasses import dataclass

from .groups import ROUNDING, Z95, Sums
from .profile import variance

Z998 = 3.09  # limits that one team in five hundred leaves by chance
ENOUGH = 0.7  # reliability of a mean from which teams can be told apart
LEAST = 2  # teams with a figure
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 340, 44, 24, 14, 56
STEPS = 40  # of the curves
STEP = 10  # points between lines of the score
INSIDE, LOW, HIGH = "inside the limits", "below the limits", "above the limits"
SHAPES = {INSIDE: "circle", LOW: "square", HIGH: "diamond"}


@dataclass(frozen=True)
class TeamMean:
    """One team: its figure, where it lies in the funnel, and how reliable it is.

    `word` and `reliability` are empty where nothing is known of how people differ.
    """

    number: int
    name: str
    sums: Sums
    interval: tuple | None
    word: str
    reliability: float | None

    @property
    def reliability_text(self):
        return "" if self.reliability is None else f"{self.reliability:.2f}"


@dataclass(frozen=True)
class Funnel:
    teams: tuple
    centre: float | None
    finding: str
    ranking: str


def funnel(by_team, names, sd):
    """The teams that a person may see, beside all of them together.

    `by_team` is team -> Sums of the whole trust, `names` is team -> name of those that
    are shown.
    """
    whole = sum(by_team.values(), Sums())
    between = variance_between(by_team, sd)
    held = [(team, name) for team, name in names.items() if team in by_team]
    teams = tuple(
        TeamMean(
            number,
            name,
            by_team[team],
            by_team[team].interval(sd),
            _word(by_team[team], whole, sd),
            _reliability(by_team[team], between, sd),
        )
        for number, (team, name) in enumerate(held, start=1)
    )
    return Funnel(teams, whole.mean, _finding(teams, sd), _ranking(teams, between))


def variance_between(by_team, sd):
    """Variance of the teams' own means, by the method of moments; None if unknown.

    With the variance within teams known, as it is frozen: what is left of the squares
    about the common mean once chance and rounding are taken off (Searle, Casella &
    McCulloch, 1992, chapter 3).
    """
    sums = [each for each in by_team.values() if each.n]
    if sd is None or len(sums) < LEAST:
        return None
    n = sum(each.n for each in sums)
    mean = sum(each.total for each in sums) / n
    squares = sum(each.n * (each.mean - mean) ** 2 for each in sums)
    chance = sum((1 - each.n / n) * each.n * variance(each, sd) for each in sums)
    return max(0.0, (squares - chance) / (n - sum(each.n**2 for each in sums) / n))


def _reliability(sums, between, sd):
    if between is None:
        return None
    return between / (between + variance(sums, sd))


def _word(sums, whole, sd):
    if sd is None:
        return ""
    apart = sums.mean - whole.mean
    if abs(apart) <= Z998 * variance(sums, sd) ** 0.5:
        return INSIDE
    return HIGH if apart > 0 else LOW


def _finding(teams, sd):
    if len(teams) < LEAST:
        return "A comparison needs two teams with a figure."
    if sd is None:
        return "Limits wait until it is known how much people differ within teams."
    outside = [team for team in teams if team.word != INSIDE]
    if not outside:
        return (
            f"All {len(teams)} teams lie inside the limits:"
            " they differ no more than chance would have it."
        )
    told = [
        f"{', '.join(t.name for t in outside if t.word == word)} {word}"
        for word in (HIGH, LOW)
        if any(t.word == word for t in outside)
    ]
    return (
        f"Of {len(teams)} teams, {len(outside)} differ from the trust's mean by more"
        f" than chance: {'; '.join(told)}."
    )


def _ranking(teams, between):
    if between is None or len(teams) < LEAST:
        return "How reliable the teams' means are is not known yet."
    lowest = min(team.reliability for team in teams)
    few = [team.name for team in teams if team.reliability < ENOUGH]
    told = f"The least reliable of these means has {lowest:.2f} of 1"
    if few:
        return (
            f"{told}; {ENOUGH:.2f} is wanted. Too few to rank: an order of these teams"
            " would be mostly chance."
        )
    return (
        f"{told}, and {ENOUGH:.2f} is wanted: the teams can be told apart. Why they"
        " differ, such as whom they serve, is not said by that."
    )


@dataclass(frozen=True)
class Point:
    """Where a team stands in the picture."""

    number: int
    x: float
    y: float
    shape: str


@dataclass(frozen=True)
class FunnelPicture:
    """All that the template draws; paths of limits come as (name, path, dash)."""

    points: tuple
    limits: tuple
    centre: float
    xs: tuple  # (people, x)
    ys: tuple  # (score, y)
    shapes: tuple  # (shape, meaning) that occur
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def picture(found, sd):
    """Where everything stands; None where there are no two teams."""
    if len(found.teams) < LEAST or sd is None:
        return None
    most = 1.1 * max(team.sums.n for team in found.teams)
    curves = _curves(found, sd, most)
    ys = [team.sums.mean for team in found.teams]
    ys += [y for _, _, points in curves for _, y in points]
    lowest, highest = STEP * (min(ys) // STEP), min(STEP * (max(ys) // STEP + 1), 100)

    def x_of(n):
        return round(LEFT + (WIDTH - LEFT - RIGHT) * n / most, 1)

    def y_of(value):
        share = (value - lowest) / (highest - lowest)
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)

    words = [word for word in SHAPES if any(t.word == word for t in found.teams)]
    return FunnelPicture(
        points=tuple(
            Point(t.number, x_of(t.sums.n), y_of(t.sums.mean), SHAPES[t.word])
            for t in found.teams
        ),
        limits=tuple(
            (name, _path(points, x_of, y_of), dash, y_of(points[-1][1]))
            for name, dash, points in curves
        ),
        centre=y_of(found.centre),
        xs=tuple((n, x_of(n)) for n in _round_numbers(most)),
        ys=tuple(
            (int(value), y_of(value))
            for value in range(int(lowest), int(highest) + 1, STEP)
        ),
        shapes=tuple((SHAPES[word], word) for word in words),
    )


def _curves(found, sd, most):
    """Limits for teams of so many people, in groups of the usual size.

    (Name, dash, pairs of people and limit); one of each pair of limits is named.
    """
    whole = sum((team.sums for team in found.teams), Sums())
    spread = (sd**2 + ROUNDING * whole.rounded / whole.n) ** 0.5
    fewest = min(team.sums.n for team in found.teams)
    ns = [fewest / 2 + (most - fewest / 2) * k / STEPS for k in range(STEPS + 1)]
    return [
        (
            name,
            dash,
            [(n, min(max(found.centre + z * spread / n**0.5, 0), 100)) for n in ns],
        )
        for name, z, dash in (
            ("99.8%", Z998, "8 4"),
            ("", Z95, "2 4"),
            ("95%", -Z95, "2 4"),
            ("", -Z998, "8 4"),
        )
    ]


def _path(points, x_of, y_of):
    return "M" + "L".join(f"{x_of(n)} {y_of(value)}" for n, value in points)


def _round_numbers(most):
    """A few numbers of people for the axis below."""
    step = next(s for s in (10, 20, 50, 100, 200, 500, 1000, 10_000) if most / s <= 6)
    return range(step, int(most) + 1, step)


def table(found):
    """The numbers of the funnel, as its file has them."""
    head = [
        "number",
        "team",
        "people",
        "mean",
        "lower",
        "upper",
        "place",
        "reliability",
    ]
    body = [
        [t.number, t.name, t.sums.n, t.sums.text]
        + ([f"{end:.1f}" for end in t.interval] if t.interval else ["", ""])
        + [t.word, t.reliability_text]
        for t in found.teams
    ]
    return [head, *body]
