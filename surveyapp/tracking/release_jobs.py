"""Letting figures out as a job that comes back every night."""


def release_figures(session, job, at_step):
    """Let out the groups that are complete, in every trust."""
    from flask import current_app

    from ..database import utc_now
    from .nightly_release import release_due
    from .rounding import Draws

    release_due(
        session,
        now=utc_now(),
        draws=Draws.of_installation(),
        minimum=current_app.config["PROM"].suppress_below,
    )
    at_step("release", 1, 1)
