"""A validation run as a kind of job."""


def validate(session, job, at_step):
    """Validate a campaign's answers; the library is imported when it is needed."""
    from .task import perform

    perform(session, job, at_step)
