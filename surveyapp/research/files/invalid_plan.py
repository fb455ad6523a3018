"""What a plan that cannot be followed is refused with."""

from ...errors import SurveyError


class InvalidPlan(SurveyError):
    """A plan that cannot be followed: one line a problem, each with its place."""
