"""How large each edition is set, and what stands at the same place on every page."""

from dataclasses import asdict, dataclass

from .box_positions import Square


@dataclass(frozen=True)
class PrintSize:
    """Sizes of type in points, all others in millimetres."""

    size: float
    small: float  # of the lines at the foot
    box: float
    gap: float  # between two answers
    between: float  # two questions
    columns: int  # of answers to one question
    line: float  # height of a box for one line of writing
    writing: float  # and of the box for a comment
    paged: bool = False  # whether each topic to keep has a page of its own
    tight: bool = False  # whether lines and margins leave as little as they may
    picture: float = 0.0
    sign: float = 0.0  # width of the picture beside an answer


PRINT_SIZES = {
    "standard": PrintSize(12, 10, 5, 1.9, 5.5, 2, 11, 70, True),
    "compact": PrintSize(12, 12, 4.5, 1, 2.3, 5, 9, 34, tight=True),
    "large_print": PrintSize(18, 16, 6.5, 2.1, 8, 1, 16, 110),
    "easy_read": PrintSize(16, 14, 6.5, 2.4, 8, 1, 16, 90, picture=24, sign=9),
}
PAGE = {"width": 210.0, "height": 297.0, "side": 18.0, "top": 18.0, "bottom": 30.0}
MARK = 5.0
NEAR, FAR_X, FAR_Y = 7.0, 210.0 - 7.0 - MARK, 297.0 - 7.0 - MARK
MARKS = (
    Square("top_left", NEAR, NEAR, MARK),
    Square("top_right", FAR_X, NEAR, MARK),
    Square("bottom_left", NEAR, FAR_Y, MARK),
    Square("bottom_right", FAR_X, FAR_Y, MARK),
)
QR = Square("qr", 176.0, 272.0, 18.0)


def page_marks():
    """What a template needs to know of every page, as plain data."""
    return {"page": PAGE, "marks": [asdict(mark) for mark in MARKS], "qr": asdict(QR)}
