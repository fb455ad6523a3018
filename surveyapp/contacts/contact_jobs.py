"""Lists of people as kinds of job."""

from ..database import utc_now


def go_on_with_contacts(session, job, at_step):
    """Look at the rows of a list, write them, or delete them: whatever is next."""
    from .list_work import perform

    perform(session, job, at_step)


def forget_unconfirmed_lists(session, job, at_step):
    """Of every night: files that nobody confirmed, and what can no longer be undone.

    And who came in before people were known by name and place is so from now on.
    """
    from .later_keys import add_named_places
    from .services import give_up_unconfirmed
    from .undo import forget_before

    now = utc_now()
    give_up_unconfirmed(session, now=now)
    forget_before(session, now=now)
    add_named_places(session)
