"""How far a visit has come, and which pages that opens."""

from .. import bank

ALWAYS = {"begin", "role", "answer", "done"}
# Last part of an address -> stages that see it; a page of questions unless listed.
OPEN_TO = {
    "": ALWAYS,
    "stop": ALWAYS,
    "information": {"begin", "role", "answer"},
    "consent": {"begin"},
    "disagree": {"begin"},
    "role": {"role", "answer"},
    "submit": {"answer", "done"},
    "done": {"done"},
    "again": {"done"},
    "return": {"done"},
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
    """Whether every statement of this instrument was answered, and the needed given."""
    given = {
        (c.statement_id, c.statement_version): c.given for c in assessment.consents
    }
    asked = bank.instrument(assessment.instrument).statements
    answered = [given.get((s.id, s.version)) for s in asked]
    needed = [given.get((s.id, s.version)) for s in asked if s.required]
    return None not in answered and all(needed)


def is_open(page, visit):
    return stage(visit) in OPEN_TO.get(page, {"answer"})
