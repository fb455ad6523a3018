"""Square codes: of a page, for whoever scans it, and of a link, for a phone."""

from ..square_codes import square

PAGE = "PROM1/{form_id}/{serial}/{page:02d}"


def of_pages(form_id, serial, n_pages):
    """The code of each page of a copy: which form, copy and page it is, no more."""
    return [
        square(PAGE.format(form_id=form_id, serial=serial, page=page), "q")
        for page in range(1, n_pages + 1)
    ]


def of_link(address):
    """The code that opens the survey on a phone."""
    return square(address, "m")
