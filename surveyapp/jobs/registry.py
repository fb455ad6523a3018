"""What a job's name stands for."""


def validation(session, job, at_step):
    """Validate a campaign's answers; the library is imported when it is needed."""
    from ..research.runs.work import perform

    perform(session, job, at_step)


# Name -> function(session, job, at_step): it calls at_step(name, done, total) as it
# goes, and leaves what it made in the session, uncommitted.
KINDS = {"validation": validation}
