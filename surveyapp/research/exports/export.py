"""De-identified answers as files: responses, codebook, and the scales in them."""

import csv
from dataclasses import dataclass, field, replace
from random import SystemRandom

import yaml
from flask import current_app

from ... import audit, bank
from ...assessments import companions, gate
from ...assessments.codes import (
    CODES,
    GATE_CODES,
    NO_PLAN,
    NONE_WANTED,
    NOT_ASKED,
    REASON_CODES,
    UNCLEAR_CODES,
    UNCLEAR_LABELS,
)
from ...assessments.item_order import Arrangement
from ...assessments.queries import n_duplicates, submitted
from ...assessments.questions import questions_of
from ...assessments.side_answers import SideAnswers, side_answers
from ...csv_cells import csv_text, neutral
from ...errors import InvalidAnswers, NothingToExport
from ...scoring import coded_responses, replies_of
from . import (
    adaptive_tables,
    assessment_columns,
    package,
    side_columns,
    since_before,
)
from .deidentify import USUAL, deidentified
from .layouts import LAYOUTS

PURPOSES = {
    "own": "This trust's own analysis",
    "shared": "Shared outside the trust: without those who did not agree to that",
}


@dataclass(frozen=True)
class Export:
    """Rows of the answers and of their codebook, header first, and their files."""

    answers: list
    meanings: list
    scales: str
    n: int
    n_synthetic: int = 0
    side: SideAnswers | None = None
    beside: dict = field(default_factory=dict)  # of an adaptive form: name -> text

    @property
    def responses(self):
        """The text of responses.csv."""
        return csv_text(self.answers)

    @property
    def about(self):
        """The columns before the items."""
        beside = self.side.columns if self.side else ()
        return (*assessment_columns.COLUMNS, *(column.id for column in beside))

    @property
    def unchosen(self):
        """The text of responses.csv without the columns that somebody chose."""
        beside = self.side.columns if self.side else ()
        chosen = {column.id for column in beside if column.is_identifying}
        kept = [n for n, name in enumerate(self.answers[0]) if name not in chosen]
        return csv_text([[row[n] for n in kept] for row in self.answers])

    @property
    def codebook(self):
        """The text of codebook.csv."""
        return csv_text(self.meanings)

    @property
    def files(self):
        return {
            "responses.csv": self.responses,
            "codebook.csv": self.codebook,
            "scales.yaml": self.scales,
            **self.beside,
        }


@dataclass(frozen=True)
class Package:
    """What an export hands over: name -> bytes, and what it says of itself."""

    files: dict
    about: package.About
    side: SideAnswers | None = None

    @property
    def n(self):
        return self.about.n


def export(
    session,
    campaign,
    perspective,
    *,
    actor,
    purpose,
    coded=False,
    formats=("csv",),
    layout="long",
    side=(),
    quasi=USUAL,
    rng=None,
):
    """Submitted answers of one perspective as files, de-identified; in the audit.

    `side` names the questions about the person whose answers are to be there, as
    `side_answers` lets them out; the audit keeps which, since two exports with
    different ones must not be laid side by side.

    Every reason has a code of its own; with `coded` reasons are turned into
    categories and gaps as each item declares, ready for `prom validate`.

    Parameters
    ----------
    purpose : str
        `own`, this trust's own analysis, or `shared` outside the trust: the second
        leaves out who did not agree to sharing.
    formats, layout
        Of `package.FORMATS` and `layouts.LAYOUTS`.
    quasi : sequence of str
        Columns that another could know of a person beside those of `side`, which
        come before them: see `deidentify`.
    rng : random.Random, optional
        Draws the numbers of teams; the system's own unless given.

    Raises
    ------
    NothingToExport
        Where nobody has submitted, or too few for anybody to be hidden among them.
    InvalidAnswers
        Where something is chosen that there is not.

    Commits the audit event.
    """
    if purpose not in PURPOSES:
        raise InvalidAnswers({"purpose": "Choose what the export is for"})
    package.check(formats, layout)
    made = tables(
        session,
        campaign,
        perspective,
        coded=coded,
        only_shared=purpose == "shared",
        side=side,
    )
    quasi = (*side, *quasi) if quasi else ()
    made, statement = _deidentified(made, quasi, rng or SystemRandom())
    about = package.About(
        campaign.title,
        perspective,
        PURPOSES[purpose],
        LAYOUTS[layout],
        made.n,
        statement,
        n_duplicates(session, campaign, perspective),
    )
    instrument = bank.instrument(campaign.instrument_ref(perspective))
    files = package.files_of(made, about, instrument, formats=formats, layout=layout)
    audit.record(
        session,
        actor=actor,
        action="answers.exported",
        subject=campaign,
        n=made.n,
        perspective=perspective,
        purpose=purpose,
        **({"side": list(side)} if side else {}),
        k=statement.k,
    )
    session.commit()
    return Package(files, about, made.side)


