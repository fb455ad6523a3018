"""The six prerequisites of a team beside the trust: figures, finding and picture."""

from dataclasses import dataclass
from statistics import NormalDist

from ..bank import PREREQUISITES
from .groups import ROUNDING, Sums
from .presenter import TITLES

WIDTH, ROW, TOP, LEFT, RIGHT = 640, 40, 24, 250, 16
ERROR = 0.05  # of calling any difference more than chance, over the six


@dataclass(frozen=True)
class Line:
    """One prerequisite: means of people, intervals, and whether the team differs."""

    scale: str
    title: str
    own: Sums
    own_interval: tuple | None
    trust: Sums
    trust_interval: tuple | None
    word: str  # higher or lower than in the rest of the trust; empty where unsure


@dataclass(frozen=True)
class Profile:
    """Lines of those prerequisites that were let out; `name` is whose they are."""

    name: str
    lines: tuple
    is_trust: bool

    @property
    def lowest(self):
        """The scale of the lowest prerequisite, or None where there is none."""
        if not self.lines:
            return None
        return min(self.lines, key=lambda line: line.own.mean).scale

    @property
    def finding(self):
        """What the picture says, as its alternative text too."""
        if not self.lines:
            return ""
        high = max(self.lines, key=lambda line: line.own.mean)
        low = min(self.lines, key=lambda line: line.own.mean)
        told = (
            f"Highest is {high.title} ({high.own.text}),"
            f" lowest {low.title} ({low.own.text})."
        )
        if not _apart(high, low):
            told += " How far they lie apart may be chance."
        return told if self.is_trust else f"{told} {self._beside()}"

    def _beside(self):
        told = []
        for word in ("higher", "lower"):
            titles = [line.title for line in self.lines if line.word == word]
            every = len(titles) == len(self.lines)
            if titles:
                told.append(f"{'all' if every else ', '.join(titles)} {word}")
        if not told:
            return "None differs from the trust's other teams by more than chance."
        return f"By more than chance beside the other teams: {'; '.join(told)}."


def profile(name, totals, own, spreads):
    """A team's prerequisites beside the trust, or the trust's alone.

    `totals` and `own` are scale -> Sums; `own` is None for the trust as a whole.
    """
    is_trust = own is None
    own = totals if is_trust else own
    lines = []
    for scale in PREREQUISITES:
        sums, whole = own.get(scale, Sums()), totals.get(scale, Sums())
        if sums.n:
            sd = spreads.get(scale)
            lines.append(
                Line(
                    scale=scale,
                    title=TITLES[scale],
                    own=sums,
                    own_interval=sums.interval(sd),
                    trust=whole,
                    trust_interval=whole.interval(sd),
                    word="" if is_trust else _word(sums, whole, sd),
                )
            )
    return Profile(name, tuple(lines), is_trust)


def variance(sums, sd):
    """Of a mean of people, with what rounding added."""
    return sd**2 / sums.n + ROUNDING * sums.rounded / sums.n**2


def _word(own, whole, sd):
    """How a team differs from the rest of the trust, where that is beyond chance."""
    rest = Sums(
        whole.n - own.n,
        whole.n_groups - own.n_groups,
        whole.total - own.total,
        whole.rounded - own.rounded,
    )
    if sd is None or not rest.n:
        return ""
    z = NormalDist().inv_cdf(1 - ERROR / len(PREREQUISITES) / 2)
    apart = own.mean - rest.mean
    if abs(apart) <= z * (variance(own, sd) + variance(rest, sd)) ** 0.5:
        return ""
    return "higher" if apart > 0 else "lower"


def _apart(high, low):
    """Whether the intervals of two lines lie apart, where both are known."""
    if high.own_interval is None or low.own_interval is None:
        return False
    return high.own_interval[0] > low.own_interval[1]


def table(profile):
    """The numbers of a profile, as its file has them."""
    head = ["prerequisite", "people", "mean", "lower", "upper", "trust_mean", "beside"]
    body = [
        [
            line.title,
            line.own.n,
            line.own.text,
            *(f"{end:.1f}" for end in line.own_interval or ()),
            *([""] * 2 if line.own_interval is None else []),
            line.trust.text,
            line.word,
        ]
        for line in profile.lines
    ]
    return [head, *body]


@dataclass(frozen=True)
class Row:
    """Where one prerequisite stands in the picture."""

    title: str
    y: int
    own: float
    own_ends: tuple | None
    trust: float | None
    text: str


def rows(profile):
    """Places of the picture's rows, and its height."""
    placed = tuple(
        Row(
            line.title,
            TOP + ROW * k + ROW // 2,
            x_of(line.own.mean),
            tuple(map(x_of, line.own_interval)) if line.own_interval else None,
            None if profile.is_trust else x_of(line.trust.mean),
            line.own.text,
        )
        for k, line in enumerate(profile.lines)
    )
    return placed, TOP + ROW * len(placed) + 48


def x_of(value):
    return round(LEFT + (WIDTH - LEFT - RIGHT - 40) * value / 100, 1)


GRID = tuple((value, x_of(value)) for value in (0, 25, 50, 75, 100))
