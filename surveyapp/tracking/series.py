"""Which scores may stand in one line: one form, scored in one way."""

from dataclasses import dataclass

from sqlalchemy import select

from .. import bank
from ..errors import NotFound
from ..models import Team


@dataclass(frozen=True)
class Queue:
    """People whose answers wait for one line; without a team, for the trust's pool."""

    team_id: int | None
    perspective: str
    family: str
    metric: str

    @property
    def series(self):
        return f"{self.metric} {self.family}"

    @property
    def pooled(self):
        """The queue of the trust's pool, which those left over go to."""
        return Queue(None, self.perspective, self.family, self.metric)


def family_of(ref):
    """The form that asks everything: shorter ways to ask it are of its family."""
    try:
        return bank.fixed_form(bank.instrument(ref)).ref
    except NotFound:  # an own form of the installation that was taken away
        return ref


def metric_of(method, calibration):
    """How a score was made, as far as scores must agree in it to be averaged."""
    return f"{method} {calibration}" if calibration else method


def successors(teams):
    """Team -> the team that goes on with its people, itself where it was not merged."""
    into = {team.id: team.merged_into_id for team in teams}
    found = {}
    for start in into:
        seen, at = {start}, start
        while into.get(at) is not None and into[at] not in seen:
            at = into[at]
            seen.add(at)
        found[start] = at
    return found


def successors_in(session, trust_id):
    """The same for every team of a trust, read from the database."""
    query = select(Team.id, Team.merged_into_id).where(Team.trust_id == trust_id)
    return successors(session.execute(query).all())
