"""Square codes for the camera of a phone, as a drawing or as a picture."""

import io


def square(text, error):
    """A QR code as SVG with its quiet zone; `error` is the level of correction."""
    out = io.BytesIO()
    options = {"kind": "svg", "xmldecl": False, "svgns": True, "nl": False}
    _made(text, error).save(out, border=4, **options)
    return out.getvalue().decode()


def square_png(text):
    """The same as a picture, large enough to be printed."""
    out = io.BytesIO()
    _made(text, "m").save(out, kind="png", border=4, scale=8)
    return out.getvalue()


def _made(text, error):
    import segno

    return segno.make(text, error=error, micro=False)
