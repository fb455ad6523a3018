"""Staff who write down what a person says, by telephone or face to face."""

from flask_security import current_user

from .. import audit
from ..auth.access import reaches
from ..errors import InvalidAnswers
from ..models.staff import COORDINATOR

WEB = "web"
CHOOSE_HOW = "Choose how the person is answering"
MODES = {
    "telephone": "They tell me their answers on the telephone",
    "face_to_face": "They tell me their answers face to face",
}


def may_assist(campaign):
    """Whether a coordinator who reaches the campaign is signed in here."""
    signed_in = current_user.is_authenticated
    return signed_in and reaches(current_user, campaign, COORDINATOR)


def mode_of(campaign, asked):
    """How the visit is made; InvalidAnswers where staff have not said.

    Only a signed-in coordinator of the trust is asked; anyone else answers for
    themselves, whatever their browser sends.
    """
    if not may_assist(campaign):
        return WEB
    if asked not in MODES:
        raise InvalidAnswers({"mode": CHOOSE_HOW})
    return asked


def note(session, invitation, mode):
    """Add to the audit that staff began to write answers down; the caller commits."""
    audit.record(
        session,
        actor=f"staff:{current_user.id}",
        action="visit.assisted",
        subject=invitation,
        mode=mode,
    )
