"""What is kept of a group's scores on one scale: counts, sums and sums of squares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sums:
    """Of everybody, and of those who count towards a minimum alone."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    n_counted: int = 0
    total_counted: float = 0.0
    squares_counted: float = 0.0

    @classmethod
    def of(cls, kept):
        """From six numbers; or from three, as before open links were told apart."""
        return cls(*kept, *kept) if kept and len(kept) == 3 else cls(*(kept or ()))

    def kept(self):
        """The numbers as a release keeps them."""
        whole = [self.n, self.total, self.squares]
        return [*whole, self.n_counted, self.total_counted, self.squares_counted]

    def plus(self, value, is_counted):
        """The sums with one more score."""
        more = (1, value, value * value)
        added = [a + b for a, b in zip(self.kept(), more)]
        counted = [a + b * is_counted for a, b in zip(self.kept()[3:], more)]
        return Sums(*added, *counted)
