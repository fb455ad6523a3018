"""Where the ink of a rendered page is, in millimetres from its top left corner."""

import numpy as np
import pypdfium2

DPI = 300
MM = DPI / 25.4
DARK = 140


def pages(pdf):
    """Each page as a table of True where there is ink."""
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        picture = page.render(scale=DPI / 72, grayscale=True).to_numpy()
        yield np.squeeze(picture) < DARK
    document.close()


def edges(page, box, reach=1.0):
    """How far the drawn edges of a box are from the stated ones: four distances.

    Each edge is looked for within `reach` of its place, along the middle of its length.
    """
    left, right = box.x, box.x + box.width
    top, bottom = box.y, box.y + box.height
    middle = slice(_at(top + box.height * 0.3), _at(top + box.height * 0.7))
    centre = slice(_at(left + box.width * 0.3), _at(left + box.width * 0.7))
    across, down = page[middle].all(axis=0), page[:, centre].all(axis=1)
    return [
        abs(_line(profile, place, reach) - place)
        for profile, places in ((across, (left, right)), (down, (top, bottom)))
        for place in places
    ]


def _line(profile, place, reach):
    """The middle of the line that crosses a profile near a place; inf if none."""
    start = _at(place - reach)
    inked = np.flatnonzero(profile[start : _at(place + reach)])
    return (start + inked.mean() + 0.5) / MM if inked.size else np.inf


def extent(page, square, reach=1.5):
    """How far the outline of a filled square is from the stated one."""
    start_x, start_y = _at(square.x - reach), _at(square.y - reach)
    size = _at(square.side + 2 * reach)
    part = page[start_y : start_y + size, start_x : start_x + size]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not rows.size:
        return np.inf
    found = [
        (start_x + columns[0]) / MM - square.x,
        (start_x + columns[-1] + 1) / MM - square.x - square.side,
        (start_y + rows[0]) / MM - square.y,
        (start_y + rows[-1] + 1) / MM - square.y - square.side,
    ]
    return max(map(abs, found))


def _at(millimetres):
    return round(millimetres * MM)
