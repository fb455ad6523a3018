"""A funnel as places in a drawing: a bar for each stage, its number beside it."""

from dataclasses import dataclass

from .response_funnel import STAGES

WIDTH, LABEL, NUMBER = 640, 150, 60
PLACE, STOPPED = 240, 100  # room for places in the form, and for who stopped
HIGH, APART = 22, 10
ASIDE = ("declined", "undeliverable")  # no step on the way, and drawn apart


@dataclass(frozen=True)
class Bar:
    """One stage: its words, its number, and where its bar is."""

    words: str
    n: int
    y: int
    width: float
    is_aside: bool


def draw(funnel):
    """(bars, height of the drawing); no bars where nobody was asked."""
    counts = dict(funnel.total.counts)
    if funnel.n_listed is not None:
        counts = {
            "listed": funnel.n_listed,
            "suppressed": funnel.n_suppressed,
            **counts,
        }
    words = {"listed": "Listed", "suppressed": "Not written to", **STAGES}
    most = max([n for n in counts.values() if n], default=0)
    if not most:
        return [], 0
    bars = []
    for place, (stage, n) in enumerate(
        (s, n) for s, n in counts.items() if n is not None
    ):
        wide = (WIDTH - LABEL - NUMBER) * n / most
        aside = stage in (*ASIDE, "suppressed")
        y = place * (HIGH + APART)
        bars.append(Bar(words[stage], n, y, round(wide, 1), aside))
    return bars, len(bars) * (HIGH + APART)


@dataclass(frozen=True)
class Stretch:
    """A place in the form: how many came to it, and the part of them who stopped."""

    words: str
    n_came: int
    n_stopped: int
    y: int
    came: float  # width of the bar
    stopped_x: float
    stopped: float


def draw_break_off(found):
    """(bars, height): each place with those who came, those who stopped set apart."""
    room = WIDTH - PLACE - STOPPED
    bars = []
    for number, place in enumerate(found.places):
        scale = room / found.n_began
        x = PLACE + scale * place.n_went_on
        bars.append(
            Stretch(
                *(place.name, place.n_came, place.n_stopped),
                number * (HIGH + APART),
                round(scale * place.n_came, 1),
                round(x, 1),
                round(scale * place.n_stopped, 1),
            )
        )
    return bars, len(bars) * (HIGH + APART)