def _deidentified(made, quasi, rng):
    """The same tables with nobody in them who stands out, and what was done."""
    answers, statement, left_out = deidentified(made.answers, quasi, rng)
    beside = {n: _without(text, left_out) for n, text in made.beside.items()}
    n = len(answers) - 1
    return replace(made, answers=answers, beside=beside, n=n), statement


def _without(text, people):
    """A table beside the answers without the rows of some persons."""
    header, *rows = csv.reader(text.splitlines())
    if header[0] != "person" or not people:
        return text
    return csv_text([header, *(row for row in rows if row[0] not in people)])


def tables(session, campaign, perspective, *, coded=False, only_shared=False, side=()):
    """Submitted answers of one perspective, with their codebook, and without a trace.

    For whoever leaves a trace of their own: who may see each answer as it is.
    """
    assessments = submitted(session, campaign, perspective, only_shared=only_shared)
    if not assessments:
        raise NothingToExport()
    instrument = bank.instrument(campaign.instrument_ref(perspective))
    found = side_answers(
        assessments,
        instrument,
        side,
        least=_least(),
        given=companions.measures(campaign),
    )
    return Export(
        answers=_answers(assessments, instrument, coded, found),
        meanings=_meanings(
            instrument,
            coded,
            _some_not_asked(assessments, instrument),
            found.columns,
            _variants_in(assessments),
        ),
        scales=yaml.safe_dump(
            {name: list(items) for name, items in instrument.scales.items()},
            sort_keys=False,
        ),
        n=len(assessments),
        n_synthetic=sum(assessment.is_synthetic for assessment in assessments),
        side=found,
        beside={
            **_beside(session, assessments, instrument),
            **_in_spite(assessments, instrument),
            **since_before.files(instrument),
            **side_columns.small_cells(found.columns, found.smallest),
        },
    )


def _least():
    return current_app.config["PROM"].suppress_below


def _beside(session, assessments, instrument):
    """What an adaptive form leaves beside its answers, as texts by name."""
    if not instrument.adaptive:
        return {}
    made = adaptive_tables.files(
        session, assessments, instrument, assessment_columns.pseudonym
    )
    return {name: csv_text(rows) for name, rows in made.items()}


def _in_spite(assessments, instrument):
    """Answers that a strict gate keeps and does not count, in a file of their own."""
    rows = [
        [assessment_columns.pseudonym(a.respondent), a.wave, item_id, value]
        for a in assessments
        for item_id, value in gate.uncounted(a, instrument)
    ]
    if not rows:
        return {}
    header = ["person", "wave", "item", "value"]
    return {"in_spite.csv": csv_text([header, *sorted(rows, key=lambda row: row[:3])])}


