"""Items as their page and their file show them: bars, and rows of numbers."""

from dataclasses import dataclass

from .item_results import item_results
from .presenter import TITLES

# From the lowest category to the highest; ever darker, so that grey tells them apart.
SHADES = ("#e8edee", "#b3cce6", "#79a6d2", "#2a6fb5", "#003567")
DARK = set(SHADES[3:])
LABELLED = 0.08  # share from which its number fits into a piece


@dataclass(frozen=True)
class Piece:
    """One category in a bar; places and widths in percent of the bar."""

    label: str
    x: float
    width: float
    middle: float
    text: str
    shade: str
    ink: str


@dataclass(frozen=True)
class Bar:
    """One item with its bar, and the mean of the whole trust beside a team's."""

    result: object
    pieces: tuple
    trust_mean: float | None


@dataclass(frozen=True)
class Part:
    """The items of one prerequisite that have the same categories."""

    title: str
    scale: str
    key: tuple  # (label, shade) of the categories
    bars: tuple


def parts(what):
    """Items by prerequisite, in the order of the form."""
    results = item_results(what.family, what.tally)
    beside = {} if what.team is None else _means(what)
    found = {}
    for result in results:
        key = tuple(zip((s.label for s in result.categories), shades(result)))
        bar = Bar(result, _pieces(result), beside.get(result.ref))
        found.setdefault((result.prerequisite, key), []).append(bar)
    return tuple(
        Part(TITLES[scale], scale, key, tuple(bars))
        for (scale, key), bars in found.items()
    )


def _means(what):
    """Item -> its mean in the whole trust."""
    results = item_results(what.family, what.whole_tally)
    return {each.ref: each.mean for each in results}


def shades(result):
    """A shade for each category, the outer ones always at the ends."""
    last = len(result.categories) - 1
    return [
        SHADES[round(k * (len(SHADES) - 1) / max(last, 1))] for k in range(last + 1)
    ]


def _pieces(result):
    pieces, x = [], 0.0
    for share, shade in zip(result.categories, shades(result)):
        width = 100 * share.share
        pieces.append(
            Piece(
                label=share.label,
                x=round(x, 2),
                width=round(width, 2),
                middle=round(x + width / 2, 2),
                text=f"{share.share:.0%}" if share.share >= LABELLED else "",
                shade=shade,
                ink="#ffffff" if shade in DARK else "#212b32",
            )
        )
        x += width
    return tuple(piece for piece in pieces if piece.width)


def rows(results):
    """Numbers of items, as their file has them: one row a category or a reason."""
    head = ["item", "version", "prerequisite", "wording", "mean"]
    body = [
        [r.id, r.version, r.prerequisite, r.wording, mean_text(r)]
        + [kind, share.label, share.n]
        for r in results
        for kind, shares in (("category", r.categories), ("reason", r.reasons))
        for share in shares
    ]
    return [[*head, "kind", "answer", "people"], *body]


def mean_text(result):
    """Its mean on 0 to 100, or nothing where too few people answered."""
    return "" if result.mean is None else f"{result.mean:.0f}"
