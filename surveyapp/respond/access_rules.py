"""How far a visit has come, and which pages that opens."""

from .. import bank

ALWAYS = {"begin", "role", "answer", "done"}
# Last part of an address -> stages that see it; a page of questions unless listed.
OPEN_TO = {
    "": ALWAYS,
    "stop": ALWAYS,
    "information": {"begin", "role", "answer"},
    "for-whom": {"begin"},
    "not-for-you": {"begin"},
    "consent": {"begin"},
    "disagree": {"begin"},
    "role": {"role", "answer"},
    "submit": {"answer", "done"},
    "done": {"done"},
    "again": {"done"},
    "return": {"done"},
    "square.svg": {"answer", "done"},
    "square.png": {"answer", "done"},
    "code.txt": {"answer", "done"},
    "device": {"role", "answer", "done"},
    "agreed": {"role", "answer", "done"},
}
HOMES = {"begin": "information", "role": "role", "done": "done"}


def stage(visit):
    """`begin` until consent, `role` until that choice, then `answer`, then `done`."""
    assessment = visit.assessment
    if assessment is None or not has_consented(assessment):
        return "begin"
    if assessment.submitted_at is not None:
        return "done"
    return "role" if assessment.position == "role" else "answer"


def has_consented(assessment):
    """Whether the person agreed to all that taking part needs."""
    given = {c.statement_id for c in assessment.consents if c.given}
    asked = bank.instrument(assessment.instrument).statements
    return given.issuperset(s.id for s in asked if s.required)


def is_open(page, visit):
    return stage(visit) in OPEN_TO.get(page, {"answer"})
