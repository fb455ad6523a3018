"""The frame every result is built from, and what follows from it for all results."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, eq=False)
class Result:
    """One finished estimate: a table, and the text and picture drawn from it.

    A subclass is a frozen dataclass. It defines `to_frame` and, where it has more
    to say, `_about` (what was fitted to what, n, method) and `_caveats`.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        # a dataclass would write a repr of its own, with every table in it
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Result.__repr__

    def to_frame(self):
        """Return the one table that everything else is drawn from."""
        raise TypeError(f"{type(self).__name__} has no table")

    def _about(self):
        """Sentences that say what was estimated, on how many persons, and how."""
        return ()

    def _caveats(self):
        """Sentences that a reader of the numbers should not miss."""
        return ()

    @property
    def cautions(self):
        """What a reader of the numbers should not miss, in sentences."""
        return tuple(self._caveats())

    def summary(self, digits=3):
        """Return the about lines, the table rounded to `digits`, and the caveats."""
        table = self.to_frame().round(digits).to_string()
        return "\n".join([*self._about(), table, *self._caveats()])

    def plot(self, ax=None):
        """Draw the table's numeric columns on `ax` and return it."""
        ax = axes(ax)
        frame = self.to_frame().select_dtypes("number")
        frame.plot(ax=ax, marker="o", linewidth=1)
        ax.set_title(type(self).__name__)
        return ax

    def _repr_html_(self):
        lines = "".join(f"<p>{escape(str(line))}</p>" for line in self._about())
        notes = "".join(f"<p><em>{escape(str(c))}</em></p>" for c in self._caveats())
        return lines + self.to_frame().round(3).to_html() + notes

    def __repr__(self):
        rows, columns = self.to_frame().shape
        return f"<{type(self).__name__}: {rows} x {columns}>"


def axes(ax=None):
    """Return `ax`, or a new pair of axes in a figure of its own."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    return Figure(figsize=(7, 4.5), layout="constrained").subplots()