def _answers(assessments, instrument, coded, side):
    """One row an assessment, in an order that tells nothing of time."""
    items = [item.id for item in instrument.items]
    values, reasons = _cells(assessments, instrument, coded)
    rows = []
    for n, assessment in enumerate(assessments):
        is_lowest = gate.outcome(assessment, instrument) == gate.LOWEST
        left_out = dict.fromkeys(
            gate.settled_items(assessment, instrument),
            NO_PLAN if is_lowest else NONE_WANTED,
        )
        if not coded:
            left_out |= dict.fromkeys(
                questions_of(assessment).not_asked_of(instrument), NOT_ASKED
            )
        answers = [
            _code(values.iat[n, k], reasons.iat[n, k], left_out.get(item))
            for k, item in enumerate(items)
        ]
        for item_id, _ in gate.uncounted(assessment, instrument):
            if not coded:
                answers[items.index(item_id)] = left_out[item_id]
        about = (*assessment_columns.about(assessment), *side.cells[assessment.id])
        rows.append([*map(neutral, about), *answers])
    rows.sort(key=lambda row: row[0])
    beside = [column.id for column in side.columns]
    return [[*assessment_columns.COLUMNS, *beside, *items], *rows]


def _cells(assessments, instrument, coded):
    replies = replies_of(assessments, instrument)
    if not coded:
        return replies.values, replies.reasons
    made = coded_responses(assessments, instrument)
    return made.responses, replies.reasons.map(lambda _: None)


def _code(value, reason, left_out):
    """A category as it is; else why there is none, the design before the reason."""
    if value == value:
        return int(value)
    if left_out:
        return left_out
    return "" if reason is None else CODES[reason]


def _some_not_asked(assessments, instrument):
    return any(questions_of(a).not_asked_of(instrument) for a in assessments)


def _in_variants(instrument, letters):
    """Letter -> item -> its response set in that variant, where that is another."""
    return {
        letter: {i.id: i.responses for i in bank.in_variant(instrument, letter).items}
        for letter in letters
    }


def _variants_in(assessments):
    """Letters of the variants among these, without the form as published."""
    texts = {a.arrangement for a in assessments if a.arrangement}
    letters = {Arrangement.read(text).variant for text in texts}
    return sorted(letters - {None, bank.AS_PUBLISHED})


def _meanings(instrument, coded, some_not_asked, columns, variants=()):
    """A row for each column and code: what it is called and what it counts as."""
    rows = [["column", "code", "label", "counts_as", "scale", "item_version"]]
    rows += [
        [name, "", says, "", "", ""]
        for name, says in assessment_columns.COLUMNS.items()
    ]
    rows += [[*code, "", "", ""] for code in assessment_columns.codes(instrument)]
    rows += side_columns.meanings(instrument, columns)
    if instrument.adaptive:
        beside = adaptive_tables.columns().items()
        rows += [[name, "", says, "", "", ""] for name, says in beside]
    others = _in_variants(instrument, variants)
    for item in instrument.items:
        tail = [item.prerequisite, item.version]
        rows.append([item.id, "", neutral(instrument.stem(item)), "", *tail])
        for value, label in item.responses.labels.items():
            also = [f"{v}: {s[item.id].labels[value]}" for v, s in others.items()]
            says = "; ".join([label, *(f"variant {each}" for each in also)])
            rows.append([item.id, value, neutral(says), "category", *tail])
        if not coded and instrument.gate and item.id in instrument.gate.when_no:
            settles_doubt = instrument.gate.when_not_sure != "asked"
            label = GATE_CODES[NO_PLAN] if settles_doubt else "No care plan"
            rows.append([item.id, NO_PLAN, label, "lowest", *tail])
            if instrument.gate.follow_up:
                label = GATE_CODES[NONE_WANTED]
                rows.append([item.id, NONE_WANTED, label, "structural", *tail])
        if not coded and some_not_asked:
            label = "Not asked: not in this person's part of the form"
            rows.append([item.id, NOT_ASKED, label, "structural", *tail])
        for reason, coding in ({} if coded else item.reasons).items():
            label = neutral(item.responses.reason_labels[reason])
            rows.append([item.id, REASON_CODES[reason], label, coding, *tail])
        for mark, code in ({} if coded else UNCLEAR_CODES).items():
            rows.append([item.id, code, UNCLEAR_LABELS[mark], "missing", *tail])
    return since_before.with_relations(rows, instrument)
