"""What was let out: groups of ten people, blocks of three groups, and their figures.

Nothing more exact is kept for those who lead services, and nothing here is edited.
"""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..database import UtcDateTime
from ..extensions import Model


class ReleasedBlock(Model):
    """Three groups in a row of one queue; its prerequisites are ReleasedFigures.

    `counts` is item `id.vN`, or care_plan -> category or reason -> about how many
    people, in steps of five.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    family: Mapped[str] = mapped_column(String(80))
    n: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    counts: Mapped[dict] = mapped_column(JSON)
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleasedGroup(Model):
    """People of one team and perspective, let out together and never again.

    Without a team it is of the trust's pool: people left over of several teams.
    `family` is the form that they were asked, which shorter ways to ask it name too.
    `is_earlier` marks figures of a quarter from before there were groups.
    """

    __table_args__ = (
        Index("ix_released_group_trust", "trust_id", "perspective", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    family: Mapped[str] = mapped_column(String(80))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("released_block.id"))
    n: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    # Of seven in ten or more; and whether half came in more than 60 days late.
    main_mode: Mapped[str | None] = mapped_column(String(16))
    is_late: Mapped[bool] = mapped_column(default=False)
    is_earlier: Mapped[bool] = mapped_column(default=False)
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleasedFigure(Model):
    """The mean of one scale in a group or a block, as a multiple of five.

    `series` is how the scores were made; scoring old answers anew adds a figure
    under another. Only figures from before there were groups are not rounded.
    """

    __table_args__ = (
        UniqueConstraint("group_id", "series", "scale"),
        UniqueConstraint("block_id", "series", "scale"),
        CheckConstraint(
            "(group_id IS NULL) <> (block_id IS NULL)", name="of_group_or_block"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("released_group.id"))
    block_id: Mapped[int | None] = mapped_column(ForeignKey("released_block.id"))
    series: Mapped[str] = mapped_column(String(200))
    scale: Mapped[str] = mapped_column(String(64))
    n: Mapped[int]
    value: Mapped[float]
    is_rounded: Mapped[bool] = mapped_column(default=True)


class ReleasedSpread(Model):
    """How people differ within teams: one standard deviation of a trust's year, frozen.

    In whole points, from a hundred people or more; limits and intervals rest on it.
    """

    __table_args__ = (
        UniqueConstraint("trust_id", "perspective", "series", "scale", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    series: Mapped[str] = mapped_column(String(200))
    scale: Mapped[str] = mapped_column(String(64))
    until: Mapped[date]
    n: Mapped[int]
    sd: Mapped[float]


class ReleasedSum(Model):
    """Figures of one team, month, series and scale, added up as they are let out.

    What it holds follows from the figures, and is there so that a page on a million
    answers opens at once. Groups count in the month of their last answer.
    """

    __table_args__ = (
        UniqueConstraint(
            *("trust_id", "perspective", "scale", "series", "team_id", "month"),
            name="uq_released_sum_of_month",
        ),
        # All that a total of one scale asks for.
        Index(
            "ix_released_sum_totals",
            *("trust_id", "perspective", "scale", "series"),
            *("n", "n_groups", "total", "squares"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    series: Mapped[str] = mapped_column(String(200))
    scale: Mapped[str] = mapped_column(String(64))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    month: Mapped[date]
    n: Mapped[int]
    n_groups: Mapped[int]
    total: Mapped[float]
    # Squared sizes of those whose mean was rounded, added up.
    squares: Mapped[float]
    first_on: Mapped[date]
    last_on: Mapped[date]


class ReleasedTally(Model):
    """Counts of the blocks of one team and form, added up as they are let out.

    `counts` is as in ReleasedBlock. What it holds follows from the blocks, and is
    there for the same reason as sums.
    """

    __table_args__ = (UniqueConstraint("trust_id", "perspective", "family", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    family: Mapped[str] = mapped_column(String(80))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    n: Mapped[int]
    n_blocks: Mapped[int]
    first_on: Mapped[date]
    last_on: Mapped[date]
    counts: Mapped[dict] = mapped_column(JSON)


class ReleasedRate(Model):
    """How many of a team were invited personally, and how many of these answered.

    Counted anew every night, so that a page need not count a million invitations, and
    so that it tells nobody who answered today.
    """

    __table_args__ = (UniqueConstraint("trust_id", "perspective", "team_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    n_invited: Mapped[int]
    n_answered: Mapped[int]


class ReleasedCut(Model):
    """One cell of a cross-cut of a trust's year, let out once the year was over.

    `n` is about how many people, in steps of five; `value` a mean as a multiple of
    five. Of the cut `gate` cells are lines of the same people, scored otherwise.
    """

    __table_args__ = (
        UniqueConstraint(
            *("trust_id", "perspective", "series", "year", "cut", "cell", "scale"),
            name="uq_released_cut_of_year",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trust.id"))
    perspective: Mapped[str] = mapped_column(String(32))
    series: Mapped[str] = mapped_column(String(200))
    year: Mapped[int]
    cut: Mapped[str] = mapped_column(String(64))
    cell: Mapped[str] = mapped_column(String(200))
    scale: Mapped[str] = mapped_column(String(64))
    n: Mapped[int]
    value: Mapped[float]
