"""Imports of earlier answers as a kind of job."""


def go_on_with_import(session, job, at_step):
    """Look at the rows of a file, write them, or delete them: whatever is next."""
    from .import_work import perform

    perform(session, job, at_step)
