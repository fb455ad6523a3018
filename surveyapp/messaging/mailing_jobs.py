"""Mailings as a kind of job."""


def make_mailing(session, job, at_step):
    """Set the letters, or write the file, of one mailing."""
    from .mailings import make

    make(session, job, at_step)
