"""Adding each figure that is let out to the sums of its team and month."""

from sqlalchemy import case, update

from ..models import ReleasedFigure, ReleasedGroup, ReleasedSum


def let_out(session, of, **figure):
    """Keep a ReleasedFigure of a group or a block, and add it up; not committed.

    `of` is the group or the block, `figure` the columns of the figure.
    """
    kind = "group_id" if isinstance(of, ReleasedGroup) else "block_id"
    kept = ReleasedFigure(**{kind: of.id}, is_rounded=True, **figure)
    session.add(kept)
    add(session, of, kept)


def add(session, of, figure):
    """Add one figure to the row of its month, in one statement or two."""
    n, squares = figure.n, float(figure.n**2) if figure.is_rounded else 0.0
    where = {
        "trust_id": of.trust_id,
        "perspective": of.perspective,
        "series": figure.series,
        "scale": figure.scale,
        "team_id": of.team_id,
        "month": of.last_on.replace(day=1),
    }
    row = ReleasedSum
    added = session.execute(
        update(row)
        .filter_by(**where)
        .values(
            n=row.n + n,
            n_groups=row.n_groups + 1,
            total=row.total + n * figure.value,
            squares=row.squares + squares,
            first_on=case(
                (row.first_on > of.first_on, of.first_on), else_=row.first_on
            ),
            last_on=case((row.last_on < of.last_on, of.last_on), else_=row.last_on),
        )
        .execution_options(synchronize_session=False)
    )
    if not added.rowcount:
        sums = {"n": n, "n_groups": 1, "total": n * figure.value, "squares": squares}
        days = {"first_on": of.first_on, "last_on": of.last_on}
        session.add(ReleasedSum(**where, **sums, **days))
        session.flush()
