"""Cross-cuts as their page shows them: a table for each cut of each year."""

from dataclasses import dataclass

from sqlalchemy import select

from ..assessments.gate_sensitivity import LINES
from ..extensions import db
from ..models import ReleasedCut
from .charts import shown_value
from .groups import Sums
from .item_results import form_of
from .presenter import TITLES, Cell, Row, between
from .yearly_cuts import CUTS, GATE, MODE, PLAN

HEAD = ("Who", "People, about", "Mean", "95% interval")
MODES = {
    "web": "On the web",
    "paper": "On paper",
    "telephone": "By telephone",
    "face_to_face": "Face to face",
}
PLANS = {"yes": "Has a care plan", "no": "Has none", "not_sure": "Is not sure"}
NAMES = {
    MODE: "How people answered",
    PLAN: "Whether they have a care plan",
    GATE: "How far the mean rests on the question about the care plan",
}


@dataclass(frozen=True)
class Cut:
    """One cut of a year, with a row for each cell that was let out."""

    key: str
    name: str
    rows: tuple
    cells: tuple  # of CutCell, for a picture


@dataclass(frozen=True)
class CutCell:
    """One cell's mean with its interval, as numbers and as text."""

    label: str
    mean: float
    interval: tuple | None
    text: str


def years(what):
    """Year -> its cuts, the newest year first."""
    found = {}
    for row in _released(what):
        found.setdefault(row.year, {}).setdefault(row.cut, []).append(row)
    order = (*CUTS, GATE)
    return {
        year: tuple(
            Cut(
                cut,
                _name(what, cut),
                tuple(_row(what, each) for each in cuts[cut]),
                tuple(_cut_cell(what, each) for each in cuts[cut]),
            )
            for cut in order
            if cut in cuts
        )
        for year, cuts in sorted(found.items(), reverse=True)
    }


def table(what):
    """The numbers of every cut, as their file has them."""
    head = ["year", "cut", "cell", "score", "people", "mean"]
    body = [
        [row.year, row.cut, row.cell, row.scale, row.n, _sums(what, row)[0].text]
        for row in _released(what)
    ]
    return [head, *body]


def _released(what):
    query = (
        select(ReleasedCut)
        .filter_by(
            trust_id=what.trust.id, perspective=what.perspective, series=what.series
        )
        .order_by(ReleasedCut.year.desc(), ReleasedCut.id)
    )
    return db.session.scalars(query).all()


def _cut_cell(what, row):
    sums, interval = _sums(what, row)
    return CutCell(_label(what, row), shown_value(sums), interval, sums.text)


def _sums(what, row):
    """A cell as sums, with its interval where one is known."""
    sums = Sums(row.n, 1, row.n * row.value, float(row.n**2))
    return sums, sums.interval(what.figures.spreads.get(row.scale))


def _row(what, row):
    sums, interval = _sums(what, row)
    label = _label(what, row)
    if row.cut == GATE:
        label = f"{TITLES.get(row.scale, row.scale)}: {label}"
    return Row(
        label,
        (
            Cell(str(row.n)),
            Cell(sums.text),
            Cell(between(interval) if interval else "Not yet"),
        ),
    )


def _questions(what):
    form = form_of(what.family)
    return {q.id: q for q in form.background} if form else {}


def _name(what, cut):
    question = _questions(what).get(cut)
    if question is not None:
        return question.text[what.perspective]
    return NAMES.get(cut, cut.replace("_", " ").capitalize())


def _label(what, row):
    """What one cell is called."""
    fixed = {MODE: MODES, PLAN: PLANS, GATE: LINES}.get(row.cut)
    if fixed is None:
        question = _questions(what).get(row.cut)
        fixed = question.options if question else {}
    return fixed.get(row.cell, row.cell.replace("_", " "))
