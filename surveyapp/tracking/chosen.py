"""What a page on figures is about: trust, perspective, series and team asked for."""

from dataclasses import dataclass
from functools import cached_property

from flask import abort, current_app, g, request
from flask_security import current_user

from ..assessments.labels import PERSPECTIVES
from ..auth.permissions import roles_for
from ..database import utc_now
from ..errors import NotFound
from ..extensions import db
from ..models import Trust
from . import chart_notes, charts, groups, improvement, presenter, tallies
from .release_queue import OVERALL
from .tallies import Tally

ROLES = roles_for("tracking")


@dataclass
class Chosen:
    """One trust's figures from one perspective; read as they are asked for.

    `series` is None where nothing was let out; `team` is None for the whole trust.
    """

    trust: Trust
    perspective: str
    every_series: tuple
    series: str | None
    seen: dict  # team -> name, of those that still stand and this person may see
    sees_all: bool

    @cached_property
    def figures(self):
        return presenter.Figures(
            totals=groups.totals(*self._of),
            spreads=groups.spreads(*self._of),
        )

    @cached_property
    def points(self):
        """The groups of the team; none for the trust, which may have very many."""
        if self.team is None:
            return ()
        return tuple(groups.points(*self._of, team_ids={self.team}))

    @cached_property
    def by_month(self):
        """(Team, month) -> Sums; the team None is the pool."""
        return groups.by_month(*self._of)

    @cached_property
    def by_team(self):
        """Team -> Sums of all its groups; the team None is the pool."""
        return groups.by_team(*self._of)

    @cached_property
    def months(self):
        """Month -> Sums of the whole trust."""
        return groups.months(*self._of)

    @cached_property
    def own_months(self):
        """Month -> Sums of the team, or of the trust where there is none."""
        if self.team is None:
            return self.months
        return groups.months(*self._of, team_ids={self.team})

    @cached_property
    def team(self):
        """The team that was asked for; else one's only team, if it has a group."""
        wanted = request.args.get("team", type=int)
        if wanted is not None and wanted not in self.seen:
            raise NotFound()
        if wanted is None and "team" not in request.args and len(self.seen) == 1:
            (only,) = self.seen
            return only if only in self.by_team else None
        return wanted

    @property
    def shown(self):
        """Team -> name, with the pool of several teams for who sees every team."""
        return self.seen | ({None: presenter.POOL} if self.sees_all else {})

    @property
    def choices(self):
        """What the figures can be of: value of the address -> name."""
        return {"": charts.TRUST} | self.seen

    @property
    def name(self):
        return charts.TRUST if self.team is None else self.seen[self.team]

    @cached_property
    def line(self):
        """The chart of the team, or of the trust."""
        place = self.trust.id, self.perspective, self.team
        known = {
            "sd": self.figures.spreads.get(OVERALL),
            "series": self.series or "",
            "notes": chart_notes.notes_of(db.session, *place, self.family),
        }
        if self.team is None:
            return charts.trust_chart(self.months, **known)
        return charts.team_chart(self.name, self.points, **known)

    @cached_property
    def notes(self):
        """What was tried, in the team or in the whole trust."""
        teams = {self.team} if self.team is not None else set()
        return improvement.notes_of(db.session, self.trust.id, teams)

    @cached_property
    def waiting(self):
        return groups.waiting(
            db.session,
            self.trust.id,
            self.perspective,
            now=utc_now(),
            minimum=current_app.config["PROM"].suppress_below,
        )

    @property
    def family(self):
        """The form whose answers these figures are of; empty where there are none."""
        return self.series.rpartition(" ")[2] if self.series else ""

    @cached_property
    def whole_tally(self):
        """Counts of all blocks of the trust."""
        of = db.session, self.trust.id, self.perspective
        return tallies.of_trust(*of, self.family) if self.series else Tally()

    @cached_property
    def tally(self):
        """Counts of the team's blocks, or of all."""
        if self.team is None or not self.series:
            return self.whole_tally
        of = db.session, self.trust.id, self.perspective
        return tallies.of_trust(*of, self.family, team_ids={self.team})

    @cached_property
    def own_totals(self):
        """Scale -> Sums of the team; None for the trust as a whole."""
        if self.team is None:
            return None
        return groups.totals(*self._of, team_ids={self.team})

    @property
    def whose(self):
        """Whose answers these are, as staff say it."""
        return PERSPECTIVES[self.perspective].many

    @property
    def perspectives(self):
        return {name: each.many for name, each in PERSPECTIVES.items()}

    @property
    def query(self):
        """What an address has to say to be about the same figures."""
        return {
            "trust_id": self.trust.id,
            "perspective": self.perspective,
            "series": self.series,
            "team": self.team or "",
        }

    @property
    def _of(self):
        return db.session, self.trust.id, self.perspective, self.series


def chosen(trust_id, perspective):
    """What the request asks for; NotFound for what this person may not see."""
    if perspective not in PERSPECTIVES:
        abort(404)
    if trust_id not in g.trust_ids:
        raise NotFound()
    trust = db.session.get(Trust, trust_id)
    every = groups.series_of(db.session, trust_id, perspective)
    keys = tuple(series.key for series in every)
    wanted = request.args.get("series", keys[0] if keys else None)
    if wanted is not None and wanted not in keys:
        raise NotFound()
    reach = current_user.team_ids(trust.id, *ROLES)
    seen = {
        team.id: team.name
        for team in trust.teams
        if team.merged_into_id is None and (reach is None or team.id in reach)
    }
    return Chosen(trust, perspective, keys, wanted, seen, reach is None)
