"""From a number back to its source, and on to what could be done."""

from flask import render_template

from . import meaning, walk_back
from .chosen import chosen
from .figures_blueprint import bp
from .groups import Sums
from .presenter import between


@bp.get("/<int:trust_id>/<perspective>/scores/<scale>")
def score(trust_id, perspective, scale):
    """How a score is made, what it means, and what could be done about it."""
    what = chosen(trust_id, perspective)
    return render_template(
        "tracking/score.html",
        what=what,
        made=walk_back.score_made(what, scale),
        figure=_figure(what, scale),
        meaning=meaning.meaning(scale),
        smallest=lambda of: meaning.smallest_change(scale, of),
        actions=meaning.actions(scale, perspective),
    )


@bp.get("/<int:trust_id>/<perspective>/items/<ref>")
def item(trust_id, perspective, ref):
    """One item: its words, how answers count, what it rests on."""
    what = chosen(trust_id, perspective)
    made = walk_back.item_made(what, ref)
    return render_template("tracking/item.html", what=what, made=made)


def _figure(what, scale):
    """The mean of what the page is about, in words."""
    whole = what.figures.totals if what.team is None else what.own_totals
    sums = whole.get(scale, Sums())
    if not sums.n:
        return "there is no figure yet."
    interval = sums.interval(what.figures.spreads.get(scale))
    told = f", 95% interval {between(interval)}" if interval else ""
    return f"{sums.text} of 100, from {sums.n} people{told}."
